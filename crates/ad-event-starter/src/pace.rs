//! Turns: so many onboardings a second ask the directory, however many users are created at once.
//!
//! The directory answers a few reads a second. An execution that is started gets the time of its turn and waits for it, so
//! that a burst becomes a queue instead of a storm of throttled calls.

use std::collections::BTreeMap;
use std::num::NonZeroU32;

use serde::{Deserialize, Serialize};
use steward_core::ids::DirectoryId;
use steward_core::store::{Change, Key, Store, StoreError, update};

/// How long it is remembered which turns a batch got: longer than Lambda repeats an invocation (six hours).
const REMEMBERED_MS: u64 = 7 * 3600 * 1000;

/// Most batches that are remembered; an item of `DynamoDB` has room for thousands.
const MOST_REMEMBERED: usize = 500;

/// How the turns stand.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Turns {
    /// The next free turn, in milliseconds since 1970.
    next: u64,
    /// The first turn of each batch.
    taken: BTreeMap<String, u64>,
}

/// The item of a directory's turns.
pub fn pace_key(directory: &DirectoryId) -> Key {
    Key { pk: format!("pace#{directory}"), sk: "pace".to_owned() }
}

/// Takes turns for a batch; one that comes again gets the turns that it had, so that copies take none from others.
///
/// Answers each turn's time, in milliseconds since 1970.
///
/// # Errors
/// When the table fails.
pub async fn take_turns<S: Store>(
    store: &S,
    directory: &DirectoryId,
    batch: &str,
    count: usize,
    per_second: NonZeroU32,
    now: u64,
) -> Result<impl Iterator<Item = u64> + use<S>, StoreError> {
    let after = move |turns: u64| turns * 1000 / u64::from(per_second.get());
    let first = update(store, &pace_key(directory), |turns: Option<Turns>| {
        let mut turns = turns.unwrap_or_default();
        if let Some(first) = turns.taken.get(batch) {
            return Change::Keep(*first);
        }
        let first = turns.next.max(now);
        turns.next = first + after(count as u64);
        forget(&mut turns.taken, now);
        turns.taken.insert(batch.to_owned(), first);
        Change::Write(turns, first)
    })
    .await?;
    Ok((0..count as u64).map(move |turn| first + after(turn)))
}

fn forget(taken: &mut BTreeMap<String, u64>, now: u64) {
    taken.retain(|_, first| *first + REMEMBERED_MS > now);
    while taken.len() >= MOST_REMEMBERED {
        let oldest = taken.iter().min_by_key(|(_, first)| **first).map(|(batch, _)| batch.clone());
        taken.remove(&oldest.unwrap_or_default());
    }
}

#[cfg(test)]
mod tests;
