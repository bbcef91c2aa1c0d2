//! The configuration of the function `ad-event-starter`.

use std::num::NonZeroU32;

use steward_core::config::{ConfigError, Variables};

use crate::rules::Rules;

/// The configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    /// The directory: `DIRECTORY_ID`, `DOMAIN_NAME` (DNS), `NETBIOS_NAME`; `UPN_SUFFIXES` beside the domain's name
    /// (may be empty); and `EVENT_SOURCES`, the systems that may ask for an onboarding (may be empty).
    pub rules: Rules,
    /// `USER_TABLE`: the user table.
    pub user_table: String,
    /// `RECORD_RETENTION_DAYS`: how long its items are kept.
    pub record_retention_days: u64,
    /// `ONBOARD_STATE_MACHINE_ARN`: the state machine `onboard-user`.
    pub onboard_state_machine_arn: String,
    /// `OFFBOARD_STATE_MACHINE_ARN`: the state machine `offboard-user`.
    pub offboard_state_machine_arn: String,
    /// `START_QUEUE_URL`: the queue that takes what cannot be started in time.
    pub start_queue_url: String,
    /// `ONBOARDINGS_PER_SECOND`: how many onboardings may begin to ask the directory each second.
    pub onboardings_per_second: NonZeroU32,
}

impl Config {
    /// Reads the function's environment.
    ///
    /// # Errors
    /// One error that names everything that is missing or malformed.
    pub fn read(mut from: Variables) -> Result<Self, ConfigError> {
        let rules = rules(&mut from);
        let user_table = from.text("USER_TABLE");
        let record_retention_days = from.parsed("RECORD_RETENTION_DAYS", "a whole number of days");
        let onboard_state_machine_arn = from.text("ONBOARD_STATE_MACHINE_ARN");
        let offboard_state_machine_arn = from.text("OFFBOARD_STATE_MACHINE_ARN");
        let start_queue_url = from.text("START_QUEUE_URL");
        let onboardings_per_second = from.parsed("ONBOARDINGS_PER_SECOND", "a whole number above 0");
        let config = (|| {
            Some(Self {
                rules: rules?,
                user_table: user_table?,
                record_retention_days: record_retention_days?,
                onboard_state_machine_arn: onboard_state_machine_arn?,
                offboard_state_machine_arn: offboard_state_machine_arn?,
                start_queue_url: start_queue_url?,
                onboardings_per_second: onboardings_per_second?,
            })
        })();
        from.finish(config)
    }
}

fn rules(from: &mut Variables) -> Option<Rules> {
    let directory = from.parsed("DIRECTORY_ID", "a directory id such as d-9067012345");
    let domain_name = from.text("DOMAIN_NAME");
    let netbios_name = from.text("NETBIOS_NAME");
    let upn_suffixes = from.list("UPN_SUFFIXES");
    let event_sources = from.list("EVENT_SOURCES");
    // Nobody but AWS sends events with such a source, and those are read otherwise.
    if let Some(source) = event_sources.iter().flatten().find(|source| source.starts_with("aws.")) {
        let _: Option<()> = from.problem(format!("EVENT_SOURCES holds {source}, which is AWS's own"));
    }
    Some(Rules {
        directory: directory?,
        domain_name: domain_name?,
        netbios_name: netbios_name?,
        upn_suffixes: upn_suffixes?,
        event_sources: event_sources?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::variables;

    #[test]
    fn reads_what_the_stack_gives() {
        let config = Config::read(variables(&[("UPN_SUFFIXES", "example.com, example.org")])).unwrap();
        assert_eq!(config.rules.upn_suffixes, ["example.com", "example.org"]);
        assert_eq!(config.onboardings_per_second.get(), 2);
    }

    #[test]
    fn names_what_cannot_be_right() {
        let given = variables(&[("EVENT_SOURCES", "hr.example,aws.ds"), ("ONBOARDINGS_PER_SECOND", "0")]);
        let error = Config::read(given).unwrap_err().to_string();
        assert!(
            error.contains("EVENT_SOURCES holds aws.ds") && error.contains("ONBOARDINGS_PER_SECOND"),
            "{error}"
        );
    }
}
