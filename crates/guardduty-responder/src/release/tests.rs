use serde_json::{Value, json};

use super::*;
use crate::records::{Caller, caller_key, memory};
use crate::testing::{self, Ended, FINDING, Faults, World, answer, event, run};

/// Walks the steps as `release-user` does, with the caller known, repeating transient failures up to six times each.
pub(crate) async fn release(world: &World, execution: &str) -> Result<(), Error> {
    release_of(world, None, execution).await
}

/// Releases the alice of the own domain, or of a trusted one.
pub(crate) async fn release_of(world: &World, domain: Option<&str>, execution: &str) -> Result<(), Error> {
    let mut input = json!({"version": 1, "user": "alice", "reason": "false positive"});
    if let Some(domain) = domain {
        input["domain"] = json!(domain);
    }
    release_with(world, execution, &input).await
}

async fn release_with(world: &World, execution: &str, input: &Value) -> Result<(), Error> {
    release_as(world, "arn:aws:iam::111122223333:user/eve", execution, input).await
}

async fn release_as(world: &World, arn: &str, execution: &str, input: &Value) -> Result<(), Error> {
    memory::put(
        &world.table,
        &caller_key(execution),
        &Caller {
            arn: arn.to_owned(),
            time: "2026-11-21T02:00:00Z".to_owned(),
            source_ip: "192.0.2.1".to_owned(),
            names: Vec::new(),
        },
    );
    match testing::release(world, input, execution).await {
        Ok(()) => Ok(()),
        Err(Ended::Failed(error)) => Err(error),
        Err(other) => panic!("{other:?}"),
    }
}

fn key_of_alice(domain: Option<&str>) -> crate::records::Key {
    containment_key(&Home::of(&"d-9067012345".parse().unwrap(), domain), &"alice".parse().unwrap())
}

async fn contained() -> World {
    let world = World::new();
    world.answers(&answer());
    run(&world.responder(), &event(), "arn:x:1").await.unwrap();
    assert!(!world.enabled("alice"));
    world.state().mails.clear();
    world.state().calls = 0;
    world
}

#[tokio::test]
async fn enables_the_user_with_a_kept_password_and_tells_who_asked() {
    let world = contained().await;
    release(&world, "arn:r:1").await.unwrap();
    let state = world.state();
    assert!(state.users["alice"].enabled);
    assert_eq!(
        state.passwords["alice"], state.secrets["arn:r:1"],
        "the directory has the password that is kept"
    );
    assert_eq!(state.mails.len(), 1);
    let body = &state.mails[0].body;
    assert!(body.contains("user/eve") && body.contains("false positive"), "{body}");
    assert!(!body.contains(&state.passwords["alice"]), "the password is shown to nobody");
}

#[tokio::test]
async fn doing_it_twice_is_refused_and_changes_nothing() {
    let world = contained().await;
    release(&world, "arn:r:1").await.unwrap();
    let password = world.state().passwords["alice"].clone();
    let error = release(&world, "arn:r:2").await.unwrap_err();
    assert!(matches!(error, Error::ReleaseRefused(_)), "{error}");
    assert_eq!(world.state().passwords["alice"], password);
}

#[tokio::test]
async fn a_user_disabled_by_others_is_left_alone() {
    let world = World::new();
    world.state().users.get_mut("alice").unwrap().enabled = false;
    let error = release(&world, "arn:r:1").await.unwrap_err();
    assert!(error.to_string().contains("does not hold alice contained"), "{error}");
    assert!(!world.enabled("alice"));
}

#[tokio::test]
async fn bad_input_is_named_whole() {
    let world = contained().await;
    for (input, problems) in [
        (json!({}), &["user", "reason"][..]),
        (json!("alice"), &["user", "reason"]),
        (json!({"version": 2}), &["version", "user", "reason"]),
        (json!({"version": 2, "user": "alice", "reason": "x"}), &["version"]),
        (json!({"version": 1, "user": "al ice", "reason": "x"}), &["user"]),
        (json!({"version": 1, "user": "alice", "reason": "  "}), &["reason"]),
        (json!({"version": 1, "user": "alice", "reason": "x".repeat(501)}), &["reason"]),
    ] {
        let error = release_with(&world, "arn:r:1", &input).await.unwrap_err().to_string();
        assert!(problems.iter().all(|problem| error.contains(problem)), "{input}: {error}");
    }
    assert!(!world.enabled("alice"));
}

#[tokio::test]
async fn waits_for_the_caller_and_stays_as_it_is_when_nobody_can_name_him() {
    let world = contained().await;
    let releaser = world.releaser();
    let request = |step, started_at: u64| Request {
        step,
        execution: "arn:r:1".to_owned(),
        started_at: clock::iso(started_at),
        input: json!({"version": 1, "user": "alice", "reason": "x"}),
    };
    let now = clock::now();
    releaser.handle(request(Step::Check, now)).await.unwrap();
    assert_eq!(releaser.handle(request(Step::LearnCaller, now)).await.unwrap().outcome, "waiting");
    let error = releaser.handle(request(Step::LearnCaller, now - 301)).await.unwrap_err();
    assert!(error.to_string().contains("CloudTrail"), "{error}");
    let error = releaser.handle(request(Step::Reset, now)).await.unwrap_err();
    assert!(error.to_string().contains("nobody knows who asked"), "{error}");
    assert!(!world.enabled("alice"));
}

#[tokio::test]
async fn any_call_may_fail_once() {
    let world = contained().await;
    release(&world, "arn:r:1").await.unwrap();
    let calls = world.state().calls;
    assert!(calls > 10, "{calls}");
    for call in 1..=calls {
        for lost_answer in [false, true] {
            let world = contained().await;
            world.state().faults = Faults::once(call, lost_answer);
            release(&world, "arn:r:1").await.unwrap();
            let state = world.state();
            assert!(state.users["alice"].enabled, "call {call}");
            assert_eq!(state.passwords["alice"], state.secrets["arn:r:1"], "call {call}");
            assert!((1..=2).contains(&state.mails.len()), "call {call}");
        }
    }
}

#[tokio::test]
async fn nobody_releases_himself() {
    for arn in [
        "arn:aws:iam::111122223333:user/alice",
        "arn:aws:sts::111122223333:assumed-role/AWSReservedSSO_Admin_1/alice@corp.example.test",
        "arn:aws:sts::111122223333:assumed-role/Host/i-0123456789abcdef0",
    ] {
        let world = contained().await;
        let input = json!({"version": 1, "user": "alice", "reason": "it was not me"});
        let error = release_as(&world, arn, "arn:r:1", &input).await.unwrap_err();
        assert!(matches!(error, Error::ReleaseRefused(_)), "{arn}: {error}");
        assert!(!world.enabled("alice"), "{arn}");
    }
}

#[tokio::test]
async fn an_active_finding_is_released_from_only_with_a_reason() {
    let world = contained().await;
    world.state().active.insert(FINDING.to_owned());
    let error = release(&world, "arn:r:1").await.unwrap_err();
    assert!(error.to_string().contains("is active"), "{error}");
    assert!(!world.enabled("alice"));
    let input = json!({"version": 1, "user": "alice", "reason": "x", "override": "she is needed now"});
    release_with(&world, "arn:r:2", &input).await.unwrap();
    assert!(world.enabled("alice"));
    let state = world.state();
    assert!(state.mails[0].body.contains("she is needed now"), "{}", state.mails[0].body);
}

/// One step of an execution whose caller is known.
async fn step(world: &World, step: Step, execution: &str) -> Result<Outcome, Error> {
    let input = json!({"version": 1, "user": "alice", "reason": "x"});
    let request =
        Request { step, execution: execution.to_owned(), started_at: clock::iso(clock::now()), input };
    world.releaser().handle(request).await
}

async fn checked(world: &World, execution: &str) {
    let caller = Caller {
        arn: "arn:aws:iam::111122223333:user/eve".to_owned(),
        time: String::new(),
        source_ip: String::new(),
        names: Vec::new(),
    };
    memory::put(&world.table, &caller_key(execution), &caller);
    for first in [Step::Check, Step::LearnCaller] {
        step(world, first, execution).await.unwrap();
    }
}

#[tokio::test]
async fn of_two_releases_at_once_one_goes_on() {
    let world = contained().await;
    for execution in ["arn:r:1", "arn:r:2"] {
        checked(&world, execution).await;
    }
    step(&world, Step::Reset, "arn:r:1").await.unwrap();
    let error = step(&world, Step::Reset, "arn:r:2").await.unwrap_err();
    assert!(error.to_string().contains("released already"), "{error}");
    let state = world.state();
    assert_eq!(state.secrets.len(), 1, "the refused release has kept no other password");
    assert_eq!(state.passwords["alice"], state.secrets["arn:r:1"]);
}

#[tokio::test]
async fn a_release_that_began_keeps_others_out_until_its_time_is_over() {
    let world = contained().await;
    let key = key_of_alice(None);
    let (held, _) = world.table.read::<Containment>(&key).await.unwrap();
    let mut held = held.unwrap();
    let (cause, now) = (held.cause.clone(), 10_000);
    held.begin_release("arn:r:1", &cause, now).unwrap();
    held.begin_release("arn:r:1", &cause, now + 5).unwrap();
    assert_eq!(held.epoch, 1, "going on is not another release");
    assert!(held.begin_release("arn:r:2", &cause, now + 1799).unwrap_err().contains("under way"));
    held.begin_release("arn:r:2", &cause, now + 1800).unwrap();
    assert!(held.finish_release("arn:r:1").is_err());
    held.finish_release("arn:r:2").unwrap();
    assert_eq!((held.status, held.epoch), (Status::Released, 1));
}

#[tokio::test]
async fn a_containment_by_another_finding_in_between_is_not_undone() {
    let world = contained().await;
    checked(&world, "arn:r:1").await;
    let mut other = event();
    other["detail"]["arn"] = json!("arn:aws:guardduty:eu-west-1:111122223333:detector/d1/finding/f2");
    world.state().users.get_mut("alice").unwrap().enabled = true;
    run(&world.responder(), &other, "arn:x:2").await.unwrap();
    let error = step(&world, Step::Reset, "arn:r:1").await.unwrap_err();
    assert!(error.to_string().contains("contained again"), "{error}");
    assert!(!world.enabled("alice"));
}

#[tokio::test]
async fn a_release_that_failed_can_be_asked_for_again_at_once() {
    let world = contained().await;
    checked(&world, "arn:r:1").await;
    let calls = world.state().calls;
    step(&world, Step::Reset, "arn:r:1").await.unwrap();
    let calls_of_reset = world.state().calls - calls;
    for call in 1..=calls_of_reset {
        for lost_answer in [false, true] {
            let world = contained().await;
            checked(&world, "arn:r:1").await;
            let before = world.state().calls;
            world.state().faults = Faults::once(before + call, lost_answer);
            let died = step(&world, Step::Reset, "arn:r:1").await;
            assert!(died.is_err(), "call {call}");
            world.state().faults = Faults::None;
            step(&world, Step::Abandon, "arn:r:1").await.unwrap();
            let key = key_of_alice(None);
            let (held, _) = world.table.read::<Containment>(&key).await.unwrap();
            if held.unwrap().status == Status::Released {
                continue; // only the answer was lost
            }
            release(&world, "arn:r:2").await.unwrap();
            assert!(world.enabled("alice"), "call {call}");
            let state = world.state();
            assert_eq!(state.passwords["alice"], state.secrets["arn:r:2"], "call {call}");
        }
    }
}

mod trusted;
