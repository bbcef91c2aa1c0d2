use steward_core::store::memory::{Memory, put};

use super::*;

const NOW: u64 = 1_795_253_441_000;

fn directory() -> DirectoryId {
    "d-9067012345".parse().unwrap()
}

async fn turns(store: &Memory, batch: &str, count: usize, now: u64) -> Vec<u64> {
    let rate = NonZeroU32::new(4).unwrap();
    let turns = take_turns(store, &directory(), batch, count, rate, now).await.unwrap();
    turns.map(|turn| turn - NOW).collect()
}

#[tokio::test]
async fn a_burst_becomes_a_queue() {
    let store = Memory::default();
    assert_eq!(turns(&store, "a", 3, NOW).await, [0, 250, 500]);
    assert_eq!(turns(&store, "b", 2, NOW).await, [750, 1000]);
    assert_eq!(turns(&store, "c", 1, NOW + 100).await, [1250]);
}

#[tokio::test]
async fn who_comes_when_nobody_waits_has_his_turn_at_once() {
    let store = Memory::default();
    turns(&store, "a", 3, NOW).await;
    assert_eq!(turns(&store, "b", 1, NOW + 60_000).await, [60_000]);
}

#[tokio::test]
async fn a_batch_that_comes_again_takes_no_turn_from_others() {
    let store = Memory::default();
    let first = turns(&store, "a", 3, NOW).await;
    for later in [0, 10_000, 6 * 3600 * 1000] {
        assert_eq!(turns(&store, "a", 3, NOW + later).await, first);
    }
    assert_eq!(turns(&store, "b", 1, NOW).await, [750]);
}

#[tokio::test]
async fn what_was_long_ago_is_forgotten_and_the_item_stays_small() {
    let store = Memory::default();
    let a_day = 24 * 3600 * 1000;
    for batch in 0..2 * MOST_REMEMBERED {
        turns(&store, &format!("{batch:064}"), 1, NOW).await;
    }
    let (item, _) = store.fetch(&pace_key(&directory()));
    let item = item.unwrap();
    assert_eq!(item["taken"].as_object().unwrap().len(), MOST_REMEMBERED);
    let taken = |batch: usize| item["taken"].get(format!("{batch:064}")).is_some();
    assert!((MOST_REMEMBERED..2 * MOST_REMEMBERED).all(taken), "the newest are there");
    assert!(item.to_string().len() < 100_000, "an item of DynamoDB holds 400 KB");
    turns(&store, "new", 1, NOW + a_day).await;
    let (item, _) = store.fetch(&pace_key(&directory()));
    assert_eq!(item.unwrap()["taken"].as_object().unwrap().len(), 1);
}

#[tokio::test]
async fn turns_are_those_of_one_directory() {
    let store = Memory::default();
    turns(&store, "a", 3, NOW).await;
    let other: DirectoryId = "d-0000000000".parse().unwrap();
    let rate = NonZeroU32::MIN;
    let first = take_turns(&store, &other, "a", 1, rate, NOW).await.unwrap().next();
    assert_eq!(first, Some(NOW));
}

/// The machine that writes may be slow, and others are at it too: nobody gets the turn of another.
#[tokio::test]
async fn two_batches_at_once_get_turns_of_their_own() {
    let store = Memory::default();
    put(&store, &pace_key(&directory()), &Turns { next: NOW + 500, taken: BTreeMap::new() });
    let (a, b) = tokio::join!(turns(&store, "a", 2, NOW), turns(&store, "b", 2, NOW));
    let mut all = [a, b].concat();
    all.sort_unstable();
    assert_eq!(all, [500, 750, 1000, 1250]);
}
