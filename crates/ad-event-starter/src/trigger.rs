//! What invokes the function, and what it answers.

use std::collections::BTreeMap;

use aws_lambda_events::sqs::SqsBatchResponse;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// An event of CloudWatch Logs or of a queue.
#[derive(Debug, Deserialize)]
pub struct Trigger {
    /// A batch of log events.
    pub awslogs: Option<LogsData>,
    /// A batch of messages.
    #[serde(rename = "Records")]
    pub messages: Option<Vec<Message>>,
}

/// A batch of log events.
#[derive(Debug, Deserialize)]
pub struct LogsData {
    /// Packed with gzip, in base64.
    pub data: String,
}

/// A message. Its body is looked at when its turn comes, so that an odd one fails alone.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Message {
    /// By which it is given back.
    #[serde(default)]
    pub message_id: Option<String>,
    /// Its text.
    #[serde(default)]
    pub body: Value,
}

/// The function's answer.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub enum Answer {
    /// For a batch of log events: how many records had which outcome. Nobody but a person who tries it out sees it.
    Counts(BTreeMap<&'static str, u64>),
    /// For a batch of messages: those that go back to the queue.
    Failures(SqsBatchResponse),
}
