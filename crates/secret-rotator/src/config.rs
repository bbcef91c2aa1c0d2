//! The configuration of the function `secret-rotator`.

use std::collections::BTreeSet;
use std::time::Duration;

use steward_core::config::{ConfigError, Variables};
use steward_core::ids::DirectoryId;

use crate::event::Scope;
use crate::generator::Recipe;

/// Longest time that replication between domain controllers is waited for.
const LONGEST_PATIENCE: u64 = 60;

/// The configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    /// Whose secrets are rotated: `ACCOUNT_ID`, `AWS_REGION`.
    pub scope: Scope,
    /// `DIRECTORY_IDS`: the directories whose users are rotated.
    pub directories: BTreeSet<DirectoryId>,
    /// `TOPIC_ARN`: the topic for notices.
    pub topic_arn: String,
    /// What new passwords are made of: `PASSWORD_LENGTH`, `EXCLUDED_CHARACTERS` (may be empty).
    pub recipe: Recipe,
    /// `LOCKOUT_THRESHOLD`: the domain's account lockout threshold; 0 is none.
    pub lockout_threshold: u32,
    /// `REPLICATION_SECONDS`: how long a new password is waited for on other domain controllers, 60 at most.
    pub patience: Duration,
}

impl Config {
    /// Reads the function's environment.
    ///
    /// # Errors
    /// One error that names everything that is missing or malformed.
    pub fn read(mut from: Variables) -> Result<Self, ConfigError> {
        let account = from.parsed("ACCOUNT_ID", "an account id of twelve digits");
        let region = from.text("AWS_REGION");
        let directories = directories(&mut from);
        let topic_arn = from.text("TOPIC_ARN");
        let length = from.parsed("PASSWORD_LENGTH", "a whole number of characters");
        let excluded = from.verbatim("EXCLUDED_CHARACTERS");
        let lockout_threshold = from.parsed("LOCKOUT_THRESHOLD", "a whole number of wrong passwords, or 0");
        let patience = from.parsed("REPLICATION_SECONDS", "a whole number of seconds");
        let recipe =
            length.zip(excluded).and_then(|(length, excluded)| match Recipe::new(length, &excluded) {
                Ok(recipe) => Some(recipe),
                Err(problem) => from.problem(problem),
            });
        if let Some(1..=2) = lockout_threshold {
            let _: Option<()> = from.problem(
                "LOCKOUT_THRESHOLD is below 3: a password cannot be tested without locking the account"
                    .to_owned(),
            );
        }
        if let Some(seconds) = patience.filter(|seconds| *seconds > LONGEST_PATIENCE) {
            let _: Option<()> = from
                .problem(format!("REPLICATION_SECONDS is {seconds} but must be {LONGEST_PATIENCE} at most"));
        }
        let config = (|| {
            Some(Self {
                scope: Scope { account: account?, region: region? },
                directories: directories?,
                topic_arn: topic_arn?,
                recipe: recipe?,
                lockout_threshold: lockout_threshold?,
                patience: Duration::from_secs(patience?),
            })
        })();
        from.finish(config)
    }
}

fn directories(from: &mut Variables) -> Option<BTreeSet<DirectoryId>> {
    let mut directories = BTreeSet::new();
    for id in from.list("DIRECTORY_IDS")? {
        match id.parse() {
            Ok(id) => drop(directories.insert(id)),
            Err(error) => return from.problem(format!("DIRECTORY_IDS: {error}")),
        }
    }
    if directories.is_empty() {
        return from.problem("DIRECTORY_IDS names no directory".to_owned());
    }
    Some(directories)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::variables;

    #[test]
    fn reads_the_environment() {
        let config = Config::read(variables(&[])).unwrap();
        assert_eq!(config.directories.len(), 2);
        assert_eq!(config.patience, Duration::from_secs(60));
    }

    #[test]
    fn names_what_is_wrong() {
        let cases = [
            ("DIRECTORY_IDS", "", "names no directory"),
            ("DIRECTORY_IDS", "d-9067012345,corp", "DIRECTORY_IDS"),
            ("PASSWORD_LENGTH", "6", "PASSWORD_LENGTH"),
            ("PASSWORD_LENGTH", "128", "PASSWORD_LENGTH"),
            ("EXCLUDED_CHARACTERS", "abcdefghijklmnopqrstuvwxyz0123456789", "EXCLUDED_CHARACTERS"),
            ("EXCLUDED_CHARACTERS", "\u{e4}", "EXCLUDED_CHARACTERS"),
            ("LOCKOUT_THRESHOLD", "2", "LOCKOUT_THRESHOLD"),
            ("REPLICATION_SECONDS", "61", "REPLICATION_SECONDS"),
        ];
        for (name, value, problem) in cases {
            let error = Config::read(variables(&[(name, value)])).unwrap_err().to_string();
            assert!(error.contains(problem) && error.contains("1 problem"), "{name}={value}: {error}");
        }
    }
}
