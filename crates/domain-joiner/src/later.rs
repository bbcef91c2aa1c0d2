//! Looking again later: a new message in the join queue, with a number that bounds it.

use std::time::Duration;

use aws_sdk_sqs::Client;
use steward_core::error::{Kind, kind_of, service_text};

use crate::event;
use crate::place::Place;

/// Longest that SQS keeps a message back.
const LONGEST_DELAY: Duration = Duration::from_secs(900);

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

/// The join queue, in SQS.
#[derive(Debug, Clone)]
pub struct JoinQueue {
    /// The client.
    pub client: Client,
    /// The queue's URL.
    pub url: String,
}

impl Later for JoinQueue {
    async fn again(&self, place: &Place, attempt: u32, delay: Duration) -> Result<(), LaterError> {
        let body = event::again(place, attempt)
            .map_err(|error| LaterError { reason: error.to_string(), kind: Kind::Permanent })?;
        let seconds = i32::try_from(delay.min(LONGEST_DELAY).as_secs()).unwrap_or(i32::MAX);
        let call = self.client.send_message().queue_url(&self.url).message_body(body).delay_seconds(seconds);
        let sent = call.send().await;
        sent.map(|_| ()).map_err(|error| LaterError { reason: service_text(&error), kind: kind_of(&error) })
    }
}

#[cfg(test)]
mod tests;
