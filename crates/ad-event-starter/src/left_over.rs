//! What a batch of log events could not start goes to the queue, whose messages come to this function again.

use aws_sdk_sqs::Client;
use aws_sdk_sqs::types::SendMessageBatchRequestEntry;
use futures_util::stream::{self, StreamExt};
use steward_core::error::{Kind, kind_of, service_text};

use crate::start::Start;

/// Most messages that `SendMessageBatch` takes.
const BATCH: usize = 10;

/// Calls at the same time.
const CONCURRENCY: usize = 10;

/// Attempts at the messages of a batch that the queue refused.
const ATTEMPTS: u32 = 3;

/// Messages that the queue did not take; some of them may be there.
#[derive(Debug, Clone, thiserror::Error)]
#[error("SendMessageBatch failed: {reason}")]
pub struct LeftOverError {
    reason: String,
    kind: Kind,
}

impl LeftOverError {
    /// Whether trying again can help.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    #[cfg(test)]
    pub(crate) fn injected() -> Self {
        Self { reason: "by the test".to_owned(), kind: Kind::Transient }
    }
}

/// Where what is left over goes.
pub trait LeftOvers {
    /// Keeps executions that are still to be started.
    ///
    /// # Errors
    /// When one of them is not kept for sure.
    fn keep(&self, starts: &[Start]) -> impl Future<Output = Result<(), LeftOverError>> + Send;
}

/// The queue that this function reads.
#[derive(Debug, Clone)]
pub struct StartQueue {
    /// The client.
    pub client: Client,
    /// The queue's URL.
    pub url: String,
}

impl LeftOvers for StartQueue {
    async fn keep(&self, starts: &[Start]) -> Result<(), LeftOverError> {
        let bodies =
            |starts: &[Start]| starts.iter().map(serde_json::to_string).collect::<Result<Vec<_>, _>>();
        let batches: Result<Vec<_>, _> = starts.chunks(BATCH).map(bodies).collect();
        let batches =
            batches.map_err(|error| LeftOverError { reason: error.to_string(), kind: Kind::Permanent })?;
        let sent = stream::iter(batches).map(|bodies| self.send(bodies));
        let sent: Vec<_> = sent.buffer_unordered(CONCURRENCY).collect().await;
        sent.into_iter().collect()
    }
}

impl StartQueue {
    async fn send(&self, bodies: Vec<String>) -> Result<(), LeftOverError> {
        let mut left: Vec<usize> = (0..bodies.len()).collect();
        let mut reason = String::new();
        for _ in 0..ATTEMPTS {
            let entries = left.iter().map(|at| {
                SendMessageBatchRequestEntry::builder().id(at.to_string()).message_body(&bodies[*at]).build()
            });
            let entries: Vec<_> = entries
                .collect::<Result<_, _>>()
                .map_err(|error| LeftOverError { reason: error.to_string(), kind: Kind::Permanent })?;
            let request = self.client.send_message_batch().queue_url(&self.url).set_entries(Some(entries));
            let answer = request
                .send()
                .await
                .map_err(|error| LeftOverError { reason: service_text(&error), kind: kind_of(&error) })?;
            // Whatever is not said to be there is sent again: a message that comes twice starts nothing twice.
            left.retain(|at| !answer.successful().iter().any(|sent| sent.id() == at.to_string()));
            if left.is_empty() {
                return Ok(());
            }
            reason = answer.failed().first().map_or_else(String::new, |failed| failed.code().to_owned());
        }
        Err(LeftOverError {
            reason: format!("{} messages were refused: {reason}", left.len()),
            kind: Kind::Transient,
        })
    }
}

#[cfg(test)]
mod tests;
