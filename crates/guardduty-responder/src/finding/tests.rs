use std::fs;

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::testing::{self, INSTANCE};

mod origin;

fn scope() -> Scope {
    testing::World::new().responder().config.scope
}

fn screen(event: &Value) -> Result<Finding, Refusal> {
    scope().screen(&serde_json::from_value(event.clone()).unwrap_or_default())
}

/// The event with one member replaced; the path is a JSON pointer.
fn with(pointer: &str, value: Value) -> Value {
    let mut event = testing::event();
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    event.pointer_mut(parent).unwrap()[name] = value;
    event
}

#[test]
fn reads_what_it_needs() {
    let finding = screen(&testing::event()).unwrap();
    assert_eq!(finding.place.instance.as_str(), INSTANCE);
    assert_eq!((finding.user.as_str(), finding.uid), ("alice", testing::uid(1104)));
    let pids: Vec<u32> = finding.chain.iter().map(|process| process.pid).collect();
    assert_eq!(pids, [4242, 4200, 900]);
    assert_eq!(finding.chain[0].started, Some(1_795_222_800));
}

#[test]
fn refuses_each_kind_of_event_with_its_reason() {
    let nested = json!({"type": "default", "value": r#"{"agentDetails":{},"sample":true}"#});
    let cases = [
        (with("/account", json!("999999999999")), Refusal::ForeignAccount),
        (with("/detail/accountId", json!("999999999999")), Refusal::ForeignAccount),
        (with("/detail/accountId", Value::Null), Refusal::ForeignAccount),
        (
            with("/detail/arn", json!("arn:aws:guardduty:eu-west-1:999999999999:detector/d1/finding/f1")),
            Refusal::ForeignAccount,
        ),
        (with("/region", json!("us-east-1")), Refusal::ForeignRegion),
        (with("/detail/region", json!("us-east-1")), Refusal::ForeignRegion),
        (
            with("/detail/arn", json!("arn:aws:guardduty:us-east-1:111122223333:detector/d1/finding/f1")),
            Refusal::ForeignRegion,
        ),
        (with("/detail/arn", json!("f1")), Refusal::Malformed),
        (with("/detail/service/archived", json!(true)), Refusal::Archived),
        (with("/detail/service/archived", json!("true")), Refusal::Archived),
        (with("/detail/service/additionalInfo", json!({"sample": true})), Refusal::Sample),
        (with("/detail/service/additionalInfo", json!({"sample": "true"})), Refusal::Sample),
        (with("/detail/service/additionalInfo", nested), Refusal::Sample),
        (with("/detail/type", json!("Backdoor:EC2/C&CActivity.B!DNS")), Refusal::TypeNotConfigured),
        (with("/detail/severity", json!(6.9)), Refusal::BelowThreshold),
        (with("/detail/severity", json!("8")), Refusal::Malformed),
        (with("/detail/resource/resourceType", json!("EKSCluster")), Refusal::NotAnInstance),
        (
            with("/detail/resource/instanceDetails/instanceId", json!("${instance_id}")),
            Refusal::NotAnInstance,
        ),
        (with("/detail/service/runtimeDetails", Value::Null), Refusal::NoProcess),
        (with("/detail/service/runtimeDetails/process/user", Value::Null), Refusal::NoProcess),
        (with("/detail/service/runtimeDetails/process/userId", json!(-1)), Refusal::NoProcess),
        (with("/detail/service/runtimeDetails/process/pid", json!(1.5)), Refusal::NoProcess),
        (with("/detail/service/runtimeDetails/process/lineage/0/pid", Value::Null), Refusal::NoProcess),
        (with("/source", json!("custom.guardduty")), Refusal::Malformed),
        (with("/detail-type", json!("Other")), Refusal::Malformed),
        (with("/detail", json!("text")), Refusal::Malformed),
        (json!([]), Refusal::Malformed),
    ];
    for (event, reason) in cases {
        assert_eq!(screen(&event), Err(reason), "{event}");
    }
}

#[test]
fn start_times_come_as_text_or_number() {
    let pointer = "/detail/service/runtimeDetails/process/startTime";
    for value in [json!("2026-11-21T01:00:00Z"), json!(1_795_222_800_u64), json!(1_795_222_800_123_u64)] {
        let finding = screen(&with(pointer, value.clone())).unwrap();
        assert_eq!(finding.chain[0].started, Some(1_795_222_800), "{value}");
    }
    for value in [Value::Null, json!("soon"), json!(-5), json!(0)] {
        assert_eq!(screen(&with(pointer, value)).unwrap().chain[0].started, None);
    }
}

#[test]
fn no_event_of_the_corpus_gets_through() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/fixtures/corpus-guardduty");
    let mut seen = 0;
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "json") {
            let event: Value = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
            assert!(screen(&event).is_err(), "{}", path.display());
            let bare = json!({
                "source": "aws.guardduty", "detail-type": "GuardDuty Finding",
                "account": "111122223333", "region": "eu-west-1", "detail": event,
            });
            assert!(screen(&bare).is_err(), "{} as a detail", path.display());
            seen += 1;
        }
    }
    assert_eq!(seen, 8);
}

#[test]
fn types_match_exactly_or_by_stars() {
    let kind = "Backdoor:Runtime/C&CActivity.B!DNS";
    for pattern in [kind, "*", "*:Runtime/*", "Backdoor:*", "*!DNS", "*:Runtime/*DNS"] {
        assert!(matches_type(pattern, kind), "{pattern}");
    }
    for pattern in
        ["", "Backdoor:Runtime", "*:EC2/*", "Backdoor:Runtime/C&CActivity.B", "*:Runtime/*!TCP", "*DNS!DNS"]
    {
        assert!(!matches_type(pattern, kind), "{pattern}");
    }
}

fn json_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        ".{0,20}".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 16, 4, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            proptest::collection::btree_map("[a-z]{1,8}", inner, 0..4)
                .prop_map(|map| map.into_iter().collect::<serde_json::Map<_, _>>().into()),
        ]
    })
}

proptest! {
    #[test]
    fn no_form_of_any_member_makes_it_panic(value in json_value(), at in 0usize..14) {
        let pointers = [
            "/account", "/region", "/detail", "/detail/arn", "/detail/type", "/detail/severity", "/detail/updatedAt",
            "/detail/resource", "/detail/resource/instanceDetails", "/detail/service", "/detail/service/archived",
            "/detail/service/additionalInfo", "/detail/service/runtimeDetails/process",
            "/detail/service/runtimeDetails/process/lineage",
        ];
        let _ = screen(&with(pointers[at], value.clone()));
        let _ = screen(&value);
    }
}
