//! Functions: an explicit role, log group and time-out each, and exactly the variables that their code reads.

use std::collections::BTreeSet;

use regex::Regex;
use serde_json::Value;

use crate::template::{read, resources, target, template};

fn functions(template: &Value) -> Vec<(&str, &Value)> {
    resources(template, "AWS::Serverless::Function")
}

fn binary<'a>(template: &'a Value, function: &str) -> &'a str {
    template["Resources"][function]["Metadata"]["BuildProperties"]["Binary"].as_str().unwrap()
}

#[test]
fn every_function_has_a_role_of_its_own() {
    let template = template();
    let mut seen = BTreeSet::new();
    for (name, properties) in functions(&template) {
        let role = target(&properties["Role"]);
        assert_eq!(template["Resources"][role]["Type"], "AWS::IAM::Role", "{name}");
        assert!(seen.insert(role), "{name} shares its role {role}");
        assert!(properties.get("Policies").is_none(), "{name} has policies outside of its role");
    }
}

#[test]
fn every_function_logs_to_a_group_that_its_role_may_write_and_that_expires() {
    let template = template();
    for (name, properties) in functions(&template) {
        let group = target(&properties["LoggingConfig"]["LogGroup"]);
        let retention = &template["Resources"][group]["Properties"]["RetentionInDays"];
        assert_eq!(target(retention), "LogRetentionDays", "{name}");
        let role = &template["Resources"][target(&properties["Role"])];
        assert!(role.to_string().contains(group), "the role of {name} does not name {group}");
    }
}

#[test]
fn every_function_is_a_small_arm64_binary_with_a_time_out() {
    let template = template();
    let globals = &template["Globals"]["Function"];
    assert_eq!(globals["Runtime"], "provided.al2023");
    assert_eq!(globals["Architectures"], serde_json::json!(["arm64"]));
    for (name, properties) in functions(&template) {
        let seconds = properties.get("Timeout").unwrap_or(&globals["Timeout"]).as_u64().unwrap();
        assert!((1..=120).contains(&seconds), "{name} may run for {seconds} s");
        let megabytes = properties.get("MemorySize").unwrap_or(&globals["MemorySize"]).as_u64().unwrap();
        assert!((128..=256).contains(&megabytes), "{name} has {megabytes} MB");
        assert_eq!(template["Resources"][name]["Metadata"]["BuildMethod"], "rust-cargolambda", "{name}");
    }
}

#[test]
fn every_function_gets_exactly_the_variables_that_its_configuration_reads() {
    let template = template();
    for (name, properties) in functions(&template) {
        let given: BTreeSet<String> =
            properties["Environment"]["Variables"].as_object().unwrap().keys().cloned().collect();
        assert_eq!(
            given,
            variables_read_by(binary(&template, name)),
            "{name}: template.yaml (left), config (right)"
        );
    }
}

/// The variables that the configuration of a binary reads. Lambda itself sets `AWS_REGION`.
fn variables_read_by(binary: &str) -> BTreeSet<String> {
    let config = configuration_of(binary);
    let call = Regex::new(r#"\.(?:text|parsed|list|verbatim)(?:::<\w+>)?\(\s*"([A-Z_]+)""#).unwrap();
    let mut read: BTreeSet<_> = call.captures_iter(&config).map(|found| found[1].to_owned()).collect();
    read.remove("AWS_REGION");
    read
}

/// The source of the `Config` of a binary.
fn configuration_of(binary: &str) -> String {
    let folder = match binary {
        "guardduty-responder" => "guardduty-responder/src/contain",
        "containment-approver" => "guardduty-responder/src/approval",
        "user-releaser" => "guardduty-responder/src/release",
        "disable-witness" => "guardduty-responder/src/witness",
        "secret-rotator" => "secret-rotator/src",
        "rotation-watcher" => "rotation-watcher/src",
        "ad-event-starter" => "ad-event-starter/src",
        "domain-joiner" => "domain-joiner/src",
        "computer-sweeper" => "computer-sweeper/src",
        "user-provisioner" => return without(&both_of_users(), "impl Offboarding {"),
        "user-offboarder" => return without(&both_of_users(), "impl Onboarding {"),
        other => panic!("where is the configuration of {other}?"),
    };
    read(format!("crates/{folder}/config.rs"))
}

/// The configurations of the two functions that share a file, with the settings of each service.
fn both_of_users() -> String {
    let files = ["config", "eligibility", "services/connect", "services/workspaces"];
    files.iter().map(|file| read(format!("crates/user-provisioner/src/{file}.rs"))).collect()
}

/// A source without one of its blocks.
fn without(source: &str, block: &str) -> String {
    let (before, rest) = source.split_once(block).unwrap();
    let (_, after) = rest.split_once("\n}\n").unwrap();
    format!("{before}{after}")
}

#[test]
fn every_variable_is_a_text_as_an_environment_has_it() {
    let template = template();
    for (name, properties) in functions(&template) {
        for (variable, value) in properties["Environment"]["Variables"].as_object().unwrap() {
            assert!(value.is_string() || value.is_object(), "{name}: {variable} is {value}");
        }
    }
}

#[test]
fn every_variable_is_documented_where_it_is_kept() {
    let template = template();
    for (name, _) in functions(&template) {
        let binary = binary(&template, name);
        let config = configuration_of(binary);
        let docs: Vec<_> = config.lines().filter(|line| line.trim_start().starts_with("///")).collect();
        for variable in variables_read_by(binary) {
            let quoted = format!("`{variable}`");
            assert!(docs.iter().any(|line| line.contains(&quoted)), "{binary}: no doc line names {variable}");
        }
    }
}

#[test]
fn every_function_and_state_machine_is_traced() {
    let template = template();
    assert_eq!(template["Globals"]["Function"]["Tracing"], "Active");
    for (name, properties) in functions(&template) {
        let role = template["Resources"][target(&properties["Role"])].to_string();
        assert!(role.contains("xray:PutTraceSegments"), "{name} may not trace");
    }
    for (name, properties) in resources(&template, "AWS::Serverless::StateMachine") {
        assert_eq!(properties["Tracing"]["Enabled"], true, "{name}");
        let role = template["Resources"][target(&properties["Role"])].to_string();
        assert!(role.contains("xray:PutTraceSegments"), "{name} may not trace");
    }
}

#[test]
fn every_table_is_encrypted_recoverable_and_protected_and_forgets_what_people_did_not_write() {
    let template = template();
    for (name, _) in resources(&template, "AWS::DynamoDB::Table") {
        let table = &template["Resources"][name];
        assert_eq!(
            table["DeletionPolicy"], "Retain",
            "{name}: a protected table cannot be deleted with its stack"
        );
        let properties = &table["Properties"];
        assert_eq!(properties["SSESpecification"]["SSEEnabled"], true, "{name}");
        assert_eq!(properties["DeletionProtectionEnabled"], true, "{name}");
        assert_eq!(
            properties["PointInTimeRecoverySpecification"]["PointInTimeRecoveryEnabled"], true,
            "{name}"
        );
        let forgets = properties["TimeToLiveSpecification"]["AttributeName"] == "expires";
        assert_eq!(forgets, name != "AccountTable", "{name}");
    }
}
