//! An instance, as its own account knows it: by the role of that account, for this one instance.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;

use crate::error::Kind;

use crate::accounts::Account;
use crate::place::Place;

mod session;

pub use session::{Listed, MemberAccounts, OpenMember, enter, list};

/// What EC2 says of an instance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Instance {
    /// Its state.
    pub state: State,
    /// Its platform.
    pub platform: Platform,
    /// Its private address, while it has one.
    pub address: Option<Ipv4Addr>,
    /// Its tags.
    pub tags: BTreeMap<String, String>,
}

/// The state of an instance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// It runs.
    Running,
    /// It is terminated, and never comes back.
    Terminated,
    /// It starts, stops, has stopped, or is on the way to its end.
    Between,
}

/// The platform of an instance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Platform {
    /// Any Linux.
    Linux,
    /// Windows.
    Windows,
}

/// What became of sending a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sent {
    /// It is under way, as the command of this id.
    Command(String),
    /// The agent is not there yet, or the instance is gone: Systems Manager tells them apart no further.
    AgentAbsent,
}

/// What became of a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reply {
    /// It has not ended.
    Pending,
    /// The document has run to an end of its own.
    Ended {
        /// The exit code.
        code: i32,
        /// Its standard output.
        output: String,
    },
    /// It was cancelled, timed out or never arrived: as Systems Manager says it.
    Lost(String),
}

/// A failed call into a member account. Its text holds no secret.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{operation} in account {account} failed: {reason}")]
pub struct MemberError {
    /// The API's operation.
    pub operation: &'static str,
    /// The account.
    pub account: String,
    /// The service's code and words.
    pub reason: String,
    /// Whether trying again can help.
    pub kind: Kind,
}

/// An instance and its agent.
pub trait Member {
    /// What EC2 says of the instance; none when EC2 knows no such instance (any more).
    ///
    /// # Errors
    /// When EC2 cannot be asked, or may not tell: that is never "gone".
    fn instance(&self) -> impl Future<Output = Result<Option<Instance>, MemberError>> + Send;

    /// Has the instance run one of our documents.
    ///
    /// # Errors
    /// When the command could not be sent. It may have been.
    fn send(
        &self,
        document: &str,
        parameters: &[(&'static str, String)],
    ) -> impl Future<Output = Result<Sent, MemberError>> + Send;

    /// Looks at a command.
    ///
    /// # Errors
    /// When Systems Manager cannot be asked.
    fn reply(&self, command: &str) -> impl Future<Output = Result<Reply, MemberError>> + Send;
}

/// The way into member accounts.
pub trait Members {
    /// An instance behind its account's role.
    type Member: Member + Send + Sync;

    /// Takes on the account's role, narrowed to the one instance.
    ///
    /// # Errors
    /// When the role cannot be assumed.
    fn open(
        &self,
        account: &Account,
        place: &Place,
    ) -> impl Future<Output = Result<Self::Member, MemberError>> + Send;
}
