//! The configuration of the function `disable-witness`.

use steward_core::config::{ConfigError, Variables};
use steward_core::ids::DirectoryId;

use crate::notice::Links;

/// The configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    /// `DIRECTORY_ID`: the directory whose users are watched.
    pub directory: DirectoryId,
    /// `AWS_REGION`: its Region.
    pub region: String,
    /// `DECISION_TABLE`: the decision table.
    pub decision_table: String,
    /// `RECORD_RETENTION_DAYS`: how long its records are kept.
    pub record_retention_days: u64,
    /// `TOPIC_ARN`: the topic for notices.
    pub topic_arn: String,
    /// `RELEASE_STATE_MACHINE_ARN`: a state machine whose callers are noted.
    pub release_state_machine_arn: String,
    /// `APPROVE_STATE_MACHINE_ARN`: the other one.
    pub approve_state_machine_arn: String,
    /// `RESPONDER_ROLE_ARN`: the role whose calls are adsteward's own.
    pub responder_role_arn: String,
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
        let release_state_machine_arn = from.text("RELEASE_STATE_MACHINE_ARN");
        let approve_state_machine_arn = from.text("APPROVE_STATE_MACHINE_ARN");
        let responder_role_arn = from.text("RESPONDER_ROLE_ARN");
        let config = (|| {
            Some(Self {
                directory: directory?,
                region: region?,
                decision_table: decision_table?,
                record_retention_days: record_retention_days?,
                topic_arn: topic_arn?,
                release_state_machine_arn: release_state_machine_arn?,
                approve_state_machine_arn: approve_state_machine_arn?,
                responder_role_arn: responder_role_arn?,
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
