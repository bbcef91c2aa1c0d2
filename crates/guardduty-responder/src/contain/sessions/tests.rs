use serde_json::{Value, json};

use crate::clock;
use crate::contain::{Request, Step};
use crate::error::Error;
use crate::records::memory;
use crate::records::{DecisionRecord, SessionEvidence};
use crate::systems_manager::Reply;
use crate::testing::{Faults, World, answer, event, report, run, uid};

fn world() -> World {
    let world = World::new();
    world.answers(&answer());
    world
}

/// The one decision record in the table.
fn record(world: &World) -> DecisionRecord {
    let items = world.table.items();
    let mut decisions = items.into_iter().filter(|(key, _)| key.sk.starts_with("decision"));
    let (_, item) = decisions.next().unwrap();
    assert!(decisions.next().is_none());
    serde_json::from_value(item).unwrap()
}

fn evidence(world: &World) -> Vec<SessionEvidence> {
    let items = world.table.items().into_iter().filter(|(key, _)| key.sk.starts_with("sessions#"));
    items.map(|(_, item)| serde_json::from_value(item).unwrap()).collect()
}

#[tokio::test]
async fn ends_exactly_the_sessions_of_the_proved_user_and_says_so() {
    let world = world();
    assert_eq!(run(&world.responder(), &event(), "arn:x:1").await.unwrap(), "Done");
    let endings = world.state().endings.clone();
    let [owner] = &endings[..] else { panic!("one command, not {endings:?}") };
    assert_eq!((owner.user.as_str(), owner.uid), ("alice", uid(1104)));
    assert_eq!(owner.process, "4242:1795222800");
    let sessions = record(&world).sessions.unwrap();
    assert_eq!((sessions.not_ended.as_deref(), sessions.ended.unwrap().ended), (None, 3));
    let others = sessions.others.unwrap();
    assert_eq!((others.count, others.first.len()), (2, 2), "the instance itself is none of the others");
    assert_eq!(evidence(&world)[0].evidence.processes[0].name, "curl");
    let mail = world.state().mails[0].clone();
    for part in [
        "and ended this user's sessions on i-0123456789abcdef0.",
        "3 processes were killed",
        "a new log-in was tried: it is refused",
        "nothing was found",
        "expire 2026-11-21T11:00:00Z, renewable until",
        "2 other online instances of the domain",
        "i-0aaaaaaaaaaaaaaaa i-0bbbbbbbbbbbbbbbb",
    ] {
        assert!(mail.body.contains(part), "{part:?} is not in:\n{}", mail.body);
    }
}

/// Runs the standard event in a changed world: the user is disabled, people are told once, and the mail says why his
/// sessions were not ended.
async fn check_not_ended(why: &str, commands: usize, changes: &[(&str, &str)], change: impl FnOnce(&World)) {
    let world = world();
    change(&world);
    assert_eq!(run(&world.responder_with(changes), &event(), "arn:x:1").await.unwrap(), "Done", "{why}");
    assert!(!world.enabled("alice"), "{why}");
    let state = world.state();
    assert_eq!((state.endings.len(), state.mails.len()), (commands, 1), "{why}");
    let mail = &state.mails[0];
    assert!(mail.subject.contains("alice disabled, sessions go on"), "{}", mail.subject);
    assert!(mail.body.contains(&format!("SESSIONS WERE NOT ENDED ({why})")), "{}", mail.body);
    drop(state);
    assert_eq!(record(&world).sessions.unwrap().not_ended.as_deref(), Some(why));
}

#[tokio::test]
async fn what_is_not_ended_is_told_with_its_reason() {
    use crate::reason::Doubt;
    check_not_ended("not-configured", 0, &[("AFTER_DISABLING", "nothing")], |_| {}).await;
    check_not_ended("agent-absent", 0, &[], |world| world.state().agent_lost = true).await;
    check_not_ended("no-report", 1, &[], |world| world.state().report = None).await;
    let replied = |reply: Reply| move |world: &World| world.state().report = Some(reply);
    check_not_ended("command-failed", 1, &[], replied(Reply::None(Doubt::CommandFailed))).await;
    check_not_ended("command-timed-out", 1, &[], replied(Reply::None(Doubt::CommandTimedOut))).await;
    check_not_ended("command-cancelled", 1, &[], replied(Reply::None(Doubt::CommandCancelled))).await;
    for output in ["", "alice", "{}\n{}", "\u{1b}[0m"] {
        check_not_ended("answer-not-understood", 1, &[], replied(Reply::Output(output.to_owned()))).await;
    }
    let refusal = json!({"v": 1, "uid": uid(1104), "refused": "other-account", "report": null}).to_string();
    check_not_ended("other-account", 1, &[], replied(Reply::Output(refusal))).await;
}

fn request(step: Step, command: Option<&str>) -> Request {
    Request {
        command: command.map(str::to_owned),
        started_at: Some(clock::iso(clock::now())),
        ..serde_json::from_value(json!({"step": "record", "execution": "arn:x:1", "event": event()}))
            .map(|request: Request| Request { step, ..request })
            .unwrap()
    }
}

/// A world in which alice was disabled a moment ago.
async fn disabled() -> World {
    let world = world();
    let responder = world.responder();
    for (step, command) in
        [(Step::Record, None), (Step::Ask, None), (Step::Decide, Some("c1")), (Step::Disable, None)]
    {
        responder.handle(request(step, command)).await.unwrap();
    }
    world
}

#[tokio::test]
async fn a_kill_switch_after_disabling_leaves_the_sessions() {
    let world = disabled().await;
    world.state().kill_switch = true;
    let outcome = world.responder().handle(request(Step::EndSessions, None)).await.unwrap();
    assert_eq!((outcome.outcome.as_str(), outcome.reason.as_str()), ("not-ended", "kill-switch"));
    assert!(world.state().endings.is_empty());
}

/// Changes the decision's record; expects that no session is ended then.
async fn check_unproved(change: impl FnOnce(&mut Value)) {
    let world = disabled().await;
    let (key, mut item) =
        world.table.items().into_iter().find(|(key, _)| key.sk.starts_with("decision")).unwrap();
    change(&mut item);
    memory::put(&world.table, &key, &item);
    let outcome = world.responder().handle(request(Step::EndSessions, None)).await.unwrap();
    assert_eq!(outcome.reason, "identity-not-proved");
    assert!(world.state().endings.is_empty());
}

#[tokio::test]
async fn a_user_whom_a_person_named_without_proof_keeps_his_sessions() {
    check_unproved(|item| item["evidence"]["instance"] = Value::Null).await;
    check_unproved(|item| item["user"] = json!("bob")).await;
    check_unproved(|item| item["sid"] = json!(crate::testing::sid(1105))).await;
    check_unproved(|item| item["evidence"]["instance"]["answer"]["accounts"][0]["uid"] = json!(5)).await;
}

#[tokio::test]
async fn no_session_is_ended_before_the_directory_has_confirmed() {
    let world = world();
    let responder = world.responder();
    for (step, command) in [(Step::Record, None), (Step::Ask, None), (Step::Decide, Some("c1"))] {
        responder.handle(request(step, command)).await.unwrap();
    }
    let error = responder.handle(request(Step::EndSessions, None)).await.unwrap_err();
    assert!(matches!(error, Error::Undecided(_)), "{error}");
    assert!(world.state().endings.is_empty());
}

#[tokio::test]
async fn what_is_reported_once_is_not_ended_again() {
    let world = disabled().await;
    let responder = world.responder();
    let sent = responder.handle(request(Step::EndSessions, None)).await.unwrap();
    assert_eq!((sent.outcome.as_str(), sent.command.as_deref()), ("asked", Some("e1")));
    for _ in 0..2 {
        let read = responder.handle(request(Step::ReadSessions, Some("e1"))).await.unwrap();
        assert_eq!(read.outcome, "ended");
    }
    let again = responder.handle(request(Step::EndSessions, None)).await.unwrap();
    assert_eq!((again.outcome.as_str(), world.state().endings.len()), ("ended", 1));
    assert_eq!(evidence(&world).len(), 1);
}

/// Each call of the two steps fails for good, before its effect or after it: people are told all the same.
#[tokio::test]
async fn the_notice_of_the_containment_is_never_lost_over_a_failure() {
    let calls = {
        let world = disabled().await;
        let before = world.state().calls;
        world.responder().handle(request(Step::EndSessions, None)).await.unwrap();
        world.responder().handle(request(Step::ReadSessions, Some("e1"))).await.unwrap();
        world.state().calls - before
    };
    assert!(calls > 8, "{calls}");
    for call in 1..=calls {
        for lost_answer in [false, true] {
            let world = disabled().await;
            let fail_at = world.state().calls + call;
            world.state().faults = Faults::once(fail_at, lost_answer);
            let responder = world.responder();
            if let Ok(sent) = responder.handle(request(Step::EndSessions, None)).await {
                let _ = responder.handle(request(Step::ReadSessions, sent.command.as_deref())).await;
            }
            world.state().faults = Faults::None;
            responder.handle(request(Step::Tell, None)).await.unwrap();
            let mail = world.state().mails[0].clone();
            let complete = mail.body.contains("and ended this user's sessions");
            let reported = record(&world).sessions.is_some_and(|sessions| sessions.ended.is_some());
            assert_eq!(complete, reported, "call {call}: {}", mail.body);
            assert!(complete || mail.body.contains("SESSIONS WERE NOT ENDED"), "call {call}: {}", mail.body);
        }
    }
}

/// The instance reports that something is left; expects this in the mail.
async fn check_left(pointer: &str, value: Value, expected: &str) {
    let world = world();
    let mut line = report();
    *line.pointer_mut(pointer).unwrap() = value;
    world.state().report = Some(Reply::Output(line.to_string()));
    run(&world.responder(), &event(), "arn:x:1").await.unwrap();
    let mail = world.state().mails[0].clone();
    assert!(mail.subject.contains("access remains"), "{}", mail.subject);
    for part in ["NOT ALL OF THEM", expected] {
        assert!(mail.body.contains(part), "{part:?} is not in:\n{}", mail.body);
    }
}

#[tokio::test]
async fn what_the_instance_could_not_end_is_told() {
    check_left("/report/left_count", json!(1), "1 process would not end").await;
    check_left("/report/flagged", json!("left"), "the flagged process would not end").await;
    check_left("/report/flagged", json!("not-his"), "the flagged process: it belongs to none").await;
    check_left("/report/flagged", json!("reused"), "its id is another one's now").await;
    check_left("/report/logind", json!("failed"), "logind did not end them").await;
    check_left("/report/tickets", json!({"removed": 2, "left": 1}), "1 file with Kerberos tickets").await;
    check_left("/report/log_in", json!("accepted"), "NEW LOG-INS: the instance would still let").await;
    check_left("/report/log_in", json!("unknown"), "a log-in could not be tried").await;
}
