//! What the account table says of an account: which directory its instances join, and how.

use std::net::Ipv4Addr;

use crate::error::Kind;
use crate::ids::{AccountId, DirectoryId};
use secrecy::SecretString;

use crate::place::Region;

pub mod group;
mod row;
mod table;

pub use row::{Defaults, is_secret, read};
pub use table::AccountTable;

/// A row that fits.
#[derive(Debug, Clone)]
pub struct Account {
    /// Whose row it is.
    pub id: AccountId,
    /// The domain's DNS name, in lower case.
    pub domain: String,
    /// Its domain controllers, one or two.
    pub controllers: Vec<Ipv4Addr>,
    /// The directory.
    pub directory: DirectoryId,
    /// The distinguished name of the OU in which computer objects are made.
    pub ou: String,
    /// The role of the account that is assumed, none for the function's own account.
    pub role: Option<MemberRole>,
    /// Whose credential an instance joins with.
    pub mode: Mode,
    /// The Regions whose instances are joined; empty: all.
    pub regions: Vec<Region>,
    /// The AD groups whose members may log in, where the instance's tag names none; empty: every user of the domain.
    pub groups: Vec<GroupName>,
    /// Whether an instance is rebooted once it has joined.
    pub reboot: bool,
}

/// A role of a member account.
#[derive(Debug, Clone)]
pub struct MemberRole {
    /// Its ARN, of the row's account.
    pub arn: String,
    /// The secret that keeps others from having us assume it.
    pub external_id: SecretString,
}

/// Whose credential an instance joins with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mode {
    /// A password of its own, which joins once.
    OneTime,
    /// A join account's password.
    JoinUser {
        /// Its user name.
        user: String,
        /// The `SecureString` parameter, or the secret's ARN, that holds its password.
        password: String,
    },
}

/// The name of an AD group, as it is put into a configuration file of the instance.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct GroupName(String);

impl GroupName {
    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What is wrong with a row, and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the account table's row of {account} does not fit: {problem}")]
pub struct RowProblem {
    /// Whose row.
    pub account: AccountId,
    /// The attribute, what it is, and what it must be.
    pub problem: String,
}

/// A row that cannot be had.
#[derive(Debug, Clone, thiserror::Error)]
pub enum AccountError {
    /// It does not fit.
    #[error(transparent)]
    Row(#[from] RowProblem),
    /// The table cannot be read.
    #[error("the account table cannot be read: {reason}")]
    Table {
        /// The service's words.
        reason: String,
        /// Whether trying again can help.
        kind: Kind,
    },
}

/// The account table.
pub trait Accounts {
    /// The row of an account, if there is one.
    ///
    /// # Errors
    /// When the row does not fit or the table cannot be read.
    fn account(&self, id: &AccountId) -> impl Future<Output = Result<Option<Account>, AccountError>> + Send;
}
