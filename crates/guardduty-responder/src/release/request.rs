//! What a person asks for, and what the state machine sends and gets.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use steward_core::ids::UserName;

use crate::error::Error;

/// Longest reason that is kept.
const LONGEST_REASON: usize = 500;

/// A step of `release-user`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Step {
    /// Checks the request and writes it down.
    Check,
    /// Looks whether CloudTrail has told who asked.
    LearnCaller,
    /// Sets a new password, which enables the user.
    Reset,
    /// Tells people.
    Tell,
    /// Lets go of a release that could not be finished.
    Abandon,
}

/// The input of a step.
#[derive(Debug, Clone, Deserialize)]
pub struct Request {
    /// Which step.
    pub step: Step,
    /// The ARN of the execution.
    pub execution: String,
    /// When the execution started, in ISO 8601.
    pub started_at: String,
    /// The execution's input, as the person wrote it.
    pub input: Value,
}

/// What the person wishes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wish {
    /// Whom to release.
    pub user: UserName,
    /// Why.
    pub reason: String,
}

/// The answer of a step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Outcome {
    /// What the state machine chooses by.
    pub outcome: &'static str,
}

impl Outcome {
    pub(super) fn new(outcome: &'static str) -> Self {
        Self { outcome }
    }
}

impl Request {
    /// Reads the person's input: `{"version": 1, "user": "alice", "reason": "false positive"}`. Without a version it is
    /// read as version 1, the first.
    ///
    /// # Errors
    /// One error that names everything that is wrong with it.
    pub fn wish(&self) -> Result<Wish, Error> {
        let mut problems = Vec::new();
        let version = &self.input["version"];
        if !(version.is_null() || *version == 1 || *version == "1") {
            problems.push(format!("version is {version} but only 1 is known"));
        }
        let user = match self.input["user"].as_str().map(str::parse) {
            Some(Ok(user)) => Some(user),
            Some(Err(error)) => {
                problems.push(format!("user: {error}"));
                None
            }
            None => {
                problems.push("user is missing: the sAMAccountName of the user to release".to_owned());
                None
            }
        };
        let reason = self.input["reason"].as_str().unwrap_or_default().trim();
        if reason.is_empty() {
            problems.push("reason is missing: say why, it is recorded and told".to_owned());
        } else if reason.chars().count() > LONGEST_REASON {
            problems.push(format!("reason is longer than {LONGEST_REASON} characters"));
        }
        match user {
            Some(user) if problems.is_empty() => Ok(Wish { user, reason: reason.to_owned() }),
            _ => Err(Error::Input(problems.join("; "))),
        }
    }
}
