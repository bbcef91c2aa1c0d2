//! Users of the lab's directory.

use std::collections::BTreeSet;
use std::io::Write;
use std::process::Stdio;

use crate::lab::{aws, command, in_parallel, variable};

/// The password that users are created with.
pub(crate) const PASSWORD: &str = "Correct-Horse-7-Battery";

/// Creates a user who can log in.
pub(crate) fn create_user(name: &str) {
    data(&["create-user", "--sam-account-name", name]);
    let directory = variable("DIRECTORY_ID");
    let reset = ["ds", "reset-user-password", "--directory-id", directory, "--user-name", name];
    aws(&[&reset[..], &["--new-password", PASSWORD]].concat());
}

/// Creates many users who can log in.
pub(crate) fn create_users<'a>(names: impl IntoIterator<Item = &'a str>) {
    in_parallel(names.into_iter().collect(), create_user);
}

pub(crate) fn create_group(name: &str) {
    data(&["create-group", "--sam-account-name", name]);
}

/// Makes a user or a group a member of a group.
pub(crate) fn add_to_group(group: &str, member: &str) {
    data(&["add-group-member", "--group-name", group, "--member-name", member]);
}

pub(crate) fn disable(name: &str) {
    data(&["disable-user", "--sam-account-name", name]);
}

/// Whether the directory says that the user is enabled.
pub(crate) fn is_enabled(name: &str) -> bool {
    data(&["describe-user", "--sam-account-name", name])["Enabled"].as_bool().unwrap()
}

/// The names of all users who are enabled.
pub(crate) fn enabled_users() -> BTreeSet<String> {
    let listed = data(&["list-users"]);
    let enabled = listed["Users"].as_array().unwrap().iter().filter(|user| user["Enabled"] == true);
    enabled.map(|user| user["SAMAccountName"].as_str().unwrap().to_owned()).collect()
}

/// Whether a Kerberos log-in succeeds.
pub(crate) fn can_log_in(name: &str, password: &str) -> bool {
    let mut kinit = command(&["exec", "--", "kinit", "-c", "MEMORY:e2e", name])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    kinit.stdin.take().unwrap().write_all(format!("{password}\n").as_bytes()).unwrap();
    kinit.wait().unwrap().success()
}

/// An operation of `ds-data` on the directory.
fn data(operation: &[&str]) -> serde_json::Value {
    aws(&[&["ds-data"], operation, &["--directory-id", variable("DIRECTORY_ID")]].concat())
}
