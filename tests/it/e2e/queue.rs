//! Messages of the stack's queues.

use serde_json::json;

use crate::operator::aws;

/// How many messages of a queue can be received, are being worked on, and are delayed.
pub(crate) fn messages(queue: &str) -> [usize; 3] {
    let count = |kind| attribute(queue, &format!("ApproximateNumberOfMessages{kind}")).parse().unwrap();
    ["", "NotVisible", "Delayed"].map(count)
}

pub(crate) fn visible(queue: &str) -> usize {
    messages(queue)[0]
}

pub(crate) fn purge(queue: &str) {
    aws("sqs", "purge_queue", &json!({ "QueueUrl": queue }));
}

/// Lets messages of a queue be tried again at once for as long as the value lives.
pub(crate) struct Impatient(#[expect(dead_code, reason = "held")] Visible);

impl Impatient {
    pub(crate) fn with(queue: &'static str) -> Self {
        Self(Visible::after(queue, "1"))
    }
}

/// Another visibility time-out of a queue for as long as the value lives.
pub(crate) struct Visible {
    queue: &'static str,
    before: String,
}

impl Visible {
    pub(crate) fn after(queue: &'static str, seconds: &str) -> Self {
        let before = attribute(queue, "VisibilityTimeout");
        set_visibility(queue, seconds);
        Self { queue, before }
    }
}

impl Drop for Visible {
    fn drop(&mut self) {
        set_visibility(self.queue, &self.before);
    }
}

fn attribute(queue: &str, name: &str) -> String {
    let request = json!({"QueueUrl": queue, "AttributeNames": [name]});
    aws("sqs", "get_queue_attributes", &request)["Attributes"][name].as_str().unwrap().to_owned()
}

fn set_visibility(queue: &str, seconds: &str) {
    let request = json!({"QueueUrl": queue, "Attributes": {"VisibilityTimeout": seconds}});
    aws("sqs", "set_queue_attributes", &request);
}
