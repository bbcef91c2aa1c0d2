//! What a policy does not allow does not happen, also where AWS acts on its own: the lab enforces all of them, so that a
//! grant that is missing in the template shows here and not on AWS.

use std::fs;
use std::thread::sleep;
use std::time::Duration;

use serde_json::{Value, json};

use crate::finding::{emit, finding};
use crate::lab::{Journal, aws, lab, root};
use crate::policy::{Queue, Without, physical};
use crate::session::Way;
use crate::stack::{deliver, eventually, executions, output, wait_for};

/// Some looks of an event source mapping into its queue.
const A_WHILE: Duration = Duration::from_secs(3);
const BURIED: &str = "NO_PERMISSIONS";

fn denied(calls: &Journal, operation: &str) -> bool {
    calls.read().iter().any(|call| call["operation"] == operation && call["allowed"] == false)
}

fn fixture(name: &str) -> Value {
    let path = root().join("tests/fixtures").join(name);
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

/// The count of log lines of a function.
fn log_lines(function: &str) -> usize {
    lab(&["logs", function]).lines().count()
}

#[test]
fn a_queue_is_read_only_with_the_permission_of_its_functions_role() {
    let (queue, calls) = (Queue::of("CallerQueue"), Journal::from_now("calls"));
    let without = Without::permission("DisableWitnessRole", "sqs:ReceiveMessage", "");
    queue.send("{}");
    sleep(A_WHILE);
    assert_eq!(queue.attribute("ApproximateNumberOfMessages"), "1");
    assert!(denied(&calls, "ReceiveMessage"));
    drop(without);
    eventually("the message to be taken", || {
        (queue.attribute("ApproximateNumberOfMessages") == "0").then_some(())
    });
    queue.purge();
}

#[test]
fn a_message_leaves_its_queue_only_with_the_permission_of_the_functions_role() {
    let (queue, calls) = (Queue::of("CallerQueue"), Journal::from_now("calls"));
    let _without = Without::permission("DisableWitnessRole", "sqs:DeleteMessage", "");
    queue.send(&fixture("cloudtrail/start-other-execution.json").to_string());
    eventually("the function's answer", || denied(&calls, "DeleteMessage").then_some(()));
    assert_eq!(queue.attribute("ApproximateNumberOfMessagesNotVisible"), "1");
    queue.purge();
}

#[test]
fn a_function_writes_logs_only_with_the_permission_of_its_role() {
    let session = Way::service().start();
    let without = Without::permission("GuarddutyResponderRole", "logs:PutLogEvents", "");
    let (before, calls) = (log_lines("guardduty-responder"), Journal::from_now("calls"));
    deliver(&finding(&session, "root"));
    assert_eq!(log_lines("guardduty-responder"), before);
    assert!(denied(&calls, "PutLogEvents"));
    drop(without);
    deliver(&finding(&session, "root"));
    assert!(log_lines("guardduty-responder") > before);
}

#[test]
fn a_command_needs_permission_for_the_document_and_for_the_instance() {
    let session = Way::service().start();
    for resource in [":document/", ":instance/"] {
        let calls = Journal::from_now("calls");
        let _without = Without::permission("GuarddutyResponderRole", "ssm:SendCommand", resource);
        let outcome = deliver(&finding(&session, "root"));
        assert_eq!(outcome.status, "FAILED", "without {resource}");
        assert!(denied(&calls, "SendCommand"), "without {resource}");
    }
    assert_eq!(deliver(&finding(&session, "root")).status, "SUCCEEDED");
}

#[test]
fn a_state_machine_invokes_only_with_the_permission_of_its_role() {
    let session = Way::service().start();
    let (calls, before) = (Journal::from_now("calls"), executions());
    let without = Without::permission("ContainUserStateMachineRole", "lambda:InvokeFunction", "");
    emit(&finding(&session, "root"));
    eventually("a try to invoke", || denied(&calls, "Invoke").then_some(()));
    drop(without);
    let execution = executions().difference(&before).next().unwrap().clone();
    assert_eq!(wait_for(&execution), "SUCCEEDED", "the machine tries again");
}

#[test]
fn a_rule_starts_executions_only_with_the_permission_of_its_role() {
    let session = Way::service().start();
    let (dead, before) = (Queue::of("ContainDeadLetterQueue"), executions());
    let _without = Without::permission("GuarddutyFindingRuleRole", "states:StartExecution", "");
    emit(&finding(&session, "root"));
    assert_eq!(eventually("the dead letter", || dead.next_error_code()), BURIED);
    assert_eq!(executions(), before);
    dead.purge();
}

#[test]
fn a_queue_takes_events_only_of_the_rule_that_its_policy_names() {
    let (queue, dead) = (Queue::of("CallerQueue"), Queue::of("WitnessDeadLetterQueue"));
    let policy = queue.attribute("Policy");
    queue.set_policy(&policy.replace("-caller", "-another"));
    let mut started = fixture("cloudtrail/start-release.json");
    started["detail"]["requestParameters"]["stateMachineArn"] = output("ReleaseStateMachineArn").into();
    emit(&started);
    let code = eventually("the dead letter", || dead.next_error_code());
    queue.set_policy(&policy);
    dead.purge();
    assert_eq!(code, BURIED);
}

#[test]
fn a_rule_invokes_only_a_function_whose_policy_names_it() {
    let (name, function) = ("e2e-invokes", physical("UserReleaserFunction"));
    let pattern = json!({ "source": [name] }).to_string();
    let rule = aws(&["events", "put-rule", "--name", name, "--event-pattern", &pattern]);
    let arn = aws(&["lambda", "get-function-configuration", "--function-name", &function]);
    let target = json!([{ "Id": "1", "Arn": arn["FunctionArn"] }]).to_string();
    aws(&["events", "put-targets", "--rule", name, "--targets", &target]);
    let mut event = fixture("cloudtrail/start-release.json");
    event["source"] = name.into();

    let before = log_lines(&function);
    emit(&event);
    sleep(A_WHILE);
    assert_eq!(log_lines(&function), before);

    let allow = ["lambda", "add-permission", "--function-name", &function, "--statement-id", name];
    let of_rule = ["--principal", "events.amazonaws.com", "--source-arn", rule["RuleArn"].as_str().unwrap()];
    aws(&[&allow[..], &["--action", "lambda:InvokeFunction"], &of_rule].concat());
    emit(&event);
    eventually("the invocation", || (log_lines(&function) > before).then_some(()));

    aws(&["lambda", "remove-permission", "--function-name", &function, "--statement-id", name]);
    aws(&["events", "remove-targets", "--rule", name, "--ids", "1"]);
    aws(&["events", "delete-rule", "--name", name]);
}
