//! Why a look failed.

use lambda_runtime::Diagnostic;
use steward_core::error::Kind;

/// A look that did not come to its end.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// Secrets could not be listed.
    #[error("ListSecrets failed: {reason}")]
    ListSecrets {
        /// What the service said.
        reason: String,
        /// Whether trying again can help.
        kind: Kind,
    },
}

impl Error {
    /// Whether trying again can help.
    pub fn kind(&self) -> Kind {
        match self {
            Self::ListSecrets { kind, .. } => *kind,
        }
    }
}

impl From<Error> for Diagnostic {
    fn from(error: Error) -> Self {
        Self { error_type: error.kind().error_type().to_owned(), error_message: error.to_string() }
    }
}
