//! The decision table: what was found, decided, done and told.
//!
//! | partition key | sort key | holds |
//! | --- | --- | --- |
//! | `finding#ARN` | `finding` | who works on the finding, up to which update it is decided, whom it has contained, what people were asked |
//! | `finding#ARN` | `decision#UPDATED#EXECUTION` | one decision: evidence, reason, calls, before and after |
//! | `finding#ARN` | `sessions#UPDATED#EXECUTION` | what an instance reported before a user's sessions were ended there |
//! | `user#DIRECTORY#NAME` | `containment` | whether adsteward holds the user disabled, since which finding, and the containments of the day before |
//! | `user#DIRECTORY#NAME` | `release#EXECUTION` | one release: who, why, when |
//! | `budget#HOUR` | `budget` | the containments of this hour |
//! | `budget#HOUR` | `notices` | the notices of this hour that report no containment |
//! | `notice#CAUSE` | `notice` | whether people were told of a cause |
//! | `execution#ARN` | `caller` | who started an execution, from CloudTrail |
//! | `approval#ID` | `approval` | a question to a person, the token of the execution that waits, the answer |
//!
//! Everything is read, decided in plain code and written back on the condition that nobody wrote in between. Items expire
//! ([`retention`]), those of users who are held contained excepted.

mod approval;
mod budget;
mod containment;
mod decision;
mod finding;
mod notice;
mod release;
pub mod retention;
mod session;
mod table;

#[cfg(test)]
pub(crate) mod memory;

use serde::Serialize;
use serde::de::DeserializeOwned;

use steward_core::error::Kind;

pub use approval::{
    Answer, Approval, Verdict, answer, approval_id, approval_key, ask, is_approved, stop_asking,
};
pub use budget::{Budget, Spending, spend};
pub use containment::{Containment, Progress, Releasing, Status, containment_key, progress};
pub use decision::{AccountState, DecisionRecord, decision_key, put_decision, refused_event_key};
pub use finding::{
    Acted, FindingRecord, Opening, Question, abandon, finish, hold, key as finding_key, note_effect,
    note_question, open, refusal,
};
pub use notice::{Claim, claim_notice, finish_notice, is_told, look_at_notice};
pub use release::{Caller, ReleaseRecord, caller_key, release_key};
pub use session::{OtherMembers, SessionEvidence, SessionRecord, put_evidence};
pub use table::Table;

/// Attempts to write an item that others write at the same time.
const ATTEMPTS: u32 = 10;

/// Names one item.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key {
    /// Partition key.
    pub pk: String,
    /// Sort key.
    pub sk: String,
}

/// Which state of an item was read; a write names it, and is lost when the item has changed since.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Revision {
    /// There was no item.
    Absent,
    /// The item's number of writes.
    Number(u64),
}

/// What became of a conditional write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Written {
    /// It is written.
    Yes,
    /// Somebody else wrote first: read again.
    Lost,
}

/// A failed read or write of the decision table.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{operation} on the decision table failed: {reason}")]
pub struct StoreError {
    operation: &'static str,
    reason: String,
    kind: Kind,
}

impl StoreError {
    /// A write that lost against others on every attempt.
    fn contended(key: &Key) -> Self {
        let reason = format!("others kept writing {}", key.pk);
        Self { operation: "PutItem", reason, kind: Kind::Transient }
    }

    /// Whether trying again can help.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    #[cfg(test)]
    pub(crate) fn injected() -> Self {
        Self { operation: "Injected", reason: "by the test".to_owned(), kind: Kind::Transient }
    }
}

/// A table with consistent reads and conditional writes.
pub trait Store {
    /// Reads an item and its revision.
    ///
    /// # Errors
    /// When the table cannot be read or holds something that is not a `T`.
    fn read<T: DeserializeOwned + Send>(
        &self,
        key: &Key,
    ) -> impl Future<Output = Result<(Option<T>, Revision), StoreError>> + Send;

    /// Writes an item, provided it is still in the state that was `seen`.
    ///
    /// # Errors
    /// When the table did not confirm. The write may have happened.
    fn write<T: Serialize + Sync>(
        &self,
        key: &Key,
        item: &T,
        seen: Revision,
    ) -> impl Future<Output = Result<Written, StoreError>> + Send;
}

/// What to do after looking at an item.
pub enum Change<T, R> {
    /// Write this, then answer that.
    Write(T, R),
    /// Write nothing.
    Keep(R),
}

/// Reads, changes and writes one item until nobody was in between.
///
/// # Errors
/// When the table fails, or others keep writing.
pub async fn update<S: Store, T, R>(
    store: &S,
    key: &Key,
    mut change: impl FnMut(Option<T>) -> Change<T, R>,
) -> Result<R, StoreError>
where
    T: Serialize + DeserializeOwned + Send + Sync,
{
    for _ in 0..ATTEMPTS {
        let (item, seen) = store.read(key).await?;
        match change(item) {
            Change::Keep(result) => return Ok(result),
            Change::Write(item, result) => {
                if store.write(key, &item, seen).await? == Written::Yes {
                    return Ok(result);
                }
            }
        }
    }
    Err(StoreError::contended(key))
}
