//! One run of `scripts/doctor` in the lab.

use std::collections::BTreeSet;
use std::process::Command;
use std::sync::Once;

use serde_json::Value;

use crate::lab::{aws, command, root, variable};

pub(crate) const PROBLEM: &str = "problem";
pub(crate) const UNKNOWN: &str = "could-not-check";

/// The tag of the instances that these tests are about: other tests leave theirs behind.
pub(crate) const TAG: &str = "Doctor=e2e";

/// What `scripts/doctor --json` has said.
#[derive(Debug)]
pub(crate) struct Visit {
    pub(crate) code: i32,
    pub(crate) checks: Vec<Value>,
}

impl Visit {
    pub(crate) fn now(arguments: &[&str]) -> Self {
        Self::with(&[], arguments)
    }

    /// With these variables beside those of the lab, such as other credentials.
    pub(crate) fn with(variables: &[String], arguments: &[&str]) -> Self {
        let (code, printed) = run(variables, &[&["--json"], arguments].concat());
        let report: Value =
            serde_json::from_str(&printed).unwrap_or_else(|error| panic!("{error}: {printed}"));
        Self { code, checks: report["checks"].as_array().unwrap().clone() }
    }

    /// What people see.
    pub(crate) fn print(arguments: &[&str]) -> String {
        run(&[], arguments).1
    }

    /// The answers of one check.
    pub(crate) fn of(&self, check: &str) -> Vec<&Value> {
        self.checks.iter().filter(|answer| answer["check"] == check).collect()
    }

    /// The checks that have found a problem, but for the alarms: those may ring of what other tests did.
    pub(crate) fn problems(&self) -> Vec<&str> {
        self.named(PROBLEM).into_iter().filter(|name| *name != "alarms").collect()
    }

    /// The names of the checks that have answered so.
    pub(crate) fn named(&self, verdict: &str) -> Vec<&str> {
        let found = self.checks.iter().filter(|answer| answer["verdict"] == verdict);
        let names: BTreeSet<_> = found.map(|answer| answer["check"].as_str().unwrap()).collect();
        names.into_iter().collect()
    }
}

fn run(variables: &[String], arguments: &[&str]) -> (i32, String) {
    let doctor = root().join("scripts/doctor");
    install();
    let mut command = command(&["exec", "--", "env"]);
    command.args(variables).arg(doctor).args(["--instances-tagged", TAG]).args(arguments);
    let output = command.output().unwrap();
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(complaint.is_empty(), "{complaint}");
    (output.status.code().unwrap(), String::from_utf8(output.stdout).unwrap())
}

/// Lets doctor install its packages, which the lab's network does not reach.
pub(crate) fn install() {
    static INSTALLED: Once = Once::new();
    INSTALLED.call_once(|| {
        let doctor = Command::new(root().join("scripts/doctor")).arg("--help").output().unwrap();
        assert!(doctor.status.success(), "{}", String::from_utf8_lossy(&doctor.stderr));
    });
}

/// The physical id of one of the stack's resources.
pub(crate) fn resource(of: impl Fn(&str, &str) -> bool) -> String {
    resources(of).into_iter().next().unwrap()
}

/// The physical ids of the stack's resources of which the condition on logical id and type holds.
fn resources(of: impl Fn(&str, &str) -> bool) -> Vec<String> {
    let listed = aws(&["cloudformation", "list-stack-resources", "--stack-name", variable("STACK_NAME")]);
    let text = |resource: &Value, name: &str| resource[name].as_str().unwrap().to_owned();
    let all = listed["StackResourceSummaries"].as_array().unwrap();
    let chosen = all.iter().filter(|r| of(&text(r, "LogicalResourceId"), &text(r, "ResourceType")));
    chosen.map(|resource| text(resource, "PhysicalResourceId")).collect()
}

/// Other tests leave messages behind.
pub(crate) fn empty_dead_letter_queues() {
    for queue in resources(|name, kind| kind == "AWS::SQS::Queue" && name.contains("DeadLetter")) {
        sqs("purge-queue", &queue, &[]);
    }
}

/// A call about a queue. The command line asks SQS at AWS's own address unless it is told otherwise.
pub(crate) fn sqs(operation: &str, queue: &str, arguments: &[&str]) {
    let endpoint = ["--endpoint-url", variable("AWS_ENDPOINT_URL")];
    aws(&[&["sqs", operation, "--queue-url", queue], &endpoint[..], arguments].concat());
}
