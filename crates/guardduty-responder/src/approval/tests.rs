use serde_json::{Value, json};
use steward_core::error::Kind;

use super::*;
use crate::records::{Caller, caller_key, memory};
use crate::testing::{Fault, Faults, World, answer, event, run, run_asking};

const QUESTIONED: &str = "arn:x:asks";

fn world() -> World {
    let world = World::new();
    world.answers(&answer());
    world
}

/// The name of the only question, as the notice prints it.
fn question(world: &World) -> String {
    let items = world.table.items();
    let found = items.iter().find(|(key, _)| key.sk == "approval").expect("nobody was asked");
    found.1["id"].as_str().unwrap().to_owned()
}

fn approve(world: &World) -> Value {
    json!({"version": 1, "approval": question(world), "answer": "approve", "user": "alice", "reason": "saw it"})
}

/// Walks the steps as `approve-containment` does, repeating transient failures up to six times each.
async fn say_as(world: &World, who: &str, execution: &str, input: &Value) -> Result<(), Error> {
    let caller = Caller {
        arn: format!("arn:aws:sts::111122223333:assumed-role/Security/{who}"),
        time: "2026-11-21T02:00:00Z".to_owned(),
        source_ip: "192.0.2.1".to_owned(),
        names: Vec::new(),
    };
    memory::put(&world.table, &caller_key(execution), &caller);
    for step in [Step::Check, Step::Answer] {
        let mut attempts = 0;
        loop {
            let (execution, started_at) = (execution.to_owned(), clock::iso(clock::now()));
            let request = Request { step, execution, started_at, input: input.clone() };
            match world.approver().handle(request).await {
                Err(error) if error.kind() == Kind::Transient && attempts < 6 => attempts += 1,
                Err(error) => return Err(error),
                Ok(_) => break,
            }
        }
    }
    Ok(())
}

async fn asked(world: &World, mode: &str, then: impl AsyncFnOnce(String)) {
    let responder = world.responder_with(&[("MODE", mode)]);
    run_asking(&responder, &event(), QUESTIONED, then).await.unwrap();
}

#[tokio::test]
async fn contains_a_user_whom_a_person_approves() {
    let world = world();
    asked(&world, "approve", async |token| {
        assert!(world.enabled("alice"), "nothing happens before the answer");
        say_as(&world, "eve", "arn:a:1", &approve(&world)).await.unwrap();
        assert!(!world.state().tokens.contains(&token), "the execution is woken");
    })
    .await;
    assert!(!world.enabled("alice"));
    assert_eq!(world.reasons(), ["approved-by-person"]);
    let mails = &world.state().mails;
    assert_eq!(mails.len(), 2, "the question and the containment");
    assert!(
        mails[0].body.contains("approve-containment") && !mails[0].body.contains("token-"),
        "{}",
        mails[0].body
    );
    assert!(mails[1].body.contains("approved by") && mails[1].body.contains("/eve"), "{}", mails[1].body);
    assert!(mails[1].body.contains("saw it"), "{}", mails[1].body);
}

#[tokio::test]
async fn leaves_a_user_alone_whom_a_person_refuses_also_for_later_updates() {
    let world = world();
    asked(&world, "approve", async |_| {
        let refuse =
            json!({"version": 1, "approval": question(&world), "answer": "refuse", "reason": "a test"});
        say_as(&world, "eve", "arn:a:1", &refuse).await.unwrap();
    })
    .await;
    assert!(world.enabled("alice"));
    let mut update = event();
    update["detail"]["updatedAt"] = "2026-11-21T09:04:00.000Z".into();
    run(&world.responder_with(&[("MODE", "approve")]), &update, "arn:x:2").await.unwrap();
    assert!(world.enabled("alice"));
    assert_eq!(world.reasons(), ["refused-by-person"; 2]);
    assert_eq!(world.state().mails.len(), 2, "the question and the refusal, once");
}

#[tokio::test]
async fn a_refusal_stands_when_the_doubt_for_which_he_was_asked_is_gone() {
    let world = world();
    let scarce = world.responder_with(&[("HOURLY_BUDGET", "0")]);
    run_asking(&scarce, &event(), QUESTIONED, async |_| {
        let refuse =
            json!({"version": 1, "approval": question(&world), "answer": "refuse", "reason": "a test"});
        say_as(&world, "eve", "arn:a:1", &refuse).await.unwrap();
    })
    .await
    .unwrap();
    let mut update = event();
    update["detail"]["updatedAt"] = "2026-11-21T09:04:00.000Z".into();
    run(&world.responder(), &update, "arn:x:2").await.unwrap();
    assert!(world.enabled("alice"), "the notice says: for good as to this finding");
    assert_eq!(world.reasons(), ["refused-by-person"; 2]);
    assert_eq!(world.state().mails.len(), 2, "the question and the refusal, once");
}

#[tokio::test]
async fn does_nothing_when_nobody_answers_and_asks_again_with_the_next_delivery() {
    let world = world();
    asked(&world, "approve", async |_| ()).await;
    assert!(world.enabled("alice"));
    assert_eq!(world.state().mails.len(), 1, "the question stands");
    let late = say_as(&world, "eve", "arn:a:1", &approve(&world)).await.unwrap_err();
    assert!(late.to_string().contains("nobody waits"), "{late}");
    let responder = world.responder_with(&[("MODE", "approve")]);
    run_asking(&responder, &event(), "arn:x:2", async |_| {
        say_as(&world, "eve", "arn:a:2", &approve(&world)).await.unwrap();
    })
    .await
    .unwrap();
    assert!(!world.enabled("alice"));
}

#[tokio::test]
async fn nobody_approves_about_himself_and_the_question_stays_open() {
    let world = world();
    asked(&world, "approve", async |_| {
        let own = say_as(&world, "alice@corp.example.test", "arn:a:1", &approve(&world)).await.unwrap_err();
        assert!(matches!(own, Error::AnswerRefused(_)), "{own}");
        say_as(&world, "eve", "arn:a:2", &approve(&world)).await.unwrap();
    })
    .await;
    assert!(!world.enabled("alice"));
}

#[tokio::test]
async fn of_two_answers_the_first_counts() {
    let world = world();
    asked(&world, "approve", async |_| {
        let refuse =
            json!({"version": 1, "approval": question(&world), "answer": "refuse", "reason": "a test"});
        say_as(&world, "eve", "arn:a:1", &refuse).await.unwrap();
        say_as(&world, "eve", "arn:a:1", &refuse).await.expect("the same one again is no second");
        let second = say_as(&world, "mallory", "arn:a:2", &approve(&world)).await.unwrap_err();
        assert!(second.to_string().contains("refused already"), "{second}");
    })
    .await;
    assert!(world.enabled("alice"));
}

#[tokio::test]
async fn an_approval_changes_neither_who_is_proved_nor_who_is_protected() {
    let world = world();
    asked(&world, "approve", async |_| {
        let mut other = approve(&world);
        other["user"] = "bob".into();
        let error = say_as(&world, "eve", "arn:a:1", &other).await.unwrap_err();
        assert!(error.to_string().contains("is about alice"), "{error}");
    })
    .await;
    let world = World::new();
    world.state().agent_absent = true;
    asked(&world, "enforce", async |_| {
        let mut admin = approve(&world);
        admin["user"] = "Admin".into();
        say_as(&world, "eve", "arn:a:2", &admin).await.unwrap();
    })
    .await;
    assert!(world.enabled("admin"));
    assert_eq!(world.reasons(), ["protected-group"]);
}

#[tokio::test]
async fn where_nobody_is_proved_the_person_names_the_user() {
    let world = World::new();
    world.state().agent_absent = true;
    asked(&world, "enforce", async |_| {
        let mut nameless = approve(&world);
        nameless.as_object_mut().unwrap().remove("user");
        let error = say_as(&world, "eve", "arn:a:1", &nameless).await.unwrap_err();
        assert!(error.to_string().contains("user is missing"), "{error}");
        say_as(&world, "eve", "arn:a:2", &approve(&world)).await.unwrap();
    })
    .await;
    assert!(!world.enabled("alice"));
}

#[tokio::test]
async fn the_kill_switch_stops_an_approved_containment_too() {
    let world = world();
    asked(&world, "approve", async |_| {
        say_as(&world, "eve", "arn:a:1", &approve(&world)).await.unwrap();
        world.state().kill_switch = true;
    })
    .await;
    assert!(world.enabled("alice"));
    assert_eq!(world.reasons(), ["kill-switch"]);
}

#[tokio::test]
async fn observing_asks_nobody() {
    let world = World::new();
    world.state().agent_absent = true;
    asked(&world, "observe", async |_| panic!("nobody is to be asked")).await;
    assert_eq!(world.reasons(), ["agent-absent"]);
}

#[tokio::test]
async fn a_wake_without_an_answer_does_nothing() {
    let world = world();
    asked(&world, "approve", async |token| {
        world.state().tokens.remove(&token);
    })
    .await;
    assert!(world.enabled("alice"));
    assert_eq!(world.reasons(), ["approve-mode"]);
}

#[tokio::test]
async fn an_update_is_left_alone_while_a_person_is_asked() {
    let world = world();
    asked(&world, "approve", async |_| {
        let mut update = event();
        update["detail"]["updatedAt"] = "2026-11-21T09:04:00.000Z".into();
        let ended = run(&world.responder_with(&[("MODE", "approve")]), &update, "arn:x:2").await.unwrap();
        assert_eq!(ended, "Nothing to do");
    })
    .await;
    assert_eq!(world.state().mails.len(), 1);
}

#[tokio::test]
async fn whoever_lost_the_finding_while_waiting_does_not_act() {
    let world = world();
    let responder = world.responder_with(&[("MODE", "approve")]);
    let error = run_asking(&responder, &event(), QUESTIONED, async |_| {
        say_as(&world, "eve", "arn:a:1", &approve(&world)).await.unwrap();
        crate::records::abandon(&world, crate::testing::FINDING, QUESTIONED).await.unwrap();
        let mut update = event();
        update["detail"]["updatedAt"] = "2026-11-21T09:04:00.000Z".into();
        let refusing = world.responder_with(&[("MODE", "observe")]);
        run(&refusing, &update, "arn:x:2").await.unwrap();
    })
    .await
    .unwrap_err();
    assert!(matches!(error, Error::FindingLost(..)), "{error}");
    assert!(world.enabled("alice"));
}

/// What a person approved fails for good at each call after his answer, until the next delivery.
#[tokio::test]
async fn an_approval_that_broke_is_followed_by_the_next_delivery_and_nobody_is_asked_again() {
    let mut broken = 0;
    for at in 1..60 {
        let world = world();
        let responder = world.responder_with(&[("MODE", "approve")]);
        let event = event();
        let first = run_asking(&responder, &event, QUESTIONED, async |_| {
            say_as(&world, "eve", "arn:a:1", &approve(&world)).await.unwrap();
            let before = world.state().calls;
            world.state().faults = Faults::At(before + at, Fault::Throttle(7));
        });
        if first.await.is_ok() {
            continue;
        }
        world.state().faults = Faults::None;
        let enabled = world.enabled("alice");
        run_asking(&responder, &event, "arn:x:2", async |_| panic!("asked again, call {at}")).await.unwrap();
        assert!(!world.enabled("alice"), "call {at}");
        assert_eq!(world.state().disabled.len(), 1, "call {at}");
        broken += usize::from(enabled);
    }
    assert!(broken > 3, "{broken}");
}

#[tokio::test]
async fn survives_a_failure_at_every_call() {
    for lost in [false, true] {
        for at in 1..30 {
            let world = world();
            asked(&world, "approve", async |_| {
                let before = world.state().calls;
                world.state().faults = Faults::once(before + at, lost);
                say_as(&world, "eve", "arn:a:1", &approve(&world)).await.unwrap();
            })
            .await;
            assert!(!world.enabled("alice"), "failure at call {at}, lost answer: {lost}");
            assert_eq!(world.state().disabled.len(), 1);
        }
    }
}

#[test]
fn reads_an_answer_and_names_everything_that_is_wrong() {
    let request = |input: Value| Request {
        step: Step::Check,
        execution: String::new(),
        started_at: String::new(),
        input,
    };
    let good = json!({"version": 1, "approval": "00ff", "answer": "refuse", "reason": " no "});
    assert_eq!(request(good).wish().unwrap().reason, "no");
    let bad = json!({"version": 2, "approval": "../x", "answer": "maybe", "user": 5});
    let error = request(bad).wish().unwrap_err().to_string();
    for member in ["version", "approval", "answer", "user", "reason"] {
        assert!(error.contains(member), "{error}");
    }
}
