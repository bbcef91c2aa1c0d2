//! The main thing: the user behind a finding is disabled, once, and can be released.

mod elsewhere;
mod trusted;

use std::collections::BTreeSet;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde_json::json;

use crate::directory::{PASSWORD, can_log_in, create_user, is_enabled};
use crate::finding::{emit, finding};
use crate::lab::{Journal, aws, variable};
use crate::mail::of_executions;
use crate::session::{Session, Way};
use crate::stack::{deliver, eventually, executions, output, release, text, wait_for};

#[test]
fn a_user_who_trips_guardduty_is_disabled_and_people_are_told() {
    create_user("alice");
    let session = Session::of("alice");
    assert!(can_log_in("alice", PASSWORD));

    let outcome = deliver(&finding(&session, "alice"));

    assert_eq!((outcome.status.as_str(), outcome.decision()), ("SUCCEEDED", ("contain", "identity-proved")));
    assert_eq!(text(&outcome.record, "user"), "alice");
    let asked_and_ended = 2;
    assert_eq!((outcome.count("SendCommand"), outcome.count("DisableUser")), (asked_and_ended, 1));
    assert!(!is_enabled("alice"));
    assert!(!can_log_in("alice", PASSWORD));
    let [mail] = &outcome.mail[..] else { panic!("one mail, not {:?}", outcome.mail) };
    assert!(mail["body"].as_str().unwrap().contains("alice"), "{mail}");
}

#[test]
fn the_human_behind_a_root_shell_is_disabled() {
    create_user("bert");
    let session = Way::log_in("bert").sudo().start();
    let outcome = deliver(&finding(&session, "root"));
    assert_eq!(outcome.decision(), ("contain", "identity-proved"));
    assert_eq!(text(&outcome.record, "user"), "bert");
    assert!(!is_enabled("bert"));
}

#[test]
fn copies_and_updates_act_once_and_never_undo_a_release() {
    create_user("carl");
    let session = Session::of("carl");
    let event = finding(&session, "carl");
    let (calls, mail, before) = (Journal::from_now("calls"), Journal::from_now("mail"), executions());
    let disabled = || calls.read().iter().filter(|call| call["operation"] == "DisableUser").count();

    (0..5).for_each(|_| emit(&event));
    settle(&before, 5);
    assert_eq!((disabled(), of_executions(&mail).len()), (1, 1));

    let mut update = event.clone();
    update["detail"]["updatedAt"] = "2026-11-21T09:45:01.000Z".into();
    update["detail"]["service"]["count"] = 2.into();
    emit(&update);
    settle(&before, 6);
    assert_eq!((disabled(), of_executions(&mail).len()), (1, 1));

    assert_eq!(release("carl"), "SUCCEEDED");
    assert!(is_enabled("carl"));
    assert!(!can_log_in("carl", PASSWORD), "the released user has a new password");
    let secret = format!("{}/released/carl", variable("STACK_NAME"));
    let kept = aws(&["secretsmanager", "get-secret-value", "--secret-id", &secret]);
    assert!(can_log_in("carl", kept["SecretString"].as_str().unwrap()));

    update["detail"]["updatedAt"] = "2026-11-21T15:45:01.000Z".into();
    emit(&update);
    settle(&before, 7);
    assert_eq!(disabled(), 1);
    assert!(is_enabled("carl"));
}

#[test]
fn a_finding_whose_execution_died_is_worked_on_by_the_one_that_is_started_again() {
    create_user("cora");
    let session = Session::of("cora");
    let event = finding(&session, "cora");
    let detail = &event["detail"];
    let until = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs() + 20;
    let left = json!({
        "pk": {"S": format!("finding#{}", detail["arn"].as_str().unwrap())}, "sk": {"S": "finding"},
        "revision": {"N": "1"}, "holder": {"S": "arn:of:one-that-died"}, "version": {"S": detail["updatedAt"]},
        "held_until": {"N": until.to_string()},
    });
    let table = output("DecisionTableName");
    aws(&["dynamodb", "put-item", "--table-name", table, "--item", &left.to_string()]);
    let outcome = deliver(&event);
    assert_eq!((outcome.status.as_str(), outcome.decision()), ("SUCCEEDED", ("contain", "identity-proved")));
    assert!(SystemTime::now() > UNIX_EPOCH + Duration::from_secs(until), "it did not wait for the other");
    assert!(!is_enabled("cora"));
}

/// Waits until this many executions have been started since, and have ended well.
fn settle(before: &BTreeSet<String>, count: usize) {
    let started = eventually("all executions", || {
        let started: Vec<_> = executions().difference(before).cloned().collect();
        (started.len() == count).then_some(started)
    });
    for execution in started {
        assert_eq!(wait_for(&execution), "SUCCEEDED", "{execution}");
    }
}
