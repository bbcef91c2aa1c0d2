//! What can keep a step from coming to its end, and what the state machine sees of it. Its text holds no secret.

use lambda_runtime::Diagnostic;
use steward_core::accounts::AccountError;
use steward_core::directory::DirectoryError;
use steward_core::error::{Kind, diagnostic};
use steward_core::member::MemberError;
use steward_core::notice::NoticeError;
use steward_core::store::{StoreError, TellError};

/// A step that did not come to its end.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The account table.
    #[error(transparent)]
    Account(#[from] AccountError),
    /// The account table has no row for the account any more.
    #[error("the account table has no row of {0}")]
    NoRow(String),
    /// The member account.
    #[error(transparent)]
    Member(#[from] MemberError),
    /// The directory.
    #[error("the computers in {ou} cannot be listed: {source}")]
    Directory {
        /// The OU.
        ou: String,
        /// Why.
        source: DirectoryError,
    },
    /// A call of the function's own account.
    #[error("{operation} failed: {reason}")]
    Call {
        /// The API's operation, and on what.
        operation: &'static str,
        /// The service's words.
        reason: String,
        /// Whether trying again can help.
        kind: Kind,
    },
    /// The sweep's own records.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The topic.
    #[error(transparent)]
    Notice(#[from] NoticeError),
    /// Another try of the step is telling the same.
    #[error("the notice {0} is being sent by another process")]
    NoticeBusy(String),
    /// More places than one sweep takes.
    #[error("the account table names {0} accounts and Regions, and one sweep takes {most}", most = crate::list::MOST)]
    TooManyPlaces(usize),
    /// A step is missing before this one.
    #[error("{0} was not written down: run the earlier steps of the machine")]
    Unrecorded(String),
    /// The records ask for more than was decided.
    #[error("{0} removals were decided on, and the records hold more: nothing more is sent")]
    MoreThanDecided(u64),
    /// The input of the state machine is not what it must be.
    #[error("the input is not usable: {0}")]
    Input(String),
}

impl Error {
    /// Whether trying again can help.
    pub fn kind(&self) -> Kind {
        match self {
            Self::Account(AccountError::Row(_)) => Kind::Permanent,
            Self::Account(AccountError::Table { kind, .. }) => *kind,
            Self::Member(error) => error.kind,
            // Never tried again: so many places with a wrong password would lock the account that domain-joiner needs.
            Self::Directory { source: DirectoryError::CredentialsRefused { .. }, .. } => Kind::Permanent,
            Self::Directory { source, .. } => source.kind(),
            Self::Call { kind, .. } => *kind,
            Self::Store(error) => error.kind(),
            Self::Notice(error) => error.kind(),
            Self::NoticeBusy(_) => Kind::Transient,
            Self::NoRow(_)
            | Self::TooManyPlaces(_)
            | Self::Unrecorded(_)
            | Self::MoreThanDecided(_)
            | Self::Input(_) => Kind::Permanent,
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
        let diagnostic = diagnostic(error.kind(), &error);
        tracing::error!(error.kind = %diagnostic.error_type, "{}", diagnostic.error_message);
        diagnostic
    }
}
