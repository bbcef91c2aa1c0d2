//! The mails that the subscribers of the stack's topic get.

use serde_json::Value;

use crate::lab::Journal;

/// Whose mails come in their own time, perhaps during the next test: alarms, the witness, the rotation.
const OF_OTHERS: [&str; 5] =
    ["ALARM: ", "OK: ", "disabled by someone else", "told by the witness", "[adsteward] password "];

/// What is told of a user's accounts: every user of every test gets some, and loses them when he is disabled.
const OF_ONBOARDING: [&str; 12] = [
    " onboarded: ",
    " is back: ",
    " NOT fully onboarded: ",
    " not onboarded: ",
    ": accounts suspended",
    ": NOT DONE: ",
    " off-boarded: ",
    " is contained by now",
    " was enabled again while ",
    "] protected user ",
    "onboard-user could not finish",
    "offboard-user could not finish",
];

/// What executions of findings have told since the journal was opened.
pub(crate) fn of_executions(journal: &Journal) -> Vec<Value> {
    let mut mails = journal.read();
    mails.retain(|mail| {
        OF_OTHERS.iter().all(|other| !subject(mail).contains(other)) && !is_of_onboarding(mail)
    });
    mails
}

/// What was told of this user's accounts.
pub(crate) fn of_onboarding(journal: &Journal, user: &str) -> Vec<Value> {
    let mut mails = journal.read();
    mails.retain(|mail| is_of_onboarding(mail) && body(mail).contains(user));
    mails
}

fn is_of_onboarding(mail: &Value) -> bool {
    OF_ONBOARDING.iter().any(|ours| subject(mail).contains(ours))
}

/// What names the user, without what is told of his accounts.
pub(crate) fn about(journal: &Journal, user: &str) -> Vec<Value> {
    let mut mails = journal.read();
    mails.retain(|mail| body(mail).contains(user) && !is_of_onboarding(mail));
    mails
}

pub(crate) fn subject(mail: &Value) -> &str {
    mail["subject"].as_str().unwrap()
}

pub(crate) fn body(mail: &Value) -> &str {
    mail["body"].as_str().unwrap()
}
