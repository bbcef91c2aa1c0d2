//! Rules: each pattern is fed real events, those that it is for and those that it is not for.

use serde_json::Value;

use crate::pattern::matches;
use crate::template::{read, resources, template};

/// What the state machines that people start are once deployed, as in the fixtures.
const STATE_MACHINES: [(&str, &str); 2] = [
    (
        "ApproveContainmentStateMachine",
        "arn:aws:states:eu-west-1:111122223333:stateMachine:adsteward-approve-containment",
    ),
    ("ReleaseUserStateMachine", "arn:aws:states:eu-west-1:111122223333:stateMachine:adsteward-release-user"),
];

const FIXTURES: [&str; 17] = [
    "cloudtrail/delete-user",
    "cloudtrail/disable-user",
    "cloudtrail/disable-user-denied",
    "cloudtrail/start-approval",
    "cloudtrail/start-other-execution",
    "cloudtrail/start-release",
    "guardduty/iam-finding",
    "guardduty/runtime-finding",
    "join/command-in-progress",
    "join/command-of-others",
    "join/command-succeeded",
    "join/leave-succeeded",
    "join/running",
    "join/stopped",
    "join/terminated",
    "onboarding/requested",
    "onboarding/requested-by-others",
];

fn fixture(name: &str) -> Value {
    serde_json::from_str(&read(format!("tests/fixtures/{name}.json"))).unwrap()
}

fn deployed(pattern: &Value) -> Value {
    match pattern {
        Value::Object(fields) if fields.get("Ref").is_some_and(|name| name == "OnboardingEventSources") => {
            let default = &template()["Parameters"]["OnboardingEventSources"]["Default"];
            default.as_str().unwrap().split(',').collect()
        }
        Value::Object(fields) if fields.contains_key("Ref") => {
            let arn = STATE_MACHINES.iter().find(|(id, _)| fields["Ref"] == *id);
            arn.map_or_else(|| pattern.clone(), |(_, arn)| (*arn).into())
        }
        // A name as it is by default.
        Value::Object(fields) if fields.contains_key("Fn::Sub") => {
            let template = template();
            let mut text = fields["Fn::Sub"].as_str().unwrap().to_owned();
            for (name, parameter) in template["Parameters"].as_object().unwrap() {
                if let Some(default) = parameter["Default"].as_str() {
                    text = text.replace(&format!("${{{name}}}"), default);
                }
            }
            text.into()
        }
        Value::Object(fields) => fields.iter().map(|(name, value)| (name.clone(), deployed(value))).collect(),
        Value::Array(items) => items.iter().map(deployed).collect(),
        other => other.clone(),
    }
}

fn pattern(rule: &str) -> Value {
    deployed(&template()["Resources"][rule]["Properties"]["EventPattern"])
}

fn check(rule: &str, expected: &[&str]) {
    let pattern = pattern(rule);
    let matched: Vec<_> = FIXTURES.into_iter().filter(|name| matches(&pattern, &fixture(name))).collect();
    assert_eq!(matched, expected, "{rule}");
}

#[test]
fn runtime_findings_start_a_containment() {
    for rule in ["GuarddutyFindingRule", "MemberFindingRule"] {
        check(rule, &["guardduty/runtime-finding"]);
    }
}

#[test]
fn disabled_users_are_witnessed_unless_the_call_failed() {
    check("DisableUserRule", &["cloudtrail/disable-user"]);
}

#[test]
fn disabled_and_deleted_users_are_off_boarded_unless_the_call_failed() {
    check("LeaverRule", &["cloudtrail/delete-user", "cloudtrail/disable-user"]);
}

#[test]
fn users_are_onboarded_by_events_of_named_sources_and_of_one_kind() {
    check("OnboardingRequestRule", &["onboarding/requested"]);
    let mut event = fixture("onboarding/requested");
    event["detail-type"] = "Directory User Onboarded".into();
    assert!(!matches(&pattern("OnboardingRequestRule"), &event));
}

#[test]
fn instances_are_joined_when_they_run_and_cleaned_up_after_when_they_are_terminated() {
    for rule in ["InstanceStateRule", "MemberInstanceStateRule"] {
        check(rule, &["join/running", "join/terminated"]);
    }
}

#[test]
fn only_our_join_commands_are_followed_and_only_when_they_have_ended() {
    for rule in ["JoinCommandRule", "MemberJoinCommandRule"] {
        check(rule, &["join/command-succeeded"]);
        for (status, ended) in [
            ("Failed", true),
            ("TimedOut", true),
            ("Cancelled", true),
            ("Undeliverable", true),
            ("Terminated", true),
            ("Pending", false),
            ("Delayed", false),
        ] {
            let mut event = fixture("join/command-succeeded");
            event["detail"]["status"] = status.into();
            assert_eq!(matches(&pattern(rule), &event), ended, "{rule}: {status}");
        }
    }
}

#[test]
fn only_our_leave_commands_are_followed_where_a_host_removes() {
    check("LeaveCommandRule", &["join/leave-succeeded"]);
}

#[test]
fn events_of_other_accounts_match_as_those_of_this_one_do() {
    for (own, others) in [
        ("InstanceStateRule", "MemberInstanceStateRule"),
        ("JoinCommandRule", "MemberJoinCommandRule"),
        ("GuarddutyFindingRule", "MemberFindingRule"),
    ] {
        assert_eq!(pattern(own), pattern(others), "{own}");
    }
}

#[test]
fn only_starts_by_people_tell_who_asks() {
    check("CallerRule", &["cloudtrail/start-approval", "cloudtrail/start-release"]);
}

#[test]
fn both_event_sources_of_the_directory_are_witnessed() {
    let mut event = fixture("cloudtrail/disable-user");
    event["detail"]["eventSource"] = "ds-data.amazonaws.com".into();
    assert!(matches(&pattern("DisableUserRule"), &event));
    assert!(matches(&pattern("LeaverRule"), &event));
}

#[test]
fn low_and_foreign_findings_reach_the_responder_that_records_why_it_leaves_them() {
    let mut event = fixture("guardduty/runtime-finding");
    event["detail"]["severity"] = 2.into();
    event["detail"]["accountId"] = "444455556666".into();
    assert!(matches(&pattern("GuarddutyFindingRule"), &event));
}

#[test]
fn every_rule_has_an_event_of_its_own_among_the_fixtures() {
    for (rule, properties) in resources(&template(), "AWS::Events::Rule") {
        if properties.get("ScheduleExpression").is_some() {
            assert!(properties.get("EventPattern").is_none(), "{rule} waits for a time and for events");
            continue;
        }
        let pattern = pattern(rule);
        assert!(FIXTURES.into_iter().any(|name| matches(&pattern, &fixture(name))), "{rule}");
    }
}
