//! What cannot be read calls somebody, and costs nobody else anything.

use serde_json::json;

use super::again::{put, state_event};
use super::joiner;
use super::launched::Launched;
use super::object::named;
use crate::alarms::is_open;
use crate::queue::{Impatient, purge, visible};
use crate::runbook::run_named;
use crate::stack::{eventually, output};

#[test]
fn poison_costs_no_sibling_and_lands_in_the_dead_letter_queues() {
    let (dead, dead_status) =
        (output("JoinQueueDeadLetterQueueUrl"), output("StatusQueueDeadLetterQueueUrl"));
    purge(dead);
    purge(dead_status);
    let sibling = Launched::joined(&[]);
    let mut foreign = state_event(&sibling, "running");
    foreign["account"] = "999999999999".into();
    let mut nobody = state_event(&sibling, "running");
    nobody["detail"]["instance-id"] = "i-0; reboot".into();
    let patience = [Impatient::with(output("JoinQueueUrl")), Impatient::with(output("StatusQueueUrl"))];
    let poison = [json!("poison"), json!({}), json!({"Type": "Notification"}), foreign, nobody];
    for body in &poison {
        put("JoinQueueUrl", body);
        put("StatusQueueUrl", body);
    }
    // EC2 says itself that it runs; and who knows another account's instance cannot have it removed.
    let mut elsewhere = state_event(&sibling, "terminated");
    put("JoinQueueUrl", &elsewhere);
    elsewhere["account"] = "999999999999".into();
    put("JoinQueueUrl", &elsewhere);
    let good = Launched::joined(&[]);

    eventually("dead letters", || (visible(dead) == poison.len() + 1).then_some(()));
    eventually("dead letters", || (visible(dead_status) == poison.len()).then_some(()));

    assert!(is_open("join-dead-letters") && is_open("join-status-dead-letters"));
    assert_eq!([&sibling, &good].map(|one| named(&one.name()).len()), [1, 1]);
    assert_eq!(sibling.item()["state"], "joined");
    drop(patience);
    purge(dead);
    purge(dead_status);
}

#[test]
fn what_came_while_the_function_was_broken_is_redriven() {
    let dead = output("JoinQueueDeadLetterQueueUrl");
    purge(dead);
    let gone = Launched::joined(&[]);
    let broken = joiner(&[("COMPUTER_TABLE", None)]);
    let patience = Impatient::with(output("JoinQueueUrl"));
    let instance = Launched::with(&[]);
    gone.terminate();
    eventually("dead letters", || (visible(dead) >= 2).then_some(()));
    drop((broken, patience));
    assert!(instance.item().is_null());

    run_named("redrive-joins");

    instance.until("joined");
    gone.until("left");
    assert_eq!(visible(dead), 0);
}
