//! A table whose items are read, decided on in plain code and written back on the condition that nobody wrote in between.
//!
//! Items expire ([`retention`]), unless the flow holds on to them.

pub mod notice;
pub mod retention;
mod table;

#[cfg(any(test, feature = "test-util"))]
pub mod memory;
#[cfg(test)]
mod tests;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::error::Kind;

pub use notice::{
    Claim, TellError, Telling, claim_notice, finish_notice, give_up_notice, is_told, look_at_notice, tell,
};
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

/// A failed read or write of a table.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{operation} on the table failed: {reason}")]
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

    /// A failure that a test wants.
    #[cfg(any(test, feature = "test-util"))]
    pub fn injected() -> Self {
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
