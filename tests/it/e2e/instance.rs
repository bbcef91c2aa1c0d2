//! The lab's instances.

use std::sync::OnceLock;

use crate::lab::{command, lab, variable};

/// A local account that the joined instance has, as Session Manager would make it.
pub(crate) const LOCAL_ACCOUNT: &str = "ssm-user";

/// Everybody may become anybody with sudo.
const PREPARE: &str =
    "echo 'ALL ALL=(ALL) NOPASSWD: ALL' >/etc/sudoers.d/e2e && useradd --create-home ssm-user";

/// The joined instance of all tests.
pub(crate) fn instance() -> &'static str {
    static INSTANCE: OnceLock<String> = OnceLock::new();
    INSTANCE.get_or_init(|| run(&[]))
}

/// Another joined instance.
pub(crate) fn other_instance() -> &'static str {
    static INSTANCE: OnceLock<String> = OnceLock::new();
    INSTANCE.get_or_init(|| run(&[]))
}

/// A joined instance whose SSM agent does not come.
pub(crate) fn instance_without_agent() -> &'static str {
    static INSTANCE: OnceLock<String> = OnceLock::new();
    INSTANCE.get_or_init(|| run(&["--agent-delay", "86400"]))
}

/// A joined instance of another account, in another Region.
pub(crate) fn member_instance() -> &'static str {
    static INSTANCE: OnceLock<String> = OnceLock::new();
    INSTANCE.get_or_init(|| {
        run(&["--account", variable("MEMBER_ACCOUNT_ID"), "--region", variable("MEMBER_REGION")])
    })
}

fn run(options: &[&str]) -> String {
    let id = lab(&[&["instance", "run", "--joined"], options].concat()).trim().to_owned();
    lab(&["instance", "exec", &id, "--", "sh", "-c", PREPARE]);
    id
}

/// What a script of root's prints there.
pub(crate) fn sh(id: &str, script: &str) -> String {
    lab(&["instance", "exec", id, "--", "sh", "-c", script])
}

/// Whether a log-in of the user succeeds, as with an SSH key: without a password.
pub(crate) fn admits(id: &str, user: &str) -> bool {
    let output = command(&["instance", "exec", "--user", user, id, "--", "id", "-un"]).output().unwrap();
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() || complaint.contains("denied"), "neither in nor out: {complaint}");
    output.status.success() && output.stdout.trim_ascii() == user.as_bytes()
}
