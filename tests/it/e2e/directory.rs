//! Users of the lab's directory.

use std::io::Write;
use std::process::Stdio;

use crate::lab::{aws, command, variable};

/// The password that users are created with.
pub(crate) const PASSWORD: &str = "Correct-Horse-7-Battery";

/// Creates a user who can log in.
pub(crate) fn create_user(name: &str) {
    let directory = variable("DIRECTORY_ID");
    aws(&["ds-data", "create-user", "--directory-id", directory, "--sam-account-name", name]);
    let reset = ["ds", "reset-user-password", "--directory-id", directory, "--user-name", name];
    aws(&[&reset[..], &["--new-password", PASSWORD]].concat());
}

/// Whether the directory says that the user is enabled.
pub(crate) fn is_enabled(name: &str) -> bool {
    let directory = variable("DIRECTORY_ID");
    let user = aws(&["ds-data", "describe-user", "--directory-id", directory, "--sam-account-name", name]);
    user["Enabled"].as_bool().unwrap()
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
