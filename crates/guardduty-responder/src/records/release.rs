//! A release, and who asked for it.

use serde::{Deserialize, Serialize};
use steward_core::ids::UserName;

use super::Key;
use crate::home::{Home, full_name};

/// The item of one release.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReleaseRecord {
    /// The user's name as the directory spells it.
    pub user: String,
    /// The trusted domain that he belongs to; none for the own directory's users.
    #[serde(default)]
    pub domain: Option<String>,
    /// His SID.
    pub sid: String,
    /// Why, in the words of who asked.
    pub reason: String,
    /// The execution of `release-user`.
    pub execution: String,
    /// Who started it, from CloudTrail.
    pub caller: Option<String>,
    /// The containment that it ends.
    pub cause: String,
    /// Why the user is released although the finding is active, if it is.
    #[serde(default)]
    pub override_reason: Option<String>,
    /// The secret that holds the new password.
    pub secret: Option<String>,
    /// When it was asked for, in ISO 8601.
    pub requested_at: String,
    /// When the user was enabled, in ISO 8601.
    pub released_at: Option<String>,
}

impl ReleaseRecord {
    /// Who it is, for people.
    pub fn who(&self) -> String {
        full_name(&self.user, self.domain.as_deref())
    }
}

/// Who started an execution.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Caller {
    /// The ARN of the identity.
    pub arn: String,
    /// When CloudTrail saw the call.
    pub time: String,
    /// From which address.
    pub source_ip: String,
    /// Other names of the same caller in the record: the IAM user, the source identity.
    #[serde(default)]
    pub names: Vec<String>,
}

/// The key of a release.
pub fn release_key(home: &Home, user: &UserName, execution: &str) -> Key {
    Key { pk: format!("user#{home}#{}", user.lower()), sk: format!("release#{execution}") }
}

/// The key of an execution's caller.
pub fn caller_key(execution: &str) -> Key {
    Key { pk: format!("execution#{execution}"), sk: "caller".to_owned() }
}
