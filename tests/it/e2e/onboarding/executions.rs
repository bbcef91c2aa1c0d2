//! Executions of both state machines, by the user that they are for.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;

use serde_json::{Value, json};

use super::newcomer::Newcomer;
use crate::operator::aws;
use crate::runbook::run_with;
use crate::stack::{eventually, output, wait_for};

/// A state machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Machine {
    Onboard,
    Offboard,
}

impl Machine {
    /// The output of the stack that names it.
    pub(super) fn output(self) -> &'static str {
        match self {
            Self::Onboard => "OnboardStateMachineArn",
            Self::Offboard => "OffboardStateMachineArn",
        }
    }
}

/// All executions of a state machine, and how each stands.
pub(super) fn all(machine: Machine) -> BTreeMap<String, String> {
    let mut request = json!({"stateMachineArn": output(machine.output()), "maxResults": 1000});
    let mut executions = BTreeMap::new();
    loop {
        let page = aws("stepfunctions", "list_executions", &request);
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let listed = page["executions"].as_array().unwrap().iter();
        executions.extend(listed.map(|found| (text(&found["executionArn"]), text(&found["status"]))));
        match page["nextToken"].as_str() {
            Some(next) => request["nextToken"] = next.into(),
            None => return executions,
        }
    }
}

/// For whom an execution is: its input never changes.
pub(super) fn input(execution: &str) -> Value {
    static KNOWN: Mutex<BTreeMap<String, Value>> = Mutex::new(BTreeMap::new());
    let mut known = KNOWN.lock().unwrap();
    let found = known.entry(execution.to_owned()).or_insert_with(|| {
        let described = aws("stepfunctions", "describe_execution", &json!({ "executionArn": execution }));
        serde_json::from_str(described["input"].as_str().unwrap()).unwrap()
    });
    found.clone()
}

/// Starts an execution again as RUNBOOK.md says, and waits for its end.
pub(super) fn start_again(machine: Machine, execution: &str) -> String {
    let machine = [(Machine::Onboard.output(), machine.output())];
    let printed = run_with("start-again", &[("execution", execution)], &machine);
    let started: Value = serde_json::from_str(&printed).unwrap();
    wait_for(started["executionArn"].as_str().unwrap())
}

impl Newcomer {
    /// The executions for him, and how each stands. CloudTrail's records tell only his name.
    pub(super) fn executions(&self, machine: Machine) -> BTreeMap<String, String> {
        let mut executions = all(machine);
        executions.retain(|execution, _| input(execution)["user"] == *self.name);
        executions
    }

    /// Waits for all his executions, and for their ends; how each ended.
    pub(super) fn ended(&self, machine: Machine, count: usize) -> Vec<String> {
        self.ended_since(&BTreeMap::new(), machine, count)
    }

    /// The same of those that were not there before.
    pub(super) fn ended_since(
        &self,
        before: &BTreeMap<String, String>,
        machine: Machine,
        count: usize,
    ) -> Vec<String> {
        let new = || -> BTreeSet<String> {
            self.executions(machine).into_keys().filter(|execution| !before.contains_key(execution)).collect()
        };
        let what = format!("{count} executions for {}", self.name);
        let begun = eventually(&what, || Some(new()).filter(|new| new.len() >= count));
        assert_eq!(begun.len(), count, "{begun:?}");
        begun.iter().map(|execution| wait_for(execution)).collect()
    }
}
