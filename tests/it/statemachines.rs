//! State machines: closed, timed, retried with care, and honest about failure.

use std::collections::BTreeSet;

use regex::Regex;
use serde_json::Value;

use crate::template::{items, read, resources, template};

struct StateMachine {
    path: String,
    text: String,
    definition: Value,
    substitutions: BTreeSet<String>,
}

impl StateMachine {
    fn states(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.definition["States"].as_object().unwrap().iter().map(|(name, state)| (name.as_str(), state))
    }

    fn tasks(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.states().filter(|(_, state)| state["Type"] == "Task")
    }

    /// The states that can follow from `start`, itself included.
    fn reachable(&self, start: &str) -> BTreeSet<String> {
        let mut seen = BTreeSet::new();
        let mut open = vec![start.to_owned()];
        while let Some(name) = open.pop() {
            if seen.insert(name.clone()) {
                let state = self.definition["States"].get(&name);
                open.extend(followers(state.unwrap_or_else(|| panic!("{}: no state {name:?}", self.path))));
            }
        }
        seen
    }
}

fn state_machines() -> Vec<StateMachine> {
    let template = template();
    resources(&template, "AWS::Serverless::StateMachine")
        .into_iter()
        .map(|(_, properties)| {
            let path = properties["DefinitionUri"].as_str().unwrap().to_owned();
            let text = read(&path);
            let definition = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{path}: {error}"));
            let substitutions =
                properties["DefinitionSubstitutions"].as_object().unwrap().keys().cloned().collect();
            StateMachine { path, text, definition, substitutions }
        })
        .collect()
}

fn followers(state: &Value) -> Vec<String> {
    let branches = ["Choices", "Catch"].into_iter().filter_map(|key| state.get(key)).flat_map(items);
    let nexts = branches.map(|branch| &branch["Next"]).chain([&state["Next"], &state["Default"]]);
    nexts.filter_map(Value::as_str).map(str::to_owned).collect()
}

/// Whether an execution that ends in this state counts as succeeded.
fn ends_well(state: &Value) -> bool {
    state["Type"] == "Succeed" || state["End"] == true
}

#[test]
fn definitions_read_from_the_top() {
    for machine in state_machines() {
        let keys = ["Comment", "QueryLanguage", "StartAt", "TimeoutSeconds", "States"];
        let places: Vec<_> = keys.iter().map(|key| machine.text.find(&format!("\n  \"{key}\":"))).collect();
        assert!(places.iter().all(Option::is_some) && places.is_sorted(), "{}: {keys:?}", machine.path);
        assert_eq!(machine.definition["QueryLanguage"], "JSONata", "{}", machine.path);
    }
}

#[test]
fn every_state_is_reached_and_every_next_exists() {
    for machine in state_machines() {
        let reached = machine.reachable(machine.definition["StartAt"].as_str().unwrap());
        let all: BTreeSet<_> = machine.states().map(|(name, _)| name.to_owned()).collect();
        assert_eq!(all, reached, "{}: defined (left), reached (right)", machine.path);
    }
}

#[test]
fn every_state_goes_somewhere_or_ends() {
    for machine in state_machines() {
        for (name, state) in machine.states() {
            let ends = ends_well(state) || state["Type"] == "Fail";
            let goes_on = state.get("Next").is_some() || state.get("Choices").is_some();
            assert_ne!(ends, goes_on, "{}: {name}", machine.path);
            if state["Type"] == "Choice" {
                assert!(state.get("Default").is_some(), "{}: {name} has no Default", machine.path);
                assert!(name.ends_with('?'), "{}: {name} is not a question", machine.path);
            }
        }
    }
}

#[test]
fn every_task_has_a_time_out_retries_with_jitter_and_a_way_to_fail() {
    for machine in state_machines() {
        for (name, task) in machine.tasks() {
            let place = format!("{}: {name}", machine.path);
            let for_a_person = waits_for_a_person(task);
            let bounded = match &task["TimeoutSeconds"] {
                // How long a person is waited for is configured.
                Value::String(given) => for_a_person && given == "{% $states.input.wait_seconds %}",
                seconds => !for_a_person && seconds.as_u64().is_some_and(|seconds| seconds <= 120),
            };
            assert!(bounded, "{place}: TimeoutSeconds");
            assert!(task.get("Retry").is_some(), "{place}: Retry");
            for retry in items(&task["Retry"]) {
                assert_eq!(retry["JitterStrategy"], "FULL", "{place}");
                assert!(
                    retry["MaxDelaySeconds"].is_u64() && retry["MaxAttempts"].is_u64(),
                    "{place}: {retry}"
                );
            }
            let caught = task.get("Catch").map(items).unwrap_or_default();
            assert!(
                caught.iter().any(|catch| catch["ErrorEquals"] == serde_json::json!(["States.ALL"])),
                "{place}: Catch"
            );
        }
    }
}

fn waits_for_a_person(task: &Value) -> bool {
    task["Resource"] == "arn:aws:states:::lambda:invoke.waitForTaskToken"
}

#[test]
fn no_task_retries_what_it_cannot_name() {
    for machine in state_machines() {
        for (name, task) in machine.tasks() {
            let retried: BTreeSet<_> = items(&task["Retry"])
                .into_iter()
                .flat_map(|retry| items(&retry["ErrorEquals"]))
                .map(|error| error.as_str().unwrap())
                .collect();
            for vague in ["States.ALL", "States.TaskFailed"] {
                assert!(!retried.contains(vague), "{}: {name} retries {vague}", machine.path);
            }
            let needed: &[_] = match task["Resource"].as_str().unwrap() {
                "arn:aws:states:::lambda:invoke" | "arn:aws:states:::lambda:invoke.waitForTaskToken" => {
                    &["Lambda.ServiceException", "Lambda.TooManyRequestsException", "TransientError"]
                }
                "arn:aws:states:::sns:publish" => &["SNS.InternalErrorException", "SNS.ThrottledException"],
                other => panic!("{}: {name} calls the unforeseen {other}", machine.path),
            };
            for error in needed {
                assert!(retried.contains(error), "{}: {name} does not retry {error}", machine.path);
            }
        }
    }
}

#[test]
fn a_failure_never_ends_as_a_success() {
    for machine in state_machines() {
        for (name, task) in machine.tasks() {
            for catch in items(&task["Catch"]) {
                let is_silence = catch["ErrorEquals"] == serde_json::json!(["States.Timeout"]);
                if waits_for_a_person(task) && is_silence {
                    continue; // nobody has answered: that is no failure
                }
                for end in machine.reachable(catch["Next"].as_str().unwrap()) {
                    let state = &machine.definition["States"][&end];
                    assert!(!ends_well(state), "{}: a failure of {name} can end well in {end}", machine.path);
                }
            }
        }
    }
}

#[test]
fn substitutions_match_both_ways() {
    let placeholder = Regex::new(r"\$\{(\w+)\}").unwrap();
    for machine in state_machines() {
        let used = placeholder.captures_iter(&machine.text).map(|found| found[1].to_owned()).collect();
        assert_eq!(machine.substitutions, used, "{}: template.yaml (left), definition (right)", machine.path);
    }
}

#[test]
fn every_state_machine_has_a_role_and_a_log_that_holds_no_data() {
    let template = template();
    for (name, properties) in resources(&template, "AWS::Serverless::StateMachine") {
        assert!(properties["Role"].get("Fn::GetAtt").is_some(), "{name}");
        assert_eq!(properties["Type"], "STANDARD", "{name}");
        assert_eq!(properties["Logging"]["IncludeExecutionData"], false, "{name}");
    }
}
