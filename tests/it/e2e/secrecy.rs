//! No secret of a containment, an answer and a release stands anywhere but where it has to.

use std::fs;

use serde_json::{Value, json};

use crate::directory::{PASSWORD, create_user, is_enabled};
use crate::finding::{emit, finding};
use crate::lab::{aws, folder, lab, variable};
use crate::person::{Person, question};
use crate::session::Session;
use crate::stack::{Reconfigured, eventually, executions, output, release, wait_for};

#[test]
fn a_new_password_and_a_task_token_are_written_down_nowhere_else() {
    create_user("sven");
    let session = Session::of("sven");
    let _mode = Reconfigured::with(&[("MODE", Some("approve")), ("APPROVAL_SECONDS", Some("60"))]);
    let (event, before) = (finding(&session, "sven"), executions());
    emit(&event);
    let id = question(&event);
    let token = token_of(&id);
    let answer = json!({"version": 1, "approval": id, "answer": "approve", "user": "sven", "reason": "seen on the host"});
    assert_eq!(Person::called("eve").answer(&answer).0, "SUCCEEDED");
    let execution = eventually("the execution", || executions().difference(&before).next().cloned());
    assert_eq!(wait_for(&execution), "SUCCEEDED");
    assert_eq!(release("sven"), "SUCCEEDED");
    assert!(is_enabled("sven"));
    let secret = format!("{}/released/sven", variable("STACK_NAME"));
    let kept = aws(&["secretsmanager", "get-secret-value", "--secret-id", &secret]);
    let password = kept["SecretString"].as_str().unwrap();

    let table = aws(&["dynamodb", "scan", "--table-name", output("DecisionTableName"), "--consistent-read"]);
    for (place, text) in [
        ("the table", table.to_string()),
        ("mails", lab(&["mail"])),
        ("calls", lab(&["calls"])),
        ("logs of the functions", function_logs()),
        ("logs of the lab", lab_logs()),
        ("histories of executions", histories()),
    ] {
        assert!(!text.contains(password), "the new password stands in {place}");
        assert!(!text.contains(PASSWORD), "the user's password stands in {place}");
        let waits = place == "histories of executions" || place == "calls";
        assert!(waits || !text.contains(&token), "the task token stands in {place}");
    }
}

fn token_of(id: &str) -> String {
    let key = json!({"pk": {"S": format!("approval#{id}")}, "sk": {"S": "approval"}}).to_string();
    let item = aws(&[
        "dynamodb",
        "get-item",
        "--table-name",
        output("DecisionTableName"),
        "--consistent-read",
        "--key",
        &key,
    ]);
    item["Item"]["token"]["S"].as_str().unwrap().to_owned()
}

pub(crate) fn function_logs() -> String {
    let prefix = format!("/aws/lambda/{}-", variable("STACK_NAME"));
    let groups = aws(&["logs", "describe-log-groups", "--log-group-name-prefix", &prefix]);
    let groups = groups["logGroups"].as_array().unwrap();
    assert!(groups.len() >= 4, "{groups:?}");
    let events = |group: &Value| {
        let name = group["logGroupName"].as_str().unwrap();
        aws(&["logs", "filter-log-events", "--log-group-name", name]).to_string()
    };
    groups.iter().map(events).collect()
}

pub(crate) fn lab_logs() -> String {
    let folder = fs::read_dir(folder().join("logs")).unwrap();
    let files = folder.map(|entry| entry.unwrap().path()).filter(|path| path.is_file());
    files.map(|path| String::from_utf8_lossy(&fs::read(path).unwrap()).into_owned()).collect()
}

/// The history of the last execution of each state machine, which is this test's.
fn histories() -> String {
    let machines = ["ContainStateMachineArn", "ApproveStateMachineArn", "ReleaseStateMachineArn"].map(output);
    let history = |machine| {
        let listed = aws(&["stepfunctions", "list-executions", "--state-machine-arn", machine]);
        let last = listed["executions"].as_array().unwrap().iter().max_by_key(|one| started(one)).unwrap();
        let arn = last["executionArn"].as_str().unwrap();
        aws(&["stepfunctions", "get-execution-history", "--execution-arn", arn]).to_string()
    };
    machines.map(history).concat()
}

fn started(execution: &Value) -> String {
    execution["startDate"].to_string()
}
