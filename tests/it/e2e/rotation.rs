//! Rotation of passwords: Secrets Manager's button, the real function, both directories.

pub(crate) mod account;
pub(crate) mod secret;

mod in_a_row;
mod refused;
mod secrecy;
mod undone;

use serde_json::Value;

use crate::lab::Journal;
use crate::stack::{Reconfigured, output};

/// A password that a user begins with.
const FIRST: &str = "First-Canary-7-Battery";

/// The mails of a journal whose subject contains a text.
fn mails(mail: &Journal, text: &str) -> Vec<String> {
    let has = |entry: &Value| entry["subject"].as_str().is_some_and(|subject| subject.contains(text));
    mail.read()
        .iter()
        .filter(|entry| has(entry))
        .map(|entry| entry["body"].as_str().unwrap().to_owned())
        .collect()
}

/// How often an operation had an effect.
fn effects(calls: &Journal, operation: &str) -> usize {
    let calls = calls.read();
    calls.iter().filter(|call| call["operation"] == operation && call["error"].is_null()).count()
}

/// What the function remembers of wrong passwords is half an hour old: its processes are new.
fn half_an_hour_later() {
    drop(Reconfigured::of(output("SecretRotatorFunctionArn"), &[("HALF_AN_HOUR", Some("later"))]));
}
