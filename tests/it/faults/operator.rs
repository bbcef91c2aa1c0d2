//! The lab's operator as a few long-lived processes, since thousands of calls are made.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, OnceLock};

use serde_json::{Value, json};

use crate::lab::root;

/// Why an AWS operation failed.
#[derive(Debug)]
pub(crate) struct Failure {
    /// The service's code, or the name of botocore's exception when there was no answer.
    pub(crate) code: String,
    pub(crate) headers: Value,
}

/// Calls an operation once, by the name that boto3 gives it.
pub(crate) fn try_aws(service: &str, method: &str, parameters: &Value) -> Result<Value, Failure> {
    let mut answer = ask(&json!({"service": service, "method": method, "parameters": parameters}));
    match answer["error"].as_str() {
        Some(code) => Err(Failure { code: code.to_owned(), headers: answer["headers"].clone() }),
        None => Ok(answer["answer"].take()),
    }
}

/// Calls an operation that must succeed.
pub(crate) fn aws(service: &str, method: &str, parameters: &Value) -> Value {
    try_aws(service, method, parameters).unwrap_or_else(|failure| panic!("{service} {method}: {failure:?}"))
}

/// Asks the lab itself, as its command line does.
pub(crate) fn lab(what: &str, body: &Value) -> Value {
    ask(&json!({"lab": what, "body": body}))["answer"].take()
}

struct Process {
    _child: Child,
    asked: ChildStdin,
    answers: BufReader<ChildStdout>,
}

/// Side by side, since an answer takes its time while hundreds of executions run.
pub(crate) const PROCESSES: usize = 3;

/// What the helper process answers.
pub(crate) fn ask(request: &Value) -> Value {
    static POOL: [OnceLock<Mutex<Process>>; PROCESSES] = [const { OnceLock::new() }; PROCESSES];
    static TURN: AtomicUsize = AtomicUsize::new(0);
    let turn = TURN.fetch_add(1, Ordering::Relaxed) % PROCESSES;
    let mut process = POOL[turn].get_or_init(|| Mutex::new(start())).lock().unwrap();
    writeln!(process.asked, "{request}").unwrap();
    let mut line = String::new();
    process.answers.read_line(&mut line).unwrap();
    serde_json::from_str(&line).unwrap_or_else(|error| panic!("{request}: {line:?} {error}"))
}

/// It ends with its input, when this process does.
fn start() -> Process {
    let mut child = Command::new(root().join(".lab/venv/bin/python"))
        .arg(root().join("tests/it/faults/ask_lab.py"))
        .env("PYTHONPATH", root().join("tests"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let (asked, answers) = (child.stdin.take().unwrap(), BufReader::new(child.stdout.take().unwrap()));
    Process { _child: child, asked, answers }
}
