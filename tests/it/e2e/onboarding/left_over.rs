//! A batch of the log that is too large for the time of one call: the rest goes on through the queue.

use serde_json::json;

use super::Fault;
use super::executions::Machine;
use super::log::{Unheard, events, has_logged, put};
use super::newcomer::{Newcomer, directory};
use crate::lab::Journal;
use crate::operator::aws;
use crate::stack::{eventually, output};
use crate::users::create_users;

/// Another time-out of the function for as long as the value lives.
struct Hurried {
    before: u64,
}

impl Hurried {
    fn to(seconds: u64) -> Self {
        let function = json!({ "FunctionName": output("StarterFunctionName") });
        let before = aws("lambda", "get_function_configuration", &function)["Timeout"].as_u64().unwrap();
        set_timeout(seconds);
        Self { before }
    }
}

impl Drop for Hurried {
    fn drop(&mut self) {
        set_timeout(self.before);
    }
}

fn set_timeout(seconds: u64) {
    let request = json!({ "FunctionName": output("StarterFunctionName"), "Timeout": seconds });
    aws("lambda", "update_function_configuration", &request);
}

#[test]
fn what_a_batch_has_no_time_for_is_started_from_the_queue_once() {
    let names = ["lotte.one", "lotte.two"];
    let unheard = Unheard::now();
    create_users(&names.map(str::to_owned));
    let users = names.map(|name| {
        let request = json!({"DirectoryId": directory(), "SAMAccountName": name});
        let sid = aws("ds-data", "describe_user", &request)["SID"].as_str().unwrap().to_owned();
        Newcomer { name: name.to_owned(), sid }
    });
    let batch: Vec<_> = users
        .iter()
        .flat_map(|user| {
            eventually("the event", || Some(events(user, 4720)).filter(|found| !found.is_empty()))
        })
        .collect();
    drop(unheard);
    // It works for four fifths of this, and a call of Step Functions takes longer.
    let _hurried = Hurried::to(5);
    let _slow = Fault::of("lotte.", &["stepfunctions", "StartExecution", "delay", "1", "--delay-ms", "7000"]);

    let calls = Journal::from_now("calls");

    put(&batch);

    has_logged(&["batch finished", "reasons\":\"deferred: 1, started: 1"], 1);
    for user in &users {
        user.becomes("onboarded");
        assert_eq!(user.ended(Machine::Onboard, 1), ["SUCCEEDED"]);
        assert_eq!((user.workspaces().len(), user.agents().len()), (1, 1));
    }
    // Lambda would try the whole batch again.
    let calls = calls.read();
    let sent: Vec<_> = calls.iter().filter(|call| call["operation"] == "SendMessageBatch").collect();
    assert!(matches!(sent[..], [one] if one["error"].is_null()), "{sent:#?}");
}
