//! Dead letters: they call somebody, who sends them back when the cause is gone.

use serde_json::Value;

use crate::alarms::{is_open, mails_of};
use crate::directory::{create_user, disable, is_enabled};
use crate::finding::{emit, finding};
use crate::lab::{Journal, aws, variable};
use crate::queue::{Impatient, messages, purge, visible};
use crate::runbook::run_named;
use crate::session::Session;
use crate::stack::{Reconfigured, eventually, executions, output, wait_for};

#[test]
fn a_record_that_a_broken_witness_could_not_read_is_redriven_and_poison_stays() {
    let (queue, dead) = (output("WitnessQueueUrl"), output("WitnessDeadLetterQueueUrl"));
    // A broken witness would bury the records of other tests, too.
    eventually("the end of what others did", || (messages(queue) == [0; 3]).then_some(()));
    purge(dead);
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
    purge(dead);
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
