use std::collections::BTreeSet;

use serde_json::json;

use super::*;
use crate::testing::{LOG_GROUP, sid};

fn start(event: Cause) -> Start {
    Start {
        input: Input {
            version: VERSION,
            directory_id: "d-9067012345".to_owned(),
            user: "jane.doe".to_owned(),
            sid: matches!(event, Cause::SecurityLog { .. }).then(|| sid(1)),
            upn: Some("jane.doe@corp.example.com".to_owned()),
            event,
            not_before: None,
        },
    }
}

fn logged(id: EventId, computer: &str, record: u64) -> Cause {
    Cause::SecurityLog {
        id,
        computer: computer.to_owned(),
        record,
        time: "2026-11-21T09:30:41Z".to_owned(),
        log_group: LOG_GROUP.to_owned(),
    }
}

fn called(id: Call, event_id: &str) -> Cause {
    Cause::CloudTrail { id, event_id: event_id.to_owned(), time: "2026-11-21T09:30:41Z".to_owned() }
}

fn asked(event_id: &str) -> Cause {
    let time = "2026-11-21T09:30:41Z".to_owned();
    Cause::Custom { event_id: event_id.to_owned(), source: "hr.example".to_owned(), time }
}

fn name(event: Cause) -> String {
    start(event).name()
}

#[test]
fn the_input_has_its_public_form() {
    let mut start = start(logged(EventId::Created, "DC1", 7));
    start.input.not_before = Some("2026-11-21T09:30:50Z".to_owned());
    let expected = json!({
        "version": 1,
        "directoryId": "d-9067012345",
        "user": "jane.doe",
        "sid": sid(1),
        "upn": "jane.doe@corp.example.com",
        "event": {
            "kind": "security-log", "id": 4720, "computer": "DC1", "record": 7, "time": "2026-11-21T09:30:41Z",
            "logGroup": LOG_GROUP,
        },
        "notBefore": "2026-11-21T09:30:50Z",
    });
    assert_eq!(serde_json::to_value(&start.input).unwrap(), expected);
    let call = serde_json::to_value(called(Call::DisableUser, "ev-1")).unwrap();
    assert_eq!(
        (&call["kind"], &call["id"], &call["eventId"]),
        (&json!("cloudtrail"), &json!("DisableUser"), &json!("ev-1"))
    );
    let custom = serde_json::to_value(asked("ev-1")).unwrap();
    assert_eq!((&custom["kind"], &custom["source"]), (&json!("custom"), &json!("hr.example")));
}

#[test]
fn what_is_left_over_is_read_as_it_was_written() {
    for event in [logged(EventId::Deleted, "DC1", 7), called(Call::DeleteUser, "ev-1"), asked("ev-1")] {
        let start = start(event);
        let written = serde_json::to_string(&start).unwrap();
        assert!(written.starts_with(r#"{"kind":"start","input":{"version":1"#), "{written}");
        let read: Start = serde_json::from_str(&written).unwrap();
        assert_eq!((&read, read.name()), (&start, start.name()));
    }
}

#[test]
fn the_creation_of_an_account_has_one_name_wherever_it_is_told() {
    let first = name(logged(EventId::Created, "DC1", 7));
    assert_eq!(first, name(logged(EventId::Created, "DC2", 8)));
    assert!(first.starts_with("onboard-") && first.len() == 72, "{first}");
}

#[test]
fn whatever_happens_again_has_a_name_of_its_own() {
    let names: BTreeSet<String> = [
        logged(EventId::Created, "DC1", 7),
        logged(EventId::Enabled, "DC1", 7),
        logged(EventId::Enabled, "DC1", 8),
        logged(EventId::Enabled, "DC2", 7),
        logged(EventId::Disabled, "DC1", 7),
        logged(EventId::Disabled, "DC1", 8),
        logged(EventId::Deleted, "DC1", 7),
        called(Call::DisableUser, "ev-1"),
        called(Call::DeleteUser, "ev-2"),
        asked("ev-1"),
        asked("ev-2"),
    ]
    .map(name)
    .into();
    assert_eq!(names.len(), 11);
    assert!(names.iter().all(|name| name.len() <= 80));
}

#[test]
fn another_user_and_another_log_group_have_names_of_their_own() {
    let first = start(logged(EventId::Created, "DC1", 7));
    let mut other_user = first.clone();
    other_user.input.sid = Some(sid(2));
    let mut other_group = first.clone();
    if let Cause::SecurityLog { log_group, .. } = &mut other_group.input.event {
        "/aws/directoryservice/d-0000000000".clone_into(log_group);
    }
    let mut renamed = first.clone();
    "john.doe".clone_into(&mut renamed.input.user);
    assert_ne!(first.name(), other_user.name());
    assert_ne!(first.name(), other_group.name());
    assert_eq!(first.name(), renamed.name(), "the SID is the account, not the name");
}
