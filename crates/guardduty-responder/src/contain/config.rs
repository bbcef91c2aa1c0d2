//! The configuration of the function `guardduty-responder`.

use std::str::FromStr;

use steward_core::accounts::Defaults;
use steward_core::config::{ConfigError, Variables};
use steward_core::ids::{AccountId, DirectoryId, UserName};

use crate::finding::{Elsewhere, Scope};
use crate::identity::IdMapping;
use crate::notice::Links;
use crate::systems_manager::Documents;

/// Whether the stack acts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// It decides, records and tells, and touches nothing.
    Observe,
    /// A person approves or refuses each containment.
    Approve,
    /// It disables users.
    Enforce,
}

impl FromStr for Mode {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        match text {
            "observe" => Ok(Self::Observe),
            "approve" => Ok(Self::Approve),
            "enforce" => Ok(Self::Enforce),
            _ => Err(()),
        }
    }
}

impl Mode {
    /// The word for it in parameters and records.
    pub fn word(self) -> &'static str {
        match self {
            Self::Observe => "observe",
            Self::Approve => "approve",
            Self::Enforce => "enforce",
        }
    }
}

/// What is done on the instance after a user is disabled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AfterDisabling {
    /// His sessions there are ended.
    EndSessions,
    /// Nothing: people are told what remains.
    Nothing,
}

impl FromStr for AfterDisabling {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        match text {
            "end-sessions" => Ok(Self::EndSessions),
            "nothing" => Ok(Self::Nothing),
            _ => Err(()),
        }
    }
}

/// How findings of other accounts and Regions are looked into.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Members {
    /// `ACCOUNT_TABLE`: the account table.
    pub account_table: String,
    /// What holds where an account's row says nothing: `COMPUTER_OU`, besides the stack's own account and directory.
    pub defaults: Defaults,
    /// `MEMBER_DOCUMENT_PREFIX`: what the documents' names begin with in each account and Region.
    pub documents: Documents,
}

/// The configuration.
#[derive(Debug, Clone, PartialEq)]
pub struct Config {
    /// Which findings count: `ACCOUNT_ID`, `AWS_REGION`, `FINDING_TYPES`, `MINIMUM_SEVERITY`; with an account table those
    /// of other accounts too, also from `GUARDDUTY_ADMINISTRATOR_ACCOUNT` (may be empty).
    pub scope: Scope,
    /// Other accounts and Regions; none when `ACCOUNT_TABLE` is empty.
    pub members: Option<Members>,
    /// `DIRECTORY_ID`: the directory.
    pub directory: DirectoryId,
    /// `MODE`: `observe`, `approve` or `enforce`.
    pub mode: Mode,
    /// `PROTECTED_USERS`: names that are never disabled.
    pub protected_users: Vec<UserName>,
    /// `PROTECTED_GROUP`: a group whose members, nested ones too, are never disabled.
    pub protected_group: String,
    /// `TRUSTED_FOREST_SECRETS`: the secrets of trusted domains, perhaps none.
    pub trusted_forest_secrets: Vec<String>,
    /// `TRUSTED_PROTECTED_GROUP`: a group of each of these domains whose members, nested ones too, are never disabled.
    pub trusted_protected_group: String,
    /// `HOURLY_BUDGET`: containments an hour at most.
    pub hourly_budget: usize,
    /// `HOURLY_NOTICES`: notices an hour at most that report no containment.
    pub hourly_notices: usize,
    /// `ID_MAPPING`: `sssd` or `unchecked`.
    pub id_mapping: IdMapping,
    /// `DECISION_TABLE`: the decision table.
    pub decision_table: String,
    /// `RECORD_RETENTION_DAYS`: how long its records are kept.
    pub record_retention_days: u64,
    /// `TOPIC_ARN`: the topic for notices.
    pub topic_arn: String,
    /// `KILL_SWITCH_PARAMETER`: the SSM parameter that stops everything unless it is `off`.
    pub kill_switch_parameter: String,
    /// The SSM documents of the stack's own account and Region: `IDENTIFY_DOCUMENT`, `END_SESSIONS_DOCUMENT`.
    pub documents: Documents,
    /// `AFTER_DISABLING`: `end-sessions` or `nothing`.
    pub after_disabling: AfterDisabling,
    /// `RELEASE_STATE_MACHINE_ARN`: for the undo command in notices.
    pub release_state_machine_arn: String,
    /// `APPROVE_STATE_MACHINE_ARN`: for the command in notices that approves or refuses.
    pub approve_state_machine_arn: String,
    /// `APPROVAL_SECONDS`: how long a person is waited for.
    pub approval_seconds: u64,
    /// `REVIEW_AFTER_SECONDS`: after which time people are asked whether to keep a user contained; 0 is never.
    pub review_after_seconds: u64,
}

impl Config {
    /// Reads the function's environment.
    ///
    /// # Errors
    /// One error that names everything that is missing or malformed.
    pub fn read(mut from: Variables) -> Result<Self, ConfigError> {
        let account: Option<AccountId> = from.parsed("ACCOUNT_ID", "an account id of twelve digits");
        let region = from.parsed("AWS_REGION", "a Region such as eu-west-1");
        let types = from.list("FINDING_TYPES").filter(|types| !types.is_empty());
        let minimum_severity: Option<f64> = from.parsed("MINIMUM_SEVERITY", "a number from 1 to 10");
        let directory = from.parsed("DIRECTORY_ID", "a directory id such as d-9067012345");
        let members = members(&mut from, account.as_ref(), directory.as_ref());
        let administrator = administrator(&mut from);
        let mode = from.parsed("MODE", "observe, approve or enforce");
        let protected_users = protected_users(&mut from);
        let protected_group = from.text("PROTECTED_GROUP");
        let trusted_forest_secrets = from.list("TRUSTED_FOREST_SECRETS");
        let trusted_protected_group = from.text("TRUSTED_PROTECTED_GROUP");
        let hourly_budget = from.parsed("HOURLY_BUDGET", "a whole number of containments an hour");
        let hourly_notices = from.parsed("HOURLY_NOTICES", "a whole number of notices an hour");
        let id_mapping = from.text("ID_MAPPING").and_then(|text| match text.as_str() {
            "sssd" => Some(IdMapping::Sssd),
            "unchecked" => Some(IdMapping::Unchecked),
            other => from.problem(format!("ID_MAPPING is {other:?} but must be sssd or unchecked")),
        });
        let decision_table = from.text("DECISION_TABLE");
        let record_retention_days = from.parsed("RECORD_RETENTION_DAYS", "a whole number of days");
        let topic_arn = from.text("TOPIC_ARN");
        let kill_switch_parameter = from.text("KILL_SWITCH_PARAMETER");
        let identify_document = from.text("IDENTIFY_DOCUMENT");
        let after_disabling = from.parsed("AFTER_DISABLING", "end-sessions or nothing");
        let end_sessions_document = from.text("END_SESSIONS_DOCUMENT");
        let release_state_machine_arn = from.text("RELEASE_STATE_MACHINE_ARN");
        let approve_state_machine_arn = from.text("APPROVE_STATE_MACHINE_ARN");
        let approval_seconds = from.parsed("APPROVAL_SECONDS", "a whole number of seconds");
        let review_after_seconds = from.parsed("REVIEW_AFTER_SECONDS", "a whole number of seconds");
        if let Some(severity) = minimum_severity.filter(|severity| !(1.0..=10.0).contains(severity)) {
            let _: Option<f64> =
                from.problem(format!("MINIMUM_SEVERITY is {severity} but must be from 1 to 10"));
        }
        if types.is_none() {
            let _: Option<()> = from.problem("FINDING_TYPES names no finding type".to_owned());
        }
        let config = (|| {
            let (members, administrator) = (members?, administrator?);
            Some(Self {
                scope: Scope {
                    account: account?,
                    region: region?,
                    elsewhere: members.as_ref().map(|_| Elsewhere { administrator }),
                    types: types?,
                    minimum_severity: minimum_severity?,
                },
                members,
                directory: directory?,
                mode: mode?,
                protected_users: protected_users?,
                protected_group: protected_group?,
                trusted_forest_secrets: trusted_forest_secrets?,
                trusted_protected_group: trusted_protected_group?,
                hourly_budget: hourly_budget?,
                hourly_notices: hourly_notices?,
                id_mapping: id_mapping?,
                decision_table: decision_table?,
                record_retention_days: record_retention_days?,
                topic_arn: topic_arn?,
                kill_switch_parameter: kill_switch_parameter?,
                documents: Documents { identify: identify_document?, end_sessions: end_sessions_document? },
                after_disabling: after_disabling?,
                release_state_machine_arn: release_state_machine_arn?,
                approve_state_machine_arn: approve_state_machine_arn?,
                approval_seconds: approval_seconds?,
                review_after_seconds: review_after_seconds?,
            })
        })();
        from.finish(config)
    }

    /// Where readers of notices go.
    pub fn links(&self) -> Links {
        Links {
            table: self.decision_table.clone(),
            region: self.scope.region.to_string(),
            directory: self.directory.clone(),
        }
    }
}

/// Other accounts: none without an account table.
fn members(
    from: &mut Variables,
    own_account: Option<&AccountId>,
    directory: Option<&DirectoryId>,
) -> Option<Option<Members>> {
    let account_table = from.verbatim("ACCOUNT_TABLE")?;
    if account_table.is_empty() {
        return Some(None);
    }
    let ou = from.text("COMPUTER_OU");
    let prefix = from.text("MEMBER_DOCUMENT_PREFIX");
    let defaults = Defaults { own_account: own_account?.clone(), directory: directory?.clone(), ou: ou? };
    let document = |name: &str| prefix.as_ref().map(|prefix| format!("{prefix}-{name}"));
    let documents =
        Documents { identify: document("identify-user")?, end_sessions: document("end-sessions")? };
    Some(Some(Members { account_table, defaults, documents }))
}

/// The GuardDuty administrator, if one is named.
fn administrator(from: &mut Variables) -> Option<Option<AccountId>> {
    match from.verbatim("GUARDDUTY_ADMINISTRATOR_ACCOUNT")?.is_empty() {
        true => Some(None),
        false => from.parsed("GUARDDUTY_ADMINISTRATOR_ACCOUNT", "an account id of twelve digits").map(Some),
    }
}

/// `PROTECTED_USERS` as names; one that cannot be a user's name is a problem, since it would protect nobody.
fn protected_users(from: &mut Variables) -> Option<Vec<UserName>> {
    let mut users = Vec::new();
    for name in from.list("PROTECTED_USERS")? {
        match name.parse() {
            Ok(user) => users.push(user),
            Err(error) => return from.problem(format!("PROTECTED_USERS: {error}")),
        }
    }
    Some(users)
}
