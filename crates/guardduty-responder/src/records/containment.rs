//! One user: whether adsteward holds him disabled, and since which finding.

use serde::{Deserialize, Serialize};
use steward_core::ids::{DirectoryId, UserName};

use super::finding::{FindingRecord, key as finding_key};
use super::{Key, Store, StoreError};

/// The item of a user whom adsteward has contained at least once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Containment {
    /// The user's name as the directory spells it.
    pub user: String,
    /// His SID; another one under the same name is another person.
    pub sid: String,
    /// Whether he is contained.
    pub status: Status,
    /// How often he was released: tells one containment from the next.
    pub epoch: u64,
    /// The finding that contained him last.
    pub finding_arn: String,
    /// What the notice of this containment is filed under.
    pub cause: String,
    /// The execution that contained him last.
    pub execution: String,
    /// When, in ISO 8601.
    pub since: String,
}

/// Whether a user is contained.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// Disabled, or about to be, by adsteward.
    Contained,
    /// Released, or about to be.
    Released,
}

/// The key of a user's item.
pub fn containment_key(directory: &DirectoryId, user: &UserName) -> Key {
    Key { pk: format!("user#{directory}#{}", user.lower()), sk: "containment".to_owned() }
}

/// How far a finding has come with containing a user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Progress {
    /// It has not begun, or has begun and may go on.
    Open,
    /// The directory has confirmed it; the notice is filed under this cause.
    Confirmed(String),
    /// It had begun when the user was released: it ends there.
    Released,
}

/// Looks how far a finding has come with containing a user.
///
/// # Errors
/// When the table fails.
pub async fn progress<S: Store>(
    store: &S,
    directory: &DirectoryId,
    finding_arn: &str,
    user: &UserName,
    sid: &str,
) -> Result<Progress, StoreError> {
    let (item, _) = store.read::<FindingRecord>(&finding_key(finding_arn)).await?;
    let Some(acted) = item.and_then(|item| item.acted.into_iter().find(|acted| acted.sid == sid)) else {
        return Ok(Progress::Open);
    };
    if acted.confirmed {
        return Ok(Progress::Confirmed(acted.cause));
    }
    let (containment, _) = store.read::<Containment>(&containment_key(directory, user)).await?;
    let released = containment.is_some_and(|held| held.sid == sid && held.status == Status::Released);
    Ok(if released { Progress::Released } else { Progress::Open })
}
