//! The configuration of the function `domain-joiner`.

use std::str::FromStr;
use std::time::Duration;

use steward_core::config::{ConfigError, Variables};

use crate::account::Defaults;
use crate::joiner::Settings;

/// Longest delay of a message in SQS, in seconds.
const LONGEST_DELAY: u64 = 900;

/// What a delay must be.
const DELAY: &str = "a whole number of seconds from 0 to 900";

/// The configuration.
#[derive(Debug, Clone)]
pub struct Config {
    /// How the flow is set up: `COMPUTER_NAME_PREFIX`, `LINUX_DOCUMENT`, `WINDOWS_DOCUMENT` (may be empty),
    /// `AGENT_ATTEMPTS`, `JOIN_ATTEMPTS`, `RETRY_SECONDS`, `LOOK_AGAIN_SECONDS`, `HOURLY_NOTICES` and `COMPUTER_TABLE`.
    pub settings: Settings,
    /// What holds where an account's row says nothing: `OWN_ACCOUNT`, `DIRECTORY_ID` and `COMPUTER_OU`.
    pub defaults: Defaults,
    /// `ACCOUNT_TABLE`: the account table.
    pub account_table: String,
    /// `RECORD_RETENTION_DAYS`: how long the computer table's items are kept.
    pub record_retention_days: u64,
    /// `TOPIC_ARN`: where people are told.
    pub topic_arn: String,
    /// `TOOLS_HOST_TAG_KEY` (may be empty), `TOOLS_HOST_TAG_VALUE` and `LEAVE_DOCUMENT`: the tag of the host with the AD tools
    /// that removes objects of terminated instances, and the document by which it does; none has this function do it.
    pub tools_host: Option<((String, String), String)>,
    /// `JOIN_QUEUE_URL`: the queue by which the function looks again later.
    pub join_queue_url: String,
    /// `LDAPS_CA_PARAMETER`: the parameter with the authorities that issue the domain controllers' certificates, in PEM.
    pub ca_parameter: String,
    /// `COMPUTER_SECRET_ARN`: the secret of the account that may delete computers.
    pub computer_secret_arn: String,
}

impl Config {
    /// Reads the function's environment.
    ///
    /// # Errors
    /// One error that names everything that is missing or malformed.
    pub fn read(mut from: Variables) -> Result<Self, ConfigError> {
        let tools_host = tools_host(&mut from);
        let settings = settings(&mut from).map(|settings| {
            let by_tools_host = matches!(tools_host, Some(Some(_)));
            Settings { by_tools_host, ..settings }
        });
        let defaults = defaults(&mut from);
        let account_table = from.text("ACCOUNT_TABLE");
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
                record_retention_days: record_retention_days?,
                tools_host: tools_host?,
                topic_arn: topic_arn?,
                join_queue_url: join_queue_url?,
                ca_parameter: ca_parameter?,
                computer_secret_arn: computer_secret_arn?,
            })
        })();
        from.finish(config)
    }

    /// The names of our documents, of whose commands' ends messages tell.
    pub fn told_documents(&self) -> Vec<String> {
        let leave = self.tools_host.iter().map(|(_, document)| document.clone());
        self.documents().into_iter().chain(leave).collect()
    }

    /// The names of those that instances are joined by.
    pub fn documents(&self) -> Vec<String> {
        let Settings { linux_document, windows_document, .. } = &self.settings;
        [linux_document].into_iter().chain(windows_document).cloned().collect()
    }
}

fn settings(from: &mut Variables) -> Option<Settings> {
    let prefix =
        from.parsed("COMPUTER_NAME_PREFIX", "a letter and at most five more letters, digits or hyphens");
    let linux_document = from.text("LINUX_DOCUMENT");
    let windows_document = from.verbatim("WINDOWS_DOCUMENT");
    let agent_attempts = from.parsed("AGENT_ATTEMPTS", "a whole number");
    let join_attempts = from.parsed("JOIN_ATTEMPTS", "a whole number");
    let retry = from.parsed::<Delay>("RETRY_SECONDS", DELAY);
    let look_again = from.parsed::<Delay>("LOOK_AGAIN_SECONDS", DELAY);
    let hourly_notices = from.parsed("HOURLY_NOTICES", "a whole number");
    let computer_table = from.text("COMPUTER_TABLE");
    Some(Settings {
        prefix: prefix?,
        linux_document: linux_document?,
        windows_document: Some(windows_document?.trim().to_owned()).filter(|name| !name.is_empty()),
        agent_attempts: agent_attempts?,
        join_attempts: join_attempts?,
        retry: retry?.0,
        look_again: look_again?.0,
        hourly_notices: hourly_notices?,
        by_tools_host: false,
        computer_table: computer_table?,
    })
}

/// None twice over where something is missing; no host where the key is empty.
#[expect(clippy::option_option, reason = "what is missing, and what is not wanted")]
fn tools_host(from: &mut Variables) -> Option<Option<((String, String), String)>> {
    let key = from.verbatim("TOOLS_HOST_TAG_KEY");
    let value = from.verbatim("TOOLS_HOST_TAG_VALUE");
    let document = from.text("LEAVE_DOCUMENT");
    let (key, value, document) = (key?, value?, document?);
    Some((!key.is_empty()).then_some(((key, value), document)))
}

fn defaults(from: &mut Variables) -> Option<Defaults> {
    let own_account = from.parsed("OWN_ACCOUNT", "an account id of twelve digits");
    let directory = from.parsed("DIRECTORY_ID", "a directory id such as d-9067012345");
    let ou = from.text("COMPUTER_OU");
    Some(Defaults { own_account: own_account?, directory: directory?, ou: ou? })
}

/// A delay that SQS takes.
struct Delay(Duration);

impl FromStr for Delay {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let seconds = text.parse().ok().filter(|seconds| *seconds <= LONGEST_DELAY);
        seconds.map(|seconds| Self(Duration::from_secs(seconds))).ok_or(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const USUAL: [(&str, &str); 21] = [
        ("TOOLS_HOST_TAG_KEY", ""),
        ("TOOLS_HOST_TAG_VALUE", ""),
        ("LEAVE_DOCUMENT", "adsteward-leave"),
        ("ACCOUNT_TABLE", "accounts"),
        ("COMPUTER_TABLE", "computers"),
        ("TOPIC_ARN", "arn:aws:sns:eu-west-1:111122223333:notices"),
        ("JOIN_QUEUE_URL", "https://sqs.eu-west-1.amazonaws.com/111122223333/join"),
        ("DIRECTORY_ID", "d-9067012345"),
        ("COMPUTER_OU", "OU=Computers,OU=CORP,DC=corp,DC=example,DC=com"),
        ("COMPUTER_NAME_PREFIX", "ec2-"),
        ("LINUX_DOCUMENT", "adsteward-join-linux"),
        ("WINDOWS_DOCUMENT", ""),
        ("LDAPS_CA_PARAMETER", "/adsteward/ldaps-ca"),
        ("COMPUTER_SECRET_ARN", "arn:aws:secretsmanager:eu-west-1:111122223333:secret:computers-AbCdEf"),
        ("AGENT_ATTEMPTS", "12"),
        ("JOIN_ATTEMPTS", "3"),
        ("RETRY_SECONDS", "300"),
        ("LOOK_AGAIN_SECONDS", "900"),
        ("RECORD_RETENTION_DAYS", "365"),
        ("HOURLY_NOTICES", "20"),
        ("OWN_ACCOUNT", "111122223333"),
    ];

    fn read(own: &[(&str, &str)]) -> Result<Config, ConfigError> {
        Config::read(Variables::from_pairs(USUAL.iter().chain(own).copied()))
    }

    #[test]
    fn reads_what_the_stack_gives() {
        let config = read(&[]).unwrap();
        assert_eq!(config.documents(), ["adsteward-join-linux"]);
        assert_eq!(config.settings.retry, Duration::from_secs(300));
        assert_eq!(config.told_documents(), config.documents());
        assert!(!config.settings.by_tools_host);
        let config = read(&[("WINDOWS_DOCUMENT", "adsteward-join-windows")]).unwrap();
        assert_eq!(config.documents(), ["adsteward-join-linux", "adsteward-join-windows"]);
        let config = read(&[("TOOLS_HOST_TAG_KEY", "tools"), ("TOOLS_HOST_TAG_VALUE", "yes")]).unwrap();
        assert!(config.settings.by_tools_host);
        assert_eq!(config.documents(), ["adsteward-join-linux"], "what instances may be told to run");
        assert_eq!(config.told_documents(), ["adsteward-join-linux", "adsteward-leave"]);
    }

    #[test]
    fn names_everything_that_is_missing_or_cannot_be_right() {
        let error = Config::read(Variables::default()).unwrap_err().to_string();
        for (name, _) in USUAL {
            assert!(error.contains(&format!("{name} is missing")), "{name}: {error}");
        }
        let error = read(&[("RETRY_SECONDS", "901"), ("COMPUTER_NAME_PREFIX", "7")]).unwrap_err().to_string();
        assert!(error.contains("RETRY_SECONDS") && error.contains("COMPUTER_NAME_PREFIX"), "{error}");
    }
}
