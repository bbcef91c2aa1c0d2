//! The deployed stack: its executions, its records, its configuration.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;
use std::thread::sleep;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::finding::emit;
use crate::lab::{Journal, aws, lab, variable};
use crate::mail::of_executions;

const PATIENCE: Duration = Duration::from_secs(120);

/// An output of the stack.
pub(crate) fn output(name: &str) -> &'static str {
    static OUTPUTS: OnceLock<Value> = OnceLock::new();
    let outputs = OUTPUTS.get_or_init(|| {
        let stacks = aws(&["cloudformation", "describe-stacks", "--stack-name", variable("STACK_NAME")]);
        stacks["Stacks"][0]["Outputs"].clone()
    });
    let found = outputs.as_array().unwrap().iter().find(|output| output["OutputKey"] == name);
    found.unwrap_or_else(|| panic!("the stack has no output {name}"))["OutputValue"].as_str().unwrap()
}

/// What became of one event.
pub(crate) struct Outcome {
    pub(crate) status: String,
    /// The decision record, with DynamoDB's types taken off its texts; null when there is none.
    pub(crate) record: Value,
    pub(crate) calls: Vec<Value>,
    /// What executions have told.
    pub(crate) mail: Vec<Value>,
}

impl Outcome {
    /// How many calls of this operation were made.
    pub(crate) fn count(&self, operation: &str) -> usize {
        self.calls.iter().filter(|call| call["operation"] == operation).count()
    }

    pub(crate) fn decision(&self) -> (&str, &str) {
        (text(&self.record, "decision"), text(&self.record, "reason"))
    }
}

/// Emits an event that the rule matches and waits for the execution that it starts.
pub(crate) fn deliver(event: &Value) -> Outcome {
    deliver_by(|| emit(event))
}

/// The same for an event that comes in another way.
pub(crate) fn deliver_by(emit: impl FnOnce()) -> Outcome {
    let (calls, mail) = (Journal::from_now("calls"), Journal::from_now("mail"));
    let before = executions();
    emit();
    let execution =
        eventually("an execution for the event", || executions().difference(&before).next().cloned());
    let status = wait_for(&execution);
    Outcome { status, record: record_of(&execution), calls: calls.read(), mail: of_executions(&mail) }
}

/// The executions of contain-user so far.
pub(crate) fn executions() -> BTreeSet<String> {
    statuses().into_keys().collect()
}

/// The executions of contain-user so far, and how each stands.
pub(crate) fn statuses() -> BTreeMap<String, String> {
    let listed =
        aws(&["stepfunctions", "list-executions", "--state-machine-arn", output("ContainStateMachineArn")]);
    let of = |execution: &Value, name: &str| execution[name].as_str().unwrap().to_owned();
    let executions = listed["executions"].as_array().unwrap();
    executions.iter().map(|execution| (of(execution, "executionArn"), of(execution, "status"))).collect()
}

/// Waits until an execution has ended, and tells how.
pub(crate) fn wait_for(execution: &str) -> String {
    eventually("the end of the execution", || {
        let described = aws(&["stepfunctions", "describe-execution", "--execution-arn", execution]);
        described["status"].as_str().filter(|status| *status != "RUNNING").map(str::to_owned)
    })
}

/// Asks for a release and waits for its end.
pub(crate) fn release(user: &str) -> String {
    let input =
        json!({"version": 1, "user": user, "reason": "a false positive", "override": "the test goes on"});
    let arn = output("ReleaseStateMachineArn").to_owned();
    let started = aws(&[
        "stepfunctions",
        "start-execution",
        "--state-machine-arn",
        &arn,
        "--input",
        &input.to_string(),
    ]);
    wait_for(started["executionArn"].as_str().unwrap())
}

/// The decision record that an execution has written.
pub(crate) fn record_of(execution: &str) -> Value {
    records().into_iter().find(|record| text(record, "execution") == execution).unwrap_or_default()
}

/// All decision records.
pub(crate) fn records() -> Vec<Value> {
    let scan = ["dynamodb", "scan", "--table-name", output("DecisionTableName"), "--consistent-read"];
    let found = aws(&[&scan[..], &["--filter-expression", "attribute_exists(decision)"]].concat());
    found["Items"].as_array().unwrap().clone()
}

/// A text attribute of a record.
pub(crate) fn text<'a>(record: &'a Value, name: &str) -> &'a str {
    record[name]["S"].as_str().unwrap_or_else(|| panic!("the record has no {name}: {record}"))
}

/// Tries until there is an answer.
pub(crate) fn eventually<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let began = Instant::now();
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(began.elapsed() < PATIENCE, "waited {PATIENCE:?} for {what}");
        sleep(Duration::from_millis(300));
    }
}

/// Sets the kill switch for as long as the value lives.
pub(crate) struct KillSwitch;

impl KillSwitch {
    pub(crate) fn on() -> Self {
        set_kill_switch("on");
        Self
    }
}

impl Drop for KillSwitch {
    fn drop(&mut self) {
        set_kill_switch("off");
    }
}

fn set_kill_switch(value: &str) {
    let name = output("KillSwitchParameterName");
    aws(&["ssm", "put-parameter", "--name", name, "--value", value, "--type", "String", "--overwrite"]);
}

/// Changes variables of a function for as long as the value lives; `None` removes one.
pub(crate) struct Reconfigured {
    function: String,
    before: Value,
}

impl Reconfigured {
    /// The responder.
    pub(crate) fn with(changes: &[(&str, Option<&str>)]) -> Self {
        Self::of(output("ResponderFunctionName"), changes)
    }

    pub(crate) fn of(function: &str, changes: &[(&str, Option<&str>)]) -> Self {
        let described = aws(&["lambda", "get-function-configuration", "--function-name", function]);
        let before = described["Environment"]["Variables"].clone();
        let mut after = before.clone();
        for (variable, value) in changes {
            match value {
                Some(value) => after[*variable] = (*value).into(),
                None => drop(after.as_object_mut().unwrap().remove(*variable)),
            }
        }
        set_variables(function, &after);
        Self { function: function.to_owned(), before }
    }
}

impl Drop for Reconfigured {
    fn drop(&mut self) {
        set_variables(&self.function, &self.before);
    }
}

fn set_variables(name: &str, variables: &Value) {
    let environment = json!({ "Variables": variables }).to_string();
    aws(&["lambda", "update-function-configuration", "--function-name", name, "--environment", &environment]);
    lab(&["exec", "--", "aws", "lambda", "wait", "function-updated-v2", "--function-name", name]);
}

/// Another next state of `contain-user` for as long as the value lives.
pub(crate) struct Detour {
    before: String,
}

impl Detour {
    pub(crate) fn with(state: &str, next: &str) -> Self {
        let arn = output("ContainStateMachineArn");
        let described = aws(&["stepfunctions", "describe-state-machine", "--state-machine-arn", arn]);
        let before = described["definition"].as_str().unwrap().to_owned();
        let mut definition: Value = serde_json::from_str(&before).unwrap();
        for name in [state, next] {
            assert!(definition["States"][name].is_object(), "contain-user has no state {name:?}");
        }
        definition["States"][state]["Next"] = next.into();
        set_definition(&definition.to_string());
        Self { before }
    }
}

impl Drop for Detour {
    fn drop(&mut self) {
        set_definition(&self.before);
    }
}

fn set_definition(definition: &str) {
    let arn = output("ContainStateMachineArn");
    let update = ["stepfunctions", "update-state-machine", "--state-machine-arn", arn];
    aws(&[&update[..], &["--definition", definition]].concat());
}
