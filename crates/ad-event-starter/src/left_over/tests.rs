use std::sync::Mutex;

use serde_json::{Value, json};
use steward_core::wire::{Answer, Asked, fake};

use super::*;
use crate::event::SecurityEvent;
use crate::testing::{LOG_GROUP, Record, rules};

fn starts(count: u32) -> Vec<Start> {
    let start = |number| {
        let event = SecurityEvent::read(&Record::created(number).xml()).unwrap();
        rules().qualify(LOG_GROUP, &event).unwrap()
    };
    (0..count).map(start).collect()
}

fn queue(answer: impl Fn(&Value) -> Answer + Send + Sync + 'static) -> (StartQueue, Asked) {
    let (sdk, asked) = fake(move |_, body| answer(&serde_json::from_str(body).unwrap()));
    (StartQueue { client: Client::new(&sdk), url: "https://sqs.example/start".to_owned() }, asked)
}

/// The queue's answer: each message is there, but for those that `refuses` names.
fn taken(request: &Value, refuses: impl Fn(&Value) -> bool) -> Answer {
    let entries = request["Entries"].as_array().unwrap().iter();
    let (failed, there): (Vec<_>, Vec<_>) = entries.partition(|entry| refuses(entry));
    let there: Vec<Value> = there
        .iter()
        .map(|entry| json!({"Id": entry["Id"], "MessageId": "m", "MD5OfMessageBody": "0"}))
        .collect();
    let failed: Vec<Value> = failed
        .iter()
        .map(|entry| json!({"Id": entry["Id"], "Code": "InternalError", "SenderFault": false}))
        .collect();
    Answer::ok(json!({"Successful": there, "Failed": failed}).to_string())
}

fn bodies(asked: &Asked) -> Vec<Vec<String>> {
    let asked = asked.lock().unwrap();
    let bodies = |line: &String| {
        let (target, body) = line.split_once(' ').unwrap();
        assert_eq!(target, "AmazonSQS.SendMessageBatch");
        let body: Value = serde_json::from_str(body).unwrap();
        assert_eq!(body["QueueUrl"], "https://sqs.example/start");
        let entries = body["Entries"].as_array().unwrap().clone();
        entries.iter().map(|entry| entry["MessageBody"].as_str().unwrap().to_owned()).collect()
    };
    asked.iter().map(bodies).collect()
}

#[tokio::test]
async fn sends_ten_at_a_time_and_none_twice() {
    let (queue, asked) = queue(|request| taken(request, |_| false));
    let starts = starts(25);
    queue.keep(&starts).await.unwrap();
    let sent = bodies(&asked);
    let mut sizes: Vec<usize> = sent.iter().map(Vec::len).collect();
    sizes.sort_unstable();
    assert_eq!(sizes, [5, 10, 10]);
    let mut read: Vec<Start> = sent.concat().iter().map(|body| serde_json::from_str(body).unwrap()).collect();
    read.sort_by_key(|start| starts.iter().position(|known| known == start));
    assert_eq!(read, starts);
}

#[tokio::test]
async fn what_the_queue_refuses_is_sent_again_alone() {
    let refused_before = Mutex::new(false);
    let (queue, asked) = queue(move |request| {
        let first = !std::mem::replace(&mut *refused_before.lock().unwrap(), true);
        taken(request, |entry| first && entry["Id"] == "3")
    });
    queue.keep(&starts(5)).await.unwrap();
    let sent = bodies(&asked);
    assert_eq!((sent.len(), sent[1].len()), (2, 1));
    assert_eq!(sent[1][0], sent[0][3]);
}

#[tokio::test]
async fn what_the_queue_keeps_refusing_is_an_error() {
    let (queue, asked) = queue(|request| taken(request, |_| true));
    let error = queue.keep(&starts(2)).await.unwrap_err();
    assert_eq!(error.to_string(), "SendMessageBatch failed: 2 messages were refused: InternalError");
    assert_eq!((error.kind(), bodies(&asked).len()), (Kind::Transient, 3));
}

/// An answer that does not name a message does not say that it is there.
#[tokio::test]
async fn a_message_that_the_answer_forgets_is_sent_again() {
    let (queue, asked) = queue(|_| Answer::ok(r#"{"Successful":[],"Failed":[]}"#));
    assert!(queue.keep(&starts(1)).await.is_err());
    assert_eq!(bodies(&asked).len(), 3);
}

#[tokio::test]
async fn a_queue_that_is_not_there_is_a_lasting_error() {
    let (queue, _) = queue(|_| Answer::error(400, "QueueDoesNotExist", "{}"));
    let error = queue.keep(&starts(1)).await.unwrap_err();
    assert_eq!(error.kind(), Kind::Permanent, "{error}");
}
