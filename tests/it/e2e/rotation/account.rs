//! Accounts of both directories, past AWS.

use std::io::Write;
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::lab::{command, lab, variable};

/// A directory of the lab.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Directory {
    ManagedMicrosoftAd,
    SimpleAd,
}

use Directory::{ManagedMicrosoftAd, SimpleAd};

impl Directory {
    pub(crate) fn id(self) -> &'static str {
        variable(if self == SimpleAd { "SIMPLE_DIRECTORY_ID" } else { "DIRECTORY_ID" })
    }

    fn realm(self) -> &'static str {
        variable(if self == SimpleAd { "SIMPLE_AD_REALM" } else { "AD_REALM" })
    }
}

/// A user of a directory.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Account {
    pub(crate) directory: Directory,
    pub(crate) user: &'static str,
}

impl Account {
    pub(crate) const fn managed(user: &'static str) -> Self {
        Self { directory: ManagedMicrosoftAd, user }
    }

    pub(crate) const fn simple(user: &'static str) -> Self {
        Self { directory: SimpleAd, user }
    }

    /// A new user with a password.
    pub(crate) fn create(self, password: &str) -> Self {
        assert!(tell(self.asked("create", &[]), password), "{self:?}");
        self
    }

    /// Gives it another password, as an administrator does who knows nothing of secrets.
    pub(crate) fn reset(self, password: &str) {
        assert!(tell(self.asked("reset", &[]), password), "{self:?}");
    }

    /// Puts it into a state that `scripts/lab account set` knows.
    pub(crate) fn set(self, state: &str) {
        assert!(self.asked("set", &[state]).status().unwrap().success(), "{self:?}");
    }

    pub(crate) fn is_enabled(self) -> bool {
        let shown = self.asked("show", &[]).output().unwrap();
        serde_json::from_slice::<Value>(&shown.stdout).unwrap()["enabled"].as_bool().unwrap()
    }

    /// Whether MIT's kinit gets a ticket.
    pub(crate) fn logs_in(self, password: &str) -> bool {
        let principal = format!("{}@{}", self.user, self.directory.realm());
        tell(command(&["exec", "--", "kinit", "-c", "MEMORY:rotation", &principal]), password)
    }

    fn asked(self, action: &str, more: &[&str]) -> Command {
        let mut command = command(&["account"]);
        command.args((self.directory == SimpleAd).then_some("--simple"));
        command.args([action, self.user]).args(more);
        command
    }
}

fn tell(mut program: Command, password: &str) -> bool {
    let piped = program.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
    let mut child = piped.spawn().unwrap();
    writeln!(child.stdin.take().unwrap(), "{password}").unwrap();
    child.wait().unwrap().success()
}

/// A domain that takes no password shorter than this, for as long as the value lives.
pub(crate) struct LeastLength(Directory);

impl LeastLength {
    pub(crate) fn of(directory: Directory, characters: u32) -> Self {
        set_least_length(directory, characters);
        Self(directory)
    }
}

impl Drop for LeastLength {
    fn drop(&mut self) {
        // Active Directory's default ("Minimum password length").
        set_least_length(self.0, 7);
    }
}

fn set_least_length(directory: Directory, characters: u32) {
    let characters = characters.to_string();
    let place: &[&str] = if directory == SimpleAd { &["--simple"] } else { &[] };
    lab(&[&["policy"], place, &["--least-length", &characters]].concat());
}
