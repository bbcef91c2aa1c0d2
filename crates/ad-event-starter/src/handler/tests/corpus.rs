//! Genuine events and batches come to what the corpus says.

use std::fs;
use std::path::{Path, PathBuf};

use super::*;
use crate::config::Config;
use crate::testing::variables;

fn fixtures(folder: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fixtures").join(folder)
}

/// The starter of the domain that the events are from.
async fn log(world: &World, messages: &[String]) -> BTreeMap<&'static str, u64> {
    let own = [("DOMAIN_NAME", "offsec.lan"), ("NETBIOS_NAME", "OFFSEC")];
    let mut starter = world.starter();
    starter.config = Config::read(variables(&own)).unwrap();
    match starter.handle(trigger(messages), Duration::from_secs(60)).await.unwrap() {
        Answer::Counts(counts) => counts,
        Answer::Failures(failures) => panic!("{failures:?}"),
    }
}

#[tokio::test]
async fn each_event_of_the_corpus_comes_to_what_the_manifest_says() {
    let expected = fs::read_to_string(fixtures("winevents/expected.tsv")).unwrap();
    let mut all = Vec::new();
    for line in expected.lines() {
        let (file, outcome) = line.split_once('\t').unwrap();
        let message = fs::read_to_string(fixtures("winevents").join(file)).unwrap();
        let world = World::default();
        let counts = log(&world, std::slice::from_ref(&message)).await;
        let onboarded = world.users(Machine::Onboard).len();
        assert_eq!(onboarded, usize::from(outcome.starts_with("START")), "{file}: {outcome}");
        assert!(outcome.starts_with("START") || outcome.starts_with("IGNORE"), "{outcome}");
        assert!(counts.keys().all(|metric| ["Started", "Ignored"].contains(metric)), "{file}: {counts:?}");
        let leaves = file == "evtx-4726-mdecrevoisier-ID4720-4726_Fast_created-deleted_user-2.xml";
        assert_eq!(world.users(Machine::Offboard).len(), usize::from(leaves), "{file}");
        all.push(message);
    }
    assert_eq!(all.len(), 23);
    let world = World::default();
    log(&world, &all).await;
    assert_eq!(world.users(Machine::Onboard), ["admin-kriss"], "all in one batch");
    assert_eq!(world.users(Machine::Offboard), ["admin-kriss"]);
}

#[tokio::test]
async fn batches_of_others_start_nothing() {
    for file in ["aws-lambda-go-cloudwatch-logs-event.json", "aws-lambda-java-libs-cloudwatchlogs_event.json"]
    {
        let payload = fs::read_to_string(fixtures("cwlogs").join(file)).unwrap();
        let world = World::default();
        let answer = invoke(&world, serde_json::from_str(&payload).unwrap(), Duration::from_secs(60)).await;
        assert!(
            matches!(answer, Ok(Answer::Counts(counts)) if counts == BTreeMap::from([("Undecodable", 2)]))
        );
        assert_eq!(world.state().calls, 0);
    }
}

#[tokio::test]
async fn messages_of_others_go_back_or_are_ignored_each_by_itself() {
    for (file, records, failed) in [
        ("aws-lambda-java-libs-sqs_event_nobody.json", 1, 1),
        ("datadog-lambda-extension-eventbridge_sqs_event.json", 1, 0),
        ("localstack-awssnapshot-05.json", 3, 3),
        ("powertools-lambda-python-snsSqsEvent.json", 1, 1),
        ("powertools-lambda-python-sqsEvent.json", 2, 2),
    ] {
        let payload: Value =
            serde_json::from_str(&fs::read_to_string(fixtures("sqs").join(file)).unwrap()).unwrap();
        assert_eq!(payload["Records"].as_array().unwrap().len(), records, "{file}");
        let world = World::default();
        let answer = invoke(&world, payload, Duration::from_secs(60)).await.unwrap();
        let Answer::Failures(response) = answer else { panic!("{answer:?}") };
        assert_eq!((response.batch_item_failures.len(), world.state().calls), (failed, 0), "{file}");
    }
}
