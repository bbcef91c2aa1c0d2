//! What can keep a message from being worked on. Its text holds no secret.

use steward_core::error::Kind;
use steward_core::notice::NoticeError;
use steward_core::store::{StoreError, TellError};

use crate::account::AccountError;
use crate::computers::ComputersError;
use crate::later::LaterError;
use crate::member::MemberError;
use crate::password::PasswordError;

/// A message that was not worked on to its end.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The account table.
    #[error(transparent)]
    Account(#[from] AccountError),
    /// The member account.
    #[error(transparent)]
    Member(#[from] MemberError),
    /// The directory.
    #[error(transparent)]
    Computers(#[from] ComputersError),
    /// The join queue.
    #[error(transparent)]
    Later(#[from] LaterError),
    /// The join account's password.
    #[error(transparent)]
    Password(#[from] PasswordError),
    /// The computer table.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The topic.
    #[error(transparent)]
    Notice(#[from] NoticeError),
    /// Another message's process tells the same.
    #[error("the notice {0} is being sent by another process")]
    NoticeBusy(String),
    /// Another message's process works on the instance.
    #[error("another process works on {0}")]
    Busy(String),
    /// EC2 tells of a termination, and does not know of it itself yet.
    #[error("EC2 told that {0} is terminated, and does not say so itself yet")]
    NotTerminatedYet(String),
    /// A message tells of an instance from where it is not.
    #[error("the instance is recorded in {0}")]
    OtherPlace(String),
    /// The system gives no random bytes.
    #[error("the system gives no random bytes")]
    Random,
}

impl Error {
    /// Whether trying again can help.
    pub fn kind(&self) -> Kind {
        match self {
            Self::Account(AccountError::Row(_)) | Self::OtherPlace(_) => Kind::Permanent,
            Self::Account(AccountError::Table { kind, .. }) => *kind,
            Self::Member(error) => error.kind,
            Self::Computers(error) => error.kind,
            Self::Later(error) => error.kind,
            Self::Password(error) => error.kind,
            Self::Store(error) => error.kind(),
            Self::Notice(error) => error.kind(),
            Self::NoticeBusy(_) | Self::Busy(_) | Self::NotTerminatedYet(_) | Self::Random => Kind::Transient,
        }
    }
}

impl From<TellError> for Error {
    fn from(error: TellError) -> Self {
        match error {
            TellError::Store(error) => Self::Store(error),
            TellError::Notice(error) => Self::Notice(error),
            TellError::Busy(cause) => Self::NoticeBusy(cause),
        }
    }
}
