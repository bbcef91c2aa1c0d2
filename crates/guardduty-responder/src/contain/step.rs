//! What the state machine sends for each step, and what it gets.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::finding::Finding;

/// A step of `contain-user`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Step {
    /// Takes the finding, so that of several deliveries one is worked on.
    Record,
    /// Sends the question to the instance.
    Ask,
    /// Looks whether the instance has answered.
    ReadAnswer,
    /// Decides, and writes the decision down.
    Decide,
    /// Asks a person, and keeps the token that wakes the execution.
    RequestApproval,
    /// Goes on with the person's answer, or without one.
    Resume,
    /// Disables the user and reads it back.
    Disable,
    /// Has the instance end the user's sessions.
    EndSessions,
    /// Looks what the instance has ended.
    ReadSessions,
    /// Tells people and lets go of the finding.
    Tell,
    /// Asks whether a user is to be kept contained.
    Review,
    /// Lets go of a finding that could not be finished, so that the next delivery need not wait.
    Abandon,
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Record => "record",
            Self::Ask => "ask",
            Self::ReadAnswer => "read-answer",
            Self::Decide => "decide",
            Self::RequestApproval => "request-approval",
            Self::Resume => "resume",
            Self::Disable => "disable",
            Self::EndSessions => "end-sessions",
            Self::ReadSessions => "read-sessions",
            Self::Tell => "tell",
            Self::Review => "review",
            Self::Abandon => "abandon",
        })
    }
}

/// The input of a step.
#[derive(Debug, Clone, Deserialize)]
pub struct Request {
    /// Which step.
    pub step: Step,
    /// The ARN of the execution.
    pub execution: String,
    /// When it started, in ISO 8601; for the step that takes the finding.
    #[serde(default)]
    pub started_at: Option<String>,
    /// The event that started it, whatever it is.
    pub event: Value,
    /// The command that asks the instance, or ends the sessions there, once it is sent.
    #[serde(default)]
    pub command: Option<String>,
    /// Why there is no answer, when there is none: a doubt's code.
    #[serde(default)]
    pub no_answer: Option<String>,
    /// What wakes the execution when a person has answered.
    #[serde(default)]
    pub token: Option<String>,
}

/// The answer of a step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Outcome {
    /// What the state machine chooses by.
    pub outcome: String,
    /// Why, as a code.
    pub reason: String,
    /// The command that was sent to the instance.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub command: Option<String>,
    /// How long the state machine waits next, in seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub wait_seconds: Option<u64>,
}

impl Outcome {
    pub(super) fn new(outcome: &str, reason: &str) -> Self {
        Self { outcome: outcome.to_owned(), reason: reason.to_owned(), command: None, wait_seconds: None }
    }

    pub(super) fn with_command(self, command: String) -> Self {
        Self { command: Some(command), ..self }
    }

    pub(super) fn waiting(self, seconds: u64) -> Self {
        Self { wait_seconds: Some(seconds), ..self }
    }
}

/// The document's parameter: `pid:uid:start` for each process, the flagged one first. An unknown user id is left to
/// the instance as 0 and an unknown start time as 0; neither is relied on later.
pub(super) fn chain_parameter(finding: &Finding) -> String {
    let items: Vec<String> = finding
        .chain
        .iter()
        .map(|process| {
            format!("{}:{}:{}", process.pid, process.uid.unwrap_or(0), process.started.unwrap_or(0))
        })
        .collect();
    items.join(",")
}

/// The parameter of the document that ends sessions: the flagged process as `pid:start`.
pub(super) fn process_parameter(finding: &Finding) -> String {
    finding
        .chain
        .first()
        .map_or_else(String::new, |process| format!("{}:{}", process.pid, process.started.unwrap_or(0)))
}
