//! Several instances at once, with their ends and restarts, somebody else's computers, and random faults: each seed is a
//! world of its own.

use std::ops::Range;

use crate::account::Mode;
use crate::member::State as Truth;
use crate::testing::{Behaviour, Faults, Random, World, join_user};

/// Seeds that every run plays.
const SEEDS: u64 = 1000;

const BEHAVIOURS: [Behaviour; 11] = [
    Behaviour::HalfJoins,
    Behaviour::Works,
    Behaviour::Works,
    Behaviour::Works,
    Behaviour::NoAgent,
    Behaviour::FailsOnce(13, "no-domain"),
    Behaviour::FailsOnce(19, "not-verified"),
    Behaviour::Fails(18, "other-domain"),
    Behaviour::LosesCommand,
    Behaviour::LosesEvents,
    Behaviour::Garbles,
];

/// `ADSTEWARD_SEEDS`: how many seeds to play, `10000`, or which, `4711..4712`.
fn seeds() -> Range<u64> {
    #[expect(clippy::disallowed_methods, reason = "a test's own setting; no product code reads it")]
    let Ok(text) = std::env::var("ADSTEWARD_SEEDS") else { return 0..SEEDS };
    let (from, to) = text.split_once("..").unwrap_or(("0", &text));
    from.parse().unwrap()..to.parse().unwrap()
}

fn play(seed: u64) -> (World, Vec<String>) {
    let mut random = Random::new(seed ^ 0xad57);
    let mode = if random.chance(300) { join_user() } else { Mode::OneTime };
    let world = World::new(seed, mode);
    let mut fates = Vec::new();
    for number in 0..=random.below(3) {
        let id = format!("i-{:017x}", seed * 8 + number);
        world.launch(&id, *random.pick(&BEHAVIOURS));
        let mut state = world.state();
        let machine = state.machines.get_mut(&id).unwrap();
        machine.describes = random.chance(700);
        machine.agent_at += random.below(2) * random.below(2000);
        let name = machine.computer.clone();
        drop(state);
        if random.chance(100) {
            world.add_foreign(&name);
        }
        if random.chance(300) {
            let at = random.below(2500);
            fates.push((at, id.clone(), Truth::Between));
            if random.chance(800) {
                fates.push((at + 30 + random.below(900), id.clone(), Truth::Running));
            }
        }
        if random.chance(600) {
            fates.push((100 + random.below(6000), id.clone(), Truth::Terminated));
        }
    }
    fates.sort_by_key(|fate| fate.0);
    world.add_foreign("ec2-somebody-elses");
    let foreign: Vec<_> = world.state().objects.clone();
    world.state().copies = *random.pick(&[0, 0, 300, 1000]);
    let per_mille = [0, 10, 40][usize::try_from(seed % 3).unwrap()];
    world.state().faults = Faults::Random { per_mille, left: 12 };
    world.play(fates);
    world.come_to_rest();
    world.restart_what_failed();
    let mut problems = world.problems();
    let untouched = |object| world.state().objects.contains(object);
    problems
        .extend((!foreign.iter().all(untouched)).then(|| "somebody else's computer was changed".to_owned()));
    (world, problems)
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
                    mine.map(|seed| (seed, play(seed).1))
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
        let trace = play(*seed).0.state().trace.join("\n");
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
        let without_nonces = |seed| -> Vec<String> {
            let trace = play(seed).0.state().trace.clone();
            trace.into_iter().filter(|line| !line.contains("nonce")).collect()
        };
        assert_eq!(without_nonces(seed), without_nonces(seed), "seed {seed}");
    }
}
