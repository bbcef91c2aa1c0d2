//! What must never be acted on: nobody is disabled, and the record says why.

use serde_json::Value;

use crate::directory::{create_user, is_enabled};
use crate::finding::finding;
use crate::lab::lab;
use crate::session::{Session, instance};
use crate::stack::{KillSwitch, Outcome, Reconfigured, deliver};

fn check(event: &Value, reason: &str) -> Outcome {
    let outcome = deliver(event);
    assert_eq!(outcome.decision(), ("refuse", reason));
    assert_eq!(outcome.count("DisableUser"), 0, "{reason}");
    outcome
}

/// The event alone tells that nothing may be done: not even the instance is asked.
fn check_unasked(change: impl FnOnce(&mut Value), reason: &str) {
    let session = Session::of_root();
    let mut event = finding(&session, "root");
    change(&mut event);
    assert_eq!(check(&event, reason).count("SendCommand"), 0, "{reason}");
}

#[test]
fn a_sample_is_left_alone() {
    check_unasked(|event| event["detail"]["service"]["additionalInfo"]["sample"] = true.into(), "sample");
}

#[test]
fn an_archived_finding_is_left_alone() {
    check_unasked(|event| event["detail"]["service"]["archived"] = true.into(), "archived");
}

#[test]
fn a_finding_of_another_account_is_left_alone() {
    let foreign = |event: &mut Value| {
        let text = event["detail"].to_string().replace("111122223333", "444455556666");
        event["detail"] = serde_json::from_str(&text).unwrap();
    };
    check_unasked(foreign, "foreign-account");
}

#[test]
fn a_finding_below_the_threshold_is_left_alone() {
    check_unasked(|event| event["detail"]["severity"] = 5.into(), "below-threshold");
}

#[test]
fn root_without_a_log_in_is_nobody_to_disable() {
    let session = Session::of_root();
    check(&finding(&session, "root"), "root-user");
}

#[test]
fn a_local_user_is_not_the_directory_user_of_the_same_name() {
    lab(&["instance", "exec", instance(), "--", "useradd", "--create-home", "--uid", "4001", "dana"]);
    create_user("dana");
    let session = Session::of("dana");
    check(&finding(&session, "dana"), "local-user");
    assert!(is_enabled("dana"));
}

#[test]
fn a_protected_user_is_left_alone() {
    let session = Session::of("Admin");
    check(&finding(&session, "admin"), "protected-user");
    assert!(is_enabled("Admin"));
}

#[test]
fn observing_only_tells() {
    create_user("olga");
    let session = Session::of("olga");
    let _observing = Reconfigured::with(&[("MODE", Some("observe"))]);
    let outcome = check(&finding(&session, "olga"), "observe-mode");
    assert_eq!(outcome.mail.len(), 1);
    assert!(is_enabled("olga"));
}

#[test]
fn the_kill_switch_stops_everything_without_a_deployment() {
    create_user("kim");
    let session = Session::of("kim");
    let _switch = KillSwitch::on();
    check(&finding(&session, "kim"), "kill-switch");
    assert!(is_enabled("kim"));
}
