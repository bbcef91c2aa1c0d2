//! Everything at once, at random: beginnings, faults, a second rotation, people who change the account or the labels. Each
//! seed is a world of its own.

use std::ops::Range;

use steward_core::directory::DirectoryKind;

use super::beginning::Beginning;
use super::rest::{Rest, check, play, rotates_again};
use crate::testing::{A, B, CURRENT, Faults, Logs, PENDING, Process, Random, T, World};

/// Seeds that every run plays.
const SEEDS: u64 = 1000;

/// A version for the rotation at the end.
const NEXT: &str = "nnnnnnnn-nnnn-nnnn-nnnn-nnnnnnnnnnnn";

/// `ADSTEWARD_SEEDS`: how many seeds to play, `10000`, or which, `4711..4712`.
fn seeds() -> Range<u64> {
    #[expect(clippy::disallowed_methods, reason = "a test's own setting; no product code reads it")]
    let Ok(text) = std::env::var("ADSTEWARD_SEEDS") else { return 0..SEEDS };
    let (from, to) = text.split_once("..").unwrap_or(("0", &text));
    from.parse().unwrap()..to.parse().unwrap()
}

/// What others do to a world.
#[derive(Debug, Default)]
struct Others {
    has_disabled: bool,
    has_set: bool,
}

impl Others {
    fn act(&mut self, world: &World, random: &mut Random) {
        if random.chance(6) {
            world.change_account(|account| account.enabled = false);
            self.has_disabled = true;
            world.state().trace.push("               somebody disables the account".to_owned());
        }
        if random.chance(6) {
            world.change_account(|account| "somebody's".clone_into(&mut account.password));
            self.has_set = true;
            world.state().trace.push("               somebody sets a password".to_owned());
        }
        if random.chance(6) {
            world.cancel();
            world.state().trace.push("               somebody removes AWSPENDING".to_owned());
        }
    }
}

/// Plays a seed; what is wrong in its world, and how it came to that.
fn play_seed(seed: u64) -> (Vec<String>, Vec<String>) {
    let logs = Logs::default();
    let guard = tracing::subscriber::set_default(logs.clone());
    let mut random = Random::new(seed);
    let kind = *random.pick(&[DirectoryKind::ManagedMicrosoftAd, DirectoryKind::SimpleAd]);
    let beginning = *random.pick(&[
        Beginning::Fresh,
        Beginning::WithPrevious,
        Beginning::Created,
        Beginning::Set,
        Beginning::PendingOnCurrent,
        Beginning::Disabled,
    ]);
    let world = beginning.world(kind);
    world.state().random = Random::new(seed ^ 0x5eed);
    if !seed.is_multiple_of(4) {
        let (per_mille, left) = (*random.pick(&[10, 40, 120]), *random.pick(&[1, 2, 4]));
        world.state().faults = Faults::Random { per_mille, left };
    }
    let mut others = Others { has_disabled: beginning == Beginning::Disabled, has_set: false };
    take_turns(&world, &mut random, &mut others);
    let mut problems = come_to_rest(&world, kind, &others);
    drop(guard);
    problems.extend(logs.leaks());
    let trace = world.state().trace.clone();
    (problems, trace)
}

/// Up to two rotations, each tried up to three times, and others in between.
fn take_turns(world: &World, random: &mut Random, others: &mut Others) {
    let people_act = random.chance(500);
    let mut running: Vec<(&'static str, Process)> = vec![(T, Process::new(world, T))];
    let mut tries = 1;
    for _ in 0..600 {
        if people_act {
            others.act(world, random);
        }
        if running.len() < 2 && random.chance(20) && tries < 6 {
            tries += 1;
            // Secrets Manager's pause: what was late has happened.
            world.pass_time(30_000);
            let token = *random.pick(&[T, B]);
            if world.begin(token) && running.iter().all(|(other, _)| *other != token) {
                running.push((token, Process::new(world, token)));
            }
        }
        if running.is_empty() {
            continue;
        }
        let chosen = usize::try_from(random.below(running.len() as u64)).unwrap();
        if running[chosen].1.is_dead(world) || running[chosen].1.turn().is_some() {
            drop(running.swap_remove(chosen));
        }
    }
}

fn come_to_rest(world: &World, kind: DirectoryKind, others: &Others) -> Vec<String> {
    {
        let mut state = world.state();
        state.faults = Faults::None;
        state.scheduled = false;
        state.trace.push("               everything recovers".to_owned());
    }
    world.recover();
    world.pass_time(3_600_000);
    let waiting = world.labelled(PENDING);
    for token in [T, B].into_iter().filter(|token| waiting.as_deref() != Some(token)) {
        if world.state().versions.contains_key(token) {
            play(world, token, |_, _| {});
            world.pass_time(3_600_000);
        }
    }
    if let Some(waiting) = waiting.filter(|waiting| waiting != A) {
        play(world, &waiting, |_, _| {});
    }
    let races = world.state().truth.races > 0;
    let enabled = world.state().account.enabled;
    let mut problems = check(world, false, !others.has_disabled);
    if others.has_disabled && enabled && !races {
        problems.push("a disabled account was enabled".to_owned());
    }
    if !others.has_set && !world.some_version_logs_in() {
        problems.push("no version has the directory's password".to_owned());
    }
    if !others.has_set && !world.label_logs_in(CURRENT) && enabled {
        problems.push(format!("AWSCURRENT does not log in at rest: {:?}", Rest::of(world)));
    }
    let can_rotate = enabled && (!others.has_set || kind == DirectoryKind::ManagedMicrosoftAd);
    if can_rotate && !rotates_again(world, NEXT) {
        problems.push(format!("the next rotation does not end well: {:?}", Rest::of(world)));
    }
    if world.labelled(CURRENT).is_none() {
        problems.push("no version is AWSCURRENT".to_owned());
    }
    problems
}

#[test]
fn no_seed_violates_an_invariant() {
    let seeds = seeds();
    let threads = std::thread::available_parallelism().map_or(1, |count| count.get() as u64);
    let failures: Vec<(u64, Vec<String>)> = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..threads)
            .map(|worker| {
                let mine = (seeds.start + worker..seeds.end).step_by(usize::try_from(threads).unwrap());
                scope.spawn(move || {
                    mine.map(|seed| (seed, play_seed(seed).0))
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
        let trace = play_seed(*seed).1.join("\n");
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
        assert_eq!(play_seed(seed).1, play_seed(seed).1, "seed {seed}");
    }
}
