//! What cannot be read calls somebody, and costs nobody else anything.

use serde_json::{Value, json};

use super::executions::Machine;
use super::log::{events, has_logged, put};
use super::newcomer::Newcomer;
use crate::alarms::is_open;
use crate::operator::aws;
use crate::queue::{purge, visible};
use crate::runbook::run_named;
use crate::stack::{Reconfigured, eventually, output};

/// As CloudWatch Logs does it: it does not wait.
fn invoke(event: &Value) {
    let request = json!({
        "FunctionName": output("StarterFunctionName"), "InvocationType": "Event", "Payload": event.to_string(),
    });
    aws("lambda", "invoke", &request);
}

#[test]
fn a_batch_that_cannot_be_unpacked_lands_in_the_dead_letter_queue() {
    let dead = output("StarterDeadLetterQueueUrl");
    purge(dead);
    invoke(&json!({"awslogs": {"data": "H4sIAAAAAAAA/w=="}}));
    eventually("a dead letter", || (visible(dead) == 1).then_some(()));
    assert!(is_open("starter-dead-letters"));
    purge(dead);
}

#[test]
fn a_batch_that_came_while_the_function_was_broken_is_not_lost() {
    let dead = output("StarterDeadLetterQueueUrl");
    purge(dead);
    let broken = Reconfigured::of(output("StarterFunctionName"), &[("USER_TABLE", None)]);
    let user = Newcomer::enabled("paula");
    eventually("dead letters", || (visible(dead) > 0).then_some(()));
    drop(broken);
    assert!(user.executions(Machine::Onboard).is_empty());

    run_named("redrive-batches");

    user.becomes("onboarded");
    assert_eq!((visible(dead), user.workspaces().len(), user.agents().len()), (0, 1, 1));
}

#[test]
fn records_that_cannot_be_read_cost_the_others_nothing() {
    let user = Newcomer::onboarded("petra");
    let good = events(&user, 4720).remove(0);
    let (body, _) = good.split_at(good.len() / 2);
    let doctype = format!("<!DOCTYPE x [<!ENTITY a 'b'>]>{good}");
    let no_number = good.replace("<EventRecordID>", "<EventRecordID>x");
    put(&[body.to_owned(), doctype, no_number, good.clone(), good.replace(&user.name, "pe tra")]);
    for reason in ["malformed-xml", "document-type", "unusable-field"] {
        has_logged(&["record not readable", reason], 1);
    }
    has_logged(&["record refused", "pe tra", "unusable-name"], 1);
    has_logged(&["execution was there", &user.sid], 1);
    assert_eq!(user.executions(Machine::Onboard).len(), 1);
}
