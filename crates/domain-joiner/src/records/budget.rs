//! How many mails an hour takes: whoever launches instances that cannot join must not bury people's mailbox.

use serde::{Deserialize, Serialize};
use steward_core::clock;
use steward_core::ids::AccountId;
use steward_core::store::{Change, Key, Store, StoreError, update};

/// How long an hour's item is kept after it: one day.
const KEPT_SECONDS: u64 = 24 * 3600;

#[derive(Debug, Default, Serialize, Deserialize)]
struct Hour {
    causes: Vec<String>,
    expires: u64,
}

/// Whether people may be told of a cause in this hour; asking again for the same cause does not spend twice. A quarter is
/// kept from each account, for what others have to tell.
pub(crate) async fn may_tell<S: Store>(
    store: &S,
    account: &AccountId,
    cause: &str,
    limit: usize,
) -> Result<bool, StoreError> {
    let cause = format!("{account} {cause}");
    let limit_of_account = limit - limit / 4;
    let hour = clock::now() / 3600;
    let key = Key { pk: format!("budget#{hour}"), sk: "notices".to_owned() };
    update(store, &key, |item: Option<Hour>| {
        let mut item = item.unwrap_or_default();
        if item.causes.contains(&cause) {
            return Change::Keep(true);
        }
        let own = item.causes.iter().filter(|known| known.starts_with(account.as_str())).count();
        if item.causes.len() >= limit || own >= limit_of_account {
            return Change::Keep(false);
        }
        item.causes.push(cause.clone());
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
    async fn an_account_whose_instances_all_fail_leaves_notices_for_others() {
        let table = Memory::default();
        let mut told = Vec::new();
        for (account, cause) in
            [("a", "1"), ("a", "2"), ("a", "3"), ("a", "4"), ("b", "5"), ("b", "6"), ("a", "3")]
        {
            told.push(may_tell(&table, &account_of(account), cause, 4).await.unwrap());
        }
        assert_eq!(told, [true, true, true, false, true, false, true]);
    }

    fn account_of(letter: &str) -> AccountId {
        letter.replace('a', "111122223333").replace('b', "444455556666").parse().unwrap()
    }

    #[tokio::test]
    async fn an_hour_takes_so_many_causes_and_the_same_one_again() {
        let table = Memory::default();
        let mut told = Vec::new();
        for cause in ["a", "b", "a", "c", "b"] {
            told.push(may_tell(&table, &account_of("a"), cause, 2).await.unwrap());
        }
        assert_eq!(told, [true, true, true, false, true]);
    }
}
