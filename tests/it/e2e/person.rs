//! People who ask and answer, each in a session of a role that may start the state machines.

use std::sync::OnceLock;

use serde_json::{Value, json};

use crate::lab::{aws, aws_with, variable};
use crate::stack::{eventually, output, text, wait_for};

/// Somebody with the right to approve and release.
pub(crate) struct Person {
    variables: Vec<(&'static str, String)>,
}

impl Person {
    /// In IAM Identity Center the session's name is the user's name.
    pub(crate) fn called(name: &str) -> Self {
        let assumed = aws(&["sts", "assume-role", "--role-arn", role(), "--role-session-name", name]);
        let key = |name: &str| assumed["Credentials"][name].as_str().unwrap().to_owned();
        Self {
            variables: vec![
                ("AWS_ACCESS_KEY_ID", key("AccessKeyId")),
                ("AWS_SECRET_ACCESS_KEY", key("SecretAccessKey")),
                ("AWS_SESSION_TOKEN", key("SessionToken")),
            ],
        }
    }

    /// Starts a state machine and waits for its end: the status and, of a failure, the cause.
    pub(crate) fn start(&self, machine: &str, input: &Value) -> (String, String) {
        let variables: Vec<_> = self.variables.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let start = ["stepfunctions", "start-execution", "--state-machine-arn", output(machine)];
        let input = input.to_string();
        let started = aws_with(&variables, &[&start[..], &["--input", &input]].concat());
        let execution = started["executionArn"].as_str().unwrap();
        let status = wait_for(execution);
        let described = aws(&["stepfunctions", "describe-execution", "--execution-arn", execution]);
        (status, described["cause"].as_str().unwrap_or_default().to_owned())
    }

    /// Answers a question.
    pub(crate) fn answer(&self, input: &Value) -> (String, String) {
        self.start("ApproveStateMachineArn", input)
    }
}

/// The name of the open question about a finding.
pub(crate) fn question(event: &Value) -> String {
    let arn = event["detail"]["arn"].as_str().unwrap();
    eventually("a question", || {
        let scan = ["dynamodb", "scan", "--table-name", output("DecisionTableName"), "--consistent-read"];
        let found = aws(&[&scan[..], &["--filter-expression", "attribute_exists(open_until)"]].concat());
        let items = found["Items"].as_array().unwrap();
        let open =
            items.iter().find(|item| text(item, "finding_arn") == arn && item["token"]["S"].is_string());
        open.map(|item| text(item, "id").to_owned())
    })
}

fn role() -> &'static str {
    static ROLE: OnceLock<String> = OnceLock::new();
    ROLE.get_or_init(|| {
        let account = variable("AWS_ACCOUNT_ID");
        let trust = json!({"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Principal": {"AWS": format!("arn:aws:iam::{account}:root")}, "Action": "sts:AssumeRole"},
        ]});
        let rights = json!({"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Action": "states:StartExecution",
             "Resource": [output("ApproveStateMachineArn"), output("ReleaseStateMachineArn")]},
        ]});
        let (trust, rights) = (trust.to_string(), rights.to_string());
        let name = format!("Security-{}", std::process::id());
        let made =
            aws(&["iam", "create-role", "--role-name", &name, "--assume-role-policy-document", &trust]);
        let put = ["iam", "put-role-policy", "--role-name", &name, "--policy-name", "ask"];
        aws(&[&put[..], &["--policy-document", &rights]].concat());
        made["Role"]["Arn"].as_str().unwrap().to_owned()
    })
}
