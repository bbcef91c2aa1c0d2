//! What can fail in this flow, and what the state machines see of it.

use lambda_runtime::Diagnostic;
use steward_core::directory::DirectoryError;
use steward_core::error::{Kind, diagnostic};
use steward_core::notice::NoticeError;
use steward_core::store::{StoreError, TellError};

use crate::services::ServiceError;

/// A step that did not come to its end.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The directory.
    #[error(transparent)]
    Directory(#[from] DirectoryError),
    /// The user table, or the decision table.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A service.
    #[error(transparent)]
    Service(#[from] ServiceError),
    /// The topic.
    #[error(transparent)]
    Notice(#[from] NoticeError),
    /// Another sender is sending the same notice.
    #[error("the notice {0} is being sent by another execution")]
    NoticeBusy(String),
    /// Others kept writing the person's item.
    #[error("others kept taking {0}: try again")]
    Contended(String),
    /// The service's own answers contradict each other, for longer than it takes to replicate.
    #[error("{0}")]
    Contradiction(String),
    /// The step cannot be done because an earlier one has not been.
    #[error("nothing was decided for {0}: run the first step of the machine")]
    Undecided(String),
    /// The input of a state machine is not what it should be.
    #[error("the input is not usable: {0}")]
    Input(String),
}

impl Error {
    /// Whether trying again can help.
    pub fn kind(&self) -> Kind {
        match self {
            Self::Directory(error) => error.kind(),
            Self::Store(error) => error.kind(),
            Self::Service(error) => error.kind(),
            Self::Notice(error) => error.kind(),
            Self::NoticeBusy(_) | Self::Contended(_) => Kind::Transient,
            Self::Contradiction(_) | Self::Undecided(_) | Self::Input(_) => Kind::Permanent,
        }
    }

    /// What went wrong and what a person can do about it, for notices.
    pub fn with_advice(&self) -> String {
        format!("{}. {}", self.to_string().trim_end_matches('.'), self.advice())
    }

    /// What a person can do about it.
    fn advice(&self) -> &'static str {
        match self {
            Self::Service(error) => error.advice(),
            Self::Contradiction(_) => {
                "Look at it in the service's console, repair or delete there what does not work, then try again."
            }
            _ => "Look at the execution, put right what it says, then try again.",
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

#[cfg(test)]
mod tests {
    use super::Error;

    /// A `WorkSpace` in state ERROR: starting again changes nothing as long as it is there.
    #[test]
    fn what_does_not_work_is_looked_at_where_it_is_and_not_in_the_execution() {
        let broken =
            Error::Contradiction("Amazon WorkSpaces ws-1 does not work: ERROR: no capacity.".to_owned());
        let told = broken.with_advice();
        assert!(
            told.starts_with("Amazon WorkSpaces ws-1 does not work: ERROR: no capacity. Look at it in"),
            "{told}"
        );
        assert!(told.contains("repair or delete") && !told.contains("execution"), "{told}");
    }
}
