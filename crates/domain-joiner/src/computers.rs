//! Computer objects in an account's directory.

use std::net::Ipv4Addr;

use secrecy::SecretString;
use steward_core::error::Kind;
use steward_core::ids::{InstanceId, Sid};
use steward_core::member::Reply;

use crate::account::Account;
use crate::name::ComputerName;

mod directories;
mod host;

pub use directories::Directories;
pub use host::ToolsHost;

/// A computer object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Computer {
    /// Its name, in lower case and without `$`.
    pub name: String,
    /// Its distinguished name.
    pub dn: String,
    /// Its SID, which is never given to another.
    pub sid: Sid,
    /// Its description: whoever made it wrote there for whom.
    pub description: Option<String>,
}

/// What became of a creation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Creation {
    /// It is there, with this SID.
    Created(Sid),
    /// There is one of this name already.
    NameTaken,
}

/// What a host with the AD tools is to remove.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Removal {
    /// The computer's name.
    pub name: ComputerName,
    /// What proves whose it is.
    pub proof: Proof,
    /// Its domain.
    pub domain: String,
    /// The address of its host: only records that lead there go with it.
    pub address: Option<Ipv4Addr>,
}

/// What proves whose an object is: its name does not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Proof {
    /// Its SID.
    Sid(Sid),
    /// Its description.
    Marker(String),
}

/// What became of a removal that a host was to be given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Order {
    /// It is under way.
    Given {
        /// The host.
        host: InstanceId,
        /// The command.
        command: String,
    },
    /// There is not one host that takes it, and why.
    NoHost(String),
}

/// A failed call to a directory. Its text holds no secret.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{operation} failed: {reason}")]
pub struct ComputersError {
    /// What was tried.
    pub operation: &'static str,
    /// The directory's words.
    pub reason: String,
    /// Whether trying again can help.
    pub kind: Kind,
}

/// Computer objects of a directory.
pub trait Computers {
    /// The computer of a name, anywhere in the domain.
    ///
    /// # Errors
    /// When the directory cannot be asked.
    fn named(
        &self,
        account: &Account,
        name: &ComputerName,
    ) -> impl Future<Output = Result<Option<Computer>, ComputersError>> + Send;

    /// The computer with a SID.
    ///
    /// # Errors
    /// When the directory cannot be asked.
    fn of_sid(
        &self,
        account: &Account,
        sid: &Sid,
    ) -> impl Future<Output = Result<Option<Computer>, ComputersError>> + Send;

    /// Makes a computer that joins once, with this password.
    ///
    /// # Errors
    /// When the directory did not confirm it. It may be there all the same.
    fn create(
        &self,
        account: &Account,
        name: &ComputerName,
        description: &str,
        password: &SecretString,
    ) -> impl Future<Output = Result<Creation, ComputersError>> + Send;

    /// Removes exactly the computer with this SID and what hangs below it; one that is gone is success.
    ///
    /// # Errors
    /// When the directory did not confirm it.
    fn remove(
        &self,
        account: &Account,
        computer: &Computer,
    ) -> impl Future<Output = Result<(), ComputersError>> + Send;

    /// Removes the DNS records of a computer, if they still lead to its address.
    ///
    /// # Errors
    /// When the directory did not confirm it.
    fn remove_dns_record(
        &self,
        account: &Account,
        host: &str,
        address: Ipv4Addr,
    ) -> impl Future<Output = Result<(), ComputersError>> + Send;

    /// Has a host with the AD tools remove a computer and its DNS records.
    ///
    /// # Errors
    /// When the command could not be given. It may have been.
    fn order_removal(&self, removal: &Removal) -> impl Future<Output = Result<Order, ComputersError>> + Send;

    /// Looks at a command of the host.
    ///
    /// # Errors
    /// When Systems Manager cannot be asked.
    fn removal(
        &self,
        host: &InstanceId,
        command: &str,
    ) -> impl Future<Output = Result<Reply, ComputersError>> + Send;
}
