//! The matrix puts the events itself, one at a time.

use serde_json::{Value, json};

use crate::lab::variable;
use crate::operator::aws;
use crate::queue::Visible;
use crate::stack::output;

const QUEUES: [&str; 2] = ["JoinQueueUrl", "StatusQueueUrl"];

/// What failed is tried again after so many seconds: no function works for as long.
const TRY_AGAIN: &str = "10";

/// As long as the value lives, EC2's events start nothing, each message has the function for itself, so that its fault meets no
/// other's, and what failed comes again soon.
pub(super) struct ByHand {
    sources: Vec<Value>,
    _soon: [Visible; 2],
}

impl ByHand {
    pub(super) fn now() -> Self {
        aws("events", "disable_rule", &rule());
        let function = json!({"FunctionName": output("JoinerFunctionName")});
        let listed = aws("lambda", "list_event_source_mappings", &function)["EventSourceMappings"].take();
        let sources: Vec<_> = listed.as_array().unwrap().iter().map(with_size).collect();
        assert_eq!(sources.len(), QUEUES.len());
        for source in &sources {
            update(&json!({"UUID": source["UUID"], "BatchSize": 1}));
        }
        Self { sources, _soon: QUEUES.map(|queue| Visible::after(output(queue), TRY_AGAIN)) }
    }
}

impl Drop for ByHand {
    fn drop(&mut self) {
        self.sources.iter().for_each(update);
        aws("events", "enable_rule", &rule());
    }
}

fn with_size(source: &Value) -> Value {
    json!({"UUID": source["UUID"], "BatchSize": source["BatchSize"]})
}

fn update(source: &Value) {
    aws("lambda", "update_event_source_mapping", source);
}

fn rule() -> Value {
    json!({"Name": format!("{}-instance-state", variable("STACK_NAME"))})
}

/// Delivers what EC2 tells of an instance, without the hold.
pub(super) fn deliver(instance: &str, state: &str) {
    let (account, region) = (variable("AWS_ACCOUNT_ID"), variable("AWS_REGION"));
    let event = json!({
        "version": "0", "id": "c0ffee00-0000-4000-8000-000000000000", "source": "aws.ec2",
        "detail-type": "EC2 Instance State-change Notification", "account": account, "region": region,
        "time": "2026-11-21T10:00:00Z",
        "resources": [format!("arn:aws:ec2:{region}:{account}:instance/{instance}")],
        "detail": {"instance-id": instance, "state": state},
    });
    let message =
        json!({"QueueUrl": output("JoinQueueUrl"), "MessageBody": event.to_string(), "DelaySeconds": 0});
    aws("sqs", "send_message", &message);
}

/// Whether no message about any instance is left.
pub(super) fn is_all_done() -> bool {
    QUEUES.iter().all(|queue| crate::queue::messages(output(queue)) == [0; 3])
}
