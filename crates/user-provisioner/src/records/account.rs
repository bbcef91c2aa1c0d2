//! One account of a user in a service.

use serde::{Deserialize, Serialize};
use steward_core::clock;

/// For how long a call may still take effect after its intent was written: longer than any invocation lives.
const IN_FLIGHT_SECONDS: u64 = 90;

/// For how long a service may not show what it has made: Amazon WorkSpaces and Amazon Connect document that their reads
/// follow a creation after a while (API references, `CreateWorkspaces` and `DescribeUser`).
const UNSHOWN_SECONDS: u64 = 60;

/// What an account is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AccountState {
    /// Nothing is known of one.
    #[default]
    Unknown,
    /// It is being made: the call may have happened or not.
    Creating,
    /// It can be used.
    Ready,
    /// It was not made, and `reason` says why.
    Failed,
    /// It was not to be made any more.
    Refused,
    /// It is being suspended or removed: the call may have happened or not.
    Leaving,
    /// It is there, and cannot be used.
    Suspended,
    /// It was left as it is, and `reason` says why.
    Kept,
    /// It is gone.
    Removed,
    /// There was none.
    Absent,
}

impl AccountState {
    /// The word for it in answers and notices.
    pub fn word(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Creating => "creating",
            Self::Ready => "ready",
            Self::Failed => "failed",
            Self::Refused => "refused",
            Self::Leaving => "leaving",
            Self::Suspended => "suspended",
            Self::Kept => "kept",
            Self::Removed => "removed",
            Self::Absent => "absent",
        }
    }
}

/// An account as the user's item knows it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// What it is.
    pub state: AccountState,
    /// Its id in the service, once one is known.
    #[serde(default)]
    pub id: Option<String>,
    /// What people should know: that it was there before, say.
    #[serde(default)]
    pub detail: Option<String>,
    /// Why it is not what it should be.
    #[serde(default)]
    pub reason: Option<String>,
    /// When this was written, in ISO 8601.
    pub at: String,
    /// When the present execution began with it, in seconds since 1970.
    #[serde(default)]
    pub since: u64,
    /// The execution that wrote this.
    #[serde(default)]
    pub execution: String,
    /// Whether adsteward has suspended it, so that it is to be started when the user comes back.
    #[serde(default)]
    pub suspended: bool,
}

impl Account {
    /// Notes a failure that the machine has caught, unless the step itself has said why.
    pub fn fail(&mut self, execution: &str, reason: &str, now: u64) {
        if self.state != AccountState::Failed || self.execution != execution {
            self.state = AccountState::Failed;
            self.reason = Some(reason.to_owned());
            execution.clone_into(&mut self.execution);
            self.at = clock::iso(now);
        }
    }

    /// Whether there is still something of it to remove: it is suspended, or could not be. Another person's account that
    /// was left alone has no id here.
    pub fn is_left(&self) -> bool {
        matches!(self.state, AccountState::Suspended | AccountState::Kept) && self.id.is_some()
    }

    /// Whether this execution has come to an end with it: a try of a step that was left behind must not begin again.
    pub fn is_settled_by(&self, execution: &str) -> bool {
        let under_way = matches!(
            self.state,
            AccountState::Unknown | AccountState::Creating | AccountState::Leaving | AccountState::Failed
        );
        self.execution == execution && !under_way
    }

    /// How long the service may still not show an account that was just made, in seconds.
    pub fn unshown(&self, now: u64) -> Option<u64> {
        let until = self.since + UNSHOWN_SECONDS;
        (until > now).then(|| until - now)
    }

    /// How long another execution's call may still take effect, in seconds.
    pub fn in_flight(&self, execution: &str, now: u64) -> Option<u64> {
        let under_way = matches!(self.state, AccountState::Creating | AccountState::Leaving);
        let until = clock::seconds(&self.at).unwrap_or(0) + IN_FLIGHT_SECONDS;
        (under_way && self.execution != execution && until > now).then(|| until - now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_executions_call_is_waited_for_and_ones_own_is_not() {
        let account = Account {
            state: AccountState::Leaving,
            at: clock::iso(1000),
            execution: "a".to_owned(),
            ..Account::default()
        };
        assert_eq!(account.in_flight("b", 1010), Some(80));
        assert_eq!(account.in_flight("b", 1090), None);
        assert_eq!(account.in_flight("a", 1010), None);
        let done = Account { state: AccountState::Suspended, ..account };
        assert_eq!(done.in_flight("b", 1010), None);
    }
}
