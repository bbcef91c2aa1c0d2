//! The configuration of the function `containment-approver`.

use steward_core::config::{ConfigError, Variables};

/// The configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    /// `DECISION_TABLE`: the decision table.
    pub decision_table: String,
    /// `RECORD_RETENTION_DAYS`: how long its records are kept.
    pub record_retention_days: u64,
    /// `CALLER_WAIT_SECONDS`: how long to wait for CloudTrail to tell who answered.
    pub caller_wait_seconds: u64,
}

impl Config {
    /// Reads the function's environment.
    ///
    /// # Errors
    /// One error that names everything that is missing or malformed.
    pub fn read(mut from: Variables) -> Result<Self, ConfigError> {
        let decision_table = from.text("DECISION_TABLE");
        let record_retention_days = from.parsed("RECORD_RETENTION_DAYS", "a whole number of days");
        let caller_wait_seconds = from.parsed("CALLER_WAIT_SECONDS", "a whole number of seconds");
        let config = (|| {
            Some(Self {
                decision_table: decision_table?,
                record_retention_days: record_retention_days?,
                caller_wait_seconds: caller_wait_seconds?,
            })
        })();
        from.finish(config)
    }
}
