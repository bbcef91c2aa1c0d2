//! The configuration of the function `user-releaser`.

use steward_core::config::{ConfigError, Variables};
use steward_core::ids::DirectoryId;

use crate::notice::Links;

/// The configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    /// `DIRECTORY_ID`: the directory.
    pub directory: DirectoryId,
    /// `AWS_REGION`: its Region.
    pub region: String,
    /// `DECISION_TABLE`: the decision table.
    pub decision_table: String,
    /// `RECORD_RETENTION_DAYS`: how long its records are kept.
    pub record_retention_days: u64,
    /// `TOPIC_ARN`: the topic for notices.
    pub topic_arn: String,
    /// `SECRET_PREFIX`: what the names of the secrets with new passwords begin with.
    pub secret_prefix: String,
    /// `TRUSTED_FOREST_SECRETS`: the secrets of trusted domains, perhaps none.
    pub trusted_forest_secrets: Vec<String>,
    /// `CALLER_WAIT_SECONDS`: how long to wait for CloudTrail to tell who asked.
    pub caller_wait_seconds: u64,
}

impl Config {
    /// Reads the function's environment.
    ///
    /// # Errors
    /// One error that names everything that is missing or malformed.
    pub fn read(mut from: Variables) -> Result<Self, ConfigError> {
        let directory = from.parsed("DIRECTORY_ID", "a directory id such as d-9067012345");
        let region = from.text("AWS_REGION");
        let decision_table = from.text("DECISION_TABLE");
        let record_retention_days = from.parsed("RECORD_RETENTION_DAYS", "a whole number of days");
        let topic_arn = from.text("TOPIC_ARN");
        let secret_prefix = from.text("SECRET_PREFIX");
        let caller_wait_seconds = from.parsed("CALLER_WAIT_SECONDS", "a whole number of seconds");
        let trusted_forest_secrets = from.list("TRUSTED_FOREST_SECRETS");
        let config = (|| {
            Some(Self {
                directory: directory?,
                region: region?,
                decision_table: decision_table?,
                record_retention_days: record_retention_days?,
                topic_arn: topic_arn?,
                secret_prefix: secret_prefix?,
                trusted_forest_secrets: trusted_forest_secrets?,
                caller_wait_seconds: caller_wait_seconds?,
            })
        })();
        from.finish(config)
    }

    /// Where readers of notices go.
    pub fn links(&self) -> Links {
        Links {
            table: self.decision_table.clone(),
            region: self.region.clone(),
            directory: self.directory.clone(),
        }
    }
}
