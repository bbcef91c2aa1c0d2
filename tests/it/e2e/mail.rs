//! The mails that the subscribers of the stack's topic get.

use serde_json::Value;

use crate::lab::Journal;

/// Whose mails come in their own time, perhaps during the next test: alarms, the witness, the rotation.
const OF_OTHERS: [&str; 5] =
    ["ALARM: ", "OK: ", "disabled by someone else", "told by the witness", "[adsteward] password "];

/// What executions have told since the journal was opened.
pub(crate) fn of_executions(journal: &Journal) -> Vec<Value> {
    let mut mails = journal.read();
    mails.retain(|mail| OF_OTHERS.iter().all(|other| !subject(mail).contains(other)));
    mails
}

/// What names the user.
pub(crate) fn about(journal: &Journal, user: &str) -> Vec<Value> {
    let mut mails = journal.read();
    mails.retain(|mail| body(mail).contains(user));
    mails
}

pub(crate) fn subject(mail: &Value) -> &str {
    mail["subject"].as_str().unwrap()
}

pub(crate) fn body(mail: &Value) -> &str {
    mail["body"].as_str().unwrap()
}
