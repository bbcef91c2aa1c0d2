use serde_json::{Value, json};

use super::*;
use crate::clock;
use crate::testing::{World, answer, event, event_about, finding_arn, run};

const OURS: &str = "arn:aws:iam::111122223333:role/responder";

fn disable_record(user: &str, role: &str) -> Value {
    json!({
        "source": "aws.ds", "detail-type": "AWS API Call via CloudTrail",
        "detail": {
            "eventSource": "ds.amazonaws.com", "eventName": "DisableUser", "eventID": "ev-1",
            "eventTime": "2026-11-21T02:00:00Z", "sourceIPAddress": "192.0.2.7",
            "userIdentity": {
                "type": "AssumedRole", "arn": "arn:aws:sts::111122223333:assumed-role/x/session",
                "sessionContext": {"sessionIssuer": {"arn": role}},
            },
            "requestParameters": {"directoryId": "d-9067012345", "sAMAccountName": user},
        },
    })
}

fn batch(bodies: &[String]) -> SqsEvent {
    let records: Vec<Value> = bodies
        .iter()
        .enumerate()
        .map(|(i, body)| json!({"messageId": format!("m{i}"), "body": body}))
        .collect();
    serde_json::from_value(json!({"Records": records})).unwrap()
}

async fn see(world: &World, record: &Value) -> Vec<String> {
    let response = world.witness().handle(batch(&[record.to_string()])).await.unwrap();
    response.batch_item_failures.into_iter().map(|failure| failure.item_identifier).collect()
}

#[tokio::test]
async fn tells_of_a_call_made_by_others_once() {
    let world = World::new();
    let record = disable_record("bob", "arn:aws:iam::111122223333:role/admin");
    for _ in 0..3 {
        assert!(see(&world, &record).await.is_empty());
    }
    let state = world.state();
    assert_eq!(state.mails.len(), 1);
    assert!(state.mails[0].body.contains("not by adsteward") && state.mails[0].body.contains("192.0.2.7"));
}

#[tokio::test]
async fn is_silent_when_the_responder_has_told() {
    let world = World::new();
    world.answers(&answer());
    run(&world.responder(), &event(), "arn:x:1").await.unwrap();
    assert!(see(&world, &disable_record("alice", OURS)).await.is_empty());
    assert_eq!(world.state().mails.len(), 1);
}

#[tokio::test]
async fn tells_for_a_responder_that_died_before_it_told() {
    let world = World::new();
    world.answers(&answer());
    let responder = world.responder();
    run(&responder, &event(), "arn:x:1").await.unwrap();
    world.state().mails.clear();
    world.table.forget("notice#");
    assert!(see(&world, &disable_record("alice", OURS)).await.is_empty());
    let state = world.state();
    assert_eq!(state.mails.len(), 1);
    assert!(state.mails[0].body.contains("has not reported"), "{}", state.mails[0].body);
}

/// Two findings about alice contain her in the same second: both have decided while she was enabled.
#[tokio::test]
async fn tells_of_a_containment_that_another_finding_has_followed() {
    let world = World::new();
    world.answers(&answer());
    let (responder, began) = (world.responder(), clock::iso(clock::now()));
    let step = async |finding: &str, step: &str| {
        let event = event_about(finding, "alice", 1104);
        let request =
            json!({"step": step, "execution": finding, "started_at": began, "event": event, "command": "c1"});
        responder.handle(serde_json::from_value(request).unwrap()).await.unwrap();
    };
    for finding in ["f1", "f2"] {
        step(finding, "record").await;
        step(finding, "ask").await;
        step(finding, "decide").await;
    }
    for finding in ["f1", "f2"] {
        step(finding, "disable").await;
    }
    // Somebody has stopped the first execution.
    step("f2", "tell").await;
    for _ in 0..2 {
        assert!(see(&world, &disable_record("alice", OURS)).await.is_empty());
    }
    let state = world.state();
    assert_eq!(state.mails.len(), 2);
    assert!(state.mails[0].body.contains(&finding_arn("f2")), "{}", state.mails[0].body);
    let told = &state.mails[1].body;
    assert!(told.contains("has not reported") && told.contains(&finding_arn("f1")), "{told}");
}

#[tokio::test]
async fn a_containment_told_by_the_witness_is_still_told_by_its_execution() {
    let world = World::new();
    world.answers(&answer());
    run(&world.responder(), &event(), "arn:x:1").await.unwrap();
    world.state().mails.clear();
    world.table.forget("notice#");
    for _ in 0..2 {
        assert!(see(&world, &disable_record("alice", OURS)).await.is_empty());
    }
    assert_eq!(world.state().mails.len(), 1, "a record that comes again is told once");
    let tell = json!({"step": "tell", "execution": "arn:x:1", "event": event()});
    world.responder().handle(serde_json::from_value(tell).unwrap()).await.unwrap();
    let state = world.state();
    assert_eq!(state.mails.len(), 2);
    assert!(state.mails[1].body.contains("and ended this user's sessions"), "{}", state.mails[1].body);
}

#[tokio::test]
async fn a_call_that_failed_is_no_news() {
    let world = World::new();
    let mut record = disable_record("bob", "arn:aws:iam::111122223333:role/admin");
    record["detail"]["errorCode"] = json!("AccessDenied");
    assert!(see(&world, &record).await.is_empty());
    assert!(world.state().mails.is_empty());
}

#[tokio::test]
async fn another_directory_is_no_news() {
    let world = World::new();
    let mut record = disable_record("bob", OURS);
    record["detail"]["requestParameters"]["directoryId"] = json!("d-0000000000");
    assert!(see(&world, &record).await.is_empty());
    assert!(world.state().mails.is_empty());
}

#[tokio::test]
async fn notes_who_started_a_release() {
    let world = World::new();
    let record = json!({
        "detail": {
            "eventSource": "states.amazonaws.com", "eventName": "StartExecution", "eventID": "ev-2",
            "eventTime": "2026-11-21T02:00:00Z", "sourceIPAddress": "192.0.2.7",
            "userIdentity": {"arn": "arn:aws:iam::111122223333:user/eve"},
            "requestParameters": {
                "stateMachineArn": "arn:aws:states:eu-west-1:111122223333:stateMachine:adsteward-release-user",
            },
            "responseElements": {"executionArn": "arn:r:1"},
        },
    });
    assert!(see(&world, &record).await.is_empty());
    let (caller, _) = world.table.read::<Caller>(&caller_key("arn:r:1")).await.unwrap();
    assert_eq!(caller.unwrap().arn, "arn:aws:iam::111122223333:user/eve");
}

#[tokio::test]
async fn poison_goes_back_alone() {
    let world = World::new();
    let good = disable_record("bob", "arn:aws:iam::111122223333:role/admin").to_string();
    let bodies = [String::new(), good, "\u{feff}{}".to_owned(), "not json".to_owned(), "{}".to_owned()];
    let response = world.witness().handle(batch(&bodies)).await.unwrap();
    let failed: Vec<&str> = response.batch_item_failures.iter().map(|f| f.item_identifier.as_str()).collect();
    assert_eq!(failed, ["m0", "m2", "m3", "m4"]);
    assert_eq!(world.state().mails.len(), 1);
}

#[tokio::test]
async fn a_message_without_an_id_is_an_error_and_never_an_empty_id() {
    let world = World::new();
    let batch: SqsEvent = serde_json::from_value(json!({"Records": [{"body": "{}"}]})).unwrap();
    assert!(world.witness().handle(batch).await.is_err());
}
