//! Users who trip GuardDuty on an instance of another account, in another Region.

use serde_json::Value;

use crate::directory::{PASSWORD, can_log_in, create_user, is_enabled};
use crate::economy::by_the_responder;
use crate::finding::{emit, emit_at, finding_of};
use crate::instance::member_instance;
use crate::lab::{Journal, variable};
use crate::mail::of_executions;
use crate::session::{Session, Way};
use crate::stack::{Outcome, Reconfigured, deliver, deliver_by, executions, text};

use super::settle;

/// An account that the stack is told of as GuardDuty's administrator, and one that nobody has told it of.
const ADMINISTRATOR: &str = "333344445555";
const THIRD: &str = "444455556666";

/// Another account's instance, and what its account and Region are.
fn there() -> (&'static str, &'static str) {
    (variable("MEMBER_ACCOUNT_ID"), variable("MEMBER_REGION"))
}

fn session_of(user: &str) -> Session {
    Way::log_in(user).on(member_instance()).start()
}

/// The member account's finding as the event of an account.
fn told_by(sender: &str, event: &Value) -> Value {
    let mut event = event.clone();
    event["account"] = sender.into();
    event
}

/// The same, as a copy that names the sender's own detector.
fn copy_of(sender: &str, event: &Value) -> Value {
    let mut event = told_by(sender, event);
    let arn = event["detail"]["arn"].as_str().unwrap();
    let member = arn.split('/').nth(1).unwrap();
    event["detail"]["arn"] = arn.replace(member, &"ad".repeat(16)).into();
    event
}

/// The responder's calls that reach into accounts; the joiner looks at each new instance there.
fn reaching(outcome: &Outcome) -> usize {
    let operations = ["AssumeRole", "SendCommand", "GetCommandInvocation", "DescribeInstanceInformation"];
    by_the_responder(&outcome.calls)
        .iter()
        .filter(|call| operations.iter().any(|operation| call["operation"] == *operation))
        .count()
}

#[test]
fn a_user_on_an_instance_of_another_account_and_region_is_disabled_and_his_sessions_there_are_ended() {
    create_user("mona");
    let session = session_of("mona");
    let (account, region) = there();
    let event = finding_of(&session, "mona", there());

    let outcome = deliver_by(|| emit_at(&event, there()));

    assert_eq!((outcome.status.as_str(), outcome.decision()), ("SUCCEEDED", ("contain", "identity-proved")));
    let record = &outcome.record;
    assert_eq!((text(record, "account"), text(record, "region")), (account, region));
    assert_eq!((outcome.count("DisableUser"), outcome.count("SendCommand")), (1, 2));
    assert!(!is_enabled("mona") && !can_log_in("mona", PASSWORD));
    assert!(session.has_ended(), "the session on the other account's instance goes on");
    let [mail] = &outcome.mail[..] else { panic!("one mail, not {:?}", outcome.mail) };
    let body = mail["body"].as_str().unwrap();
    let place = format!("instance {}, account {account}, Region {region}", member_instance());
    assert!(body.contains(&place) && body.contains("ended this user's sessions"), "{body}");
}

#[test]
fn the_copies_of_the_member_and_of_the_administrator_contain_once() {
    let _told = Reconfigured::with(&[("GUARDDUTY_ADMINISTRATOR_ACCOUNT", Some(ADMINISTRATOR))]);
    let own = variable("AWS_ACCOUNT_ID");
    for (user, administrator) in [("moira", ADMINISTRATOR), ("muriel", own)] {
        create_user(user);
        let session = session_of(user);
        let event = finding_of(&session, user, there());
        let copy = copy_of(administrator, &event);
        let (calls, mail, before) = (Journal::from_now("calls"), Journal::from_now("mail"), executions());
        emit(&copy);
        emit_at(&event, there());
        emit(&copy);
        settle(&before, 3);
        let disabled = calls.read().iter().filter(|call| call["operation"] == "DisableUser").count();
        assert_eq!((disabled, of_executions(&mail).len()), (1, 1), "{user}");
        assert!(!is_enabled(user), "{user}");
    }
}

#[test]
fn a_finding_that_a_third_account_tells_of_does_nothing() {
    create_user("maud");
    let session = session_of("maud");
    let event = finding_of(&session, "maud", there());
    for teller in [THIRD, ADMINISTRATOR] {
        let foreign = told_by(teller, &event);
        let outcome = deliver_by(|| emit_at(&foreign, there()));
        assert_eq!(outcome.decision(), ("refuse", "foreign-source"), "{teller}");
        assert_eq!((reaching(&outcome), outcome.count("DisableUser")), (0, 0), "{teller}");
    }
    assert!(is_enabled("maud") && !session.has_ended());
}

#[test]
fn a_finding_of_an_account_without_a_row_does_nothing() {
    create_user("mavis");
    let session = session_of("mavis");
    let event = finding_of(&session, "mavis", (THIRD, there().1));
    let outcome = deliver(&event);
    assert_eq!(outcome.decision(), ("refuse", "no-account-row"));
    assert_eq!((reaching(&outcome), outcome.count("DisableUser")), (0, 0));
    assert!(is_enabled("mavis") && !session.has_ended());
}
