//! What people are told of a person's accounts: each execution that does something tells it once, and tells what is so.

use serde_json::Value;

use super::{Accounts, SERVICES};
use crate::flow::{Delivery, Observed};
use crate::invariants::{Journals, Violations};

/// What an execution has told itself, in order.
pub(crate) fn told<'a>(delivery: &Delivery<Accounts>, journals: &'a Journals) -> Vec<&'a Value> {
    journals.mails(&[&format!("  execution  {}\n", delivery.execution.arn)])
}

/// What the state machine has told because the function could not.
fn told_by_the_machine<'a>(delivery: &Delivery<Accounts>, journals: &'a Journals) -> Vec<&'a Value> {
    journals.mails(&["could not finish", &format!("EXECUTION  {}\n", delivery.execution.arn)])
}

/// Each execution that fails is told, by itself or by the state machine; and what was told last is what the item says.
pub(crate) fn violations(run: &Observed<Accounts>, journals: &Journals, wrong: &mut Violations) {
    for delivery in [&run.first, &run.second] {
        let execution = &delivery.execution;
        let (own, machines) = (told(delivery, journals), told_by_the_machine(delivery, journals));
        let name = execution.name();
        wrong.of_a_notice(&format!("say that {name} could not finish"), &machines, run, journals);
        if execution.succeeded() {
            wrong.unless(machines.is_empty(), format!("a mail says that {name} could not finish"));
        } else {
            let says = |mail: &&Value| mail["subject"].as_str().unwrap().contains("NOT ");
            wrong.unless(
                !machines.is_empty() || own.iter().any(says),
                format!("no mail says that {name} could not finish"),
            );
        }
        if let (Some(last), true) = (own.last(), machines.is_empty()) {
            says_what_is_so(last, &delivery.state, name, wrong);
        }
    }
}

/// The lines of the accounts.
fn says_what_is_so(mail: &Value, state: &Accounts, name: &str, wrong: &mut Violations) {
    let body = mail["body"].as_str().unwrap();
    if !body.contains("\nACCOUNTS\n") {
        return;
    }
    for (service, title) in SERVICES {
        let (state, id) = match state.account(service) {
            ("failed", id) => ("FAILED", id),
            other => other,
        };
        let line = format!("  {title:<18} {state:<10} {id}");
        wrong.unless(
            body.lines().any(|found| found == line.trim_end()),
            format!("the mail of {name} does not say {:?}", line.trim()),
        );
    }
}
