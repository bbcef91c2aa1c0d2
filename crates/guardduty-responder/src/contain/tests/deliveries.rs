//! Several deliveries of one finding: one is worked on, and none that is needed is ignored.

use super::*;
use crate::testing::{Death, Fault, Schedule, block_on, contain};

/// What the responder makes of a delivery by an execution that started some seconds ago.
async fn record(world: &World, execution: &str, event: Value, ago: u64) -> Result<Outcome, Error> {
    let request = Request {
        step: Step::Record,
        execution: execution.to_owned(),
        started_at: Some(clock::iso(clock::now() - ago)),
        event,
        command: None,
        no_answer: None,
        token: None,
    };
    world.responder().handle(request).await
}

async fn outcome(world: &World, execution: &str, event: Value) -> (String, String) {
    let outcome = record(world, execution, event, 2).await.unwrap();
    (outcome.outcome, outcome.reason)
}

fn pair(outcome: &str, reason: &str) -> (String, String) {
    (outcome.to_owned(), reason.to_owned())
}

#[tokio::test]
async fn of_copies_that_arrive_together_one_is_worked_on() {
    let world = world();
    assert_eq!(outcome(&world, "arn:x:1", updated(5)).await, pair("proceed", "new"));
    assert_eq!(outcome(&world, "arn:x:2", updated(5)).await, pair("busy", "another-execution"));
    assert_eq!(outcome(&world, "arn:x:3", updated(4)).await, pair("ignored", "duplicate"));
    assert_eq!(outcome(&world, "arn:x:4", updated(6)).await, pair("busy", "another-execution"));
}

#[tokio::test]
async fn copies_that_waited_until_it_was_decided_have_nothing_to_do() {
    let world = world();
    world.state().kill_switch = true;
    run(&world.responder(), &updated(5), "arn:x:1").await.unwrap();
    assert_eq!(outcome(&world, "arn:x:2", updated(5)).await, pair("ignored", "duplicate"));
    assert_eq!(outcome(&world, "arn:x:3", updated(6)).await, pair("proceed", "new"), "an update is news");
}

#[tokio::test]
async fn a_copy_that_starts_after_the_decision_is_decided_anew() {
    let world = world();
    world.state().kill_switch = true;
    run(&world.responder(), &updated(5), "arn:x:1").await.unwrap();
    assert_eq!(record(&world, "arn:x:2", updated(5), 0).await.unwrap().outcome, "proceed");
}

#[tokio::test]
async fn a_finding_that_failed_is_taken_up_by_a_copy_that_waits() {
    let world = world();
    record(&world, "arn:x:1", event(), 0).await.unwrap();
    assert_eq!(outcome(&world, "arn:x:2", event()).await.0, "busy");
    crate::records::abandon(&world, crate::testing::FINDING, "arn:x:1").await.unwrap();
    assert_eq!(outcome(&world, "arn:x:2", event()).await.0, "proceed");
}

#[tokio::test]
async fn who_waits_in_vain_fails_and_names_whom_he_waits_for() {
    let world = world();
    record(&world, "arn:x:1", event(), 0).await.unwrap();
    let error = record(&world, "arn:x:2", event(), PATIENCE_SECONDS).await.unwrap_err();
    assert!(matches!(&error, Error::FindingBusy(_, holder) if holder == "arn:x:1"), "{error}");
    assert_eq!(error.kind(), steward_core::error::Kind::Permanent, "the state machine does not repeat it");
}

/// An execution is stopped at each call, so that nobody lets go of the finding; a minute later it is started again.
#[test]
fn an_execution_that_is_started_again_works_on_what_the_first_still_holds() {
    block_on(async {
        let mut held = 0;
        for call in 1..=calls_of_one_run().await {
            let world = world();
            world.state().faults = Faults::At(call, Fault::Kill(Death::Silent));
            let mut schedule = Schedule::new(&world);
            schedule.add(0, contain(world.responder(), event(), "arn:x:1".to_owned()));
            schedule.add(60_000, contain(world.responder(), event(), "arn:x:2".to_owned()));
            schedule.run().await;
            let state = world.state();
            assert!(!state.users["alice"].enabled, "call {call}: {:#?}", state.trace);
            assert_eq!(state.disabled.len(), 1, "call {call}");
            assert!(state.failure_mails.is_empty(), "call {call}");
            held += usize::from(state.truth.ended["arn:x:2"] == "Done");
        }
        assert!(held > 10, "{held}");
    });
}

#[test]
fn fifty_copies_at_once_are_one_effect_and_one_notice_and_soon_over() {
    block_on(async {
        let world = world();
        let mut schedule = Schedule::new(&world);
        for copy in 0..50 {
            schedule.add(0, contain(world.responder(), event(), format!("arn:x:{copy}")));
        }
        let began = world.state().now;
        schedule.run().await;
        let state = world.state();
        assert_eq!((state.disabled.len(), state.mails.len()), (1, 1));
        assert!(state.commands.len() == 1 && state.failure_mails.is_empty());
        let took = (state.now - began) / 1000;
        assert!(took < 60, "{took} s");
    });
}
