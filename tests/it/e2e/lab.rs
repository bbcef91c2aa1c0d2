//! The running lab, through its command line.

use std::collections::BTreeMap;
use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, OnceLock};
use std::thread;

use serde_json::{Value, json};

use crate::operator::ask;

/// How much is done at a time where much is to be done.
const WORKERS: usize = 4;

/// The root of the checkout.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// Where the running lab keeps its files.
pub(crate) fn folder() -> PathBuf {
    #[expect(clippy::disallowed_methods, reason = "a test's own setting; no product code reads it")]
    let given = env::var("ADSTEWARD_LAB");
    root().join(".lab").join(given.as_deref().unwrap_or("run"))
}

/// A command of `scripts/lab`.
pub(crate) fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(root().join("scripts/lab"));
    command.args(arguments);
    command
}

/// What a command of `scripts/lab` prints; it must succeed.
pub(crate) fn lab(arguments: &[&str]) -> String {
    run(command(arguments))
}

/// What the AWS command line answers to the lab's operator.
pub(crate) fn aws(arguments: &[&str]) -> Value {
    aws_with(&[], arguments)
}

/// The same with other variables, such as somebody else's credentials.
pub(crate) fn aws_with(variables: &[(&str, &str)], arguments: &[&str]) -> Value {
    let variables: BTreeMap<&str, &str> = environment()
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .chain(variables.iter().copied())
        .collect();
    // The command line's own default for SQS is stronger than AWS_ENDPOINT_URL.
    let endpoint = ["--endpoint-url", variable("AWS_ENDPOINT_URL")];
    let words = [&endpoint[..], arguments, &["--output", "json"]].concat();
    let ended = ask(&json!({"command line": words, "variables": variables}));
    assert!(ended["code"] == 0, "{words:?} ended with {}: {}", ended["code"], ended["complaint"]);
    let printed = ended["printed"].as_str().unwrap();
    if printed.trim().is_empty() { Value::Null } else { serde_json::from_str(printed).unwrap() }
}

/// One of the variables of `scripts/lab env`.
pub(crate) fn variable(name: &str) -> &'static str {
    let found = environment().iter().find(|(key, _)| key == name);
    &found.unwrap_or_else(|| panic!("scripts/lab env has no {name}")).1
}

/// Does the same for each of many, some at a time; results come in the order of the items.
pub(crate) fn in_parallel<T: Send, R: Send>(items: Vec<T>, action: impl Fn(T) -> R + Sync) -> Vec<R> {
    let (queue, results) = (Mutex::new(items.into_iter().enumerate()), Mutex::new(Vec::new()));
    let next = || queue.lock().unwrap().next();
    thread::scope(|scope| {
        for _ in 0..WORKERS {
            scope.spawn(|| {
                while let Some((place, item)) = next() {
                    let result = action(item);
                    results.lock().unwrap().push((place, result));
                }
            });
        }
    });
    let mut results = results.into_inner().unwrap();
    results.sort_by_key(|(place, _)| *place);
    results.into_iter().map(|(_, result)| result).collect()
}

/// The journal of a kind (`calls` or `mail`) from now on.
pub(crate) struct Journal {
    kind: &'static str,
    cursor: String,
}

impl Journal {
    pub(crate) fn from_now(kind: &'static str) -> Self {
        let cursor = cursor(&entries(&[kind]));
        Self { kind, cursor }
    }

    /// The entries since the journal was opened.
    pub(crate) fn read(&self) -> Vec<Value> {
        let mut entries = entries(&[self.kind, "--since", &self.cursor]);
        entries.pop();
        entries
    }
}

fn entries(arguments: &[&str]) -> Vec<Value> {
    lab(arguments).lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn cursor(entries: &[Value]) -> String {
    match &entries.last().unwrap()["cursor"] {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// The variables of `scripts/lab env`.
pub(crate) fn environment() -> &'static [(String, String)] {
    static ENVIRONMENT: OnceLock<Vec<(String, String)>> = OnceLock::new();
    ENVIRONMENT.get_or_init(|| {
        let exports = lab(&["env"]);
        let names =
            exports.lines().map(|line| line.strip_prefix("export ").unwrap().split('=').next().unwrap());
        let mut shell = Command::new("bash");
        shell.args([
            "-c",
            "eval \"$1\"; shift; for name; do printf '%s\\0' \"${!name}\"; done",
            "bash",
            &exports,
        ]);
        shell.args(names.clone());
        let values = run(shell);
        names.map(str::to_owned).zip(values.split('\0').map(str::to_owned)).collect()
    })
}

fn run(mut command: Command) -> String {
    let words: Vec<_> = std::iter::once(command.get_program()).chain(command.get_args()).collect();
    let title = format!("{words:?}");
    let output = command.output().unwrap_or_else(|error| panic!("{title}: {error}"));
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{title} ended with {}: {complaint}", output.status);
    String::from_utf8(output.stdout).unwrap()
}
