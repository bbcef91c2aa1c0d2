//! The commands of RUNBOOK.md, as a person runs them.

use std::fs;
use std::process::Command;

use crate::alarms::is_open;
use crate::directory::{create_user, is_enabled};
use crate::finding::finding;
use crate::lab::{environment, root, variable};
use crate::session::Session;
use crate::stack::{KillSwitch, Reconfigured, deliver, eventually};

/// A block of commands: the words after the three backticks, and the commands.
struct Block {
    title: String,
    commands: String,
}

fn blocks() -> Vec<Block> {
    let text = fs::read_to_string(root().join("RUNBOOK.md")).unwrap();
    let fenced = text.split("```").skip(1).step_by(2);
    fenced
        .map(|block| {
            let (title, commands) = block.split_once('\n').unwrap();
            Block { title: title.to_owned(), commands: commands.to_owned() }
        })
        .collect()
}

/// Runs commands after those that all others need; answers what they print.
pub(crate) fn run(commands: &str) -> String {
    let all = blocks();
    let needed = &all.iter().find(|block| block.commands.contains("output() {")).unwrap().commands;
    let needed = needed.replace("stack=adsteward ", &format!("stack={} ", variable("STACK_NAME")));
    // The command line's own default for SQS is stronger than AWS_ENDPOINT_URL.
    let aws = format!("{}/.lab/bin/aws --endpoint-url \"$AWS_ENDPOINT_URL\" \"$@\"", root().display());
    let script = format!("aws() {{ {aws}; }}\n{needed}\n{commands}");
    let mut shell = Command::new("bash");
    shell.args(["-euo", "pipefail", "-c", &script]).envs(environment().iter().cloned());
    let output = shell.output().unwrap();
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{commands}\nended with {}: {complaint}", output.status);
    String::from_utf8(output.stdout).unwrap()
}

/// Runs the block of this name.
pub(crate) fn run_named(name: &str) -> String {
    run(&named(name))
}

/// The same as somebody uses it who reads what it says: with variables set before, or a text of it replaced.
pub(crate) fn run_with(name: &str, variables: &[(&str, &str)], changes: &[(&str, &str)]) -> String {
    let mut commands = named(name);
    for (text, other) in changes {
        assert!(commands.contains(text), "{name} has no {text:?}");
        commands = commands.replace(text, other);
    }
    let variables: String =
        variables.iter().map(|(variable, value)| format!("{variable}={value}\n")).collect();
    run(&(variables + &commands))
}

fn named(name: &str) -> String {
    let title = format!("sh {name}");
    blocks().into_iter().find(|block| block.title == title).unwrap().commands
}

#[test]
fn every_command_that_only_looks_runs() {
    let looks: Vec<_> = blocks().into_iter().filter(|block| block.title == "sh").collect();
    assert!(looks.len() > 10);
    for block in looks {
        run(&block.commands);
    }
}

#[test]
fn the_first_command_stops_everything() {
    create_user("nell");
    let session = Session::of("nell");
    run_named("stop");
    let _off_at_the_end = KillSwitch;
    assert_eq!(deliver(&finding(&session, "nell")).decision(), ("refuse", "kill-switch"));
    assert!(is_enabled("nell"));
}

#[test]
fn a_function_that_fails_opens_its_alarm_and_that_of_its_executions() {
    create_user("fay");
    let session = Session::of("fay");
    {
        let _broken = Reconfigured::with(&[("DECISION_TABLE", None)]);
        assert_eq!(deliver(&finding(&session, "fay")).status, "FAILED");
    }
    assert!(eventually("the alarm", || is_open("contain-failed").then_some(true)));
    assert!(is_enabled("fay"));
}
