//! What a person answers, and what the state machine sends and gets.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use steward_core::ids::UserName;

use crate::error::Error;
use crate::input;
use crate::records::Verdict;

/// A step of `approve-containment`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Step {
    /// Checks that the question exists and the answer fits it.
    Check,
    /// Writes the answer down, once CloudTrail has told whose it is, and wakes who waits for it.
    Answer,
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

/// What the person answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wish {
    /// The question's name.
    pub approval: String,
    /// Yes or no.
    pub verdict: Verdict,
    /// Whom to disable.
    pub user: Option<UserName>,
    /// The trusted domain that he belongs to; none for the own directory's users.
    pub domain: Option<String>,
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
    /// Reads the person's input:
    /// `{"version": 1, "approval": "0123456789abcdef", "answer": "approve", "user": "alice", "reason": "saw it"}`,
    /// with the `domain` of a user of a trusted one.
    ///
    /// # Errors
    /// One error that names everything that is wrong with it.
    pub fn wish(&self) -> Result<Wish, Error> {
        let mut problems = Vec::new();
        input::check_version(&self.input, &mut problems);
        let approval = self.input["approval"].as_str().unwrap_or_default().to_owned();
        if approval.is_empty() || !approval.chars().all(|c| c.is_ascii_hexdigit()) {
            problems.push("approval must be the name of the question, as in the notice".to_owned());
        }
        let verdict = match self.input["answer"].as_str() {
            Some("approve") => Some(Verdict::Approve),
            Some("refuse") => Some(Verdict::Refuse),
            _ => {
                problems.push("answer must be approve or refuse".to_owned());
                None
            }
        };
        let user = input::optional_user(&self.input, &mut problems);
        let domain = input::optional_domain(&self.input, &mut problems);
        if domain.is_some() && self.input["user"].is_null() {
            problems.push("domain is there without user: say who of that domain is meant".to_owned());
        }
        let reason = input::reason(&self.input, "reason", &mut problems);
        match verdict {
            Some(verdict) if problems.is_empty() => Ok(Wish { approval, verdict, user, domain, reason }),
            _ => Err(Error::Input(problems.join("; "))),
        }
    }
}
