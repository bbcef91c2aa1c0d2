use serde_json::{Value, json};
use steward_core::wire::{Answer, Asked, fake};

use super::*;

fn queue(answer: fn() -> Answer) -> (JoinQueue, Asked) {
    let (sdk, asked) = fake(move |_, _| answer());
    (JoinQueue { client: Client::new(&sdk), url: "https://sqs.example/join".to_owned() }, asked)
}

fn place() -> Place {
    crate::testing::place("i-0123456789abcdef0")
}

#[tokio::test]
async fn sends_itself_what_it_reads_and_delays_it_as_long_as_sqs_does() {
    for (delay, seconds) in [(0, 0), (300, 300), (5000, 900)] {
        let (queue, asked) = queue(|| Answer::ok(r#"{"MessageId":"m"}"#));
        queue.again(&place(), 4, Duration::from_secs(delay)).await.unwrap();
        let asked = asked.lock().unwrap();
        let (target, body) = asked[0].split_once(' ').unwrap();
        let body: Value = serde_json::from_str(body).unwrap();
        assert_eq!(target, "AmazonSQS.SendMessage");
        assert_eq!(
            (&body["QueueUrl"], &body["DelaySeconds"]),
            (&json!("https://sqs.example/join"), &json!(seconds))
        );
        let told = event::read(body["MessageBody"].as_str().unwrap(), &[]);
        assert_eq!(told, Ok(Ok(event::Told::Again(place(), 4))));
    }
}

#[tokio::test]
async fn a_message_that_the_queue_did_not_take_is_an_error() {
    let (queue, _) = queue(|| Answer::error(503, "ServiceUnavailable", "{}"));
    let error = queue.again(&place(), 1, Duration::ZERO).await.unwrap_err();
    assert_eq!(error.kind, Kind::Transient);
}
