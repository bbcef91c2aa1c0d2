//! A batch may come several times, in any order and in other company.

use super::*;
use crate::testing::Random;

#[tokio::test]
async fn one_to_fifty_copies_start_one_execution_each() {
    for copies in [1, 2, 3, 50] {
        let world = World::default();
        let records: Vec<Record> = (0..10).map(Record::created).collect();
        let all: Vec<Record> = (0..copies).flat_map(|_| records.clone()).collect();
        world.log(&xml(&all)).await.unwrap();
        for _ in 1..copies {
            world.log(&xml(&records)).await.unwrap();
        }
        assert_eq!(world.users(Machine::Onboard), users(0..10), "{copies} copies");
    }
}

#[tokio::test]
async fn a_copy_in_other_company_starts_nothing_again() {
    let mut random = Random::new(7);
    let world = World::default();
    for id in [4720, 4725, 4726] {
        for _ in 0..20 {
            let batch: Vec<Record> =
                (0..5).map(|_| Record::of(id, u32::try_from(random.below(8)).unwrap())).collect();
            world.log(&xml(&batch)).await.unwrap();
        }
    }
    assert_eq!(world.users(Machine::Onboard), users(0..8));
    assert_eq!(world.state().started.len(), 3 * 8);
}

/// Another domain controller may tell of the same account under another number.
#[tokio::test]
async fn an_account_is_onboarded_once_whoever_tells_of_it() {
    let world = World::default();
    let other = Record { computer: "WIN-DC2.corp.example.com".to_owned(), number: 5, ..Record::created(1) };
    world.log(&xml(&[Record::created(1)])).await.unwrap();
    let counts = world.log(&xml(&[other])).await.unwrap();
    assert_eq!(counts, BTreeMap::from([("AlreadyStarted", 1)]));
    assert_eq!(world.state().started.len(), 1);
}

#[tokio::test]
async fn copies_at_the_same_time_start_one_execution_each() {
    let world = World::default();
    world.state().call_takes = Duration::from_millis(2);
    let records: Vec<Record> = (0..20).map(Record::created).collect();
    let messages = xml(&records);
    let (a, b, c) = tokio::join!(world.log(&messages), world.log(&messages), world.log(&messages));
    assert!(a.is_ok() && b.is_ok() && c.is_ok());
    assert_eq!(world.users(Machine::Onboard), users(0..20));
}

/// Who is disabled twice is off-boarded twice: in between somebody has enabled him.
#[tokio::test]
async fn what_happens_again_starts_again() {
    let world = World::default();
    let again = Record { number: 9, ..Record::of(4725, 1) };
    world.log(&xml(&[Record::of(4725, 1), again])).await.unwrap();
    assert_eq!(world.users(Machine::Offboard), [user(1), user(1)]);
}
