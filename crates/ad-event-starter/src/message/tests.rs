use serde_json::json;

use super::*;
use crate::start::Machine;
use crate::testing::{LOG_GROUP, Record, rules, sid};

fn read(body: &Value) -> Result<Result<Start, Reason>, Poison> {
    rules().read_message(&body.to_string())
}

fn record() -> Value {
    serde_json::from_str(include_str!("../../../../tests/fixtures/cloudtrail/disable-user.json")).unwrap()
}

fn request(detail: Value) -> Value {
    json!({
        "version": "0", "id": "e-1", "source": "adsteward.onboarding", "detail-type": REQUESTED,
        "time": "2026-11-21T09:30:41Z", "detail": detail,
    })
}

fn detail() -> Value {
    json!({"version": 1, "directoryId": "d-9067012345", "user": "jane.doe"})
}

/// The message with one member replaced; the path is a JSON pointer.
fn with(mut message: Value, pointer: &str, value: Value) -> Value {
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    message.pointer_mut(parent).unwrap()[name] = value;
    message
}

#[test]
fn a_call_that_disabled_or_deleted_a_user_off_boards_him() {
    for (source, name) in [
        ("ds.amazonaws.com", "DisableUser"),
        ("ds-data.amazonaws.com", "DisableUser"),
        ("ds-data.amazonaws.com", "DeleteUser"),
    ] {
        let message = with(record(), "/detail/eventSource", json!(source));
        let start = read(&with(message, "/detail/eventName", json!(name))).unwrap().unwrap();
        assert_eq!((start.machine(), start.input.user.as_str()), (Machine::Offboard, "alice"));
        let event = serde_json::to_value(&start.input.event).unwrap();
        let expected = json!({
            "kind": "cloudtrail", "id": name, "eventId": "0c1d2e3f-0000-4000-8000-00000000000b",
            "time": "2026-11-21T09:30:41Z",
        });
        assert_eq!(event, expected);
    }
}

#[test]
fn a_record_that_tells_of_nobody_here_is_ignored() {
    for (pointer, value, reason) in [
        ("/detail/eventName", json!("DescribeUser"), Reason::OtherEvent),
        ("/detail/eventSource", json!("iam.amazonaws.com"), Reason::OtherEvent),
        ("/detail/errorCode", json!("AccessDenied"), Reason::FailedCall),
        ("/detail/errorMessage", json!("no"), Reason::FailedCall),
        ("/detail/requestParameters/directoryId", json!("d-0000000000"), Reason::OtherDirectory),
        ("/detail/requestParameters/sAMAccountName", json!("HOST$"), Reason::NotAPerson),
        ("/source", json!("aws.guardduty"), Reason::OtherSource),
    ] {
        assert_eq!(read(&with(record(), pointer, value)), Ok(Err(reason)), "{pointer}");
    }
}

#[test]
fn another_system_asks_for_an_onboarding() {
    let full = with(detail(), "/sid", json!(sid(1)));
    let full = with(full, "/upn", json!("jane.doe@example.com"));
    for (detail, has_sid) in [(detail(), false), (full, true)] {
        let start = read(&request(detail)).unwrap().unwrap();
        assert_eq!((start.machine(), start.input.user.as_str()), (Machine::Onboard, "jane.doe"));
        assert_eq!((start.input.sid.is_some(), start.input.upn.is_some()), (has_sid, has_sid));
        let event = serde_json::to_value(&start.input.event).unwrap();
        let expected = json!({
            "kind": "custom", "eventId": "e-1", "source": "adsteward.onboarding", "time": "2026-11-21T09:30:41Z",
        });
        assert_eq!(event, expected);
    }
}

#[test]
fn a_request_is_held_to_the_same_rules() {
    for (member, value, reason) in [
        ("/user", json!("FAKE-COMPUTER$"), Reason::NotAPerson),
        ("/user", json!("jane doe"), Reason::UnusableName),
        ("/sid", json!("S-1-5-18"), Reason::UnusableSid),
        ("/sid", json!("S-1-5-21-1-2-3-500"), Reason::BuiltInAccount),
        ("/upn", json!("-"), Reason::ForeignUpn),
        ("/upn", json!("jane@other.com"), Reason::ForeignUpn),
    ] {
        assert_eq!(read(&request(with(detail(), member, value))), Err(Poison::Refused(reason)), "{member}");
    }
    let foreign = with(detail(), "/directoryId", json!("d-0000000000"));
    assert_eq!(read(&request(foreign)), Ok(Err(Reason::OtherDirectory)));
}

#[test]
fn who_is_not_named_asks_in_vain() {
    for (pointer, value) in
        [("/source", json!("somebody.else")), ("/detail-type", json!("Directory User Deleted"))]
    {
        let message = with(request(detail()), pointer, value);
        assert_eq!(read(&message), Ok(Err(Reason::OtherSource)), "{pointer}");
    }
}

#[test]
fn what_nobody_can_act_on_is_poison() {
    let record = |pointer: &str, value| with(record(), pointer, value);
    let left_over = rules()
        .qualify(LOG_GROUP, &crate::event::SecurityEvent::read(&Record::created(1).xml()).unwrap())
        .unwrap();
    let left_over = serde_json::to_value(left_over).unwrap();
    for body in [
        json!({}),
        json!([]),
        json!({"source": "aws.ds"}),
        record("/detail/eventName", Value::Null),
        record("/detail/requestParameters", Value::Null),
        record("/detail/requestParameters/sAMAccountName", json!("")),
        record("/detail/requestParameters/directoryId", json!(5)),
        record("/detail/eventID", Value::Null),
        record("/detail/eventTime", Value::Null),
        request(Value::Null),
        request(with(detail(), "/version", json!(2))),
        request(with(detail(), "/user", json!(5))),
        request(with(detail(), "/event", json!({"kind": "security-log"}))),
        with(request(detail()), "/id", Value::Null),
        with(left_over.clone(), "/input/directoryId", json!("d-0000000000")),
        with(left_over.clone(), "/input/version", json!(2)),
        with(left_over.clone(), "/input/event/id", json!(4738)),
        with(left_over.clone(), "/kind", json!("stop")),
    ] {
        assert!(matches!(read(&body), Err(Poison::Unusable(_))), "{body}");
    }
    for body in ["", "not JSON", "\u{feff}{}"] {
        assert!(matches!(rules().read_message(body), Err(Poison::Unusable(_))), "{body}");
    }
    assert!(read(&left_over).unwrap().is_ok());
    assert_eq!(
        read(&record("/detail/requestParameters/sAMAccountName", json!("<b>"))),
        Err(Poison::Refused(Reason::UnusableName))
    );
}

/// The fixtures that the rules of `template.yaml` are fed as well (`tests/it/events.rs`).
#[test]
fn what_the_rules_let_through_is_read_and_what_they_stop_is_ignored() {
    let read = |name: &str| {
        let file = format!("{}/../../tests/fixtures/{name}.json", env!("CARGO_MANIFEST_DIR"));
        let rules = Rules { domain_name: "corp.example.test".to_owned(), ..rules() };
        rules.read_message(&std::fs::read_to_string(file).unwrap()).unwrap().map(|start| start.machine())
    };
    assert_eq!(read("onboarding/requested"), Ok(Machine::Onboard));
    assert_eq!(read("onboarding/requested-by-others"), Err(Reason::OtherSource));
    assert_eq!(read("cloudtrail/disable-user"), Ok(Machine::Offboard));
    assert_eq!(read("cloudtrail/delete-user"), Ok(Machine::Offboard));
    assert_eq!(read("cloudtrail/disable-user-denied"), Err(Reason::FailedCall));
    assert_eq!(read("cloudtrail/start-release"), Err(Reason::OtherSource));
    assert_eq!(read("guardduty/runtime-finding"), Err(Reason::OtherSource));
}
