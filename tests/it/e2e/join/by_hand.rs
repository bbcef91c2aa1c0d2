//! The commands of README.md by which a person joins what was left out, as they stand there.

use std::fs;

use serde_json::json;

use super::launched::Launched;
use crate::directory::{add_to_group, can_log_in, create_group, create_users};
use crate::lab::{lab, root, variable};
use crate::operator::aws;

const OPTED_OUT: [&str; 2] = ["--tag", "autoadjoin=false"];
const ONE_TIME: &str = "One-Time.4711-Password";

/// The block of README.md with these words, for the lab's domain and a computer and a group of this name.
fn block(words: &str, computer: &str) -> String {
    let text = fs::read_to_string(root().join("README.md")).unwrap();
    let section = text.split("\n### Run the documents yourself\n").nth(1).unwrap();
    let block = section.split("```").skip(1).step_by(2).find(|block| block.contains(words)).unwrap();
    let group = group(computer);
    let changes = [
        ("DC=corp,DC=example,DC=com", "DC=corp,DC=example,DC=test"),
        ("corp.example.com", variable("AD_DOMAIN")),
        ("d-90670123ab", variable("DIRECTORY_ID")),
        ("Linux Admins", group.as_str()),
        ("web1", computer),
    ];
    changes.iter().fold(block.to_owned(), |block, (theirs, ours)| block.replace(theirs, ours))
}

fn group(computer: &str) -> String {
    format!("{computer} people")
}

/// Somebody who may log in, and somebody who may not.
fn people(computer: &str, names: [&'static str; 2]) -> [&'static str; 2] {
    create_users(names);
    create_group(&group(computer));
    add_to_group(&group(computer), names[0]);
    names
}

fn check_member(instance: &Launched, computer: &str, people: [&str; 2]) {
    instance.sh(&format!("kinit -k -c MEMORY: '{computer}$'"));
    assert_eq!(people.map(|user| instance.admits(user)), [true, false]);
    assert!(instance.item().is_null(), "the product has nothing to do with it");
}

#[test]
fn the_commands_of_the_readme_join_an_instance_that_is_opted_out() {
    let people = people("by-hand-1", ["ronja", "hanno"]);
    let instance = Launched::with(&OPTED_OUT);
    let commands = block("aws ssm send-command", "by-hand-1").replace("i-0123456789abcdef0", &instance.id);
    let script = format!("cd \"$(mktemp -d)\"\n{commands}");
    let answer = lab(&["exec", "--", "bash", "-euo", "pipefail", "-c", &script]);
    assert!(answer.contains(r#""outcome":"joined","computer":"by-hand-1""#), "{answer}");
    check_member(&instance, "by-hand-1", people);
}

#[test]
fn the_user_data_of_the_readme_joins_the_host_that_runs_it() {
    let people = people("by-hand-2", ["heidi", "heiner"]);
    let instance = Launched::with(&OPTED_OUT);
    let request = json!({
        "DirectoryId": variable("DIRECTORY_ID"),
        "ComputerName": "by-hand-2",
        "Password": ONE_TIME,
        "OrganizationalUnitDistinguishedName": variable("JOIN_OU"),
    });
    aws("ds", "create_computer", &request);
    let document =
        aws("ssm", "get_document", &json!({"Name": "adsteward-join-linux", "DocumentFormat": "JSON"}));
    // The lab's hosts have no command line of AWS.
    let stand_in =
        format!("aws() {{ cat <<'CONTENT'\n{}\nCONTENT\n}}\n", document["Content"].as_str().unwrap());
    let commands = block("aws ssm get-document", "by-hand-2").replace("ONE-TIME PASSWORD", ONE_TIME);
    let script = stand_in + &commands;
    let answer = lab(&["instance", "exec", &instance.id, "--", "bash", "-euo", "pipefail", "-c", &script]);
    assert!(answer.contains(r#""outcome":"joined","computer":"by-hand-2""#), "{answer}");
    assert!(!can_log_in("by-hand-2$", ONE_TIME), "the one-time password still works");
    check_member(&instance, "by-hand-2", people);
}
