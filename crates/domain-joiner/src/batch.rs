//! What invokes the function: messages of either queue.

use aws_lambda_events::sqs::{BatchItemFailure, SqsBatchResponse};
use serde::Deserialize;
use serde_json::Value;

/// A batch of messages.
#[derive(Debug, Deserialize)]
pub struct Batch {
    /// The messages.
    #[serde(rename = "Records")]
    pub messages: Vec<Message>,
}

/// A message. Its body is looked at when its turn comes, so that an odd one fails alone.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Message {
    /// By which it is given back.
    #[serde(default)]
    pub message_id: Value,
    /// Its text.
    #[serde(default)]
    pub body: Value,
}

impl Message {
    /// Its id, if it can be given back.
    pub(crate) fn id(&self) -> Option<&str> {
        self.message_id.as_str().filter(|id| !id.is_empty())
    }
}

/// The answer: those messages go back to the queue.
pub(crate) fn failures<'a>(ids: impl IntoIterator<Item = &'a str>) -> SqsBatchResponse {
    let mut response = SqsBatchResponse::default();
    for id in ids {
        let mut failure = BatchItemFailure::default();
        failure.item_identifier = id.to_owned();
        response.batch_item_failures.push(failure);
    }
    response
}
