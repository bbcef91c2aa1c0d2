//! A batch of log events, as a subscription of CloudWatch Logs delivers it: JSON, packed with gzip, in base64.
//!
//! Source: CloudWatch Logs User Guide, "Log group-level subscription filters".

use std::fmt;
use std::io::{self, Read};

use base64::engine::general_purpose::STANDARD;
use base64::read::DecoderReader;
use flate2::read::MultiGzDecoder;
use serde::de::{Error as _, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use crate::reason::Reason;

/// Most bytes that a batch may hold: ten times what a payload of Lambda's largest size holds of such events.
const MOST_BYTES: usize = 16 << 20;

/// Most log events that a batch may hold; a list of empty ones would else take many times its bytes.
const MOST_EVENTS: usize = 50_000;

/// A batch that cannot be read as a whole.
#[derive(Debug, thiserror::Error)]
pub enum PayloadError {
    /// Not base64.
    #[error("it is not base64")]
    Base64(#[source] io::Error),
    /// Not gzip, or only a part of it.
    #[error("it is not gzip, or not all of it")]
    Gzip(#[source] io::Error),
    /// More than a batch may hold.
    #[error("it unpacks to more than {MOST_BYTES} bytes")]
    TooLarge,
    /// Not the JSON of a batch.
    #[error("it is not a batch of log events")]
    Json(#[from] serde_json::Error),
    /// A kind of batch that is not known.
    #[error("its messageType is {0:?}")]
    UnknownMessageType(String),
}

/// What a payload holds.
#[derive(Debug)]
pub enum Payload<'a> {
    /// CloudWatch Logs asks whether there is anybody.
    Control,
    /// Log events.
    Data(Batch<'a>),
}

/// Log events of one log group.
#[derive(Debug)]
pub struct Batch<'a> {
    /// The log group's name.
    pub log_group: String,
    events: Vec<&'a RawValue>,
}

/// A log event.
#[derive(Debug, Deserialize, PartialEq, Eq)]
pub struct LogEvent {
    /// By which people find it again.
    #[serde(default)]
    pub id: String,
    /// What was logged.
    pub message: String,
}

/// Decodes and unpacks a payload as a stream, so that one that unpacks to too much is given up in time.
///
/// # Errors
/// When it is not base64, not gzip, cut short or too large.
pub fn unpack(data: &str) -> Result<Vec<u8>, PayloadError> {
    let decoder = MultiGzDecoder::new(DecoderReader::new(data.as_bytes(), &STANDARD));
    let mut bytes = Vec::new();
    let read = decoder.take(MOST_BYTES as u64 + 1).read_to_end(&mut bytes);
    read.map_err(|error| match error.get_ref() {
        Some(cause) if cause.is::<base64::DecodeError>() => PayloadError::Base64(error),
        _ => PayloadError::Gzip(error),
    })?;
    if bytes.len() > MOST_BYTES {
        return Err(PayloadError::TooLarge);
    }
    blank_out_what_is_not_utf8(&mut bytes);
    Ok(bytes)
}

/// Otherwise one character that a log agent has cut in two would cost the whole batch.
fn blank_out_what_is_not_utf8(bytes: &mut [u8]) {
    let mut checked = 0;
    while let Err(error) = str::from_utf8(&bytes[checked..]) {
        let bad = checked + error.valid_up_to();
        bytes[bad] = b'?';
        checked = bad + 1;
    }
}

/// Reads an unpacked payload.
///
/// # Errors
/// When it is not a batch of log events. A log event that is not one is an error of its own ([`Batch::events`]).
pub fn read(bytes: &[u8]) -> Result<Payload<'_>, PayloadError> {
    let envelope: Envelope<'_> = serde_json::from_slice(bytes)?;
    match envelope.message_type.as_str() {
        "CONTROL_MESSAGE" => Ok(Payload::Control),
        "DATA_MESSAGE" => {
            Ok(Payload::Data(Batch { log_group: envelope.log_group, events: envelope.log_events.0 }))
        }
        _ => Err(PayloadError::UnknownMessageType(envelope.message_type)),
    }
}

impl Batch<'_> {
    /// The log events; one that is none costs itself alone.
    pub fn events(&self) -> impl Iterator<Item = Result<LogEvent, Reason>> {
        self.events.iter().map(|raw| serde_json::from_str(raw.get()).map_err(|_| Reason::NotALogEvent))
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Envelope<'a> {
    message_type: String,
    log_group: String,
    #[serde(borrow)]
    log_events: Raw<'a>,
}

/// Log events that nobody has looked at yet.
struct Raw<'a>(Vec<&'a RawValue>);

impl<'de: 'a, 'a> Deserialize<'de> for Raw<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(RawVisitor)
    }
}

struct RawVisitor;

impl<'de> Visitor<'de> for RawVisitor {
    type Value = Raw<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a list of at most {MOST_EVENTS} log events")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Raw<'de>, A::Error> {
        let mut events = Vec::new();
        while let Some(event) = list.next_element()? {
            if events.len() == MOST_EVENTS {
                return Err(A::Error::invalid_length(MOST_EVENTS + 1, &self));
            }
            events.push(event);
        }
        Ok(Raw(events))
    }
}

#[cfg(test)]
mod tests;
