use rsa::RsaPrivateKey;
use rsa::pkcs8::EncodePublicKey;

use super::*;

/// The primes of a key that is nobody's. Drawing one would take this test seconds.
const P: &str = "\
    f50678f62f5df3b43d0e9577bfcfa39f855f439d1d9a3fa340922327d27f05738aced127d032f74f660787ff1bc91fe0\
    5068f44c264149873fc2f31a48786c68f6790fd91daa558caa8ae915d1176b2a4bf7883fe25699719d663db65725d3c1\
    c6ae941ac35f6944efae5eafba15f2a15876b84d1bdfd78248f89fae23f551fb\
    ";
const Q: &str = "\
    e78d1419685f94726e56b3d3a9e5406b86a3e0042c5a1ad2282c1e793f790d6e8b577a14f7c407db7a49c7de7cc5037f\
    30607e7112c3ac99bd470ae07cb65a173958b0ae6d5142d07bb35cbfdcc0d427826d9d1d89c2d2b5dd7a8714f52cd52c\
    1e9ef4bd77db83c9d9d68c98ec6e1cce3240668b68cf6b34a73c854fb9f1e09d\
    ";

fn number(hex: &str) -> BoxedUint {
    let digits: Vec<u8> = hex.bytes().filter(u8::is_ascii_hexdigit).collect();
    let bytes: Vec<u8> = digits
        .chunks(2)
        .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap())
        .collect();
    BoxedUint::from_be_slice(&bytes, u32::try_from(bytes.len() * 8).unwrap()).unwrap()
}

fn pair(exponent: u64) -> RsaPrivateKey {
    RsaPrivateKey::from_p_q(number(P), number(Q), BoxedUint::from(exponent)).unwrap()
}

fn der(key: &RsaPublicKey) -> Vec<u8> {
    key.to_public_key_der().unwrap().into_vec()
}

/// A public key with a modulus of so many bits, which is odd and no more: nothing else of it is looked at.
fn of_bits(bits: u32) -> Vec<u8> {
    let bytes = usize::try_from(bits.div_ceil(8)).unwrap();
    let mut modulus = vec![0xff; bytes];
    modulus[0] = 0xff >> (bytes * 8 - usize::try_from(bits).unwrap());
    let modulus = BoxedUint::from_be_slice(&modulus, bits).unwrap();
    der(&RsaPublicKey::new_unchecked(modulus, BoxedUint::from(EXPONENT)))
}

fn password() -> SecretString {
    SecretString::from("canary \u{e4} $(id) '\"")
}

#[test]
fn only_the_private_key_opens_what_was_sealed_and_no_two_are_alike() {
    let pair = pair(EXPONENT);
    let sealed: Vec<String> =
        (0..2).map(|_| seal(&der(pair.as_public_key()), &password()).unwrap()).collect();
    assert_ne!(sealed[0], sealed[1]);
    for text in &sealed {
        let opened = pair.decrypt(Oaep::<Sha256>::new(), &STANDARD.decode(text).unwrap()).unwrap();
        assert_eq!(opened, password().expose_secret().as_bytes());
    }
}

/// The document takes this many characters for a key of the size that it makes.
#[test]
fn a_key_of_3072_bits_gives_512_characters() {
    assert_eq!(seal(&of_bits(3072), &password()).unwrap().len(), 512);
}

#[test]
fn a_key_that_is_too_short_too_long_or_odd_is_refused() {
    for bits in [1024, 2047, 4097, 8192] {
        assert!(seal(&of_bits(bits), &password()).is_err(), "{bits}");
    }
    for bits in [2048, 4096] {
        assert!(seal(&of_bits(bits), &password()).is_ok(), "{bits}");
    }
    let odd = der(pair(17).as_public_key());
    assert_eq!(seal(&odd, &password()), Err(SealError("its exponent is not 65537")));
}

#[test]
fn what_is_no_key_is_refused_without_a_word_of_the_password() {
    let ec = b"\x30\x13\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07";
    let whole = of_bits(2048);
    let long = [&whole[..], b"\0"].concat();
    for key in [&b""[..], b"-----BEGIN PUBLIC KEY-----", ec, &whole[..whole.len() - 1], &long] {
        let error = seal(key, &password()).unwrap_err();
        assert!(!format!("{error} {error:?}").contains("canary"), "{error:?}");
    }
    let huge = SecretString::from("canary".repeat(100));
    assert_eq!(seal(&whole, &huge), Err(SealError("it does not take the password")));
}
