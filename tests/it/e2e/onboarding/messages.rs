//! The queue of events: what a broken function could not read goes back to it, and poison ends beside it.

use serde_json::{Value, json};

use super::executions::Machine;
use super::log::has_logged;
use super::newcomer::{Newcomer, directory};
use crate::alarms::is_open;
use crate::operator::aws;
use crate::queue::{Impatient, messages, purge, visible};
use crate::runbook::run_named;
use crate::stack::{Reconfigured, eventually, output};

/// Sends messages so that one call of the function may get all of them.
fn send(queue: &str, bodies: &[String]) {
    let entries: Vec<_> = bodies
        .iter()
        .enumerate()
        .map(|(number, body)| json!({"Id": number.to_string(), "MessageBody": body}))
        .collect();
    aws("sqs", "send_message_batch", &json!({"QueueUrl": queue, "Entries": entries}));
}

#[test]
fn events_that_a_broken_function_could_not_read_are_redriven_and_poison_among_them_costs_nothing() {
    let (queue, dead) = (output("StartQueueUrl"), output("StartQueueDeadLetterQueueUrl"));
    // A broken function would bury the events of other tests, too.
    eventually("the end of what others did", || (messages(queue) == [0; 3]).then_some(()));
    purge(dead);
    // She was there before anybody looked at the security log.
    let request = json!({"DirectoryId": directory(), "SAMAccountName": "martha.rivera"});
    let sid = aws("ds-data", "describe_user", &request)["SID"].as_str().unwrap().to_owned();
    let user = Newcomer { name: "martha.rivera".to_owned(), sid };
    let requested = include_str!("../../../fixtures/onboarding/requested.json");
    let mut event: Value = serde_json::from_str(requested).unwrap();
    event["id"] = "6d1f8c3a-7e2b-4f6d-9a10-2c4b6d8e0f33".into();
    event["detail"] = json!({"version": 1, "directoryId": directory(), "user": user.name});
    let _impatient = Impatient::with(queue);
    {
        let _broken = Reconfigured::of(output("StarterFunctionName"), &[("USER_TABLE", None)]);
        send(queue, &["poison".to_owned(), event.to_string()]);
        eventually("two dead letters", || (visible(dead) == 2).then_some(()));
        assert!(is_open("start-queue-dead-letters"));
    }
    assert!(user.executions(Machine::Onboard).is_empty());

    run_named("redrive-events");

    user.becomes("onboarded");
    has_logged(&["a message goes back to the queue", "it is not JSON"], 1);
    eventually("the poison's return", || (visible(dead) == 1 && messages(queue) == [0; 3]).then_some(()));
    assert_eq!(user.ended(Machine::Onboard, 1), ["SUCCEEDED"]);
    assert_eq!((user.workspaces().len(), user.agents().len()), (1, 1));
    purge(dead);
}
