//! CloudWatch's alarms, which the lab evaluates when it is asked to.

use serde_json::Value;

use crate::lab::{Journal, lab, variable};

/// Evaluates all alarms now, as CloudWatch does each minute; the names of those that are open, without the stack's.
pub(crate) fn open_alarms() -> Vec<String> {
    let stack = format!("{}-", variable("STACK_NAME"));
    let all = lab(&["alarms", "--state", "ALARM"]);
    let open = all.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    open.map(|alarm| alarm["name"].as_str().unwrap().trim_start_matches(&stack).to_owned()).collect()
}

pub(crate) fn is_open(alarm: &str) -> bool {
    open_alarms().iter().any(|open| open == alarm)
}

/// How many mails a journal holds that an alarm of this name has sent.
pub(crate) fn mails_of(alarm: &str, mail: &Journal) -> usize {
    let subject = format!("ALARM: \"{}-{alarm}\"", variable("STACK_NAME"));
    let told = |entry: &Value| entry["subject"].as_str().is_some_and(|text| text.starts_with(&subject));
    mail.read().iter().filter(|entry| told(entry)).count()
}
