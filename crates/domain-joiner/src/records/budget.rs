//! How many mails an hour takes: whoever launches instances that cannot join must not bury people's mailbox.

use serde::{Deserialize, Serialize};
use steward_core::clock;
use steward_core::store::{Change, Key, Store, StoreError, update};

/// How long an hour's item is kept after it: one day.
const KEPT_SECONDS: u64 = 24 * 3600;

#[derive(Debug, Default, Serialize, Deserialize)]
struct Hour {
    causes: Vec<String>,
    expires: u64,
}

/// Whether people may be told of a cause in this hour; asking again for the same cause does not spend twice.
pub(crate) async fn may_tell<S: Store>(store: &S, cause: &str, limit: usize) -> Result<bool, StoreError> {
    let hour = clock::now() / 3600;
    let key = Key { pk: format!("budget#{hour}"), sk: "notices".to_owned() };
    update(store, &key, |item: Option<Hour>| {
        let mut item = item.unwrap_or_default();
        if item.causes.iter().any(|known| known == cause) {
            return Change::Keep(true);
        }
        if item.causes.len() >= limit {
            return Change::Keep(false);
        }
        item.causes.push(cause.to_owned());
        item.expires = (hour + 1) * 3600 + KEPT_SECONDS;
        Change::Write(item, true)
    })
    .await
}

#[cfg(test)]
mod tests {
    use steward_core::store::memory::Memory;

    use super::*;

    #[tokio::test]
    async fn an_hour_takes_so_many_causes_and_the_same_one_again() {
        let table = Memory::default();
        let mut told = Vec::new();
        for cause in ["a", "b", "a", "c", "b"] {
            told.push(may_tell(&table, cause, 2).await.unwrap());
        }
        assert_eq!(told, [true, true, true, false, true]);
    }
}
