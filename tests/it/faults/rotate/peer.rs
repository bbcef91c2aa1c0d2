//! The article's logic as a function on the lab.

use std::fs;
use std::process::Command;
use std::sync::OnceLock;

use serde_json::{Value, json};

use crate::lab::{aws as command_line, root};
use crate::operator::{aws, try_aws};

const NAME: &str = "rotation-peer";

/// Packs a script as what Lambda starts.
const PACK: &str = r##"
import sys, zipfile
entry = zipfile.ZipInfo("bootstrap")
entry.external_attr = 0o755 << 16
with zipfile.ZipFile(sys.argv[1], "w") as archive:
    archive.writestr(entry, f"#!{sys.executable}\n" + open(sys.argv[2]).read())
"##;

/// Its ARN; made when it is asked for first. Secrets Manager may invoke it.
pub(super) fn function() -> &'static str {
    static FUNCTION: OnceLock<String> = OnceLock::new();
    FUNCTION.get_or_init(|| made_before().unwrap_or_else(make))
}

fn made_before() -> Option<String> {
    let found = try_aws("lambda", "get_function_configuration", &json!({"FunctionName": NAME})).ok()?;
    Some(found["FunctionArn"].as_str().unwrap().to_owned())
}

fn make() -> String {
    let role = role();
    let archive = root().join("target/faults/peer.zip");
    fs::create_dir_all(archive.parent().unwrap()).unwrap();
    let packing = Command::new(root().join(".lab/venv/bin/python"))
        .args(["-c", PACK])
        .arg(&archive)
        .arg(root().join("tests/it/faults/rotate/peer.py"))
        .status();
    assert!(packing.unwrap().success());
    // Bytes cannot be said in JSON.
    let archive = format!("fileb://{}", archive.display());
    let create = ["lambda", "create-function", "--function-name", NAME, "--runtime", "provided.al2023"];
    let code = ["--handler", "bootstrap", "--timeout", "120", "--role", &role, "--zip-file", &archive];
    let made = command_line(&[&create[..], &code].concat());
    let arn = made["FunctionArn"].as_str().unwrap().to_owned();
    let permission = json!({
        "FunctionName": NAME, "StatementId": "rotation", "Action": "lambda:InvokeFunction",
        "Principal": "secretsmanager.amazonaws.com", "SourceAccount": arn.split(':').nth(4).unwrap(),
    });
    aws("lambda", "add_permission", &permission);
    arn
}

fn role() -> String {
    let document = |statement: Value| json!({"Version": "2012-10-17", "Statement": [statement]}).to_string();
    let trust = json!({"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"});
    let made =
        aws("iam", "create_role", &json!({"RoleName": NAME, "AssumeRolePolicyDocument": document(trust)}));
    let actions = ["secretsmanager:*", "ds:DescribeDirectories", "ds:ResetUserPassword", "logs:*"];
    let policy = document(json!({"Effect": "Allow", "Action": actions, "Resource": "*"}));
    aws("iam", "put_role_policy", &json!({"RoleName": NAME, "PolicyName": "own", "PolicyDocument": policy}));
    made["Role"]["Arn"].as_str().unwrap().to_owned()
}
