//! What became of a contained user's sessions, and what was there before.

use serde::{Deserialize, Serialize};

use super::{Change, Key, Store, StoreError, update};
use crate::ending::{Ended, Evidence};
use crate::finding::Finding;
use crate::reason::NotEnded;

/// How many other instances a record names.
const NAMED: usize = 10;

/// The part of a decision's item that tells of the user's sessions.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionRecord {
    /// Why they were not ended, as far as is known: a code of [`NotEnded`]. None when the instance has reported.
    pub not_ended: Option<String>,
    /// The user's id on the instance, when it is proved.
    pub uid: Option<u32>,
    /// The command that was sent.
    pub command: Option<String>,
    /// What the instance reports.
    pub ended: Option<Ended>,
    /// Where else he may have sessions; none when it could not be found out.
    pub others: Option<OtherMembers>,
}

impl SessionRecord {
    /// Notes why nothing is known to be ended.
    pub fn set_not_ended(&mut self, why: NotEnded) {
        self.not_ended = Some(why.code().to_owned());
        self.ended = None;
    }

    /// Why nothing is known to be ended.
    pub fn why_not_ended(&self) -> Option<NotEnded> {
        let code = self.not_ended.as_deref()?;
        Some(NotEnded::ALL.iter().copied().find(|why| why.code() == code).unwrap_or(NotEnded::NoReport))
    }
}

/// Other instances of the domain that Systems Manager reaches.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct OtherMembers {
    /// How many there are.
    pub count: usize,
    /// The first of them.
    pub first: Vec<String>,
    /// The accounts and Regions that were looked at, where there may be others.
    #[serde(default)]
    pub listed: Vec<String>,
}

impl OtherMembers {
    /// Names the first and counts all.
    pub fn of(instances: impl IntoIterator<Item = String>, listed: Vec<String>) -> Self {
        let mut first: Vec<String> = instances.into_iter().collect();
        let count = first.len();
        first.truncate(NAMED);
        Self { count, first, listed }
    }
}

/// The item of what an instance reported before the sessions were ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionEvidence {
    /// The directory user.
    pub user: String,
    /// His id on the instance.
    pub uid: u32,
    /// The instance.
    pub instance: String,
    /// The command that captured it.
    pub command: String,
    /// When it was read, in ISO 8601.
    pub read_at: String,
    /// What the instance says: whoever has root there writes this.
    pub evidence: Evidence,
}

/// Writes the evidence of an execution down.
///
/// # Errors
/// When the table fails.
pub async fn put_evidence<S: Store>(
    store: &S,
    finding: &Finding,
    execution: &str,
    item: &SessionEvidence,
) -> Result<(), StoreError> {
    let name = execution.rsplit(':').next().unwrap_or(execution);
    let key =
        Key { pk: format!("finding#{}", finding.arn), sk: format!("sessions#{}#{name}", finding.version) };
    update(store, &key, |_: Option<SessionEvidence>| Change::Write(item.clone(), ())).await
}
