//! Other people's GuardDuty events: none has an effect, and none makes anything fail.

use std::fs;

use serde_json::{Value, json};

use crate::batch::Batch;
use crate::finding::emit;
use crate::lab::{aws, in_parallel, root};
use crate::stack::{output, text};

fn corpus() -> Vec<Value> {
    let files = fs::read_dir(root().join("tests/fixtures/corpus-guardduty")).unwrap();
    let paths = files.map(|file| file.unwrap().path());
    let events = paths.filter(|path| path.extension().is_some_and(|extension| extension == "json"));
    events.map(|path| serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()).collect()
}

/// The EventBridge events in a file: itself, those in a list of log records, or one around a finding.
fn events(file: &Value) -> Vec<Value> {
    match file {
        Value::Array(records) => records.iter().map(|record| record["data"].clone()).collect(),
        event if event["detail"].is_object() => vec![event.clone()],
        finding => vec![json!({
            "version": "0",
            "id": "6f0a8a5c-2a3b-4c1d-9e77-0c5d2f6b1a01",
            "source": "aws.guardduty",
            "detail-type": "GuardDuty Finding",
            "account": "111122223333",
            "region": "eu-west-1",
            "time": "2026-11-21T09:30:05Z",
            "resources": [],
            "detail": finding,
        })],
    }
}

/// Hands something to the state machine past the rule, whatever it is.
fn start(input: &Value) {
    let (arn, input) = (output("ContainStateMachineArn"), input.to_string());
    aws(&["stepfunctions", "start-execution", "--state-machine-arn", arn, "--input", &input]);
}

#[test]
fn events_of_other_accounts_and_types_have_no_effect() {
    let corpus = corpus();
    assert!(corpus.len() >= 8);
    let inputs: Vec<_> = corpus.iter().cloned().chain(corpus.iter().flat_map(events)).collect();

    let batch = Batch::watch(inputs.len(), || {
        // The rule matches none of them, so these start no execution.
        in_parallel(corpus.iter().flat_map(events).collect(), |event| emit(&event));
        in_parallel(inputs.iter().collect(), start);
    });

    let decisions: Vec<_> = batch.records.iter().map(|record| text(record, "decision")).collect();
    assert_eq!(decisions, vec!["refuse"; inputs.len()]);
    assert_eq!((batch.count("SendCommand"), batch.count("DisableUser"), batch.mail.len()), (0, 0, 0));
}
