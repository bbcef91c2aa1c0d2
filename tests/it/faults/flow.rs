//! One run of `contain-user` with a fault, and what is to be seen after it.

use std::thread::sleep;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};

use crate::fault::{Fault, Kind, clear};
use crate::finding::finding;
use crate::lab::variable;
use crate::operator::{aws, try_aws};
use crate::points::Point;
use crate::session::Session;
use crate::stack::output;
use crate::users::Census;

/// After an execution with a fault: the witness waits two seconds, a late effect less.
pub(crate) const REST: Duration = Duration::from_secs(5);
const PATIENCE: Duration = Duration::from_secs(300);
const LOOK_EVERY: Duration = Duration::from_millis(1200);

/// What is run: a user of its own, and the fault that it meets.
#[derive(Debug, Clone)]
pub(crate) struct Run {
    pub(crate) user: String,
    pub(crate) fault: Option<(Point, Kind, u32)>,
}

/// What became of one delivery of the finding.
#[derive(Debug)]
pub(crate) struct Delivery {
    pub(crate) execution: String,
    pub(crate) status: String,
    /// Whether the user is enabled at rest.
    pub(crate) enabled: bool,
    /// The decision record, null when there is none.
    pub(crate) record: Value,
    /// Seconds since 1970, at rest.
    pub(crate) ended: f64,
}

/// A run and what became of it.
#[derive(Debug)]
pub(crate) struct Observed {
    pub(crate) run: Run,
    /// How many calls met the fault.
    pub(crate) hits: u64,
    pub(crate) first: Delivery,
    /// The same finding again, without faults.
    pub(crate) second: Delivery,
    /// The finding's item in the table, and the user's.
    pub(crate) items: (Value, Value),
}

impl Run {
    /// Delivers a finding about the user with the fault, and again without.
    pub(crate) fn observe(self, census: &Census) -> Observed {
        let session = Session::of(&self.user);
        let event = finding(&session, &self.user);
        if let Some((point, kind, count)) = &self.fault {
            let (service, operation) = (point.service.as_str(), point.operation.as_str());
            Fault { service, operation, kind: *kind, count: *count, after: point.index, text: &self.user }
                .declare();
        }
        let first = self.deliver(&event, 1, REST, census);
        let hits = clear(&self.user);
        let second = self.deliver(&event, 2, Duration::ZERO, census);
        let arn = event["detail"]["arn"].as_str().unwrap();
        let user = format!("user#{}#{}", variable("DIRECTORY_ID"), self.user);
        let items = (item(&format!("finding#{arn}"), "finding"), item(&user, "containment"));
        Observed { run: self, hits, first, second, items }
    }

    fn deliver(&self, event: &Value, number: u32, rest: Duration, census: &Census) -> Delivery {
        let start = json!({
            "stateMachineArn": output("ContainStateMachineArn"),
            "name": format!("{}-{number}", self.user),
            "input": event.to_string(),
        });
        let started = aws("stepfunctions", "start_execution", &start);
        let execution = started["executionArn"].as_str().unwrap().to_owned();
        let status = wait_for(&execution);
        sleep(rest);
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
        Delivery {
            status,
            enabled: census.is_enabled(&self.user),
            record: record(event, &execution),
            execution,
            ended: now.as_secs_f64(),
        }
    }
}

fn wait_for(execution: &str) -> String {
    let began = Instant::now();
    loop {
        let described =
            try_aws("stepfunctions", "describe_execution", &json!({ "executionArn": execution })).unwrap();
        match described["status"].as_str().unwrap() {
            "RUNNING" if began.elapsed() < PATIENCE => sleep(LOOK_EVERY),
            status => return status.to_owned(),
        }
    }
}

/// The decision record that an execution has written about a finding.
fn record(event: &Value, execution: &str) -> Value {
    let detail = &event["detail"];
    let name = execution.rsplit(':').next().unwrap();
    let sort = format!("decision#{}#{name}", detail["updatedAt"].as_str().unwrap());
    item(&format!("finding#{}", detail["arn"].as_str().unwrap()), &sort)
}

fn item(partition: &str, sort: &str) -> Value {
    let key = json!({"pk": {"S": partition}, "sk": {"S": sort}});
    let request = json!({"TableName": output("DecisionTableName"), "Key": key, "ConsistentRead": true});
    aws("dynamodb", "get_item", &request)["Item"].take()
}
