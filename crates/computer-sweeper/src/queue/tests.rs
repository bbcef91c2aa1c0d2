use serde_json::{Value, json};
use steward_core::wire::{Answer, Asked, fake};

use super::*;

fn wishes(count: u64) -> Vec<(Wish, Place)> {
    let place = |number: u64| Place {
        account: "111122223333".parse().unwrap(),
        region: "eu-central-1".parse().unwrap(),
        instance: format!("i-{number:017x}").parse().unwrap(),
    };
    (0..count).map(|number| (Wish::Gone, place(number))).collect()
}

async fn send(count: u64, answer: Answer) -> (Result<(), Error>, Asked) {
    let (sdk, asked) = fake(move |_, _| answer.clone());
    let queue = JoinQueue { client: Client::new(&sdk), url: "https://sqs.example/join".to_owned() };
    (queue.send(&wishes(count)).await, asked)
}

fn entries(asked: &str) -> Vec<Value> {
    let body: Value = serde_json::from_str(asked.split_once(' ').unwrap().1).unwrap();
    body["Entries"].as_array().unwrap().clone()
}

#[tokio::test]
async fn all_are_sent_ten_at_a_time_and_at_once() {
    let (sent, asked) = send(23, Answer::ok(r#"{"Successful":[],"Failed":[]}"#)).await;
    sent.unwrap();
    let asked = asked.lock().unwrap();
    let counts: Vec<_> = asked.iter().map(|asked| entries(asked).len()).collect();
    assert_eq!(counts, [10, 10, 3]);
    let last = &entries(&asked[2])[2];
    assert_eq!(last["DelaySeconds"], 0);
    let message: Value = serde_json::from_str(last["MessageBody"].as_str().unwrap()).unwrap();
    let expected = json!({"adsteward": "gone", "account": "111122223333", "region": "eu-central-1",
        "instance": "i-00000000000000016"});
    assert_eq!(message, expected);
}

#[tokio::test]
async fn one_that_was_not_taken_is_a_failure() {
    let refused = |fault: bool| {
        let failed = json!({"Id": "0", "Code": "InternalError", "SenderFault": fault});
        Answer::ok(json!({"Successful": [], "Failed": [failed]}).to_string())
    };
    for (fault, kind) in [(false, Kind::Transient), (true, Kind::Permanent)] {
        let (sent, _) = send(1, refused(fault)).await;
        assert_eq!(sent.unwrap_err().kind(), kind);
    }
    let (sent, _) = send(1, Answer::error(403, "AccessDenied", "{}")).await;
    assert_eq!(sent.unwrap_err().kind(), Kind::Permanent);
}

#[tokio::test]
async fn nothing_is_asked_for_without_a_call() {
    let (sent, asked) = send(0, Answer::error(500, "", "")).await;
    sent.unwrap();
    assert!(asked.lock().unwrap().is_empty());
}
