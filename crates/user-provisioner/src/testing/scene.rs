//! The people, the configuration and the names of the tests.

use steward_core::config::Variables;
use steward_core::directory::{Person, User};

use crate::config::{Offboarding, Onboarding};
use crate::people::Facts;

pub(crate) const DIRECTORY: &str = "d-9067012345";
pub(crate) const DOMAIN: &str = "corp.example.test";

pub(crate) fn sid(relative_id: u32) -> String {
    format!("S-1-5-21-1-2-3-{relative_id}")
}

pub(crate) fn person(name: &str, relative_id: u32) -> Person {
    Person {
        user: User {
            name: name.parse().unwrap(),
            sid: sid(relative_id).parse().unwrap(),
            domain: DOMAIN.to_owned(),
            enabled: true,
        },
        upn: Some(format!("{}@{DOMAIN}", name.to_lowercase())),
        given_name: Some(name.to_owned()),
        surname: Some("Example".to_owned()),
        mail: None,
        distinguished_name: Some(format!("CN={name},OU=Users,OU=CORP,DC=corp,DC=example,DC=test")),
    }
}

pub(crate) fn facts(name: &str, relative_id: u32) -> Facts {
    Facts::from(&person(name, relative_id))
}

fn variables(changes: &[(&str, &str)]) -> Variables {
    let mut pairs = vec![
        ("DIRECTORY_ID", DIRECTORY),
        ("AWS_REGION", "eu-west-1"),
        ("DOMAIN_NAME", DOMAIN),
        ("PROTECTED_USERS", "Admin"),
        ("PROTECTED_GROUP", "AWS Delegated Administrators"),
        ("ALLOWED_OUS", ""),
        ("USER_TABLE", "users"),
        ("RECORD_RETENTION_DAYS", "365"),
        ("TOPIC_ARN", "arn:aws:sns:eu-west-1:111122223333:t"),
        ("ONBOARD_STATE_MACHINE_ARN", "arn:aws:states:eu-west-1:111122223333:stateMachine:onboard-user"),
        ("ONBOARDING_RULES", ""),
        ("WAIT_SECONDS", "3600"),
        ("WORKSPACES_BUNDLE_ID", "wsb-0123456789"),
        ("WORKSPACES_RUNNING_MODE", "AUTO_STOP"),
        ("WORKSPACES_AUTO_STOP_MINUTES", "60"),
        ("WORKSPACES_ROOT_VOLUME_GIB", "80"),
        ("WORKSPACES_USER_VOLUME_GIB", "100"),
        ("WORKSPACES_COMPUTE_TYPE", "VALUE"),
        ("WORKSPACES_VOLUME_KEY", ""),
        ("WORKSPACES_TAGS", ""),
        ("CONNECT_INSTANCE_ID", "11111111-2222-3333-4444-555555555555"),
        ("CONNECT_ROUTING_PROFILE_ID", "r-1"),
        ("CONNECT_SECURITY_PROFILE_IDS", "s-1"),
        ("CONNECT_PHONE_TYPE", "SOFT_PHONE"),
        ("CONNECT_AUTO_ACCEPT", "false"),
        ("CONNECT_AFTER_CONTACT_WORK_SECONDS", "0"),
        ("NAME_DELIMITER", "."),
        ("DECISION_TABLE", "decisions"),
        ("RELEASE_STATE_MACHINE_ARN", "arn:aws:states:eu-west-1:111122223333:stateMachine:release-user"),
        ("GRACE_SECONDS", "900"),
        ("KEEP_DAYS", "30"),
    ];
    pairs.extend_from_slice(changes);
    Variables::from_pairs(pairs)
}

pub(crate) fn onboarding_config(changes: &[(&str, &str)]) -> Onboarding {
    Onboarding::read(variables(changes)).unwrap()
}

pub(crate) fn offboarding_config(changes: &[(&str, &str)]) -> Offboarding {
    Offboarding::read(variables(changes)).unwrap()
}
