//! Random bytes of the system, and what is made of them.

use std::fmt::Write;

use secrecy::SecretString;
use zeroize::Zeroizing;

use crate::error::Error;

/// Characters of a one-time password: some 248 bits, and below the 64 that `CreateComputer` takes.
const LENGTH: usize = 40;

/// The classes of characters that Active Directory tells apart. Nothing that a shell, JSON or a line end would change.
const CLASSES: [&[u8]; 4] =
    [b"abcdefghijklmnopqrstuvwxyz", b"ABCDEFGHIJKLMNOPQRSTUVWXYZ", b"0123456789", b"-_.+=@%^*~,:"];

fn fill(bytes: &mut [u8]) -> Result<(), Error> {
    getrandom::fill(bytes).map_err(|_| Error::Random)
}

/// Thirty-two hexadecimal digits that nobody has had before.
pub(crate) fn nonce() -> Result<String, Error> {
    let mut bytes = [0; 16];
    fill(&mut bytes)?;
    let mut text = String::with_capacity(32);
    for byte in bytes {
        let _ = write!(text, "{byte:02x}");
    }
    Ok(text)
}

/// A password for one join, with characters of every class.
pub(crate) fn one_time_password() -> Result<SecretString, Error> {
    let alphabet = CLASSES.concat();
    // Every character is as likely as every other: bytes beyond the last whole multiple are thrown away.
    let fair = 256 / alphabet.len() * alphabet.len();
    loop {
        let mut password = Zeroizing::new(String::with_capacity(LENGTH));
        let mut bytes = Zeroizing::new([0; 4 * LENGTH]);
        fill(bytes.as_mut())?;
        let fitting = bytes.iter().map(|byte| usize::from(*byte)).filter(|byte| *byte < fair);
        password.extend(fitting.take(LENGTH).map(|byte| char::from(alphabet[byte % alphabet.len()])));
        let has = |class: &&[u8]| password.bytes().any(|b| class.contains(&b));
        if password.len() == LENGTH && CLASSES.iter().all(has) {
            return Ok(SecretString::from(password.as_str()));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use secrecy::ExposeSecret;

    use super::*;

    #[test]
    fn a_nonce_is_what_the_document_takes() {
        let nonces: BTreeSet<String> = (0..1000).map(|_| nonce().unwrap()).collect();
        assert_eq!(nonces.len(), 1000);
        let hex = |b: u8| b.is_ascii_digit() || (b'a'..=b'f').contains(&b);
        assert!(nonces.iter().all(|nonce| nonce.len() == 32 && nonce.bytes().all(hex)));
    }

    #[test]
    fn a_password_has_every_class_and_is_never_the_same_twice() {
        let mut seen = BTreeSet::new();
        for _ in 0..2000 {
            let password = one_time_password().unwrap();
            let text = password.expose_secret().to_owned();
            assert_eq!(text.len(), LENGTH);
            assert!(CLASSES.iter().all(|class| text.bytes().any(|b| class.contains(&b))), "{text}");
            assert!(text.bytes().all(|b| b.is_ascii_graphic() && !b"\"'\\`$!&|<>(){}[]#;?/".contains(&b)));
            assert!(seen.insert(text));
        }
    }

    /// A modulo without the throwing away would draw the first characters a third more often than the last ones.
    #[test]
    fn every_character_is_as_likely_as_every_other() {
        let mut counts = [0_u32; 256];
        for _ in 0..4000 {
            let password = one_time_password().unwrap();
            password.expose_secret().bytes().for_each(|b| counts[usize::from(b)] += 1);
        }
        let drawn: Vec<u32> = counts.into_iter().filter(|count| *count > 0).collect();
        assert_eq!(drawn.len(), 74);
        // 160,000 characters: 2162 of each, with a deviation of 46.
        assert!(drawn.iter().all(|count| (1850..2500).contains(count)), "{drawn:?}");
    }
}
