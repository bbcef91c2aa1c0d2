//! The password test of `crates/kerberos` on real KDCs: the lab's Active Directory, and MIT's, which the test starts.

mod active_directory;
mod mit;
mod users;

use std::io::Write;
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use crate::lab::{command, root};

/// For all addresses together.
const DEADLINE_MS: u32 = 3000;
/// What a busy machine may take longer.
const GRACE_MS: u32 = 400;

/// Where a password is tested.
struct Realm {
    name: &'static str,
    kdcs: Vec<String>,
    /// Whether the KDCs are in the lab's network.
    in_lab: bool,
}

impl Realm {
    /// The verdict, as the code writes it.
    fn says(&self, user: &str, password: &str) -> String {
        self.says_at(0, user, password)
    }

    /// The verdict on a machine whose clock is ahead by so many seconds.
    fn says_at(&self, ahead: i64, user: &str, password: &str) -> String {
        let seconds = (DEADLINE_MS / 1000).to_string();
        let shift = format!("{ahead:+}");
        let mut arguments = vec![shift.as_str(), self.name, user, &seconds];
        arguments.extend(self.kdcs.iter().map(String::as_str));
        let program = if self.in_lab { command(&["exec", "--", checker()]) } else { Command::new(checker()) };
        said(program, &arguments, password)
    }

    /// The same realm, asked of others.
    fn of(&self, kdcs: &[&str]) -> Self {
        Self { kdcs: kdcs.iter().map(|&kdc| kdc.to_owned()).collect(), ..*self }
    }
}

/// What the checker prints first; it must have taken no longer than it may.
fn said(mut program: Command, arguments: &[&str], password: &str) -> String {
    program.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = program.spawn().unwrap();
    child.stdin.take().unwrap().write_all(password.as_bytes()).unwrap();
    let output = String::from_utf8(child.wait_with_output().unwrap().stdout).unwrap();
    let lines: Vec<_> = output.lines().collect();
    let [verdict, _, took] = lines[..] else { panic!("{output}") };
    let took: u32 = took.strip_suffix(" ms").unwrap().parse().unwrap();
    assert!(took < DEADLINE_MS + GRACE_MS, "{verdict} took {took} ms");
    verdict.to_owned()
}

/// The crate's own command line, built once.
fn checker() -> &'static str {
    static CHECKER: OnceLock<String> = OnceLock::new();
    CHECKER.get_or_init(|| {
        let mut cargo = Command::new(env!("CARGO"));
        cargo.args(["build", "--locked", "--quiet", "--package", "kerberos", "--example", "check"]);
        assert!(cargo.current_dir(root()).status().unwrap().success());
        let test = std::env::current_exe().unwrap();
        let built = test.parent().unwrap().parent().unwrap().join("examples/check");
        built.to_str().unwrap().to_owned()
    })
}

/// The offset that a verdict of skewed clocks names.
fn offset(verdict: &str) -> i64 {
    let offset = verdict.strip_prefix("ClockSkew { offset: ").and_then(|rest| rest.strip_suffix(" }"));
    offset.unwrap_or_else(|| panic!("{verdict}")).parse().unwrap()
}
