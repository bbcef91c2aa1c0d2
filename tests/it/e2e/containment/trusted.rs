//! Users of a trusted forest: each is disabled by LDAP in his own domain, and nobody of his name elsewhere.

mod approval;
mod people;
mod release;
mod trouble;

use crate::directory::{PASSWORD, can_log_in, is_enabled as is_enabled_here};
use crate::finding::{emit, finding};
use crate::lab::{Journal, variable};
use crate::mail::{body, of_executions};
use crate::session::Session;
use crate::stack::{KillSwitch, Outcome, Reconfigured, deliver, executions, text};

use super::settle;
use people::{
    assert_nothing_changed, changes, create, create_namesakes, disable, full, is_enabled, is_revoked, log_in,
};

/// A finding about a new session of his.
fn trip(name: &str) -> (Session, Outcome) {
    let session = Session::of(&full(name));
    let outcome = deliver(&finding(&session, &full(name)));
    (session, outcome)
}

fn check_left_alone(name: &str, decision: (&str, &str)) {
    let (session, outcome) = trip(name);
    assert_eq!((outcome.status.as_str(), outcome.decision()), ("SUCCEEDED", decision));
    assert_nothing_changed(&outcome);
    assert!(is_enabled(name) && !session.has_ended(), "{name}");
}

#[test]
fn a_user_of_a_trusted_forest_is_disabled_there_and_his_namesake_here_is_not() {
    create_namesakes("xenia");
    let namesake = Session::of("xenia");
    log_in("xenia", PASSWORD).unwrap();

    let (session, outcome) = trip("xenia");

    assert_eq!((outcome.status.as_str(), outcome.decision()), ("SUCCEEDED", ("contain", "identity-proved")));
    assert_eq!((changes(&outcome.calls), outcome.count("DisableUser")), (1, 0));
    assert!(!is_enabled("xenia") && is_revoked("xenia"));
    assert!(session.has_ended(), "the session goes on");
    assert!(is_enabled_here("xenia") && can_log_in("xenia", PASSWORD) && !namesake.has_ended());
    let record = &outcome.record;
    assert_eq!((text(record, "user"), text(record, "domain")), ("xenia", variable("TRUSTED_AD_DOMAIN")));
    let [mail] = &outcome.mail[..] else { panic!("one mail, not {:?}", outcome.mail) };
    let undo = format!(r#""user":"xenia","domain":"{}""#, variable("TRUSTED_AD_DOMAIN"));
    assert!(body(mail).contains(&full("xenia")) && body(mail).contains(&undo), "{}", body(mail));
}

#[test]
fn his_namesake_here_is_disabled_here_only() {
    create_namesakes("xaver");
    let guest = Session::of(&full("xaver"));
    let session = Session::of("xaver");

    let outcome = deliver(&finding(&session, "xaver"));

    assert_eq!(outcome.decision(), ("contain", "identity-proved"));
    assert_eq!((changes(&outcome.calls), outcome.count("DisableUser")), (0, 1));
    assert!(!is_enabled_here("xaver") && session.has_ended());
    assert!(is_enabled("xaver") && !guest.has_ended());
    assert!(outcome.record["domain"]["S"].is_null(), "{}", outcome.record);
}

#[test]
fn copies_of_his_finding_disable_once() {
    create("xander");
    let session = Session::of(&full("xander"));
    let event = finding(&session, &full("xander"));
    let (calls, mail, before) = (Journal::from_now("calls"), Journal::from_now("mail"), executions());

    (0..5).for_each(|_| emit(&event));
    settle(&before, 5);

    assert_eq!((changes(&calls.read()), of_executions(&mail).len()), (1, 1));
    assert!(!is_enabled("xander"));
}

#[test]
fn a_domain_admin_by_way_of_another_group_is_left_alone() {
    check_left_alone("paula.moss", ("refuse", "protected-group"));
}

#[test]
fn a_protected_user_is_protected_in_every_domain() {
    create("admin");
    check_left_alone("admin", ("refuse", "protected-user"));
}

#[test]
fn a_user_who_is_disabled_there_already_is_left_alone() {
    create("ximena");
    let session = Session::of(&full("ximena"));
    disable("ximena");
    let outcome = deliver(&finding(&session, &full("ximena")));
    assert_eq!(outcome.decision(), ("refuse", "already-disabled"));
    assert_nothing_changed(&outcome);
}

#[test]
fn a_user_of_a_domain_that_is_not_configured_cannot_be_contained_here() {
    create_namesakes("xerxes");
    let _none = Reconfigured::with(&[("TRUSTED_FOREST_SECRETS", Some(""))]);
    check_left_alone("xerxes", ("cannot-contain-here", "trusted-forest"));
    assert!(is_enabled_here("xerxes"));
}

#[test]
fn the_kill_switch_stops_it() {
    create("xavier");
    let _switch = KillSwitch::on();
    check_left_alone("xavier", ("refuse", "kill-switch"));
}
