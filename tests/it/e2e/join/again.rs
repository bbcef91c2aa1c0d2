use serde_json::{Value, json};

use super::launched::Launched;
use super::object::attributes;
use crate::lab::{Journal, lab, variable};
use crate::operator::aws;
use crate::stack::output;

/// What EC2 tells of it.
pub(super) fn state_event(instance: &Launched, state: &str) -> Value {
    event(
        instance,
        "aws.ec2",
        "EC2 Instance State-change Notification",
        json!({"instance-id": instance.id, "state": state}),
    )
}

/// What Systems Manager tells of its command.
fn command_event(instance: &Launched, item: &Value) -> Value {
    let detail = json!({
        "command-id": item["command"], "document-name": "adsteward-join-linux", "instance-id": instance.id,
        "requested-date-time": "2026-11-21T10:00:00Z", "status": "Success",
    });
    event(instance, "aws.ssm", "EC2 Command Invocation Status-change Notification", detail)
}

fn event(instance: &Launched, source: &str, kind: &str, detail: Value) -> Value {
    let (account, region) = (variable("AWS_ACCOUNT_ID"), variable("AWS_REGION"));
    json!({
        "version": "0", "id": "c0ffee00-0000-4000-8000-000000000000", "detail-type": kind, "source": source,
        "account": account, "time": "2026-11-21T10:00:00Z", "region": region,
        "resources": [format!("arn:aws:ec2:{region}:{account}:instance/{}", instance.id)], "detail": detail,
    })
}

/// As SNS brings it from another Region.
fn wrapped(event: &Value) -> Value {
    json!({
        "Type": "Notification", "MessageId": "c0ffee00-0000-4000-8000-000000000001",
        "TopicArn": "arn:aws:sns:us-east-2:111122223333:x", "Message": event.to_string(),
        "Timestamp": "2026-11-21T10:00:00.000Z", "SignatureVersion": "1", "Signature": "x",
    })
}

pub(super) fn put(queue: &str, body: &Value) {
    aws("sqs", "send_message", &json!({"QueueUrl": output(queue), "MessageBody": body.to_string()}));
}

/// What there is to see of an instance that has joined.
fn seen(instance: &Launched) -> (Value, [Vec<String>; 3]) {
    let filter = format!("(sAMAccountName={}$)", instance.name());
    (instance.item(), ["objectSid", "pwdLastSet", "whenChanged"].map(|name| attributes(&filter, name)))
}

#[test]
fn duplicated_late_and_wrapped_events_and_a_restart_change_nothing() {
    let instance = Launched::joined(&[]);
    let before = seen(&instance);
    instance.rest();
    let calls = Journal::from_now("calls");
    for state in ["running", "stopped", "pending", "running"] {
        let event = state_event(&instance, state);
        put("JoinQueueUrl", &event);
        put("JoinQueueUrl", &wrapped(&event));
    }
    let event = command_event(&instance, &before.0);
    put("StatusQueueUrl", &event);
    put("StatusQueueUrl", &wrapped(&event));
    lab(&["instance", "stop", &instance.id]);
    lab(&["instance", "start", &instance.id]);
    instance.rest();

    assert_eq!(seen(&instance), before);
    let changes = ["SendCommand", "CreateComputer", "Add", "Delete", "Modify"];
    let made = calls.read().into_iter().filter(|call| changes.iter().any(|name| call["operation"] == *name));
    let ours: Vec<_> = made.filter(|call| is_of_the_joiner(call, &instance)).collect();
    assert!(ours.is_empty(), "{ours:?}");
    instance.sh(&format!("kinit -k -c MEMORY: '{}$'", instance.name()));
}

/// By its own role, in the member role's session for the instance, or by LDAP.
fn is_of_the_joiner(call: &Value, instance: &Launched) -> bool {
    let who = call["principal"].as_str().unwrap();
    who.contains("domain-joiner") || who.ends_with(&format!("/adsteward-{}", instance.id))
}
