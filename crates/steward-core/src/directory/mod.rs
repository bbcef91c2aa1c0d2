//! The directory, as the flows need it: look a user up, disable, reset.
//!
//! [`DirectoryService`] acts on an AWS Managed Microsoft AD, `LdapDirectory` on any Active Directory over LDAPS (feature
//! `ldap`). Tests put a stateful fake behind [`Directory`].

#[cfg(feature = "member")]
mod access;
mod account;
mod error;
#[cfg(feature = "ldap")]
mod ldap;
mod person;
mod service;

#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use secrecy::SecretString;

#[cfg(feature = "member")]
pub use access::{Access, AccessError};
pub use account::{Account, Description, DirectoryKind};
pub use error::DirectoryError;
#[cfg(feature = "ldap")]
pub use ldap::{Computer, LdapDirectory, LdapSettings};
pub use person::{Group, Membership, Person};
pub use service::DirectoryService;

use crate::ids::{Sid, UserName};

/// What the directory says of a user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// The `sAMAccountName` as the directory spells it.
    pub name: UserName,
    /// The security identifier: it stays when the user is renamed and is never given to anyone else.
    pub sid: Sid,
    /// The DNS name of the domain that the user belongs to, in lower case.
    pub domain: String,
    /// Whether the account can log in.
    pub enabled: bool,
}

/// The names of the directory's own domain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DomainNames {
    /// The DNS name, in lower case: `corp.example.com`.
    pub dns: String,
    /// The NetBIOS name: `CORP`.
    pub netbios: String,
}

/// Identifies one effect to the directory, so that a repeated call does nothing more.
///
/// The Directory Service Data API keeps a token for 8 hours: the same token with the same parameters is the same
/// call, with other parameters it is a `ConflictException`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientToken(String);

impl ClientToken {
    /// Takes at most 128 printable ASCII characters; the rest is cut.
    pub fn new(text: &str) -> Self {
        Self(text.chars().filter(char::is_ascii_graphic).take(128).collect())
    }

    /// The token as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A directory whose users the flows look after.
pub trait Directory {
    /// Looks a user up by name.
    ///
    /// # Errors
    /// [`DirectoryError::UserNotFound`] when there is no such user in this domain.
    fn user(&self, name: &UserName) -> impl Future<Output = Result<User, DirectoryError>> + Send;

    /// The names, in lower case, of all groups that hold the user, directly or through other groups.
    ///
    /// # Errors
    /// [`DirectoryError::TooManyGroups`] when the walk would not end within its bound: the answer is then unknown.
    fn groups(&self, user: &User) -> impl Future<Output = Result<BTreeSet<String>, DirectoryError>> + Send;

    /// Disables a user; a user who is disabled already stays so. LDAP needs no token: the effect is the same each time.
    ///
    /// # Errors
    /// When the directory did not confirm it. The effect may have happened all the same: look, or repeat with the
    /// same token.
    fn disable(
        &self,
        name: &UserName,
        token: &ClientToken,
    ) -> impl Future<Output = Result<(), DirectoryError>> + Send;

    /// Sets a password.
    ///
    /// **[`DirectoryService`] enables a disabled user by it**: AWS offers no other way to do so. `LdapDirectory` leaves
    /// him as he is. Whoever wants him enabled in either sets the password and then calls [`Directory::enable`].
    ///
    /// # Errors
    /// When the directory did not confirm it; [`DirectoryError::PasswordRefused`] when its policy refuses.
    fn reset_password(
        &self,
        name: &UserName,
        password: &SecretString,
    ) -> impl Future<Output = Result<(), DirectoryError>> + Send;

    /// Lets a user in again to whom [`Directory::reset_password`] has given a password; one who is enabled stays so.
    ///
    /// [`DirectoryService`] has no call for it and makes none: the password has done it. `LdapDirectory` takes away the mark
    /// of a disabled account and no other.
    ///
    /// # Errors
    /// When the directory did not confirm it. The effect may have happened all the same: look, or repeat.
    fn enable(&self, name: &UserName) -> impl Future<Output = Result<(), DirectoryError>> + Send;

    /// The names of the directory's domain.
    ///
    /// # Errors
    /// When the directory does not exist or may not be described.
    fn domain_names(&self) -> impl Future<Output = Result<DomainNames, DirectoryError>> + Send;
}
