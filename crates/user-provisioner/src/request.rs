//! What the state machines send for each step, and what they get.

use serde::{Deserialize, Serialize};
use steward_core::ids::{DirectoryId, Sid, UserName};

use crate::error::Error;

/// The version of the machines' public input.
const VERSION: u64 = 1;

/// The input of a step. `S` is the step: each function has its own.
#[derive(Debug, Clone, Deserialize)]
pub struct Request<S> {
    /// Which step.
    pub step: S,
    /// The ARN of the execution.
    pub execution: String,
    /// When it started, in ISO 8601.
    pub started_at: String,
    /// The execution's input.
    pub input: Input,
    /// The service, for the steps that have one.
    #[serde(default)]
    pub service: Option<String>,
    /// When the user was last looked up, in ISO 8601.
    #[serde(default)]
    pub looked_up_at: Option<String>,
    /// What made a step fail, in the machine's words.
    #[serde(default)]
    pub failure: Option<Failure>,
}

impl<S> Request<S> {
    /// The service that the step is about.
    ///
    /// # Errors
    /// When the machine named none.
    pub fn service(&self) -> Result<&str, Error> {
        self.service.as_deref().ok_or_else(|| Error::Input("the step needs a service".to_owned()))
    }
}

/// The error that Step Functions caught.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct Failure {
    /// Its name.
    #[serde(rename = "Error", default)]
    pub error: String,
    /// What it says; a function's failure is JSON with an `errorMessage`.
    #[serde(rename = "Cause", default)]
    pub cause: String,
}

impl Failure {
    /// What it says, for people.
    pub fn text(&self) -> String {
        let message = serde_json::from_str::<serde_json::Value>(&self.cause)
            .ok()
            .and_then(|cause| cause["errorMessage"].as_str().map(str::to_owned));
        match (message.unwrap_or_else(|| self.cause.clone()), self.error.as_str()) {
            (message, "") => message,
            (message, error) if message.is_empty() => error.to_owned(),
            (message, error) => format!("{error}: {message}"),
        }
    }
}

/// The public input of both machines.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Input {
    version: u64,
    directory_id: String,
    user: String,
    #[serde(default)]
    sid: Option<String>,
    #[serde(default)]
    event: EventInput,
}

#[derive(Debug, Clone, Default, Deserialize)]
struct EventInput {
    #[serde(default)]
    kind: String,
    #[serde(default)]
    id: serde_json::Value,
}

/// Whom a machine was started for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subject {
    /// The directory.
    pub directory: DirectoryId,
    /// The user's `sAMAccountName`.
    pub name: UserName,
    /// His SID, where the event tells it.
    pub sid: Option<Sid>,
    /// What happened to him.
    pub event: Happening,
}

/// What happened to a user.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Happening {
    /// Created, enabled, or asked for by a custom event.
    Joined,
    /// 4725, `DisableUser`.
    Disabled,
    /// 4726, `DeleteUser`.
    Deleted,
}

impl Input {
    /// The user's name as it was given, for log lines.
    pub fn name(&self) -> &str {
        &self.user
    }

    /// Whether a custom event or a person asked.
    pub fn is_asked_for(&self) -> bool {
        matches!(self.event.kind.as_str(), "" | "custom")
    }

    /// Whether the event itself says that the user was enabled: 4722.
    pub fn is_enabling(&self) -> bool {
        let id = self.event.id.as_str().map_or_else(|| self.event.id.to_string(), str::to_owned);
        self.event.kind == "security-log" && id == "4722"
    }

    /// The event in a few words, for notices.
    pub fn event_text(&self) -> String {
        let id = self.event.id.as_str().map_or_else(|| self.event.id.to_string(), str::to_owned);
        match self.event.kind.as_str() {
            "security-log" => format!("event {id} in the directory's security log"),
            "cloudtrail" => format!("{id} in CloudTrail"),
            _ => "asked for by a custom event or a person".to_owned(),
        }
    }

    /// Whom it is about.
    ///
    /// # Errors
    /// What is wrong with it, in words for who started the machine.
    pub fn subject(&self) -> Result<Subject, Error> {
        if self.version != VERSION {
            return Err(Error::Input(format!("version is {}, not {VERSION}", self.version)));
        }
        let wrong = |field: &str, error: &dyn std::fmt::Display| Error::Input(format!("{field}: {error}"));
        let sid = self.sid.as_deref().filter(|sid| !sid.is_empty());
        Ok(Subject {
            directory: self.directory_id.parse().map_err(|error| wrong("directoryId", &error))?,
            name: self.user.parse().map_err(|error| wrong("user", &error))?,
            sid: sid.map(str::parse).transpose().map_err(|error| wrong("sid", &error))?,
            event: self.event.happening()?,
        })
    }
}

impl EventInput {
    fn happening(&self) -> Result<Happening, Error> {
        let id = self.id.as_str().map_or_else(|| self.id.to_string(), str::to_owned);
        match (self.kind.as_str(), id.as_str()) {
            ("security-log", "4725") | ("cloudtrail", "DisableUser") => Ok(Happening::Disabled),
            ("security-log", "4726") | ("cloudtrail", "DeleteUser") => Ok(Happening::Deleted),
            ("security-log", "4720" | "4722") | ("custom" | "", _) => Ok(Happening::Joined),
            (kind, id) => Err(Error::Input(format!("event: nothing is known of {kind} {id}"))),
        }
    }
}

/// The answer of a step.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Outcome {
    /// What the state machine chooses by.
    pub outcome: &'static str,
    /// Why, as a code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// How long the state machine waits next.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seconds: Option<u64>,
    /// The services to go through.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub services: Option<Vec<String>>,
    /// When the user was looked up, in ISO 8601.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub looked_up_at: Option<String>,
    /// Whether memberships are to be put back.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub restore: Option<bool>,
    /// How long the state machine waits before anything is taken away.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub grace: Option<u64>,
    /// Why he leaves: `disabled`, `deleted` or `contained`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<&'static str>,
    /// What the account in a service is now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
    /// Its id in the service.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
}

impl Outcome {
    pub(crate) fn new(outcome: &'static str) -> Self {
        Self { outcome, ..Self::default() }
    }

    pub(crate) fn because(outcome: &'static str, reason: &str) -> Self {
        Self { outcome, reason: Some(reason.to_owned()), ..Self::default() }
    }

    pub(crate) fn waiting(seconds: u64, reason: &str) -> Self {
        Self { seconds: Some(seconds), ..Self::because("waiting", reason) }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn subject(change: impl FnOnce(&mut Value)) -> Result<Subject, Error> {
        let mut input = json!({
            "version": 1, "directoryId": "d-9067012345", "user": "alice", "sid": "S-1-5-21-1-2-3-1104",
            "upn": "alice@corp.example.test", "notBefore": "2026-11-21T00:00:00Z",
            "event": {"kind": "security-log", "id": 4720, "computer": "DC1", "record": 7, "time": "2026-11-21T00:00:00Z"},
        });
        change(&mut input);
        serde_json::from_value::<Input>(input).unwrap().subject()
    }

    #[test]
    fn knows_what_happened() {
        let cases = [
            (json!({"kind": "security-log", "id": 4720}), Happening::Joined),
            (json!({"kind": "security-log", "id": 4722}), Happening::Joined),
            (json!({"kind": "custom", "id": "e-1"}), Happening::Joined),
            (json!({"kind": "security-log", "id": 4725}), Happening::Disabled),
            (json!({"kind": "security-log", "id": "4726"}), Happening::Deleted),
            (json!({"kind": "cloudtrail", "id": "DisableUser"}), Happening::Disabled),
            (json!({"kind": "cloudtrail", "id": "DeleteUser"}), Happening::Deleted),
        ];
        for (event, expected) in cases {
            assert_eq!(subject(|input| input["event"] = event.clone()).unwrap().event, expected, "{event}");
        }
        assert!(subject(|input| input["event"] = json!({"kind": "security-log", "id": 4738})).is_err());
    }

    #[test]
    fn refuses_what_names_no_user_of_a_directory() {
        for (field, value) in [
            ("version", json!(2)),
            ("directoryId", json!("d-1")),
            ("user", json!("a b")),
            ("sid", json!("S-1-5-18")),
        ] {
            let error = subject(|input| input[field] = value).unwrap_err().to_string();
            assert!(error.contains(field), "{error}");
        }
        assert_eq!(subject(|input| input["sid"] = Value::Null).unwrap().sid, None);
    }

    #[test]
    fn a_failure_says_what_the_function_said() {
        let failure =
            |error: &str, cause: &str| Failure { error: error.to_owned(), cause: cause.to_owned() }.text();
        assert_eq!(failure("PermanentError", r#"{"errorMessage":"no quota"}"#), "PermanentError: no quota");
        assert_eq!(failure("States.Timeout", ""), "States.Timeout");
        assert_eq!(failure("X", "not JSON"), "X: not JSON");
    }
}
