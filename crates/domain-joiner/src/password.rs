//! The passwords that instances join with.

use secrecy::SecretString;
use steward_core::error::Kind;

/// A join account's password that cannot be had. Its text holds no secret.
#[derive(Debug, Clone, thiserror::Error)]
#[error("the join account's password cannot be read from {place}: {reason}")]
pub struct PasswordError {
    /// The parameter or the secret.
    pub place: String,
    /// The service's words.
    pub reason: String,
    /// Whether trying again can help.
    pub kind: Kind,
}

/// Where join accounts' passwords are.
pub trait JoinPasswords {
    /// The password of a join account, from a `SecureString` parameter or a secret.
    ///
    /// # Errors
    /// When it cannot be read.
    fn join_password(&self, place: &str) -> impl Future<Output = Result<SecretString, PasswordError>> + Send;
}
