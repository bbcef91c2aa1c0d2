//! Many instances launched at once: each joins, and each leaves.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use super::launched::Launched;
use super::object::named;
use crate::lab::in_parallel;

/// `ADSTEWARD_INSTANCES`: how many; 200 is what the product promises.
fn count() -> usize {
    #[expect(clippy::disallowed_methods, reason = "a test's own setting; no product code reads it")]
    let given = std::env::var("ADSTEWARD_INSTANCES");
    given.map_or(20, |count| count.parse().unwrap())
}

/// For each instance: the lab's machine runs them all.
const PATIENCE: Duration = Duration::from_secs(15);

fn wait_for(instances: &[Launched], state: &str) {
    let began = Instant::now();
    let patience = PATIENCE * u32::try_from(instances.len()).unwrap();
    loop {
        let others = || instances.iter().map(Launched::item).filter(|item| item["state"] != state);
        let Some(one) = others().next() else { return };
        assert!(began.elapsed() < patience, "{} are not {state}, such as {one}", others().count());
        std::thread::sleep(Duration::from_secs(2));
    }
}

#[test]
fn instances_launched_at_once_all_join_and_all_leave() {
    let began = Instant::now();
    let instances = in_parallel((0..count()).collect(), |_: usize| Launched::with(&[]));
    let launched = began.elapsed();
    wait_for(&instances, "joined");
    println!("{} instances: launched after {launched:.0?}, joined after {:.0?}", count(), began.elapsed());
    let names: BTreeSet<String> = instances.iter().map(Launched::name).collect();
    assert_eq!(names.len(), instances.len());
    assert!(
        in_parallel(instances.iter().collect(), |one: &Launched| {
            one.sh(&format!("kinit -k -c MEMORY: '{}$'", one.name()));
            named(&one.name()).len()
        })
        .iter()
        .all(|count| *count == 1)
    );

    in_parallel(instances.iter().collect(), Launched::terminate);

    wait_for(&instances, "left");
    println!("all had left after {:.0?}", began.elapsed());
    assert!(names.iter().all(|name| named(name).is_empty()));
}
