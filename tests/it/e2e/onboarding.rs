//! Onboarding and off-boarding: the directory's own security log, Amazon `WorkSpaces` and Amazon Connect.

mod executions;
mod log;
mod newcomer;

mod broken;
mod burst;
mod by_hand;
mod contained;
mod corpus;
mod failing;
mod leaving;
mod left_over;
mod messages;
mod never;
mod once;
mod poison;
mod redriven;

use crate::lab::{lab, variable};
use crate::operator::lab as ask_lab;
use crate::stack::Reconfigured;

/// Changes variables of the function that gives accounts for as long as the value lives.
fn provisioner(changes: &[(&str, Option<&str>)]) -> Reconfigured {
    Reconfigured::of(&format!("{}-user-provisioner", variable("STACK_NAME")), changes)
}

/// The same of the function that takes accounts.
fn offboarder(changes: &[(&str, Option<&str>)]) -> Reconfigured {
    Reconfigured::of(&format!("{}-user-offboarder", variable("STACK_NAME")), changes)
}

/// A fault of the calls that are made for events that contain a text, for as long as the value lives.
pub(crate) struct Fault<'a>(&'a str);

impl<'a> Fault<'a> {
    /// `what` is as `scripts/lab fault` has it: a service, an operation, a kind, a count, and options.
    pub(crate) fn of(text: &'a str, what: &[&str]) -> Self {
        lab(&[&["fault"], what, &["--for", text]].concat());
        Self(text)
    }

    /// How many calls met it, or another one for the same text.
    pub(crate) fn hits(&self) -> u64 {
        let faults = ask_lab("fault", &serde_json::json!({}));
        let ours = faults["faults"].as_array().unwrap().iter().filter(|fault| fault["text"] == self.0);
        ours.map(|fault| fault["hits"].as_u64().unwrap()).sum()
    }
}

impl Drop for Fault<'_> {
    fn drop(&mut self) {
        lab(&["fault", "--clear", "--for", self.0]);
    }
}
