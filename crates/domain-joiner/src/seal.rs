//! A password sealed to an instance: only its private key opens it.
//!
//! RSAES-OAEP with SHA-256 for label and mask, which `openssl pkeyutl` and .NET open. Sources: RFC 8017, 7.1; RFC 5280,
//! 4.1.2.7.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use getrandom::SysRng;
use rsa::pkcs8::DecodePublicKey;
use rsa::traits::{PaddingScheme, PublicKeyParts};
use rsa::{BoxedUint, Oaep, RsaPublicKey};
use secrecy::{ExposeSecret, SecretString};
use sha2::Sha256;

/// Sizes of a modulus, in bits: below nothing is safe, above each command would cost seconds.
const SIZES: std::ops::RangeInclusive<u32> = 2048..=4096;

/// The exponent that every tool writes. Any other is an accident, or an attempt at one.
const EXPONENT: u64 = 65537;

/// A public key to which nothing can be sealed. Its text holds no secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("nothing can be sealed to the instance's public key: {0}")]
pub struct SealError(pub &'static str);

/// Seals a password to a public key (a subject public key info in DER); base64.
pub type Seal = fn(&[u8], &SecretString) -> Result<String, SealError>;

/// Seals with RSA-OAEP and SHA-256.
///
/// # Errors
/// When the key is none of RSA with 2048 to 4096 bits, or too short for the password.
pub fn seal(public_key: &[u8], password: &SecretString) -> Result<String, SealError> {
    let key = RsaPublicKey::from_public_key_der(public_key).map_err(|_| SealError("it is no key of RSA"))?;
    if !SIZES.contains(&key.n().bits_vartime()) {
        return Err(SealError("it has less than 2048 or more than 4096 bits"));
    }
    if key.e() != &BoxedUint::from(EXPONENT) {
        return Err(SealError("its exponent is not 65537"));
    }
    let sealed = Oaep::<Sha256>::new().encrypt(&mut SysRng, &key, password.expose_secret().as_bytes());
    Ok(STANDARD.encode(sealed.map_err(|_| SealError("it does not take the password"))?))
}

#[cfg(test)]
mod tests;
