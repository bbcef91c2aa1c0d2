//! An instance that is only launched: whatever else happens to it is the product's doing.

use std::thread::sleep;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::instance::{admits, sh};
use crate::lab::lab;
use crate::operator::aws;
use crate::queue::messages;
use crate::stack::{eventually, output};

const PATIENCE: Duration = Duration::from_secs(300);

/// Terminated when dropped.
pub(crate) struct Launched {
    pub(crate) id: String,
}

impl Launched {
    pub(crate) fn with(options: &[&str]) -> Self {
        let id = lab(&[&["instance", "run", "--unjoined"], options].concat()).trim().to_owned();
        Self { id }
    }

    /// Launches one and waits until it has joined.
    pub(crate) fn joined(options: &[&str]) -> Self {
        let instance = Self::with(options);
        instance.until("joined");
        instance
    }

    /// What the computer table says of it, without DynamoDB's types; null when it says nothing.
    pub(crate) fn item(&self) -> Value {
        let key = json!({"pk": {"S": self.id}, "sk": {"S": "computer"}});
        let request = json!({"TableName": output("ComputerTableName"), "Key": key, "ConsistentRead": true});
        let found = aws("dynamodb", "get_item", &request);
        let Some(item) = found["Item"].as_object() else { return Value::Null };
        item.iter().map(|(name, typed)| (name.clone(), plain(typed))).collect()
    }

    /// Waits for a state, and tells all that the table says then.
    pub(crate) fn until(&self, state: &str) -> Value {
        let began = Instant::now();
        loop {
            let item = self.item();
            if item["state"] == state {
                return item;
            }
            assert!(began.elapsed() < PATIENCE, "{} is not {state} after {PATIENCE:?}: {item}", self.id);
            sleep(Duration::from_millis(300));
        }
    }

    /// Its name in the directory.
    pub(crate) fn name(&self) -> String {
        self.item()["name"].as_str().unwrap().to_owned()
    }

    /// Waits until nothing about any instance is left to be looked at.
    pub(crate) fn rest(&self) {
        sleep(Duration::from_secs(1));
        let quiet =
            || ["JoinQueueUrl", "StatusQueueUrl"].iter().all(|queue| messages(output(queue)) == [0; 3]);
        eventually("the end of all work", || quiet().then_some(()));
    }

    /// Whether a log-in of the user succeeds, as with an SSH key: without a password.
    pub(crate) fn admits(&self, user: &str) -> bool {
        admits(&self.id, user)
    }

    pub(crate) fn terminate(&self) {
        lab(&["instance", "terminate", &self.id]);
    }

    /// What a script of root's prints there.
    pub(crate) fn sh(&self, script: &str) -> String {
        sh(&self.id, script)
    }
}

impl Drop for Launched {
    fn drop(&mut self) {
        self.terminate();
    }
}

/// A value without DynamoDB's type.
pub(super) fn plain(typed: &Value) -> Value {
    let (kind, value) = typed.as_object().unwrap().iter().next().unwrap();
    match kind.as_str() {
        "N" => value.as_str().unwrap().parse::<u64>().unwrap().into(),
        "NULL" => Value::Null,
        _ => value.clone(),
    }
}
