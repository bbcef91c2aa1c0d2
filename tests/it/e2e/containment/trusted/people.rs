//! People of the trusted forest.

use std::io::Write;
use std::process::{Output, Stdio};

use serde_json::Value;

use crate::directory::{PASSWORD, create_user};
use crate::lab::{command, lab, variable};
use crate::stack::Outcome;

/// A user of the trusted forest, and one of the same name in the stack's own directory; both can log in.
pub(super) fn create_namesakes(name: &str) {
    create_user(name);
    create(name);
}

/// A user of the trusted forest who can log in.
pub(super) fn create(name: &str) {
    let created = fed(&["account", "--trusted", "create", name], PASSWORD);
    assert!(created.status.success(), "{}", String::from_utf8_lossy(&created.stderr));
}

/// As instances and mails name him.
pub(super) fn full(name: &str) -> String {
    format!("{name}@{}", variable("TRUSTED_AD_DOMAIN"))
}

pub(super) fn disable(name: &str) {
    lab(&["account", "--trusted", "set", name, "disabled"]);
}

/// Whether his domain says that he is enabled.
pub(super) fn is_enabled(name: &str) -> bool {
    let shown: Value = serde_json::from_str(&lab(&["account", "--trusted", "show", name])).unwrap();
    shown["enabled"].as_bool().unwrap()
}

/// A Kerberos log-in, as the tool that asks for it prints its failure.
pub(super) fn log_in(name: &str, password: &str) -> Result<(), String> {
    let principal = format!("{name}@{}", variable("TRUSTED_AD_REALM"));
    let asked = fed(&["exec", "--", "kinit", "-c", "MEMORY:e2e", &principal], password);
    if asked.status.success() { Ok(()) } else { Err(String::from_utf8_lossy(&asked.stderr).into_owned()) }
}

/// Whether the KDC refuses him because he is disabled (RFC 4120, 7.5.9: `KDC_ERR_CLIENT_REVOKED`).
pub(super) fn is_revoked(name: &str) -> bool {
    log_in(name, PASSWORD).is_err_and(|complaint| complaint.contains("revoked"))
}

/// How many changes were asked for by LDAP.
pub(super) fn changes(calls: &[Value]) -> usize {
    calls.iter().filter(|call| call["service"] == "ldap" && call["operation"] == "Modify").count()
}

/// Nobody was changed, in either directory.
pub(super) fn assert_nothing_changed(outcome: &Outcome) {
    assert_eq!((changes(&outcome.calls), outcome.count("DisableUser")), (0, 0));
}

fn fed(arguments: &[&str], line: &str) -> Output {
    let mut child = command(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(format!("{line}\n").as_bytes()).unwrap();
    child.wait_with_output().unwrap()
}
