use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::systems_manager::Reply;
use crate::testing::{Faults, World, answer, event, run, variables};

mod deliveries;
mod elsewhere;
mod flood;
mod token;
mod trusted;

/// A world in which the instance answers truthfully that the process is alice's.
fn world() -> World {
    let world = World::new();
    world.answers(&answer());
    world
}

fn updated(minute: u32) -> Value {
    let mut event = event();
    event["detail"]["updatedAt"] = json!(format!("2026-11-21T02:{minute:02}:00.000Z"));
    event
}

#[tokio::test]
async fn disables_exactly_the_user_and_tells_once() {
    let world = world();
    assert_eq!(run(&world.responder(), &event(), "arn:x:1").await.unwrap(), "Done");
    assert!(!world.enabled("alice") && world.enabled("bob"));
    let state = world.state();
    assert_eq!(state.disabled.len(), 1);
    assert_eq!(state.commands.len(), 1);
    assert_eq!(state.mails.len(), 1);
    assert!(state.mails[0].subject.starts_with("[adsteward] alice disabled"), "{}", state.mails[0].subject);
    drop(state);
    assert_eq!(world.reasons(), ["identity-proved"]);
}

#[tokio::test]
async fn five_copies_and_an_update_are_one_effect_and_one_notice() {
    let world = world();
    let responder = world.responder();
    for copy in 0..5 {
        run(&responder, &event(), &format!("arn:x:{copy}")).await.unwrap();
    }
    run(&responder, &updated(30), "arn:x:update").await.unwrap();
    assert_eq!(world.state().disabled.len(), 1);
    assert_eq!(world.state().mails.len(), 1);
    assert_eq!(world.state().commands.len(), 1, "an update of a finding that has acted asks nobody");
}

#[tokio::test]
async fn an_update_after_a_release_changes_nothing() {
    let world = world();
    let responder = world.responder();
    run(&responder, &event(), "arn:x:1").await.unwrap();
    crate::release::tests::release(&world, "arn:r:1").await.unwrap();
    assert!(world.enabled("alice"));
    for minute in [10, 20] {
        run(&responder, &updated(minute), &format!("arn:x:u{minute}")).await.unwrap();
    }
    assert!(world.enabled("alice"));
    assert_eq!(world.state().disabled.len(), 1);
}

#[tokio::test]
async fn a_new_finding_after_a_release_contains_again() {
    let world = world();
    let responder = world.responder();
    run(&responder, &event(), "arn:x:1").await.unwrap();
    crate::release::tests::release(&world, "arn:r:1").await.unwrap();
    let mut other = updated(40);
    other["detail"]["arn"] = json!("arn:aws:guardduty:eu-west-1:111122223333:detector/d1/finding/f2");
    run(&responder, &other, "arn:x:2").await.unwrap();
    assert!(!world.enabled("alice"));
    let state = world.state();
    assert_eq!(state.disabled.len(), 2);
    assert_ne!(state.disabled[0].1, state.disabled[1].1, "another containment, another token");
    assert_eq!(state.mails.len(), 3);
}

#[tokio::test]
async fn nothing_is_asked_about_an_event_that_is_refused() {
    let world = world();
    let mut sample = event();
    sample["detail"]["service"]["additionalInfo"] = json!({"sample": true});
    for (execution, event) in [("arn:x:1", sample), ("arn:x:2", json!("text")), ("arn:x:3", json!({}))] {
        assert_eq!(run(&world.responder(), &event, execution).await.unwrap(), "Nothing to do");
    }
    let state = world.state();
    assert!(state.commands.is_empty() && state.disabled.is_empty() && state.mails.is_empty());
    drop(state);
    assert_eq!(world.reasons(), ["sample", "malformed", "malformed"]);
}

/// Runs the standard event in a changed world; expects this reason, no effect, and a notice or none.
async fn check(reason: &str, told: bool, changes: &[(&str, &str)], change: impl FnOnce(&World)) {
    let world = world();
    change(&world);
    let before = world.state().users.clone();
    run(&world.responder_with(changes), &event(), "arn:x:1").await.unwrap();
    assert_eq!(world.reasons(), [reason]);
    assert!(world.state().disabled.is_empty(), "{reason}");
    assert_eq!(world.state().users, before, "{reason}");
    assert_eq!(world.state().mails.len(), usize::from(told), "{reason}");
}

#[tokio::test]
async fn does_nothing_and_says_why() {
    check("observe-mode", true, &[("MODE", "observe")], |_| {}).await;
    check("kill-switch", true, &[], |world| world.state().kill_switch = true).await;
    check("protected-user", true, &[("PROTECTED_USERS", "krbtgt,ALICE")], |_| {}).await;
    check("protected-group", true, &[("PROTECTED_GROUP", "Tier 0")], |world| {
        world.state().groups.insert("alice".to_owned(), ["tier 0".to_owned()].into());
    })
    .await;
    check("budget-spent", true, &[("HOURLY_BUDGET", "0")], |_| {}).await;
    check("already-disabled", true, &[], |world| {
        world.state().users.get_mut("alice").unwrap().enabled = false
    })
    .await;
    check("user-not-in-directory", true, &[], |world| {
        world.state().users.remove("alice");
    })
    .await;
    check("sid-mismatch", true, &[], |world| {
        world.state().users.get_mut("alice").unwrap().sid = "S-1-5-21-1-1-1-1104".parse().unwrap();
    })
    .await;
    check("agent-absent", true, &[], |world| world.state().agent_absent = true).await;
    for doubt in [Doubt::CommandFailed, Doubt::CommandTimedOut, Doubt::CommandCancelled] {
        check(doubt.code(), true, &[], |world| world.state().replies = vec![Reply::None(doubt)]).await;
    }
    check("command-timed-out", true, &[], |world| world.state().replies = vec![Reply::Pending]).await;
    for output in ["", "alice", "{}\n{}", "\u{1b}[0m", &"x".repeat(24_000)] {
        let reply = Reply::Output(output.to_owned());
        check("answer-not-understood", true, &[], |world| world.state().replies = vec![reply]).await;
    }
}

#[tokio::test]
async fn waits_for_a_slow_command() {
    let world = world();
    world.state().replies = vec![
        Reply::Pending,
        Reply::Pending,
        Reply::Output(answer().to_string()),
        Reply::Output(answer().to_string()),
    ];
    run(&world.responder(), &event(), "arn:x:1").await.unwrap();
    assert!(!world.enabled("alice"));
}

#[tokio::test]
async fn looks_until_the_directory_shows_the_effect() {
    let world = world();
    world.state().stale_looks = 7;
    run(&world.responder(), &event(), "arn:x:1").await.unwrap();
    assert_eq!(world.state().stale_looks, 0, "one step looks five times, the repeated step goes on");
    assert_eq!(world.state().disabled.len(), 1);
}

#[tokio::test]
async fn an_effect_that_the_directory_does_not_show_is_not_told_as_done() {
    let world = world();
    world.state().stale_looks = 1000;
    let error = run(&world.responder(), &event(), "arn:x:1").await.unwrap_err();
    assert!(matches!(error, Error::NotConfirmed(_)), "{error}");
    assert!(world.state().mails.is_empty());
}

#[tokio::test]
async fn tells_again_only_when_the_decision_changes() {
    let world = world();
    world.state().kill_switch = true;
    let responder = world.responder();
    for minute in 1..4 {
        run(&responder, &updated(minute), &format!("arn:x:{minute}")).await.unwrap();
    }
    assert_eq!(world.state().mails.len(), 1);
    world.state().kill_switch = false;
    run(&responder, &updated(9), "arn:x:9").await.unwrap();
    assert!(!world.enabled("alice"), "with the switch off, the next update acts");
    assert_eq!(world.state().mails.len(), 2);
}

#[tokio::test]
async fn a_thousand_findings_spend_no_more_than_the_budget() {
    let world = world();
    let responder = world.responder();
    for number in 0..1000 {
        let mut event = event();
        event["detail"]["arn"] =
            json!(format!("arn:aws:guardduty:eu-west-1:111122223333:detector/d1/finding/{number}"));
        world.state().users.get_mut("alice").unwrap().enabled = true;
        run(&responder, &event, &format!("arn:x:{number}")).await.unwrap();
    }
    assert_eq!(world.state().disabled.len(), 5);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    /// Copies and updates of one finding, 1 to 50 in any order, with a release somewhere among them.
    #[test]
    fn at_most_one_effect_for_each_finding_user_and_release(
        minutes in proptest::collection::vec(0u32..60, 1..50),
        release_after in proptest::option::of(0usize..50),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let world = world();
            let responder = world.responder();
            for (delivery, minute) in minutes.iter().enumerate() {
                run(&responder, &updated(*minute), &format!("arn:x:{delivery}")).await.unwrap();
                if release_after == Some(delivery) {
                    crate::release::tests::release(&world, "arn:r:1").await.unwrap();
                }
            }
            let released = release_after.is_some_and(|after| after < minutes.len());
            assert_eq!(world.state().disabled.len(), 1);
            assert_eq!(world.enabled("alice"), released);
            assert_eq!(world.state().mails.len(), 1 + usize::from(released));
        });
    }
}

/// One run in which the chosen call fails, before its effect or after it.
async fn run_with_fault(call: usize, lost_answer: bool) -> (World, Result<&'static str, Error>) {
    let world = world();
    world.state().faults = Faults::once(call, lost_answer);
    let result = run(&world.responder(), &event(), "arn:x:1").await;
    (world, result)
}

async fn calls_of_one_run() -> usize {
    let (world, _) = run_with_fault(usize::MAX, false).await;
    let calls = world.state().calls;
    assert!(calls > 20, "{calls}");
    calls
}

#[tokio::test]
async fn any_call_may_fail_once() {
    for call in 1..=calls_of_one_run().await {
        for lost_answer in [false, true] {
            let (world, result) = run_with_fault(call, lost_answer).await;
            assert_eq!(result.unwrap(), "Done", "call {call}");
            let state = world.state();
            assert_eq!(state.disabled.len(), 1, "call {call}");
            assert!(!state.users["alice"].enabled, "call {call}");
            let twice = usize::from(lost_answer && state.mails.len() == 2);
            assert_eq!(
                state.mails.len(),
                1 + twice,
                "call {call}: once, or twice after a lost answer of the topic"
            );
        }
    }
}

/// The execution dies at the chosen call; an hour later GuardDuty sends an update.
#[tokio::test]
async fn an_execution_may_die_anywhere_and_the_next_update_finishes() {
    for call in 1..=calls_of_one_run().await {
        for lost_answer in [false, true] {
            let world = world();
            let dying = world.responder();
            world.state().faults = Faults::once(call, lost_answer);
            let _ = die_at_first_failure(&dying, "arn:x:1").await;
            world.state().faults = Faults::None;
            world.table.expire_leases();
            run(&world.responder(), &updated(59), "arn:x:2").await.unwrap();
            assert!(!world.enabled("alice"), "call {call}");
            assert_eq!(world.state().disabled.len(), 1, "call {call}: the token makes it one effect");
        }
    }
}

async fn die_at_first_failure(
    responder: &Responder<World, World, World, World>,
    execution: &str,
) -> Result<(), Error> {
    let request = |step, command: Option<&str>| Request {
        step,
        execution: execution.to_owned(),
        started_at: Some(clock::iso(clock::now())),
        event: event(),
        command: command.map(str::to_owned),
        no_answer: None,
        token: None,
    };
    responder.handle(request(Step::Record, None)).await?;
    responder.handle(request(Step::Ask, None)).await?;
    responder.handle(request(Step::ReadAnswer, Some("c1"))).await?;
    responder.handle(request(Step::Decide, Some("c1"))).await?;
    responder.handle(request(Step::Disable, None)).await?;
    responder.handle(request(Step::Tell, None)).await?;
    Ok(())
}

#[tokio::test]
async fn a_copy_is_decided_anew_when_there_was_no_effect_and_told_no_second_time() {
    let world = world();
    world.state().kill_switch = true;
    for copy in 0..3 {
        run(&world.responder(), &event(), &format!("arn:x:{copy}")).await.unwrap();
    }
    assert_eq!(world.state().mails.len(), 1);
    world.state().kill_switch = false;
    run(&world.responder(), &event(), "arn:x:off").await.unwrap();
    assert!(!world.enabled("alice"));
}

/// The step that disables fails at the chosen call, and a person turns the kill switch on before it is repeated.
#[tokio::test]
async fn a_kill_switch_between_two_tries_leaves_a_record_that_is_true() {
    let mut stopped = 0;
    for call in 1..=20 {
        for lost_answer in [false, true] {
            let world = world();
            let responder = world.responder();
            let request = |step, command: Option<&str>| Request {
                step,
                execution: "arn:x:1".to_owned(),
                started_at: Some(clock::iso(clock::now())),
                event: event(),
                command: command.map(str::to_owned),
                no_answer: None,
                token: None,
            };
            responder.handle(request(Step::Record, None)).await.unwrap();
            responder.handle(request(Step::Ask, None)).await.unwrap();
            responder.handle(request(Step::Decide, Some("c1"))).await.unwrap();
            let before = world.state().calls;
            world.state().faults = Faults::once(before + call, lost_answer);
            let _ = responder.handle(request(Step::Disable, None)).await;
            world.state().faults = Faults::None;
            world.state().kill_switch = true;
            let calls = world.state().disabled.len();
            let outcome = responder.handle(request(Step::Disable, None)).await.unwrap();
            let expected = if world.enabled("alice") { "refuse" } else { "contained" };
            assert_eq!(outcome.outcome, expected, "call {call}, lost answer: {lost_answer}");
            let again = responder.handle(request(Step::Disable, None)).await.unwrap();
            assert_eq!(again.outcome, expected, "the same when it is repeated");
            assert_eq!(world.state().disabled.len(), calls, "nothing more is done with the switch on");
            stopped += usize::from(expected == "refuse");
        }
    }
    assert!(stopped > 5, "{stopped}");
}

#[test]
fn a_bad_configuration_is_named_whole() {
    let changes =
        [("MODE", "banana"), ("DIRECTORY_ID", "d-1"), ("HOURLY_BUDGET", "-1"), ("PROTECTED_USERS", "a b")];
    let error = Config::read(variables(&changes)).unwrap_err().to_string();
    for name in ["4 problems", "MODE", "DIRECTORY_ID", "HOURLY_BUDGET", "PROTECTED_USERS"] {
        assert!(error.contains(name), "{error}");
    }
}
