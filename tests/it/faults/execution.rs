//! Executions of state machines, many at a time.

use std::collections::BTreeSet;
use std::sync::Mutex;
use std::thread::sleep;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::operator::aws;
use crate::stack::output;

const PATIENCE: Duration = Duration::from_secs(300);
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// An execution that has ended.
#[derive(Debug)]
pub(crate) struct Execution {
    pub(crate) arn: String,
    /// `RUNNING` if it has not ended after all.
    pub(crate) status: String,
}

impl Execution {
    /// Runs a state machine, named by the stack's output, to its end.
    pub(crate) fn run(machine: &str, name: &str, input: &Value) -> Self {
        let start = json!({"stateMachineArn": output(machine), "name": name, "input": input.to_string()});
        let arn =
            aws("stepfunctions", "start_execution", &start)["executionArn"].as_str().unwrap().to_owned();
        let began = Instant::now();
        loop {
            sleep(LOOK_EVERY);
            if !is_running(machine, &arn) || began.elapsed() > PATIENCE {
                break;
            }
        }
        let described = aws("stepfunctions", "describe_execution", &json!({ "executionArn": arn }));
        Self { arn, status: described["status"].as_str().unwrap().to_owned() }
    }

    /// The last part of its ARN.
    pub(crate) fn name(&self) -> &str {
        self.arn.rsplit(':').next().unwrap()
    }

    pub(crate) fn succeeded(&self) -> bool {
        self.status == "SUCCEEDED"
    }

    pub(crate) fn has_ended(&self) -> bool {
        self.succeeded() || self.status == "FAILED"
    }
}

/// The executions of a state machine that run, as of some moment.
struct Running {
    machine: String,
    asked: Instant,
    arns: BTreeSet<String>,
}

/// Whether an execution runs, asked for once for all who want to know at about the same time.
fn is_running(machine: &str, arn: &str) -> bool {
    static RUNNING: Mutex<Option<Running>> = Mutex::new(None);
    let now = Instant::now();
    let mut known = RUNNING.lock().unwrap();
    let running = match known.take().filter(|known| known.asked >= now && known.machine == machine) {
        Some(recent) => known.insert(recent),
        None => known.insert(Running::ask(machine)),
    };
    running.arns.contains(arn)
}

impl Running {
    fn ask(machine: &str) -> Self {
        let asked = Instant::now();
        let filter =
            json!({"stateMachineArn": output(machine), "statusFilter": "RUNNING", "maxResults": 1000});
        let listed = aws("stepfunctions", "list_executions", &filter);
        let arns = listed["executions"].as_array().unwrap().iter();
        let arns = arns.map(|execution| execution["executionArn"].as_str().unwrap().to_owned()).collect();
        Self { machine: machine.to_owned(), asked, arns }
    }
}
