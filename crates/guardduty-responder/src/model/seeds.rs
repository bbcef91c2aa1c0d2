//! Many executions at once, interleaved at every call, with random faults: each seed is a world of its own.

use std::ops::Range;

use super::scenario::Scenario;
use crate::testing::{Expected, Logs, block_on, check_at_rest, come_to_rest};

/// Seeds that every run plays.
const SEEDS: u64 = 1000;

/// `ADSTEWARD_SEEDS`: how many seeds to play, `10000`, or which, `4711..4712`.
fn seeds() -> Range<u64> {
    #[expect(clippy::disallowed_methods, reason = "a test's own setting; no product code reads it")]
    let Ok(text) = std::env::var("ADSTEWARD_SEEDS") else { return 0..SEEDS };
    let (from, to) = text.split_once("..").unwrap_or(("0", &text));
    from.parse().unwrap()..to.parse().unwrap()
}

/// Plays a seed; what is wrong in its world, and how it came to that.
fn play(seed: u64) -> (Vec<String>, Vec<String>) {
    let logs = Logs::default();
    let guard = tracing::subscriber::set_default(logs.clone());
    let mut scenario = Scenario::new(seed);
    let world = scenario.world.clone();
    block_on(async {
        scenario.run().await;
        come_to_rest(&world, std::mem::take(&mut scenario.last)).await;
    });
    drop(guard);
    let expected = if scenario.has_faults { Expected::OneMailOrMore } else { Expected::OneMail };
    let mut problems = check_at_rest(&world, expected);
    problems.extend(logs.leaks());
    let chief = "chief@partner.example.test";
    if !world.enabled("admin") || (world.state().users.contains_key(chief) && !world.enabled(chief)) {
        problems.push("a protected user is disabled".to_owned());
    }
    let trace = world.state().trace.clone();
    (problems, trace)
}

#[test]
fn no_seed_violates_an_invariant() {
    let seeds = seeds();
    let threads = std::thread::available_parallelism().map_or(1, |count| count.get() as u64);
    let failures: Vec<(u64, Vec<String>)> = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..threads)
            .map(|worker| {
                let mine = (seeds.start + worker..seeds.end).step_by(threads as usize);
                scope.spawn(move || {
                    mine.map(|seed| (seed, play(seed).0))
                        .filter(|(_, problems)| !problems.is_empty())
                        .collect::<Vec<_>>()
                })
            })
            .collect();
        workers.into_iter().flat_map(|worker| worker.join().unwrap()).collect()
    });
    println!("{} seeds, {} with violations", seeds.end - seeds.start, failures.len());
    if let Some((seed, problems)) = failures.iter().min() {
        let failed: Vec<u64> = failures.iter().map(|(seed, _)| *seed).take(20).collect();
        let trace = play(*seed).1.join("\n");
        panic!(
            "{} seeds violate an invariant: {failed:?}\nseed {seed} (again: ADSTEWARD_SEEDS={seed}..{}): {problems:#?}\n{trace}",
            failures.len(),
            seed + 1
        );
    }
}

#[test]
fn the_same_seed_gives_the_same_trace() {
    for seed in [1, 2, 3, 5, 11] {
        assert_eq!(play(seed).1, play(seed).1, "seed {seed}");
    }
}
