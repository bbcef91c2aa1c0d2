//! The directory's pace.

use super::*;
use steward_core::clock;

#[tokio::test]
async fn a_burst_is_spread_over_time() {
    let world = World::default();
    let began = clock::now();
    world.log(&xml(&(0..100).map(Record::created).collect::<Vec<_>>())).await.unwrap();
    let turns: Vec<u64> = world.turns().iter().map(|turn| clock::seconds(turn).unwrap()).collect();
    assert_eq!(turns.len(), 100);
    assert!(turns[0] >= began && turns[0] <= clock::now());
    assert_eq!(turns[99] - turns[0], 49, "two a second");
    for second in turns[0]..=turns[99] {
        assert_eq!(turns.iter().filter(|turn| **turn == second).count(), 2);
    }
}

#[tokio::test]
async fn copies_of_a_burst_take_no_turns() {
    let world = World::default();
    let messages = xml(&(0..50).map(Record::created).collect::<Vec<_>>());
    world.log(&messages).await.unwrap();
    let next = world.next_turn();
    let mut reordered = messages.clone();
    reordered.reverse();
    world.log(&messages).await.unwrap();
    world.log(&reordered).await.unwrap();
    assert_eq!(world.next_turn(), next);
}

#[tokio::test]
async fn who_leaves_waits_for_nobody() {
    let world = World::default();
    world.log(&xml(&[Record::of(4725, 1), Record::of(4726, 2)])).await.unwrap();
    assert!(world.turns().is_empty());
    assert_eq!(world.next_turn(), 0);
}

#[tokio::test]
async fn who_gets_something_back_waits_for_his_turn_and_who_does_not_takes_none() {
    let world = World::default();
    world.remember(1, "given-up");
    world.remember(2, "onboarded");
    world.log(&xml(&[Record::of(4722, 1), Record::of(4722, 2), Record::of(4722, 3)])).await.unwrap();
    assert_eq!(world.turns().len(), 1);
    assert_eq!(world.users(Machine::Onboard), users([1]));
}
