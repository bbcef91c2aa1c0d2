//! The directory's log group, and what becomes of its events.

use serde_json::{Value, json};

use super::newcomer::Newcomer;
use crate::lab::{lab, variable};
use crate::operator::aws;
use crate::stack::eventually;

/// The events of a user with this id, as the directory has logged them.
pub(super) fn events(user: &Newcomer, id: u32) -> Vec<String> {
    let mut request = json!({"logGroupName": variable("DIRECTORY_LOG_GROUP")});
    let mut found = Vec::new();
    loop {
        let page = aws("logs", "filter_log_events", &request);
        let messages =
            page["events"].as_array().unwrap().iter().map(|event| event["message"].as_str().unwrap());
        let event = format!(">{id}</EventID>");
        found.extend(
            messages.filter(|text| text.contains(&event) && text.contains(&user.sid)).map(str::to_owned),
        );
        match page["nextToken"].as_str() {
            Some(next) => request["nextToken"] = next.into(),
            None => return found,
        }
    }
}

/// Puts events into the log group as if the directory had logged them just now.
pub(super) fn put(messages: &[String]) {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_millis();
    let now = u64::try_from(now).unwrap();
    let events: Vec<_> =
        messages.iter().map(|message| json!({"timestamp": now, "message": message})).collect();
    let (group, stream) = (variable("DIRECTORY_LOG_GROUP"), format!("copies-{now}"));
    aws("logs", "create_log_stream", &json!({"logGroupName": group, "logStreamName": stream}));
    let request = json!({"logGroupName": group, "logStreamName": stream, "logEvents": events});
    aws("logs", "put_log_events", &request);
}

/// Waits until the function has logged so many lines that contain all of these texts.
pub(super) fn has_logged(texts: &[&str], times: usize) {
    let has = |line: &&str| texts.iter().all(|text| line.contains(text));
    eventually(&format!("{times} log lines with {texts:?}"), || {
        (lab(&["logs", "ad-event-starter"]).lines().filter(has).count() >= times).then_some(())
    });
}

/// A directory whose log nobody reads for as long as the value lives.
pub(super) struct Unheard(Value);

impl Unheard {
    pub(super) fn now() -> Self {
        let request = json!({"logGroupName": variable("DIRECTORY_LOG_GROUP")});
        let described = aws("logs", "describe_subscription_filters", &request);
        let [filter] = &described["subscriptionFilters"].as_array().unwrap()[..] else {
            panic!("{described}")
        };
        aws("logs", "delete_subscription_filter", &only(filter, &["logGroupName", "filterName"]));
        Self(only(filter, &["logGroupName", "filterName", "filterPattern", "destinationArn"]))
    }
}

impl Drop for Unheard {
    fn drop(&mut self) {
        aws("logs", "put_subscription_filter", &self.0);
    }
}

fn only(filter: &Value, members: &[&str]) -> Value {
    members.iter().map(|member| ((*member).to_owned(), filter[*member].clone())).collect()
}
