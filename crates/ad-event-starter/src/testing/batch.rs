//! Batches as CloudWatch Logs packs them.

use std::io::Write;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::{Value, json};

use super::LOG_GROUP;
use crate::trigger::Trigger;

/// The JSON of a batch with these messages.
pub(crate) fn envelope(messages: &[String]) -> Value {
    let events: Vec<Value> = messages
        .iter()
        .enumerate()
        .map(|(at, message)| json!({"id": format!("{at:056}"), "timestamp": 1, "message": message}))
        .collect();
    json!({
        "messageType": "DATA_MESSAGE", "owner": "111122223333", "logGroup": LOG_GROUP,
        "logStream": "WIN-DC1", "subscriptionFilters": ["adsteward"], "logEvents": events,
    })
}

/// Packs bytes.
pub(crate) fn packed(bytes: &[u8]) -> String {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).unwrap();
    STANDARD.encode(encoder.finish().unwrap())
}

/// A batch with these messages, packed.
pub(crate) fn data(messages: &[String]) -> String {
    packed(envelope(messages).to_string().as_bytes())
}

/// An invocation with these messages.
pub(crate) fn trigger(messages: &[String]) -> Trigger {
    serde_json::from_value(json!({"awslogs": {"data": data(messages)}})).unwrap()
}
