//! A person decides: approval, refusal, silence; nobody about himself.

use serde_json::{Value, json};

use crate::directory::{PASSWORD, can_log_in, create_user, is_enabled};
use crate::finding::{detector, emit, finding};
use crate::lab::{Journal, aws};
use crate::mail::{body, of_executions};
use crate::person::{Person, question};
use crate::session::Session;
use crate::stack::{KillSwitch, Reconfigured, deliver, eventually, executions, record_of, text, wait_for};

/// Emits a finding and has it answered while its execution waits; the record and the mails.
pub(crate) fn ask(event: &Value, answer: impl FnOnce(&str)) -> (Value, Vec<Value>) {
    let (mail, before) = (Journal::from_now("mail"), executions());
    emit(event);
    let id = question(event);
    let execution = eventually("the execution", || executions().difference(&before).next().cloned());
    answer(&id);
    assert_eq!(wait_for(&execution), "SUCCEEDED");
    (record_of(&execution), of_executions(&mail))
}

fn say(id: &str, answer: &str, user: &str) -> Value {
    json!({"version": 1, "approval": id, "answer": answer, "user": user, "reason": "seen on the host"})
}

#[test]
fn an_approved_user_is_disabled_and_the_record_tells_by_whom() {
    create_user("anna");
    let session = Session::of("anna");
    let _mode = Reconfigured::with(&[("MODE", Some("approve")), ("APPROVAL_SECONDS", Some("60"))]);
    let event = finding(&session, "anna");
    let (record, mail) = ask(&event, |id| {
        assert!(is_enabled("anna"), "nothing happens before the answer");
        let (status, cause) = Person::called("anna@corp.example.test").answer(&say(id, "approve", "anna"));
        assert_eq!(status, "FAILED", "nobody approves about himself");
        assert!(cause.contains("may not decide about anna"), "{cause}");
        assert!(is_enabled("anna"));
        assert_eq!(Person::called("eve").answer(&say(id, "approve", "anna")).0, "SUCCEEDED");
    });
    assert!(!is_enabled("anna") && !can_log_in("anna", PASSWORD));
    assert_eq!((text(&record, "decision"), text(&record, "reason")), ("contain", "approved-by-person"));
    assert!(record["answer"]["M"]["caller"]["S"].as_str().unwrap().ends_with("/eve"), "{record}");
    let [asked, refused, told] = &mail[..] else { panic!("{mail:?}") };
    assert!(body(asked).contains("approve-containment"), "{asked}");
    assert!(body(refused).contains("approve-containment could not finish"), "{refused}");
    assert!(body(told).contains("approved by") && body(told).contains("seen on the host"), "{told}");
}

#[test]
fn an_approval_that_was_stopped_is_followed_by_the_next_delivery_without_asking_again() {
    create_user("asta");
    let session = Session::of("asta");
    let _mode = Reconfigured::with(&[("MODE", Some("approve")), ("APPROVAL_SECONDS", Some("60"))]);
    let event = finding(&session, "asta");
    let mut switch = None;
    let (record, _) = ask(&event, |id| {
        switch = Some(KillSwitch::on());
        assert_eq!(Person::called("eve").answer(&say(id, "approve", "asta")).0, "SUCCEEDED");
    });
    assert_eq!((text(&record, "reason"), is_enabled("asta")), ("kill-switch", true));
    drop(switch);
    let outcome = deliver(&event);
    assert_eq!((outcome.decision(), is_enabled("asta")), (("contain", "approved-by-person"), false));
    let [told] = &outcome.mail[..] else { panic!("{:?}", outcome.mail) };
    assert!(body(told).contains("approved by"), "{told}");
}

#[test]
fn a_refused_user_is_left_alone() {
    create_user("arne");
    let session = Session::of("arne");
    let _mode = Reconfigured::with(&[("MODE", Some("approve")), ("APPROVAL_SECONDS", Some("60"))]);
    let (record, mail) = ask(&finding(&session, "arne"), |id| {
        assert_eq!(Person::called("eve").answer(&say(id, "refuse", "arne")).0, "SUCCEEDED");
    });
    assert!(is_enabled("arne"));
    assert_eq!(text(&record, "reason"), "refused-by-person");
    assert_eq!(mail.len(), 2, "{mail:?}");
}

#[test]
fn silence_changes_nothing_and_a_late_answer_is_told_so() {
    create_user("axel");
    let session = Session::of("axel");
    let _mode = Reconfigured::with(&[("MODE", Some("approve")), ("APPROVAL_SECONDS", Some("8"))]);
    let event = finding(&session, "axel");
    let mut asked = String::new();
    let (record, mail) = ask(&event, |id| asked = id.to_owned());
    assert!(is_enabled("axel"));
    assert_eq!((text(&record, "decision"), text(&record, "reason")), ("needs-person", "approve-mode"));
    assert_eq!(mail.len(), 1, "{mail:?}");
    let (status, cause) = Person::called("eve").answer(&say(&asked, "approve", "axel"));
    assert!(status == "FAILED" && cause.contains("nobody waits"), "{status}: {cause}");
    assert!(is_enabled("axel"));
}

#[test]
fn where_nobody_is_proved_the_person_names_the_user() {
    create_user("arlo");
    let mut event = finding(&Session::of("arlo"), "arlo");
    event["detail"]["service"]["runtimeDetails"]["process"]["lineage"] = json!([]);
    event["detail"]["service"]["runtimeDetails"]["process"]["pid"] = 999_999.into();
    let _patience = Reconfigured::with(&[("APPROVAL_SECONDS", Some("60"))]);
    let (record, _) = ask(&event, |id| {
        assert_eq!(Person::called("eve").answer(&say(id, "approve", "arlo")).0, "SUCCEEDED");
    });
    assert!(!is_enabled("arlo"));
    assert_eq!(text(&record, "reason"), "approved-by-person");
}

#[test]
fn nobody_releases_himself_and_an_active_finding_needs_a_reason() {
    create_user("agda");
    let session = Session::of("agda");
    let event = finding(&session, "agda");
    assert_eq!(deliver(&event).decision(), ("contain", "identity-proved"));
    let release = |who: &str, extra: Value| {
        let mut input = json!({"version": 1, "user": "agda", "reason": "a false positive"});
        input.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
        Person::called(who).start("ReleaseStateMachineArn", &input)
    };
    let (status, cause) = release("eve", json!({}));
    assert!(status == "FAILED" && cause.contains("is active"), "{status}: {cause}");
    let (status, cause) = release("agda", json!({"override": "I know"}));
    assert!(status == "FAILED" && cause.contains("may not decide about agda"), "{status}: {cause}");
    assert!(!is_enabled("agda"));
    let id = event["detail"]["id"].as_str().unwrap();
    aws(&["guardduty", "archive-findings", "--detector-id", detector(), "--finding-ids", id]);
    assert_eq!(release("eve", json!({})).0, "SUCCEEDED");
    assert!(is_enabled("agda"));
}

#[test]
fn after_its_time_a_containment_is_asked_about_and_not_ended() {
    create_user("adam");
    let session = Session::of("adam");
    let _review = Reconfigured::with(&[("REVIEW_AFTER_SECONDS", Some("3"))]);
    let outcome = deliver(&finding(&session, "adam"));
    assert!(!is_enabled("adam"));
    let [contained, review] = &outcome.mail[..] else { panic!("{:?}", outcome.mail) };
    assert!(body(contained).contains("has disabled"), "{contained}");
    assert!(body(review).contains("has been contained since"), "{review}");
}
