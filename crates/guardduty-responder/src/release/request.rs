//! What a person asks for, and what the state machine sends and gets.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use steward_core::ids::UserName;

use crate::error::Error;
use crate::input;

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
    /// The trusted domain that he belongs to; none for the own directory's users.
    pub domain: Option<String>,
    /// Why.
    pub reason: String,
    /// Why although the finding is active, if the person says so.
    pub override_reason: Option<String>,
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
    /// Reads the person's input: `{"version": 1, "user": "alice", "reason": "false positive"}`, with the
    /// `domain` of a user of a trusted one, and `"override": "why"` to release him although the finding is active.
    ///
    /// # Errors
    /// One error that names everything that is wrong with it.
    pub fn wish(&self) -> Result<Wish, Error> {
        let mut problems = Vec::new();
        input::check_version(&self.input, &mut problems);
        let user = input::optional_user(&self.input, &mut problems);
        if self.input["user"].is_null() {
            problems.push("user is missing: the sAMAccountName of the user to release".to_owned());
        }
        let domain = input::optional_domain(&self.input, &mut problems);
        let reason = input::reason(&self.input, "reason", &mut problems);
        let overrides = !self.input["override"].is_null();
        let override_reason = overrides.then(|| input::reason(&self.input, "override", &mut problems));
        match user {
            Some(user) if problems.is_empty() => Ok(Wish { user, domain, reason, override_reason }),
            _ => Err(Error::Input(problems.join("; "))),
        }
    }
}
