//! What must never be acted on: nobody is disabled, and the record says why.

use serde_json::Value;

use crate::directory::{add_to_group, create_group, create_user, disable, is_enabled};
use crate::finding::finding;
use crate::instance::instance;
use crate::lab::lab;
use crate::session::{Session, Way};
use crate::stack::{KillSwitch, Outcome, Reconfigured, deliver};

const PROTECTED_GROUP: &str = "AWS Delegated Administrators";

fn check(event: &Value, reason: &str) -> Outcome {
    let outcome = deliver(event);
    assert_eq!(outcome.decision(), ("refuse", reason));
    assert_eq!(outcome.count("DisableUser"), 0, "{reason}");
    outcome
}

/// The event alone tells that nothing may be done: not even the instance is asked.
fn check_unasked(change: impl FnOnce(&mut Value), reason: &str) {
    let session = Way::service().start();
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
    // The lab's stack looks after other accounts, and this one has no row.
    check_unasked(foreign, "no-account-row");
}

#[test]
fn a_finding_below_the_threshold_is_left_alone() {
    check_unasked(|event| event["detail"]["severity"] = 5.into(), "below-threshold");
}

#[test]
fn root_without_a_log_in_is_nobody_to_disable() {
    let session = Way::service().start();
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

fn check_member(user: &str, join: impl FnOnce()) {
    create_user(user);
    join();
    let session = Session::of(user);
    check(&finding(&session, user), "protected-group");
    assert!(is_enabled(user));
}

#[test]
fn a_member_of_the_protected_group_is_left_alone() {
    check_member("pia", || add_to_group(PROTECTED_GROUP, "pia"));
}

#[test]
fn a_member_of_a_group_within_the_protected_group_is_left_alone() {
    check_member("paul", || {
        create_group("Helpers");
        create_group("Helpers of Helpers");
        add_to_group(PROTECTED_GROUP, "Helpers");
        add_to_group("Helpers", "Helpers of Helpers");
        add_to_group("Helpers of Helpers", "paul");
    });
}

#[test]
fn a_user_who_is_disabled_already_is_left_alone() {
    create_user("dora");
    let session = Session::of("dora");
    disable("dora");
    check(&finding(&session, "dora"), "already-disabled");
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
