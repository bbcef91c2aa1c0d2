//! Dead letters: they call somebody, who sends them back when the cause is gone.

use serde_json::Value;

use crate::alarms::{is_open, mails_of};
use crate::directory::{create_user, disable, is_enabled};
use crate::finding::{emit, finding};
use crate::lab::{Journal, aws, variable};
use crate::runbook::run_named;
use crate::session::Session;
use crate::stack::{Reconfigured, eventually, executions, output, wait_for};

/// How many messages of a queue can be received, are being worked on, and are delayed.
fn messages(queue: &str) -> [usize; 3] {
    let asked = ["sqs", "get-queue-attributes", "--queue-url", queue, "--attribute-names", "All"];
    let attributes = aws(&asked);
    let count = |kind| {
        let attribute = format!("ApproximateNumberOfMessages{kind}");
        attributes["Attributes"][attribute].as_str().unwrap().parse().unwrap()
    };
    ["", "NotVisible", "Delayed"].map(count)
}

fn visible(queue: &str) -> usize {
    messages(queue)[0]
}

/// Lets messages of a queue be tried again at once for as long as the value lives.
struct Impatient {
    queue: &'static str,
}

impl Impatient {
    fn with(queue: &'static str) -> Self {
        set_visibility(queue, "1");
        Self { queue }
    }
}

impl Drop for Impatient {
    fn drop(&mut self) {
        set_visibility(self.queue, "180");
    }
}

fn set_visibility(queue: &str, seconds: &str) {
    let attributes = format!("VisibilityTimeout={seconds}");
    aws(&["sqs", "set-queue-attributes", "--queue-url", queue, "--attributes", &attributes]);
}

#[test]
fn a_record_that_a_broken_witness_could_not_read_is_redriven_and_poison_stays() {
    let (queue, dead) = (output("WitnessQueueUrl"), output("WitnessDeadLetterQueueUrl"));
    // A broken witness would bury the records of other tests, too.
    eventually("the end of what others did", || (messages(queue) == [0; 3]).then_some(()));
    aws(&["sqs", "purge-queue", "--queue-url", dead]);
    create_user("rika");
    let mail = Journal::from_now("mail");
    let _impatient = Impatient::with(queue);
    let witness = format!("{}-disable-witness", variable("STACK_NAME"));
    let broken = Reconfigured::of(&witness, &[("DIRECTORY_ID", None)]);
    disable("rika");
    aws(&["sqs", "send-message", "--queue-url", queue, "--message-body", "poison"]);
    eventually("two dead letters", || (visible(dead) == 2).then_some(()));
    assert!(is_open("witness-dead-letters") && is_open("disable-witness-errors"));
    assert_eq!(mails_of("witness-dead-letters", &mail), 1);
    drop(broken);

    run_named("redrive-records");

    let told =
        |entry: &Value| entry["subject"].as_str().unwrap().contains("rika was disabled by someone else");
    eventually("the witness's notice", || mail.read().iter().find(|entry| told(entry)).cloned());
    eventually("the poison's return", || (visible(dead) == 1 && visible(queue) == 0).then_some(()));
    aws(&["sqs", "purge-queue", "--queue-url", dead]);
}

/// Takes the right to start `contain-user` from the rule for as long as the value lives.
struct Denied {
    role: String,
    policy: Value,
}

const POLICY: &str = "start-contain-user";

impl Denied {
    fn now() -> Self {
        let resource = ["--logical-resource-id", "GuarddutyFindingRuleRole", "--stack-name"];
        let describe = [&["cloudformation", "describe-stack-resource"], &resource[..]].concat();
        let described = aws(&[&describe[..], &[variable("STACK_NAME")]].concat());
        let role = described["StackResourceDetail"]["PhysicalResourceId"].as_str().unwrap().to_owned();
        let policy = aws(&["iam", "get-role-policy", "--role-name", &role, "--policy-name", POLICY]);
        aws(&["iam", "delete-role-policy", "--role-name", &role, "--policy-name", POLICY]);
        Self { role, policy: policy["PolicyDocument"].clone() }
    }
}

impl Drop for Denied {
    fn drop(&mut self) {
        let document = self.policy.to_string();
        let put = ["iam", "put-role-policy", "--role-name", &self.role, "--policy-name", POLICY];
        aws(&[&put[..], &["--policy-document", &document]].concat());
    }
}

#[test]
fn a_finding_that_could_not_be_started_is_redriven() {
    let dead = output("ContainDeadLetterQueueUrl");
    create_user("reno");
    let session = Session::of("reno");
    let before = executions();
    {
        let _denied = Denied::now();
        emit(&finding(&session, "reno"));
        eventually("a dead letter", || (visible(dead) == 1).then_some(()));
        assert!(is_open("contain-dead-letters") && is_open("guardduty-finding-undelivered"));
    }
    assert_eq!((executions(), is_enabled("reno")), (before.clone(), true));

    run_named("redrive-findings");

    let started = eventually("an execution", || executions().difference(&before).next().cloned());
    assert_eq!(wait_for(&started), "SUCCEEDED");
    assert_eq!((is_enabled("reno"), visible(dead)), (false, 0));
}
