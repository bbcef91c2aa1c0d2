//! One field of a finding that does not fit is enough: nobody is disabled, and the record says why.

use serde_json::{Value, json};

use crate::batch::Batch;
use crate::directory::{create_users, is_enabled};
use crate::finding::finding;
use crate::instance::{LOCAL_ACCOUNT, other_instance};
use crate::session::Way;

const PROCESS: &str = "/detail/service/runtimeDetails/process";
const INSTANCE: &str = "/detail/resource/instanceDetails/instanceId";

/// A field of an event, another value for it, and the reasons that may follow.
type Change = (String, Value, &'static [&'static str]);

fn changes(event: &Value) -> Vec<Change> {
    let mut changes = Vec::new();
    let mut change =
        |field: &str, value: Value, reasons: &'static [_]| changes.push((field.to_owned(), value, reasons));
    let process = |field: &str| format!("{PROCESS}/{field}");
    let value = |field: &str| event.pointer(field).unwrap_or_else(|| panic!("no {field} in {event}"));
    let shifted = |field: &str, by: i64| json!(value(field).as_i64().unwrap() + by);
    let replaced = |field: &str, old, new| json!(value(field).as_str().unwrap().replace(old, new));

    let user = value(&process("user")).as_str().unwrap();
    let elsewhere = [format!("{user}@elsewhere.example.test"), format!("ELSEWHERE\\{user}")];
    for spelled in elsewhere.into_iter().chain(["martha.rivera".to_owned()]) {
        change(&process("user"), json!(spelled), &["user-name-mismatch"]);
    }
    for id in ["userId", "euid", "lineage/0/userId", "lineage/0/euid"] {
        change(&process(id), shifted(&process(id), 1), &["uid-mismatch"]);
    }
    for by in [-60, 60] {
        change(&process("startTime"), shifted(&process("startTime"), by), &["pid-reused"]);
        // A parent of root's bears nobody's identity.
        if value(&process("lineage/0/userId")) != 0 {
            let started = process("lineage/0/startTime");
            change(&started, shifted(&started, by), &["pid-reused"]);
        }
    }
    change(INSTANCE, json!("i-0123456789abcdef0"), &["agent-absent"]);
    change(INSTANCE, json!(other_instance()), &["process-gone", "pid-reused"]);
    change("/account", json!("444455556666"), &["foreign-source"]);
    for field in ["/detail/accountId", "/detail/arn"] {
        change(field, replaced(field, "111122223333", "444455556666"), &["foreign-account"]);
    }
    for field in ["/region", "/detail/region", "/detail/arn"] {
        change(field, replaced(field, "eu-west-1", "eu-north-1"), &["foreign-region"]);
    }
    changes
}

#[test]
fn one_field_that_does_not_fit_stops_it() {
    let users = ["gina", "glen", "gwen"];
    create_users(users);
    let sessions = [
        ("gina", Way::log_in("gina").start()),
        ("root", Way::log_in("glen").sudo().start()),
        ("gwen", Way::service().drop_to(LOCAL_ACCOUNT).su("gwen").start()),
    ];
    let mut cases = Vec::new();
    for (user, session) in &sessions {
        for index in 0..changes(&finding(session, user)).len() {
            let mut event = finding(session, user);
            let (field, value, reasons) = changes(&event).swap_remove(index);
            *event.pointer_mut(&field).unwrap() = value.clone();
            cases.push((format!("{user}: {field} = {value}"), event, reasons));
        }
    }
    let events: Vec<_> = cases.iter().map(|(_, event, _)| event.clone()).collect();

    let batch = Batch::deliver(&events);

    for (title, event, reasons) in &cases {
        let (decision, reason) = batch.decision(event);
        let expected = if reason.starts_with("foreign") { "refuse" } else { "needs-person" };
        assert!(decision == expected && reasons.contains(&reason), "{title}: {decision} ({reason})");
    }
    assert_eq!(batch.count("DisableUser"), 0);
    assert!(users.into_iter().all(is_enabled));
}
