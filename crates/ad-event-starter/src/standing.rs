//! Whether something was taken from a user that is to be put back when he is enabled.
//!
//! The onboarding of a new user waits by itself until he is enabled, so that 4722 is of no use to it.

use serde::Deserialize;
use steward_core::ids::DirectoryId;
use steward_core::store::{Key, Store, StoreError};

/// What the user table says of a user.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// What he had is suspended.
    Suspended,
    /// What he had is being taken away, or soon will be.
    Leaving,
    /// What he had is gone.
    OffBoarded,
    /// He was waited for in vain.
    GivenUp,
    /// Any other: nothing was taken away.
    #[serde(other)]
    Other,
}

#[derive(Deserialize)]
struct User {
    state: State,
}

/// The item of a user.
pub fn user_key(directory: &DirectoryId, sid: &str) -> Key {
    Key { pk: format!("user#{directory}#{sid}"), sk: "user".to_owned() }
}

/// Whether there is something to put back.
///
/// # Errors
/// When the table cannot be read.
pub async fn has_lost_something<S: Store + Sync>(
    store: &S,
    directory: &DirectoryId,
    sid: &str,
) -> Result<bool, StoreError> {
    let (user, _) = store.read::<User>(&user_key(directory, sid)).await?;
    Ok(user.is_some_and(|user| user.state != State::Other))
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use steward_core::store::memory::{Memory, put};

    use super::*;

    const SID: &str = "S-1-5-21-1-2-3-1104";

    async fn lost(item: serde_json::Value) -> bool {
        let directory: DirectoryId = "d-9067012345".parse().unwrap();
        let store = Memory::default();
        put(&store, &user_key(&directory, SID), &item);
        has_lost_something(&store, &directory, SID).await.unwrap()
    }

    #[tokio::test]
    async fn who_was_suspended_removed_or_given_up_gets_it_back() {
        for state in ["suspended", "leaving", "off-boarded", "given-up"] {
            assert!(lost(json!({"state": state, "name": "jdoe", "services": {}})).await, "{state}");
        }
    }

    #[tokio::test]
    async fn who_has_lost_nothing_gets_nothing() {
        for state in ["onboarding", "onboarded", "failed", "untouched", "of-tomorrow"] {
            assert!(!lost(json!({"state": state})).await, "{state}");
        }
    }

    #[tokio::test]
    async fn who_is_not_in_the_table_gets_nothing() {
        let directory: DirectoryId = "d-9067012345".parse().unwrap();
        assert!(!has_lost_something(&Memory::default(), &directory, SID).await.unwrap());
    }
}
