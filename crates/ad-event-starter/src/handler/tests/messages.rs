//! A batch of messages: each is done or goes back by itself.

use super::*;
use crate::message::REQUESTED;

fn record(user: &str, event_id: &str) -> Value {
    let mut record: Value =
        serde_json::from_str(include_str!("../../../../../tests/fixtures/cloudtrail/disable-user.json"))
            .unwrap();
    record["detail"]["requestParameters"]["sAMAccountName"] = json!(user);
    record["detail"]["eventID"] = json!(event_id);
    record
}

fn request(user: &str, id: &str) -> Value {
    json!({
        "id": id, "source": "adsteward.onboarding", "detail-type": REQUESTED, "time": "2026-11-21T09:30:41Z",
        "detail": {"version": 1, "directoryId": "d-9067012345", "user": user},
    })
}

#[tokio::test]
async fn poison_goes_back_alone() {
    let world = World::default();
    let bodies = [
        json!(""),
        record("alice", "ev-1"),
        json!("\u{feff}{}"),
        json!("not JSON"),
        json!({}),
        request("jane.doe", "e-1"),
        request("HOST$", "e-2"),
    ];
    assert_eq!(world.receive(&bodies).await, ["m0", "m2", "m3", "m4", "m6"]);
    assert_eq!(world.users(Machine::Onboard), ["jane.doe"]);
    assert_eq!(world.users(Machine::Offboard), ["alice"]);
}

/// However many of ten messages are poison, and whichever.
#[tokio::test]
async fn zero_to_ten_of_ten_messages_may_be_poison() {
    for count in 0..=10_usize {
        let world = World::default();
        let poison = |at: usize| (at * 7) % 10 < count;
        let body =
            |at: usize| if poison(at) { json!("{") } else { record(&format!("u{at}"), &format!("ev-{at}")) };
        let bodies: Vec<Value> = (0..10).map(body).collect();
        let expected: Vec<String> = (0..10).filter(|at| poison(*at)).map(|at| format!("m{at}")).collect();
        assert_eq!(world.receive(&bodies).await, expected);
        assert_eq!(world.state().started.len(), 10 - count);
    }
}

#[tokio::test]
async fn copies_start_one_execution() {
    let world = World::default();
    let bodies = vec![record("alice", "ev-1"); 5];
    assert!(world.receive(&bodies).await.is_empty());
    assert!(world.receive(&bodies).await.is_empty());
    assert_eq!(world.users(Machine::Offboard), ["alice"]);
    let requests = [request("jane.doe", "e-1"), request("jane.doe", "e-1"), request("jane.doe", "e-2")];
    assert!(world.receive(&requests).await.is_empty());
    assert_eq!(world.users(Machine::Onboard), ["jane.doe", "jane.doe"], "two requests are two");
}

#[tokio::test]
async fn every_message_of_what_could_not_be_started_goes_back() {
    let world = World::default();
    world.state().refused.insert("alice".to_owned());
    let bodies = [record("alice", "ev-1"), record("bob", "ev-2"), record("alice", "ev-1")];
    assert_eq!(world.receive(&bodies).await, ["m0", "m2"]);
    assert_eq!(world.users(Machine::Offboard), ["bob"]);
    assert!(world.state().queue.is_empty(), "the queue has them already");
}

#[tokio::test]
async fn without_time_all_messages_go_back() {
    let world = World::default();
    let messages = json!({"Records": [{"messageId": "m0", "body": record("alice", "ev-1").to_string()}]});
    let answer = invoke(&world, messages, Duration::ZERO).await.unwrap();
    assert_eq!(
        serde_json::to_value(answer).unwrap(),
        json!({"batchItemFailures": [{"itemIdentifier": "m0"}]})
    );
    assert_eq!(world.state().calls, 0);
}

#[tokio::test]
async fn a_message_without_an_id_is_an_error_and_never_an_empty_id() {
    for id in [Value::Null, json!("")] {
        let messages = json!({"Records": [{"messageId": id, "body": "{}"}]});
        let error = invoke(&World::default(), messages, Duration::from_secs(60)).await.unwrap_err();
        assert!(matches!(error, Error::MessageWithoutId), "{error:?}");
    }
}
