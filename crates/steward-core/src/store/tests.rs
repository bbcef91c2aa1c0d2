//! Reading, deciding and writing back while others write.

use std::sync::atomic::{AtomicUsize, Ordering};

use super::memory::{Memory, put};
use super::*;

/// A table into which somebody else writes between the first reads and the writes that follow them.
struct Contended {
    memory: Memory,
    others: AtomicUsize,
}

impl Store for Contended {
    async fn read<T: DeserializeOwned + Send>(&self, key: &Key) -> Result<(Option<T>, Revision), StoreError> {
        self.memory.read(key).await
    }

    async fn write<T: Serialize + Sync>(
        &self,
        key: &Key,
        item: &T,
        seen: Revision,
    ) -> Result<Written, StoreError> {
        let left = self.others.load(Ordering::Relaxed);
        if left > 0 {
            self.others.store(left - 1, Ordering::Relaxed);
            update(&self.memory, key, |count: Option<u64>| Change::Write(count.unwrap_or(0) + 100, ()))
                .await?;
        }
        self.memory.write(key, item, seen).await
    }
}

fn key() -> Key {
    Key { pk: "p".to_owned(), sk: "s".to_owned() }
}

async fn count_once_more(others: usize) -> (Result<u64, StoreError>, Option<u64>) {
    let table = Contended { memory: Memory::default(), others: AtomicUsize::new(others) };
    let key = key();
    let counted = update(&table, &key, |count: Option<u64>| {
        let next = count.unwrap_or(0) + 1;
        Change::Write(next, next)
    });
    (counted.await, table.read(&key).await.unwrap().0)
}

#[tokio::test]
async fn a_write_that_was_lost_is_decided_again() {
    let (counted, there) = count_once_more(3).await;
    assert_eq!((counted.unwrap(), there), (301, Some(301)));
}

#[tokio::test]
async fn a_write_that_is_always_lost_fails_and_may_be_tried_again() {
    let (counted, there) = count_once_more(1_000).await;
    assert_eq!((counted.unwrap_err().kind(), there), (Kind::Transient, Some(1_000)));
}

#[tokio::test]
async fn what_is_kept_is_not_written() {
    let memory = Memory::default();
    put(&memory, &key(), &7_u64);
    let seen = update(&memory, &key(), |count: Option<u64>| Change::Keep(count)).await.unwrap();
    assert_eq!((seen, memory.fetch(&key()).1), (Some(7), Revision::Number(1)));
}

#[tokio::test]
async fn only_who_is_sending_a_notice_can_give_it_up_and_not_once_it_is_sent() {
    let table = Memory::default();
    let claim = async |sender: &str| claim_notice(&table, "cause", sender, 1_000).await.unwrap();
    assert_eq!(claim("one").await, Claim::Send);
    give_up_notice(&table, "cause", "another").await.unwrap();
    assert_eq!(claim("another").await, Claim::BeingSent);
    give_up_notice(&table, "cause", "one").await.unwrap();
    assert_eq!(claim("another").await, Claim::Send);
    finish_notice(&table, "cause", "another", 1_000).await.unwrap();
    give_up_notice(&table, "cause", "another").await.unwrap();
    assert_eq!(claim("one").await, Claim::Sent);
}
