//! A directory and its KDC in memory. The KDC answers as Samba's: of a disabled account only whoever has the right
//! password is told so. Windows tells everybody, which is easier.

use secrecy::{ExposeSecret, SecretString};
use steward_core::directory::{DirectoryError, DirectoryKind};
use steward_core::error::Kind;
use steward_core::ids::{DirectoryId, UserName};

use super::World;
use super::scene::{DIRECTORY, USER};
use crate::directories::{self, Directories, Domain};
use crate::password_check::{PasswordCheck, Unanswered, Verdict};

/// Within this time a change reaches every domain controller.
pub(super) const REPLICATION: u64 = 40_000;

/// How long wrong passwords are remembered.
const WINDOW: u64 = 1_800_000;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Account {
    pub(crate) password: String,
    pub(crate) enabled: bool,
    /// When wrong passwords were tried.
    pub(crate) wrong: Vec<u64>,
}

impl Default for Account {
    fn default() -> Self {
        Self { password: String::new(), enabled: true, wrong: Vec::new() }
    }
}

fn failed(operation: &'static str) -> DirectoryError {
    DirectoryError::Call { operation, reason: "injected".to_owned(), advice: "", kind: Kind::Transient }
}

impl World {
    /// Somebody else changes the account.
    pub(crate) fn change_account(&self, change: impl FnOnce(&mut Account)) {
        let mut state = self.state();
        state.account_before = state.account.clone();
        change(&mut state.account);
        state.changed_at = state.now;
    }

    /// The account as the domain controller that answers has it.
    fn seen(&self) -> Account {
        let state = self.state();
        let is_behind = state.truth.reads_stale && state.now < state.changed_at + REPLICATION;
        if is_behind || state.now < state.behind_until {
            state.account_before.clone()
        } else {
            state.account.clone()
        }
    }

    fn check_now(&self, password: &str) -> Verdict {
        let seen = self.seen();
        let mut state = self.state();
        let (now, threshold) = (state.now, state.locks_after());
        state.account.wrong.retain(|at| now < at + WINDOW);
        if threshold > 0 && state.account.wrong.len() >= threshold {
            return Verdict::Revoked("it is locked out".to_owned());
        }
        if seen.password != password {
            state.account.wrong.push(now);
            state.truth.wrong_passwords += 1;
            if threshold > 0 && state.account.wrong.len() >= threshold {
                state.truth.violations.push("the account is locked out".to_owned());
            }
            return Verdict::WrongPassword;
        }
        state.truth.looked(self.process, seen.enabled);
        if !seen.enabled {
            return Verdict::Revoked("it is disabled".to_owned());
        }
        state.account.wrong.clear();
        Verdict::Accepted
    }

    fn reset_now(&self, user: &UserName, password: &str, looks: &[bool]) -> Result<(), DirectoryError> {
        if !user.same_as(USER) {
            self.state().truth.violations.push(format!("{user} was touched"));
        }
        if password.len() < self.state().shortest {
            return Err(DirectoryError::PasswordRefused {
                user: user.to_string(),
                reason: "it does not meet the policy".to_owned(),
            });
        }
        self.check_reset(password, looks);
        self.change_account(|account| {
            account.password = password.to_owned();
            account.enabled = true;
        });
        Ok(())
    }
}

impl super::State {
    /// Each process remembers its own tries: one after a kill, or beside another, counts anew.
    fn locks_after(&self) -> usize {
        if self.threshold == 0 { 0 } else { (self.threshold - 1) * self.truth.processes() + 1 }
    }
}

impl Directories for World {
    async fn domain(&self, directory: &DirectoryId) -> Result<Option<Domain>, DirectoryError> {
        let directory = directory.clone();
        let answer = self.call("DescribeDirectories", move |world| {
            (directory.as_str() == DIRECTORY).then(|| Domain {
                directory,
                kind: world.state().kind,
                dns: "corp.example.test".to_owned(),
                controllers: vec!["10.0.0.1".to_owned()],
            })
        });
        answer.await.ok_or_else(|| failed("DescribeDirectories"))
    }

    async fn account(
        &self,
        domain: &Domain,
        user: &UserName,
    ) -> Result<directories::Account, DirectoryError> {
        assert_eq!(domain.kind, DirectoryKind::ManagedMicrosoftAd, "Simple AD has no Directory Service Data");
        assert!(user.same_as(USER));
        let answer = self.call("DescribeUser", move |world| {
            let enabled = world.seen().enabled;
            world.state().truth.looked(world.process, enabled);
            directories::Account { enabled, names: vec!["Join Service".to_owned()] }
        });
        answer.await.ok_or_else(|| failed("DescribeUser"))
    }

    async fn reset_password(
        &self,
        _: &Domain,
        user: &UserName,
        password: &SecretString,
    ) -> Result<(), DirectoryError> {
        let (user, password) = (user.clone(), password.expose_secret().to_owned());
        let looks = self.state().truth.looks_of(self.process);
        let answer = self.call("ResetUserPassword", move |world| world.reset_now(&user, &password, &looks));
        answer.await.unwrap_or_else(|| Err(failed("ResetUserPassword")))
    }
}

impl PasswordCheck for World {
    async fn check(
        &self,
        _: &Domain,
        user: &UserName,
        password: &SecretString,
    ) -> Result<Verdict, Unanswered> {
        assert!(user.same_as(USER));
        let password = password.expose_secret().to_owned();
        let answer = self.call("AS-REQ", move |world| world.check_now(&password)).await;
        answer.ok_or_else(|| Unanswered("no domain controller answered".to_owned()))
    }
}
