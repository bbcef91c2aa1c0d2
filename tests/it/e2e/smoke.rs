//! `scripts/smoke-aws` in the lab, with the functions that were built for this machine.

use std::collections::BTreeSet;
use std::process::Stdio;

use crate::directory::enabled_users;
use crate::doctor::visit::{empty_dead_letter_queues, install};
use crate::lab::{aws, command, folder, root, variable};

const STACK: &str = "adsteward-smoke";

/// Its exit code and what it prints.
fn smoke(arguments: &[&str]) -> (i32, String) {
    install();
    let template = folder().join("deploy/template.json");
    let bucket = format!("lab-artifacts-{}", variable("AWS_ACCOUNT_ID"));
    let email = format!("security@{}", variable("AD_DOMAIN"));
    let mut command = command(&["exec", "--"]);
    command.arg(root().join("scripts/smoke-aws")).arg("--template").arg(template);
    command.args(["--directory", variable("DIRECTORY_ID"), "--email", &email, "--s3-bucket", &bucket]);
    let output = command.args(arguments).stdin(Stdio::null()).output().unwrap();
    let printed = [output.stdout, output.stderr].concat();
    (output.status.code().unwrap(), String::from_utf8_lossy(&printed).into_owned())
}

fn stacks() -> BTreeSet<String> {
    let listed = aws(&["cloudformation", "describe-stacks"]);
    let stacks = listed["Stacks"].as_array().unwrap().iter();
    stacks.map(|stack| stack["StackName"].as_str().unwrap().to_owned()).collect()
}

fn tables() -> serde_json::Value {
    aws(&["dynamodb", "list-tables"])["TableNames"].clone()
}

#[test]
fn smoke_aws_sees_a_sample_refused_and_leaves_nothing_behind() {
    empty_dead_letter_queues();
    let (users, stacks_before, tables_before) = (enabled_users(), stacks(), tables());

    let (code, printed) = smoke(&["--yes"]);

    assert_eq!(code, 0, "{printed}");
    for line in ["  decision   refuse", "  reason     sample", "archived sample findings of this type:"] {
        assert!(printed.contains(line), "no {line:?} in {printed}");
    }
    assert_eq!((stacks(), tables()), (stacks_before, tables_before));
    assert_eq!(enabled_users(), users);
}

#[test]
fn smoke_aws_deploys_nothing_unless_somebody_agrees() {
    let (code, printed) = smoke(&[]);

    assert_eq!(code, 1, "{printed}");
    assert!(printed.contains("Nobody is there to answer"), "{printed}");
    assert!(!stacks().contains(STACK));
}
