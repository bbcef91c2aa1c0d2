//! What can fail in this flow, and what the state machines see of it.

use lambda_runtime::Diagnostic;
use steward_core::directory::DirectoryError;
use steward_core::error::{Kind, diagnostic};
use steward_core::store::TellError;

use crate::approval::WakeError;
use crate::directories::ForestError;
use crate::notice::NoticeError;
use crate::records::StoreError;
use crate::release::{EscrowError, GuardDutyError};
use crate::systems_manager::SystemsManagerError;

/// A step that did not come to its end.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The directory.
    #[error(transparent)]
    Directory(#[from] DirectoryError),
    /// The trusted domains.
    #[error(transparent)]
    Forest(#[from] ForestError),
    /// The decision table.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Systems Manager.
    #[error(transparent)]
    SystemsManager(#[from] SystemsManagerError),
    /// The topic.
    #[error(transparent)]
    Notice(#[from] NoticeError),
    /// The secret of a released user.
    #[error(transparent)]
    Escrow(#[from] EscrowError),
    /// Other executions have held the finding for as long as this one waits.
    #[error("finding {0} is still held by {1}, which may have died: see what it does")]
    FindingBusy(String, String),
    /// Another sender is sending the same notice.
    #[error("the notice {0} is being sent by another execution")]
    NoticeBusy(String),
    /// The directory does not show the effect yet.
    #[error("the directory does not show user {0} as disabled yet")]
    NotConfirmed(String),
    /// The step cannot be done because an earlier one has not been.
    #[error("there is no decision to act on for finding {0}: run the step Decide first")]
    Undecided(String),
    /// The input of a state machine is not what it should be.
    #[error("the input is not usable: {0}")]
    Input(String),
    /// The finding was taken by another execution: this one has been at it for too long.
    #[error("finding {0} is worked on by another execution now: {1}")]
    FindingLost(String, String),
    /// An answer that does not count.
    #[error("the answer is refused: {0}")]
    AnswerRefused(String),
    /// The execution that waits could not be woken.
    #[error(transparent)]
    Wake(#[from] WakeError),
    /// GuardDuty could not be asked.
    #[error(transparent)]
    GuardDuty(#[from] GuardDutyError),
    /// A release that must not happen.
    #[error("the release is refused: {0}")]
    ReleaseRefused(String),
}

impl Error {
    /// Whether trying again can help.
    pub fn kind(&self) -> Kind {
        match self {
            Self::Directory(error) => error.kind(),
            Self::Forest(error) => error.kind(),
            Self::Store(error) => error.kind(),
            Self::SystemsManager(error) => error.kind(),
            Self::Notice(error) => error.kind(),
            Self::Escrow(error) => error.kind(),
            Self::Wake(error) => error.kind(),
            Self::GuardDuty(error) => error.kind(),
            Self::NoticeBusy(_) | Self::NotConfirmed(_) => Kind::Transient,
            Self::FindingBusy(..)
            | Self::Undecided(_)
            | Self::Input(_)
            | Self::FindingLost(..)
            | Self::AnswerRefused(_)
            | Self::ReleaseRefused(_) => Kind::Permanent,
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

impl From<Error> for Diagnostic {
    fn from(error: Error) -> Self {
        let mut diagnostic = diagnostic(error.kind(), &error);
        // The state machines show these as they are.
        match error {
            Error::FindingBusy(..) => "FindingBusy".clone_into(&mut diagnostic.error_type),
            Error::ReleaseRefused(_) => "ReleaseRefused".clone_into(&mut diagnostic.error_type),
            Error::AnswerRefused(_) => "AnswerRefused".clone_into(&mut diagnostic.error_type),
            _ => {}
        }
        tracing::error!(error.kind = %diagnostic.error_type, "{}", diagnostic.error_message);
        diagnostic
    }
}
