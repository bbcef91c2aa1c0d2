//! Keys made from passwords, and what they do: AES with HMAC-SHA1 (RFC 3961, 3962). RC4 and DES are not used.

use pbkdf2::pbkdf2_hmac;
use picky_krb::crypto::aes::{AesSize, derive_key};
use picky_krb::crypto::{CipherSuite, KERBEROS};
use sha1::Sha1;
use zeroize::Zeroizing;

use crate::Reason;

/// An encryption type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Etype {
    Aes128,
    Aes256,
}

impl Etype {
    /// What we ask for, best first.
    pub(crate) const ALL: [Self; 2] = [Self::Aes256, Self::Aes128];

    pub(crate) fn from_number(number: u32) -> Option<Self> {
        Self::ALL.into_iter().find(|etype| etype.number() == number)
    }

    pub(crate) fn number(self) -> u32 {
        match self {
            Self::Aes128 => 17,
            Self::Aes256 => 18,
        }
    }

    fn size(self) -> AesSize {
        match self {
            Self::Aes128 => AesSize::Aes128,
            Self::Aes256 => AesSize::Aes256,
        }
    }

    fn suite(self) -> CipherSuite {
        match self {
            Self::Aes128 => CipherSuite::Aes128CtsHmacSha196,
            Self::Aes256 => CipherSuite::Aes256CtsHmacSha196,
        }
    }
}

/// What a key is used for (RFC 4120 section 7.5.1); a text for one use does not open as another.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Usage {
    Timestamp,
    Reply,
}

impl Usage {
    fn number(self) -> i32 {
        match self {
            Self::Timestamp => 1,
            Self::Reply => 3,
        }
    }
}

/// An account's key. Wiped when dropped, and has no `Debug`. (The subkeys that picky-krb derives from it for each use it
/// does not wipe; they live as long as a call of it.)
pub(crate) struct Key {
    etype: Etype,
    bytes: Zeroizing<Vec<u8>>,
}

impl Key {
    /// RFC 3962 section 4. (picky-krb's own function has the iterations fixed.)
    pub(crate) fn from_password(
        etype: Etype,
        password: &[u8],
        salt: &[u8],
        iterations: u32,
    ) -> Result<Self, Reason> {
        let mut seed = Zeroizing::new(vec![0; etype.size().key_length()]);
        pbkdf2_hmac::<Sha1>(password, salt, iterations, &mut seed);
        let bytes = derive_key(&seed, KERBEROS, &etype.size());
        Ok(Self { etype, bytes: Zeroizing::new(bytes.map_err(|_| Reason::Local("no key could be made"))?) })
    }

    pub(crate) fn etype(&self) -> Etype {
        self.etype
    }

    pub(crate) fn encrypt(&self, usage: Usage, plain: &[u8]) -> Result<Vec<u8>, Reason> {
        let encrypted = self.etype.suite().cipher().encrypt(&self.bytes, usage.number(), plain);
        encrypted.map_err(|_| Reason::Local("the request could not be encrypted"))
    }

    /// None unless the text was encrypted with this key for this use.
    pub(crate) fn decrypt(&self, usage: Usage, encrypted: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        let plain = self.etype.suite().cipher().decrypt(&self.bytes, usage.number(), encrypted);
        plain.ok().map(Zeroizing::new)
    }
}

#[cfg(test)]
mod tests;
