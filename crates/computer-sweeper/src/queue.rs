//! The join queue, by which domain-joiner is asked.

use aws_sdk_sqs::Client;
use aws_sdk_sqs::types::SendMessageBatchRequestEntry;
use steward_core::error::{Kind, kind_of, service_text};
use steward_core::place::Place;
use steward_core::wish::{Wish, body};

use crate::error::Error;

/// Messages of one call. Source: SQS API Reference, `SendMessageBatch`.
const BATCH: usize = 10;

/// The join queue.
pub trait Queue {
    /// Asks for each of these.
    ///
    /// # Errors
    /// When the queue did not take all of them. Asking again does no harm: domain-joiner sees what is done already.
    fn send(&self, wishes: &[(Wish, Place)]) -> impl Future<Output = Result<(), Error>> + Send;
}

/// The join queue in SQS.
#[derive(Debug, Clone)]
pub struct JoinQueue {
    /// The client.
    pub client: Client,
    /// The queue's URL.
    pub url: String,
}

impl Queue for JoinQueue {
    async fn send(&self, wishes: &[(Wish, Place)]) -> Result<(), Error> {
        for batch in wishes.chunks(BATCH) {
            let mut call = self.client.send_message_batch().queue_url(&self.url);
            for (number, (wish, place)) in batch.iter().enumerate() {
                // What was found has waited long enough for the queue's own delay.
                let entry = SendMessageBatchRequestEntry::builder()
                    .id(number.to_string())
                    .message_body(body(*wish, place))
                    .delay_seconds(0)
                    .build();
                call = call.entries(entry.map_err(|error| failed(error.to_string(), Kind::Permanent))?);
            }
            let answer = call.send().await;
            let answer = answer.map_err(|error| failed(service_text(&error), kind_of(&error)))?;
            if let Some(refused) = answer.failed().first() {
                let kind = if refused.sender_fault() { Kind::Permanent } else { Kind::Transient };
                return Err(failed(
                    format!("{}: {}", refused.code(), refused.message().unwrap_or_default()),
                    kind,
                ));
            }
        }
        Ok(())
    }
}

fn failed(reason: String, kind: Kind) -> Error {
    Error::Call { operation: "SendMessageBatch", reason, kind }
}

#[cfg(test)]
mod tests;
