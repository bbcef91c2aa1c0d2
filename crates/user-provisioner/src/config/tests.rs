use super::*;

/// Both functions' environment, with changes; a blank value for a variable that is not there.
fn variables(changes: &[(&str, Option<&str>)]) -> Variables {
    let mut pairs: Vec<(&str, &str)> = vec![
        ("DIRECTORY_ID", "d-9067012345"),
        ("AWS_REGION", "eu-west-1"),
        ("DOMAIN_NAME", "Corp.Example.Test"),
        ("PROTECTED_USERS", "Admin, krbtgt"),
        ("PROTECTED_GROUP", "AWS Delegated Administrators"),
        ("ALLOWED_OUS", "OU=Users,OU=CORP,DC=corp,DC=example,DC=test; OU=X,DC=corp"),
        ("USER_TABLE", "users"),
        ("RECORD_RETENTION_DAYS", "365"),
        ("TOPIC_ARN", "arn:aws:sns:eu-west-1:111122223333:t"),
        ("ONBOARD_STATE_MACHINE_ARN", "arn:aws:states:eu-west-1:111122223333:stateMachine:onboard-user"),
        ("ONBOARDING_RULES", ""),
        ("WAIT_SECONDS", "604800"),
        ("WORKSPACES_BUNDLE_ID", "wsb-0123456789"),
        ("WORKSPACES_RUNNING_MODE", "AUTO_STOP"),
        ("WORKSPACES_AUTO_STOP_MINUTES", "60"),
        ("WORKSPACES_ROOT_VOLUME_GIB", "80"),
        ("WORKSPACES_USER_VOLUME_GIB", "100"),
        ("WORKSPACES_COMPUTE_TYPE", "VALUE"),
        ("WORKSPACES_VOLUME_KEY", ""),
        ("WORKSPACES_TAGS", r#"{"CostCenter":"4711"}"#),
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
    for (name, value) in changes {
        pairs.retain(|(known, _)| known != name);
        pairs.extend(value.map(|value| (*name, value)));
    }
    Variables::from_pairs(pairs)
}

#[test]
fn reads_what_both_functions_need() {
    let onboarding = Onboarding::read(variables(&[])).unwrap();
    let scope = &onboarding.common.scope;
    assert_eq!(scope.domain, "corp.example.test");
    assert_eq!(scope.protected_group, "aws delegated administrators");
    assert_eq!(scope.allowed_ous, ["ou=users,ou=corp,dc=corp,dc=example,dc=test", "ou=x,dc=corp"]);
    assert_eq!(names(&onboarding.common.services), ["workspaces", "connect"]);
    let workspaces = onboarding.common.services.workspaces.unwrap();
    assert_eq!(
        (workspaces.volume_key, workspaces.tags),
        (None, vec![("CostCenter".to_owned(), "4711".to_owned())])
    );
    assert_eq!(onboarding.common.services.connect.unwrap().domain, "corp.example.test");
    let offboarding = Offboarding::read(variables(&[])).unwrap();
    assert_eq!((offboarding.grace_seconds, offboarding.keep_seconds), (900, 30 * 86_400));
}

#[test]
fn a_service_without_its_first_parameter_is_not_enabled_and_needs_no_other() {
    let without = [
        ("WORKSPACES_BUNDLE_ID", Some("")),
        ("WORKSPACES_COMPUTE_TYPE", None),
        ("CONNECT_INSTANCE_ID", Some(" ")),
        ("CONNECT_ROUTING_PROFILE_ID", None),
    ];
    let services = Onboarding::read(variables(&without)).unwrap().common.services;
    assert_eq!(services, Settings::default());
}

#[test]
fn each_variable_is_needed_and_named_when_it_is_missing() {
    let onboarding = [
        "DIRECTORY_ID",
        "AWS_REGION",
        "DOMAIN_NAME",
        "PROTECTED_USERS",
        "PROTECTED_GROUP",
        "ALLOWED_OUS",
        "USER_TABLE",
        "RECORD_RETENTION_DAYS",
        "TOPIC_ARN",
        "ONBOARD_STATE_MACHINE_ARN",
        "ONBOARDING_RULES",
        "WAIT_SECONDS",
        "WORKSPACES_BUNDLE_ID",
        "WORKSPACES_RUNNING_MODE",
        "WORKSPACES_AUTO_STOP_MINUTES",
        "WORKSPACES_ROOT_VOLUME_GIB",
        "WORKSPACES_USER_VOLUME_GIB",
        "WORKSPACES_COMPUTE_TYPE",
        "WORKSPACES_VOLUME_KEY",
        "WORKSPACES_TAGS",
        "CONNECT_INSTANCE_ID",
        "CONNECT_ROUTING_PROFILE_ID",
        "CONNECT_SECURITY_PROFILE_IDS",
        "CONNECT_PHONE_TYPE",
        "CONNECT_AUTO_ACCEPT",
        "CONNECT_AFTER_CONTACT_WORK_SECONDS",
        "NAME_DELIMITER",
    ];
    for name in onboarding {
        let error = Onboarding::read(variables(&[(name, None)])).unwrap_err().to_string();
        assert!(error.contains(name), "{name}: {error}");
    }
    for name in ["DECISION_TABLE", "RELEASE_STATE_MACHINE_ARN", "GRACE_SECONDS", "KEEP_DAYS", "USER_TABLE"] {
        let error = Offboarding::read(variables(&[(name, None)])).unwrap_err().to_string();
        assert!(error.contains(name), "{name}: {error}");
    }
}

#[test]
fn what_cannot_be_right_is_said_at_start() {
    for (name, value, word) in [
        ("PROTECTED_USERS", "a b", "PROTECTED_USERS"),
        ("WORKSPACES_TAGS", r#"{"a":1}"#, "not a text"),
        ("CONNECT_SECURITY_PROFILE_IDS", "", "1 to 10"),
        ("ONBOARDING_RULES", r#"[{"group":"*","services":["mail"]}]"#, "mail"),
        ("CONNECT_AUTO_ACCEPT", "yes", "true or false"),
    ] {
        let error = Onboarding::read(variables(&[(name, Some(value))])).unwrap_err().to_string();
        assert!(error.contains(word), "{name}: {error}");
    }
    let error = Offboarding::read(variables(&[("KEEP_DAYS", Some("-1"))])).unwrap_err().to_string();
    assert!(error.contains("0 to 365"), "{error}");
    let part = Offboarding::read(variables(&[("KEEP_DAYS", Some("0.001"))])).unwrap();
    assert_eq!(part.keep_seconds, 86);
}
