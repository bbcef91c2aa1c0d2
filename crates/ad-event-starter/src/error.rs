//! What can fail for a whole invocation, and what Lambda sees of it.

use lambda_runtime::Diagnostic;
use steward_core::error::{Kind, diagnostic};

use crate::left_over::LeftOverError;
use crate::logs::PayloadError;

/// An invocation that did not come to its end. Lambda repeats it, and then sends the event to the dead-letter queue.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The batch of log events.
    #[error("the batch of log events is not usable")]
    Payload(#[from] PayloadError),
    /// An event that is neither a batch of log events nor one of messages.
    #[error("the event is neither of CloudWatch Logs nor of a queue")]
    UnknownTrigger,
    /// A message that cannot be given back alone.
    #[error("a message of the batch has no messageId")]
    MessageWithoutId,
    /// What could not be started could not be put into the queue either.
    #[error("{count} records could neither be started nor deferred")]
    NotDeferred {
        /// How many.
        count: usize,
        /// Why not.
        source: LeftOverError,
    },
}

impl Error {
    /// Whether trying again can help.
    pub fn kind(&self) -> Kind {
        match self {
            Self::Payload(_) | Self::UnknownTrigger | Self::MessageWithoutId => Kind::Permanent,
            Self::NotDeferred { source, .. } => source.kind(),
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
