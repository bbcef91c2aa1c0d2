//! A password sealed to an instance: only its private key opens it.

use secrecy::SecretString;

/// A public key to which nothing can be sealed. Its text holds no secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("nothing can be sealed to the instance's public key: {0}")]
pub struct SealError(pub &'static str);

/// Seals a password to a public key (a subject public key info in DER); base64.
pub type Seal = fn(&[u8], &SecretString) -> Result<String, SealError>;
