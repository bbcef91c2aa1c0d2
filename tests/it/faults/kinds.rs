//! Each kind of fault does what it says, so that the matrix means something.

use std::collections::BTreeSet;
use std::thread::sleep;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::directory::{create_user, is_enabled};
use crate::execution::Execution;
use crate::fault::{Fault, Kind, clear};
use crate::lab::{Journal, lab, variable};
use crate::mark::Mark;
use crate::operator::{Failure, aws, try_aws};

/// Sets a fault that the operator's next call of an operation meets.
fn once(service: &str, operation: &str, kind: Kind) {
    Fault { service, operation, kind, count: 1, after: 0, text: "" }.declare();
}

fn data(method: &str, user: &str) -> Result<Value, Failure> {
    let directory = variable("DIRECTORY_ID");
    try_aws("ds-data", method, &json!({"DirectoryId": directory, "SAMAccountName": user}))
}

#[test]
fn an_error_before_the_effect_leaves_everything_as_it_was() {
    create_user("k.error");
    once("ds-data", "DisableUser", Kind::ErrorBefore);
    assert_eq!(data("disable_user", "k.error").unwrap_err().code, "InternalServerException");
    assert!(is_enabled("k.error"));
    data("disable_user", "k.error").unwrap();
    assert!(!is_enabled("k.error"));
}

#[test]
fn a_lost_answer_comes_after_the_effect() {
    create_user("k.lost");
    let calls = Journal::from_now("calls");
    once("ds-data", "DisableUser", Kind::LostAnswer);
    assert_eq!(data("disable_user", "k.lost").unwrap_err().code, "ConnectionClosedError");
    assert!(!is_enabled("k.lost"));
    let calls = calls.read();
    let met: Vec<_> = calls.iter().filter(|call| call["fault"] == "lost-answer").collect();
    assert_eq!((met.len(), &met[0]["operation"], &met[0]["error"]), (1, &json!("DisableUser"), &Value::Null));
}

#[test]
fn a_throttle_is_the_services_own() {
    once("ds-data", "DescribeUser", Kind::Throttle);
    let throttled = data("describe_user", "martha.rivera").unwrap_err();
    assert_eq!(
        (throttled.code.as_str(), &throttled.headers["retry-after"]),
        ("ThrottlingException", &json!("1"))
    );
    once("lambda", "ListFunctions", Kind::Throttle);
    let throttled = try_aws("lambda", "list_functions", &json!({})).unwrap_err();
    assert_eq!(throttled.code, "TooManyRequestsException");
    once("sns", "ListTopics", Kind::Throttle);
    assert_eq!(try_aws("sns", "list_topics", &json!({})).unwrap_err().code, "Throttling");
}

#[test]
fn a_delay_only_delays() {
    once("ds-data", "DescribeUser", Kind::Delay(700));
    let began = Instant::now();
    data("describe_user", "martha.rivera").unwrap();
    assert!(began.elapsed() >= Duration::from_millis(700));
}

#[test]
fn a_late_effect_comes_after_the_connection_is_gone() {
    create_user("k.late");
    once("ds-data", "DisableUser", Kind::LateEffect(3000));
    assert_eq!(data("disable_user", "k.late").unwrap_err().code, "ConnectionClosedError");
    assert_eq!(data("describe_user", "k.late").unwrap()["Enabled"], true);
    sleep(Duration::from_millis(3500));
    assert_eq!(data("describe_user", "k.late").unwrap()["Enabled"], false);
}

#[test]
fn a_stale_read_answers_as_of_before_the_last_write() {
    create_user("k.stale");
    data("disable_user", "k.stale").unwrap();
    once("ds-data", "DescribeUser", Kind::StaleRead);
    assert_eq!(data("describe_user", "k.stale").unwrap()["Enabled"], true);
    assert_eq!(data("describe_user", "k.stale").unwrap()["Enabled"], false);
}

#[test]
fn a_write_or_a_consistent_read_is_never_stale() {
    let fault = ["fault", "ds-data", "DisableUser", "stale-read"];
    let refused = crate::lab::command(&fault).output().unwrap();
    assert_eq!(refused.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&refused.stderr).contains("cannot be stale"));
}

#[test]
fn faults_after_some_calls_for_a_text_and_until_they_are_cleared() {
    let ask = || data("describe_user", "martha.rivera").is_ok();
    Fault {
        service: "ds-data",
        operation: "DescribeUser",
        kind: Kind::ErrorBefore,
        count: 2,
        after: 1,
        text: "",
    }
    .declare();
    assert_eq!([ask(), ask(), ask(), ask()], [true, false, false, true]);
    // The operator serves no event.
    lab(&["fault", "ds-data", "DescribeUser", "error-before", "9", "--for", "some-event"]);
    assert!(ask());
    lab(&["fault", "ds-data", "DescribeUser", "error-before", "9"]);
    assert!(!ask());
    lab(&["fault", "--clear"]);
    assert!(ask());
}

#[test]
fn a_function_killed_after_its_call_has_had_the_effect_and_starts_anew() {
    let function = crate::stack::output("ResponderFunctionName");
    let event = json!({"step": "record", "execution": "arn:x:killed", "event": {"id": "killed-after"}});
    let invoke = || aws("lambda", "invoke", &json!({"FunctionName": function, "Payload": event.to_string()}));
    Fault {
        service: "dynamodb",
        operation: "PutItem",
        kind: Kind::KillAfter,
        count: 1,
        after: 0,
        text: "killed-after",
    }
    .declare();
    let calls = Journal::from_now("calls");

    assert_eq!(invoke()["FunctionError"], "Unhandled");
    assert_eq!(clear("killed-after"), 1);

    let met: Vec<_> = calls.read().into_iter().filter(|call| call["fault"] == "kill-after").collect();
    let [put] = &met[..] else { panic!("one call, not {met:?}") };
    let key = json!({"pk": {"S": "execution#arn:x:killed"}, "sk": {"S": "decision"}});
    let table = crate::stack::output("DecisionTableName");
    let written =
        aws("dynamodb", "get_item", &json!({"TableName": table, "Key": key, "ConsistentRead": true}));
    assert_eq!((&put["error"], &written["Item"]["decision"]["S"]), (&Value::Null, &json!("refuse")));
    assert_eq!(invoke()["FunctionError"], Value::Null);
}

#[test]
fn calls_of_machines_and_functions_for_a_marked_event_are_marked_and_nobody_elses() {
    let calls = Journal::from_now("calls");
    let mark = Mark::of("marked-release");
    let input = json!({"version": 1, "user": "nobody", "reason": "to see its calls"});
    Execution::run("ReleaseStateMachineArn", "marked-release", &input);
    Execution::run("ReleaseStateMachineArn", "another-release", &input);

    let marked: Vec<_> = calls.read().into_iter().filter(|call| mark.is_on(call)).collect();
    let services: BTreeSet<_> = marked.iter().map(|call| call["service"].as_str().unwrap()).collect();
    assert!(services.is_superset(&BTreeSet::from(["dynamodb", "lambda"])), "{marked:?}");
    assert!(!services.contains("stepfunctions"), "the operator serves no event: {marked:?}");
    let other = marked.iter().find(|call| call.to_string().contains("another-release"));
    assert!(other.is_none(), "{other:?}");
    drop(mark);

    let calls = Journal::from_now("calls");
    Execution::run("ReleaseStateMachineArn", "marked-release-2", &input);
    assert!(calls.read().iter().all(|call| call["marks"].is_null()));
}

#[test]
fn quotas_of_the_directory_hold_while_they_are_on() {
    lab(&["quota", "on"]);
    let asked: Vec<_> = (0..12).map(|_| data("describe_user", "martha.rivera")).collect();
    lab(&["quota", "off"]);
    let refused: Vec<_> = asked.iter().filter_map(|answer| answer.as_ref().err()).collect();
    assert!(asked[..8].iter().all(Result::is_ok), "{asked:?}");
    assert!(!refused.is_empty() && refused.iter().all(|failure| failure.code == "ThrottlingException"));
    assert!((0..12).all(|_| data("describe_user", "martha.rivera").is_ok()));
}

#[test]
fn reads_lag_behind_writes_while_consistency_is_eventual() {
    create_user("k.eventual");
    lab(&["consistency", "eventual"]);
    data("disable_user", "k.eventual").unwrap();
    let at_once = data("describe_user", "k.eventual").unwrap();
    sleep(Duration::from_millis(2100));
    let later = data("describe_user", "k.eventual").unwrap();
    lab(&["consistency", "immediate"]);
    assert_eq!((&at_once["Enabled"], &later["Enabled"]), (&json!(true), &json!(false)));
}
