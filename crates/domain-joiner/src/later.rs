//! Looking again later: a new message in the join queue, with a number that bounds it.

use std::time::Duration;

use steward_core::error::Kind;

use crate::place::Place;

/// A message that the queue did not take. It may be there.
#[derive(Debug, Clone, thiserror::Error)]
#[error("SendMessage failed: {reason}")]
pub struct LaterError {
    /// The service's words.
    pub reason: String,
    /// Whether trying again can help.
    pub kind: Kind,
}

/// The join queue.
pub trait Later {
    /// Has an instance looked at again, for the so-many-th time.
    ///
    /// # Errors
    /// When the queue did not take the message.
    fn again(
        &self,
        place: &Place,
        attempt: u32,
        delay: Duration,
    ) -> impl Future<Output = Result<(), LaterError>> + Send;
}
