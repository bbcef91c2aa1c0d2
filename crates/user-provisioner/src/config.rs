//! The configuration of both functions.
//!
//! What only one of them needs is in [`Onboarding`] or [`Offboarding`]; a service is enabled when its first parameter is
//! not empty.

use serde_json::{Map, Value};
use steward_core::config::{ConfigError, Variables};
use steward_core::ids::{DirectoryId, UserName};

use crate::eligibility::Scope;
use crate::rules::Rules;
use crate::services::{ConnectSettings, Settings, WorkSpacesSettings};

/// What both functions need.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Common {
    /// `DIRECTORY_ID`: the directory.
    pub directory: DirectoryId,
    /// `AWS_REGION`.
    pub region: String,
    /// `USER_TABLE`: the user table.
    pub user_table: String,
    /// `RECORD_RETENTION_DAYS`: how long an item is kept when adsteward is done with it.
    pub record_retention_days: u64,
    /// `TOPIC_ARN`: the topic for notices.
    pub topic_arn: String,
    /// `ONBOARD_STATE_MACHINE_ARN`: for the commands in notices.
    pub onboard_state_machine_arn: String,
    /// Who is not for adsteward to touch: `DOMAIN_NAME`, `PROTECTED_USERS`, `PROTECTED_GROUP`, `ALLOWED_OUS`.
    pub scope: Scope,
    /// The enabled services.
    pub services: Settings,
}

/// The configuration of the function `user-provisioner`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Onboarding {
    /// What both functions need.
    pub common: Common,
    /// `ONBOARDING_RULES`: which group gets which services.
    pub rules: Rules,
    /// `WAIT_SECONDS`: how long a user is waited for who is not enabled, or in no group that counts.
    pub wait_seconds: u64,
}

/// The configuration of the function `user-offboarder`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offboarding {
    /// What both functions need.
    pub common: Common,
    /// `DECISION_TABLE`: flow 1's, which tells who is contained.
    pub decision_table: String,
    /// `RELEASE_STATE_MACHINE_ARN`: for the command in notices that releases a contained user.
    pub release_state_machine_arn: String,
    /// `GRACE_SECONDS`: how long nothing is taken away.
    pub grace_seconds: u64,
    /// `KEEP_DAYS`: how long suspended accounts are kept; a part of a day is allowed.
    pub keep_seconds: u64,
}

impl Onboarding {
    /// Reads the function's environment.
    ///
    /// # Errors
    /// One error that names everything that is missing or malformed.
    pub fn read(mut from: Variables) -> Result<Self, ConfigError> {
        let common = common(&mut from);
        let wait_seconds = from.parsed("WAIT_SECONDS", "a whole number of seconds");
        let rules = from.verbatim("ONBOARDING_RULES").and_then(|text| {
            let enabled = common.as_ref().map(|common| names(&common.services)).unwrap_or_default();
            match Rules::read(&text, &enabled) {
                Ok(rules) => Some(rules),
                Err(problem) => from.problem(format!("ONBOARDING_RULES: {problem}")),
            }
        });
        let config = (|| Some(Self { common: common?, rules: rules?, wait_seconds: wait_seconds? }))();
        from.finish(config)
    }
}

impl Offboarding {
    /// Reads the function's environment.
    ///
    /// # Errors
    /// One error that names everything that is missing or malformed.
    pub fn read(mut from: Variables) -> Result<Self, ConfigError> {
        let common = common(&mut from);
        let decision_table = from.text("DECISION_TABLE");
        let release_state_machine_arn = from.text("RELEASE_STATE_MACHINE_ARN");
        let grace_seconds = from.parsed("GRACE_SECONDS", "a whole number of seconds");
        let keep_days: Option<f64> = from.parsed("KEEP_DAYS", "a number of days");
        let keep_seconds = keep_days.and_then(|days| {
            if (0.0..=365.0).contains(&days) {
                #[expect(
                    clippy::cast_possible_truncation,
                    clippy::cast_sign_loss,
                    reason = "at most a year"
                )]
                return Some((days * 86_400.0) as u64);
            }
            from.problem(format!("KEEP_DAYS is {days} but must be from 0 to 365"))
        });
        let config = (|| {
            Some(Self {
                common: common?,
                decision_table: decision_table?,
                release_state_machine_arn: release_state_machine_arn?,
                grace_seconds: grace_seconds?,
                keep_seconds: keep_seconds?,
            })
        })();
        from.finish(config)
    }
}

/// The names of the enabled services.
fn names(services: &Settings) -> Vec<String> {
    let workspaces = services.workspaces.as_ref().map(|_| "workspaces".to_owned());
    let connect = services.connect.as_ref().map(|_| "connect".to_owned());
    workspaces.into_iter().chain(connect).collect()
}

fn common(from: &mut Variables) -> Option<Common> {
    let directory: Option<DirectoryId> = from.parsed("DIRECTORY_ID", "a directory id such as d-9067012345");
    let region = from.text("AWS_REGION");
    let user_table = from.text("USER_TABLE");
    let record_retention_days = from.parsed("RECORD_RETENTION_DAYS", "a whole number of days");
    let topic_arn = from.text("TOPIC_ARN");
    let onboard_state_machine_arn = from.text("ONBOARD_STATE_MACHINE_ARN");
    let scope = scope(from);
    let workspaces = workspaces(from, directory.as_ref());
    let connect = connect(from, scope.as_ref().map(|scope| scope.domain.as_str()));
    let services = Settings { workspaces: workspaces?, connect: connect? };
    Some(Common {
        directory: directory?,
        region: region?,
        user_table: user_table?,
        record_retention_days: record_retention_days?,
        topic_arn: topic_arn?,
        onboard_state_machine_arn: onboard_state_machine_arn?,
        scope: scope?,
        services,
    })
}

fn scope(from: &mut Variables) -> Option<Scope> {
    let domain = from.text("DOMAIN_NAME").map(|domain| domain.to_lowercase());
    let protected_users = protected_users(from);
    let protected_group = from.text("PROTECTED_GROUP").map(|group| group.to_lowercase());
    // Distinguished names hold commas, so that they are divided by semicolons.
    let allowed_ous = from.verbatim("ALLOWED_OUS").map(|text| {
        text.split(';').map(str::trim).filter(|ou| !ou.is_empty()).map(str::to_lowercase).collect()
    });
    Some(Scope {
        domain: domain?,
        protected_users: protected_users?,
        protected_group: protected_group?,
        allowed_ous: allowed_ous?,
    })
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

/// `Some(None)` when the service is not enabled, `None` when something is wrong.
fn workspaces(from: &mut Variables, directory: Option<&DirectoryId>) -> Option<Option<WorkSpacesSettings>> {
    let bundle = from.verbatim("WORKSPACES_BUNDLE_ID")?.trim().to_owned();
    if bundle.is_empty() {
        return Some(None);
    }
    let running_mode = from.text("WORKSPACES_RUNNING_MODE");
    let auto_stop_minutes = from.parsed("WORKSPACES_AUTO_STOP_MINUTES", "a whole number of minutes");
    let root_volume_gib = from.parsed("WORKSPACES_ROOT_VOLUME_GIB", "a whole number");
    let user_volume_gib = from.parsed("WORKSPACES_USER_VOLUME_GIB", "a whole number");
    let compute_type = from.text("WORKSPACES_COMPUTE_TYPE");
    let volume_key = from.verbatim("WORKSPACES_VOLUME_KEY").map(|key| key.trim().to_owned());
    let tags = from.verbatim("WORKSPACES_TAGS").and_then(|text| match tags(&text) {
        Ok(tags) => Some(tags),
        Err(problem) => from.problem(format!("WORKSPACES_TAGS: {problem}")),
    });
    Some(Some(WorkSpacesSettings {
        directory: directory?.to_string(),
        bundle,
        running_mode: running_mode?,
        auto_stop_minutes: auto_stop_minutes?,
        root_volume_gib: root_volume_gib?,
        user_volume_gib: user_volume_gib?,
        compute_type: compute_type?,
        volume_key: volume_key.map(|key| (!key.is_empty()).then_some(key))?,
        tags: tags?,
    }))
}

/// `{"CostCenter": "4711"}`; nothing at all is no tags.
fn tags(text: &str) -> Result<Vec<(String, String)>, String> {
    if text.trim().is_empty() {
        return Ok(Vec::new());
    }
    let tags: Map<String, Value> = serde_json::from_str(text).map_err(|error| error.to_string())?;
    tags.into_iter()
        .map(|(key, value)| match value {
            Value::String(value) => Ok((key, value)),
            other => Err(format!("{key} is {other}, not a text")),
        })
        .collect()
}

/// As [`workspaces`].
fn connect(from: &mut Variables, domain: Option<&str>) -> Option<Option<ConnectSettings>> {
    let instance = from.verbatim("CONNECT_INSTANCE_ID")?.trim().to_owned();
    if instance.is_empty() {
        return Some(None);
    }
    let routing_profile = from.text("CONNECT_ROUTING_PROFILE_ID");
    let security_profiles = from.list("CONNECT_SECURITY_PROFILE_IDS").and_then(|profiles| {
        if (1..=10).contains(&profiles.len()) {
            return Some(profiles);
        }
        from.problem("CONNECT_SECURITY_PROFILE_IDS must name 1 to 10 security profiles".to_owned())
    });
    let phone_type = from.text("CONNECT_PHONE_TYPE");
    let auto_accept = from.parsed("CONNECT_AUTO_ACCEPT", "true or false");
    let after_contact_work = from.parsed("CONNECT_AFTER_CONTACT_WORK_SECONDS", "a whole number of seconds");
    let name_delimiter = from.verbatim("NAME_DELIMITER");
    Some(Some(ConnectSettings {
        instance,
        routing_profile: routing_profile?,
        security_profiles: security_profiles?,
        phone_type: phone_type?,
        auto_accept: auto_accept?,
        after_contact_work_seconds: after_contact_work?,
        name_delimiter: name_delimiter?,
        domain: domain?.to_owned(),
    }))
}

#[cfg(test)]
mod tests;
