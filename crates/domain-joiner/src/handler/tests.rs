use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::event::{ToldState, again};
use crate::later::LaterError;
use crate::reason::Reason;
use crate::testing::place;

/// Takes its time over each message, and cannot finish those of some instances.
#[derive(Debug, Default)]
struct Fake {
    takes: Duration,
    fails: BTreeSet<String>,
    worked: Mutex<Vec<Told>>,
    begun: Mutex<Vec<Instant>>,
    under_way: AtomicUsize,
    most: AtomicUsize,
    finished: AtomicUsize,
}

impl Work for Fake {
    async fn work(&self, told: &Told) -> Result<Outcome, Error> {
        self.worked.lock().unwrap().push(told.clone());
        self.begun.lock().unwrap().push(Instant::now());
        let now = self.under_way.fetch_add(1, Ordering::SeqCst) + 1;
        self.most.fetch_max(now, Ordering::SeqCst);
        tokio::time::sleep(self.takes).await;
        self.under_way.fetch_sub(1, Ordering::SeqCst);
        self.finished.fetch_add(1, Ordering::SeqCst);
        if self.fails.contains(told.place().instance.as_str()) {
            return Err(LaterError { reason: "by the test".to_owned(), kind: Kind::Transient }.into());
        }
        Ok(Outcome::Ignored(Reason::NotRunning))
    }
}

fn handler(fake: Fake) -> Handler<Fake> {
    Handler {
        joiner: fake,
        documents: vec!["adsteward-join-linux".to_owned()],
        metrics: Metrics::writing_to("joiner".to_owned(), Box::new(std::io::sink())),
    }
}

fn instance(number: usize) -> String {
    format!("i-{number:017x}")
}

fn state(number: usize, state: &str) -> String {
    json!({
        "source": "aws.ec2", "detail-type": "EC2 Instance State-change Notification", "account": "111122223333",
        "region": "eu-central-1", "detail": {"instance-id": instance(number), "state": state},
    })
    .to_string()
}

fn batch(bodies: &[String]) -> Batch {
    let message = |(at, body): (usize, &String)| json!({"messageId": format!("m{at}"), "body": body});
    let records: Vec<Value> = bodies.iter().enumerate().map(message).collect();
    serde_json::from_value(json!({"Records": records})).unwrap()
}

/// The ids of the messages that go back.
async fn receive(handler: &Handler<Fake>, batch: &Batch, time_left: Duration) -> BTreeSet<String> {
    let response = handler.handle(batch, time_left).await.unwrap();
    response.batch_item_failures.into_iter().map(|failure| failure.item_identifier).collect()
}

const MINUTE: Duration = Duration::from_secs(60);

fn ids(numbers: impl IntoIterator<Item = usize>) -> BTreeSet<String> {
    numbers.into_iter().map(|number| format!("m{number}")).collect()
}

#[tokio::test]
async fn what_tells_the_same_of_an_instance_is_worked_on_once_and_all_in_turn() {
    let again = again(&place(&instance(1)), 3).unwrap();
    let bodies = [
        state(1, "running"),
        state(1, "terminated"),
        state(1, "running"),
        again.clone(),
        state(2, "running"),
    ];
    let handler = handler(Fake::default());
    assert_eq!(receive(&handler, &batch(&bodies), MINUTE).await, ids([]));
    let worked = handler.joiner.worked.lock().unwrap();
    let of_first: Vec<&Told> =
        worked.iter().filter(|told| told.place().instance.as_str() == instance(1)).collect();
    let first = place(&instance(1));
    let expected = [
        Told::State(first.clone(), ToldState::Running),
        Told::State(first.clone(), ToldState::Terminated),
        Told::Again(first, 3),
    ];
    assert_eq!(of_first, expected.iter().collect::<Vec<_>>());
    assert_eq!(worked.len(), 4);
}

#[tokio::test]
async fn all_copies_of_what_did_not_come_to_its_end_go_back_and_no_sibling() {
    let bodies = [state(1, "running"), state(2, "running"), state(1, "running"), state(3, "running")];
    let handler = handler(Fake { fails: [instance(1)].into(), ..Fake::default() });
    assert_eq!(receive(&handler, &batch(&bodies), MINUTE).await, ids([0, 2]));
}

#[tokio::test]
async fn a_message_that_cannot_be_given_back_fails_the_batch_before_anything_is_done() {
    for id in [json!(null), json!(""), json!(7)] {
        let records = json!([
            {"messageId": "m0", "body": state(1, "running")},
            {"messageId": id, "body": state(2, "running")},
        ]);
        let batch: Batch = serde_json::from_value(json!({"Records": records})).unwrap();
        let handler = handler(Fake::default());
        let error = Diagnostic::from(handler.handle(&batch, MINUTE).await.unwrap_err());
        assert_eq!(error.error_type, "PermanentError");
        assert!(handler.joiner.worked.lock().unwrap().is_empty());
    }
}

#[tokio::test]
async fn nothing_is_begun_with_a_fifth_of_the_time_left() {
    // Five at a time: they would begin at 0, 450 and 900 milliseconds of a thousand, or later.
    let bodies: Vec<String> = (0..15).map(|number| state(number, "running")).collect();
    let handler = handler(Fake { takes: Duration::from_millis(450), ..Fake::default() });
    let began = Instant::now();
    let back = receive(&handler, &batch(&bodies), Duration::from_secs(1)).await;
    let begun = handler.joiner.begun.lock().unwrap();
    assert!((1..=10).contains(&begun.len()), "{begun:?}");
    assert!(begun.iter().all(|at| at.duration_since(began) < Duration::from_millis(900)), "{begun:?}");
    assert!(back.is_superset(&ids(begun.len()..15)), "{back:?}");
    assert!(handler.joiner.most.load(Ordering::SeqCst) <= CONCURRENCY);
}

#[tokio::test]
async fn work_that_does_not_end_in_time_is_given_up_before_lambda_kills_the_siblings_results() {
    let handler = handler(Fake { takes: Duration::from_secs(500), ..Fake::default() });
    let began = Instant::now();
    let back = receive(&handler, &batch(&[state(1, "running")]), Duration::from_millis(500)).await;
    assert_eq!(back, ids([0]));
    assert!(began.elapsed() < Duration::from_secs(60), "{:?}", began.elapsed());
    assert_eq!(handler.joiner.finished.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn the_corpus_of_others_batches_costs_no_sibling_and_makes_no_call() {
    let of = |text: &str| -> Batch { serde_json::from_str(text).unwrap() };
    let corpus = [
        (include_str!("../../../../tests/fixtures/sqs/aws-lambda-java-libs-sqs_event_nobody.json"), 1),
        (
            include_str!(
                "../../../../tests/fixtures/sqs/datadog-lambda-extension-eventbridge_sqs_event.json"
            ),
            0,
        ),
        (include_str!("../../../../tests/fixtures/sqs/localstack-awssnapshot-00.json"), 1),
        (include_str!("../../../../tests/fixtures/sqs/localstack-awssnapshot-05.json"), 3),
        (include_str!("../../../../tests/fixtures/sqs/powertools-lambda-python-snsSqsEvent.json"), 1),
        (include_str!("../../../../tests/fixtures/sqs/powertools-lambda-python-sqsEvent.json"), 2),
    ];
    for (text, expected) in corpus {
        let mut foreign = of(text);
        let mut sibling = batch(&[state(1, "running")]);
        sibling.messages[0].message_id = "sibling".into();
        foreign.messages.append(&mut sibling.messages);
        let handler = handler(Fake::default());
        let back = receive(&handler, &foreign, MINUTE).await;
        assert!(back.len() == expected && !back.contains("sibling"), "{back:?}: {text}");
        assert_eq!(handler.joiner.worked.lock().unwrap().len(), 1);
    }
}

fn poison() -> impl Strategy<Value = String> {
    prop_oneof![
        Just(String::new()),
        Just(format!("\u{feff}{}", state(1, "running"))),
        Just("{".repeat(100_000)),
        Just(state(1, "running").replace("111122223333", "12")),
        Just(
            json!({"Type": "Notification", "Message": json!({"Type": "Notification"}).to_string()})
                .to_string()
        ),
        "\\PC{0,60}",
        proptest::collection::vec(any::<char>(), 0..60).prop_map(|text| text.into_iter().collect()),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn the_messages_that_fail_are_those_that_are_poison(
        bodies in proptest::collection::vec((poison(), any::<bool>()), 10),
    ) {
        let texts: Vec<String> = bodies
            .iter()
            .enumerate()
            .map(|(at, (poison, is_poison))| if *is_poison { poison.clone() } else { state(at, "running") })
            .collect();
        let expected = ids(bodies.iter().enumerate().filter(|(_, (_, poison))| *poison).map(|(at, _)| at));
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        let handler = handler(Fake::default());
        let back = runtime.block_on(receive(&handler, &batch(&texts), MINUTE));
        prop_assert_eq!(handler.joiner.worked.lock().unwrap().len(), 10 - expected.len());
        prop_assert_eq!(back, expected);
    }
}
