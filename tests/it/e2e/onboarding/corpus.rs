//! Other people's Windows events and batches: none starts anything, and none makes anything fail.

use std::fs;

use serde_json::{Value, json};

use super::executions::{Machine, all};
use super::log::{has_logged, put};
use crate::lab::{lab, root};
use crate::operator::aws;
use crate::stack::output;

fn files(folder: &str, kind: &str) -> Vec<String> {
    let found = fs::read_dir(root().join("tests/fixtures").join(folder)).unwrap();
    let paths = found.map(|file| file.unwrap().path());
    let wanted = paths.filter(|path| path.extension().is_some_and(|extension| extension == kind));
    wanted.map(|path| fs::read_to_string(path).unwrap()).collect()
}

/// As CloudWatch Logs and the queue do it, but waits for the end.
fn invoke(event: &str) {
    let request = json!({"FunctionName": output("StarterFunctionName"), "Payload": event});
    let answer = aws("lambda", "invoke", &request);
    assert_eq!(answer["FunctionError"], Value::Null, "{event}");
}

#[test]
fn events_of_other_domains_start_nothing() {
    let events = files("winevents", "xml");
    assert!(events.len() >= 23);
    let before = [Machine::Onboard, Machine::Offboard].map(all);
    let there = |reason: &str| {
        let logged = lab(&["logs", "ad-event-starter"]);
        logged.lines().filter(|line| line.contains("record ignored") && line.contains(reason)).count()
    };
    let (domains, hidden) = (there("other-domain"), there("not-a-person"));
    put(&events);
    // Of 4720: two of other domains, one of a machine; of 4722 and 4726 three.
    has_logged(&["record ignored", "other-domain"], domains + 1);
    has_logged(&["record ignored", "not-a-person"], hidden + 1);
    for batch in files("cwlogs", "json").iter().chain(&files("sqs", "json")) {
        invoke(batch);
    }
    let mut after = [Machine::Onboard, Machine::Offboard].map(all);
    for (after, before) in after.iter_mut().zip(&before) {
        after.retain(|execution, _| !before.contains_key(execution));
    }
    assert!(after.iter().all(|new| new.is_empty()), "{after:?}");
}
