//! Telling people: plain text through SNS.

use aws_sdk_sns::Client;

use crate::error::{Kind, kind_of, service_text};

/// Longest subject that SNS takes is 99 characters.
pub const LONGEST_SUBJECT: usize = 99;

/// Longest value from outside that a notice shows.
const LONGEST_VALUE: usize = 300;

/// A notice as SNS takes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// At most 99 printable ASCII characters.
    pub subject: String,
    /// Plain text without markup or control bytes other than line feeds.
    pub body: String,
}

/// A notice that could not be sent.
#[derive(Debug, Clone, thiserror::Error)]
#[error("Publish failed: {reason}")]
pub struct NoticeError {
    reason: String,
    kind: Kind,
}

impl NoticeError {
    /// Whether trying again can help.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// For tests: a failure that may pass.
    #[cfg(feature = "test-util")]
    pub fn injected() -> Self {
        Self { reason: "by the test".to_owned(), kind: Kind::Transient }
    }
}

/// Where notices go.
pub trait Notices {
    /// Sends a notice.
    ///
    /// # Errors
    /// When the topic did not take it; it may have been sent.
    fn publish(&self, notice: &Notice) -> impl Future<Output = Result<(), NoticeError>> + Send;
}

/// An SNS topic.
#[derive(Debug, Clone)]
pub struct Topic {
    /// The client.
    pub client: Client,
    /// The topic's ARN.
    pub arn: String,
}

impl Notices for Topic {
    async fn publish(&self, notice: &Notice) -> Result<(), NoticeError> {
        let answer = self
            .client
            .publish()
            .topic_arn(&self.arn)
            .subject(&notice.subject)
            .message(&notice.body)
            .send()
            .await;
        answer
            .map(|_| ())
            .map_err(|error| NoticeError { reason: service_text(&error), kind: kind_of(&error) })
    }
}

/// A text without control bytes and without anything that a mail program could take for markup.
pub fn plain(text: &str) -> String {
    let cleaned: String = text
        .chars()
        .map(|c| match c {
            '<' => '(',
            '>' => ')',
            c if c.is_control()
                || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}') =>
            {
                '?'
            }
            c => c,
        })
        .collect();
    if cleaned.chars().count() > LONGEST_VALUE {
        let cut: String = cleaned.chars().take(LONGEST_VALUE).collect();
        return format!("{cut}...");
    }
    cleaned
}

/// A text as SNS takes it for a subject.
pub fn subject(text: &str) -> String {
    let ascii: String =
        plain(text).chars().map(|c| if c.is_ascii_graphic() || c == ' ' { c } else { '?' }).collect();
    ascii.chars().take(LONGEST_SUBJECT).collect()
}
