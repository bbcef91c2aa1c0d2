//! What one effect is to the directory: its token, and the account that it is for.

use super::*;
use crate::testing::{answer_about, event_about, sid, uid};

/// A world in which the instance answers truthfully about alice's and bob's processes.
fn world() -> World {
    let world = World::new();
    for (name, relative_id) in [("alice", 1104), ("bob", 1105)] {
        let reply = Reply::Output(answer_about(name, relative_id).to_string());
        world.state().replies_about.insert(uid(relative_id), reply);
    }
    world
}

#[tokio::test]
async fn a_finding_about_two_users_contains_both() {
    let world = world();
    run(&world.responder(), &event_about("f1", "alice", 1104), "arn:x:1").await.unwrap();
    let mut update = event_about("f1", "bob", 1105);
    update["detail"]["updatedAt"] = json!("2026-11-21T02:30:00.000Z");
    run(&world.responder(), &update, "arn:x:2").await.unwrap();
    assert!(!world.enabled("alice") && !world.enabled("bob"));
    assert_eq!(world.state().mails.len(), 2);
}

#[tokio::test]
async fn a_containment_after_a_release_has_a_token_of_its_own() {
    let (released, fresh) = (world(), world());
    run(&released.responder(), &event_about("f2", "alice", 1104), "arn:x:1").await.unwrap();
    crate::release::tests::release(&released, "arn:r:1").await.unwrap();
    for world in [&released, &fresh] {
        run(&world.responder(), &event_about("f1", "alice", 1104), "arn:x:2").await.unwrap();
    }
    let token = |world: &World| world.state().disabled.last().unwrap().1.clone();
    assert_ne!(token(&released), token(&fresh), "the same finding and user, another epoch");
}

#[tokio::test]
async fn an_account_that_was_replaced_after_the_decision_is_left_alone() {
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
    assert_eq!(responder.handle(request(Step::Decide, Some("c1"))).await.unwrap().outcome, "contain");
    world.replace("alice", &sid(1199));
    let outcome = responder.handle(request(Step::Disable, None)).await.unwrap();
    assert_eq!(outcome.reason, "sid-mismatch");
    assert!(world.enabled("alice") && world.state().disabled.is_empty());
    responder.handle(request(Step::Tell, None)).await.unwrap();
    assert_eq!(world.state().mails.len(), 1, "a person looks");
}
