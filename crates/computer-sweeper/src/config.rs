//! The configuration of the function `computer-sweeper`.

use steward_core::accounts::Defaults;
use steward_core::config::{ConfigError, Variables};

use crate::decide::Limits;
use crate::sweeper::Settings;

/// The configuration.
#[derive(Debug, Clone)]
pub struct Config {
    /// How a sweep is set up: `MAX_REMOVALS`, `MAX_SHARE`, `GRACE_SECONDS` and `AWS_REGION`.
    pub settings: Settings,
    /// What holds where an account's row says nothing: `OWN_ACCOUNT`, `DIRECTORY_ID` and `COMPUTER_OU`.
    pub defaults: Defaults,
    /// `ACCOUNT_TABLE`: the account table.
    pub account_table: String,
    /// `COMPUTER_TABLE`: the computer table.
    pub computer_table: String,
    /// `RECORD_RETENTION_DAYS`: how long a sweep's records are kept.
    pub record_retention_days: u64,
    /// `TOPIC_ARN`: where people are told.
    pub topic_arn: String,
    /// `JOIN_QUEUE_URL`: the queue by which domain-joiner is asked.
    pub join_queue_url: String,
    /// `LDAPS_CA_PARAMETER`: the parameter with the authorities that issue the domain controllers' certificates, in PEM.
    pub ca_parameter: String,
    /// `COMPUTER_SECRET_ARN`: the secret of the account that may list computers.
    pub computer_secret_arn: String,
}

impl Config {
    /// Reads the function's environment.
    ///
    /// # Errors
    /// One error that names everything that is missing or malformed.
    pub fn read(mut from: Variables) -> Result<Self, ConfigError> {
        let settings = settings(&mut from);
        let defaults = defaults(&mut from);
        let account_table = from.text("ACCOUNT_TABLE");
        let computer_table = from.text("COMPUTER_TABLE");
        let record_retention_days = from.parsed("RECORD_RETENTION_DAYS", "a whole number of days");
        let topic_arn = from.text("TOPIC_ARN");
        let join_queue_url = from.text("JOIN_QUEUE_URL");
        let ca_parameter = from.text("LDAPS_CA_PARAMETER");
        let computer_secret_arn = from.text("COMPUTER_SECRET_ARN");
        let config = (|| {
            Some(Self {
                settings: settings?,
                defaults: defaults?,
                account_table: account_table?,
                computer_table: computer_table?,
                record_retention_days: record_retention_days?,
                topic_arn: topic_arn?,
                join_queue_url: join_queue_url?,
                ca_parameter: ca_parameter?,
                computer_secret_arn: computer_secret_arn?,
            })
        })();
        from.finish(config)
    }
}

fn settings(from: &mut Variables) -> Option<Settings> {
    let removals = from.parsed("MAX_REMOVALS", "a whole number");
    let share = from.parsed("MAX_SHARE", "a whole number of percent");
    let grace = from.parsed("GRACE_SECONDS", "a whole number of seconds");
    let region = from.parsed("AWS_REGION", "a Region such as eu-central-1");
    let share =
        share.filter(|share| *share <= 100).or_else(|| from.problem("MAX_SHARE is above 100".to_owned()));
    Some(Settings { limits: Limits { removals: removals?, share: share? }, grace: grace?, region: region? })
}

fn defaults(from: &mut Variables) -> Option<Defaults> {
    let own_account = from.parsed("OWN_ACCOUNT", "an account id of twelve digits");
    let directory = from.parsed("DIRECTORY_ID", "a directory id such as d-9067012345");
    let ou = from.text("COMPUTER_OU");
    Some(Defaults { own_account: own_account?, directory: directory?, ou: ou? })
}

#[cfg(test)]
mod tests {
    use super::*;

    const USUAL: [(&str, &str); 14] = [
        ("ACCOUNT_TABLE", "accounts"),
        ("COMPUTER_TABLE", "computers"),
        ("TOPIC_ARN", "arn:aws:sns:eu-west-1:111122223333:notices"),
        ("JOIN_QUEUE_URL", "https://sqs.eu-west-1.amazonaws.com/111122223333/join"),
        ("DIRECTORY_ID", "d-9067012345"),
        ("COMPUTER_OU", "OU=Computers,OU=CORP,DC=corp,DC=example,DC=com"),
        ("LDAPS_CA_PARAMETER", "/adsteward/ldaps-ca"),
        ("COMPUTER_SECRET_ARN", "arn:aws:secretsmanager:eu-west-1:111122223333:secret:computers-AbCdEf"),
        ("RECORD_RETENTION_DAYS", "365"),
        ("OWN_ACCOUNT", "111122223333"),
        ("MAX_REMOVALS", "20"),
        ("MAX_SHARE", "10"),
        ("GRACE_SECONDS", "3600"),
        ("AWS_REGION", "eu-west-1"),
    ];

    #[test]
    fn names_everything_that_is_missing() {
        let error = Config::read(Variables::default()).unwrap_err().to_string();
        for (name, _) in USUAL {
            assert!(error.contains(&format!("{name} is missing")), "{name}: {error}");
        }
    }

    #[test]
    fn a_share_is_a_part_of_a_hundred() {
        let read = |share: &str| {
            Config::read(Variables::from_pairs(USUAL.into_iter().chain([("MAX_SHARE", share)])))
        };
        assert_eq!(read("100").unwrap().settings.limits, Limits { removals: 20, share: 100 });
        assert!(read("101").unwrap_err().to_string().contains("MAX_SHARE"));
    }
}
