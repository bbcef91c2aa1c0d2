//! A function that is misconfigured says so at its start, all at once.

use std::fs;

use serde_json::Value;

use crate::lab::{aws, root};
use crate::stack::{Reconfigured, output};

#[test]
fn a_malformed_configuration_stops_at_start_and_names_all_that_is_wrong() {
    let _broken = Reconfigured::with(&[
        ("DIRECTORY_ID", Some("corp.example.test")),
        ("HOURLY_BUDGET", Some("many")),
        ("TOPIC_ARN", None),
    ]);
    let answer = root().join("target/e2e/answer.json");
    fs::create_dir_all(answer.parent().unwrap()).unwrap();
    let invoke = ["lambda", "invoke", "--function-name", output("ResponderFunctionName"), "--payload", "{}"];

    let invoked = aws(&[&invoke[..], &[answer.to_str().unwrap()]].concat());

    assert!(invoked["FunctionError"].is_string(), "{invoked}");
    let error: Value = serde_json::from_str(&fs::read_to_string(answer).unwrap()).unwrap();
    let message = error["errorMessage"].as_str().unwrap();
    for variable in ["DIRECTORY_ID", "HOURLY_BUDGET", "TOPIC_ARN"] {
        assert!(message.contains(variable), "{message}");
    }
}
