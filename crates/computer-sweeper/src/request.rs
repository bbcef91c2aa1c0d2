//! What the state machine sends for each step, and what it gets.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::error::Error;
use crate::places::Named;

/// A step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Step {
    /// Finds the places.
    List,
    /// Compares one place.
    Sweep,
    /// Decides for all places together.
    Decide,
    /// Asks domain-joiner.
    Send,
    /// Tells people.
    Report,
}

/// The input of a step.
#[derive(Debug, Clone, Deserialize)]
pub struct Request {
    /// Which step.
    pub step: Step,
    /// The ARN of the execution.
    pub execution: String,
    /// The execution's input.
    #[serde(default)]
    pub input: Value,
    /// The place, for the step that has one.
    #[serde(default)]
    pub place: Option<Named>,
    /// What became of each place, for the steps after it.
    #[serde(default)]
    pub results: Vec<PlaceResult>,
}

/// What became of a place, as the state machine has kept it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct PlaceResult {
    /// The place.
    #[serde(flatten)]
    pub place: Named,
    /// `swept` or `failed`.
    pub state: String,
    /// What it failed of.
    #[serde(default)]
    pub reason: String,
    /// What that says.
    #[serde(default)]
    pub cause: String,
}

/// What a person, or the schedule, wants of a sweep.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Input {
    /// Nothing is done, and told what would be.
    pub dry_run: bool,
    /// Removals that a person allows, in place of the thresholds.
    pub allow_removals: Option<u64>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Wanted {
    dry_run: bool,
    #[serde(default)]
    allow_removals: Option<u64>,
}

impl Input {
    /// Reads the execution's input. Nothing is guessed: a member that is misspelled might have been a limit.
    ///
    /// # Errors
    /// When it is not what it must be.
    pub fn read(value: &Value) -> Result<Self, Error> {
        let wanted = Wanted::deserialize(value).map_err(|error| {
            Error::Input(format!(
                "{error}; it must be {{\"dryRun\":true}}, {{\"dryRun\":false}} or {{\"dryRun\":false,\"allowRemovals\":30}}"
            ))
        })?;
        Ok(Self { dry_run: wanted.dry_run, allow_removals: wanted.allow_removals })
    }
}

/// The answer of a step.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Outcome {
    /// What the state machine chooses by.
    pub outcome: &'static str,
    /// The places to sweep.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub places: Option<Vec<Named>>,
    /// How many: places, findings or messages.
    pub count: u64,
}

impl Outcome {
    /// An outcome, and how many it is about.
    pub fn new(outcome: &'static str, count: usize) -> Self {
        Self { outcome, places: None, count: u64::try_from(count).unwrap_or(u64::MAX) }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_a_sweep_may_do_is_said_exactly_or_it_does_nothing() {
        let read = |value: Value| Input::read(&value);
        assert_eq!(
            read(json!({"dryRun": false, "allowRemovals": 7})).unwrap(),
            Input { dry_run: false, allow_removals: Some(7) }
        );
        for wrong in [
            json!({}),
            json!(null),
            json!({"dryrun": true}),
            json!({"dryRun": "false"}),
            json!({"dryRun": false, "allowRemovals": -1}),
            json!({"dryRun": false, "allowremovals": 7}),
            json!({"dryRun": false, "allowRemovals": "all"}),
        ] {
            assert!(read(wrong.clone()).unwrap_err().to_string().contains("dryRun"), "{wrong}");
        }
    }
}
