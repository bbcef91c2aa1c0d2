//! Three people's lives at once, with copies of events, interleaved at every call, with random faults: each seed is a world
//! of its own.

use std::ops::Range;

use crate::records::State;
use crate::testing::{
    Faults, Random, Schedule, World, block_on, check_at_rest, come_to_rest, contain, custom, delete, disable,
    enable, hire, offboard, onboard, person, release,
};

/// Seeds that every run plays.
const SEEDS: u64 = 500;

/// How a person's time ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Life {
    Stays,
    /// Is disabled for good.
    Leaves,
    /// Is disabled and comes back, soon or late.
    Returns,
    /// Is deleted.
    Deleted,
    Contained,
    /// Is contained and released.
    Released,
}

const LIVES: [Life; 6] =
    [Life::Stays, Life::Leaves, Life::Returns, Life::Deleted, Life::Contained, Life::Released];

const NAMES: [(&str, u32); 3] = [("alice", 1104), ("bob", 1105), ("carol", 1107)];

/// `ADSTEWARD_SEEDS`: how many seeds to play, `10000`, or which, `4711..4712`.
fn seeds() -> Range<u64> {
    #[expect(clippy::disallowed_methods, reason = "a test's own setting; no product code reads it")]
    let Ok(text) = std::env::var("ADSTEWARD_SEEDS") else { return 0..SEEDS };
    let (from, to) = text.split_once("..").unwrap_or(("0", &text));
    from.parse().unwrap()..to.parse().unwrap()
}

/// A person's life, as executions that begin at their times.
fn live(world: &World, schedule: &mut Schedule, name: &'static str, relative_id: u32, life: Life) {
    let mut random = Random::new(world.state().random.below(u64::MAX));
    let begins = random.below(30_000);
    schedule.add(begins, onboard(world, hire(name, relative_id), &format!("{name}-hire")));
    if random.chance(400) {
        let later = begins + random.below(400_000);
        schedule.add(later, onboard(world, custom(name), &format!("{name}-custom")));
    }
    if life == Life::Stays {
        return;
    }
    let leaves = begins + random.below(4_000_000);
    let copies = 1 + random.below(2);
    let gone = world.clone();
    for copy in 0..copies {
        let world = gone.clone();
        schedule.add(leaves + copy * random.below(200_000), async move {
            let input = if copy == 0 || life != Life::Deleted {
                match life {
                    Life::Contained | Life::Released => contain(&world, name, relative_id),
                    Life::Deleted => delete(&world, name, relative_id),
                    _ => disable(&world, name, relative_id),
                }
            } else {
                delete(&world, name, relative_id)
            };
            offboard(&world, input, &format!("{name}-leave-{copy}")).await;
        });
    }
    if matches!(life, Life::Returns | Life::Released) {
        // After the copies: an event that comes later is about a later disabling.
        let back =
            leaves + 300_000 + random.below(if life == Life::Returns { 200_000_000 } else { 20_000_000 });
        let world = world.clone();
        schedule.add(back, async move {
            let input = match life {
                Life::Released => release(&world, name, relative_id),
                _ => enable(&world, name, relative_id),
            };
            // What ad-event-starter does: an execution only when something was, or is being, taken away.
            let state = world.item(relative_id).map(|item| item.state);
            let put_back = [State::Leaving, State::Suspended, State::OffBoarded, State::GivenUp]
                .map(Some)
                .contains(&state);
            if put_back {
                onboard(&world, input, &format!("{name}-back")).await;
            }
        });
    }
}

fn play(seed: u64) -> (Vec<String>, Vec<String>) {
    let world = World::new();
    world.state().random = Random::new(seed);
    world.state().users.insert("carol".to_owned(), person("carol", 1107));
    let groups = ["Staff".to_owned(), "Engineering".to_owned()].into();
    world.state().members.insert("carol".to_owned(), groups);
    let per_mille = [0, 4, 15][usize::try_from(seed % 3).unwrap()];
    world.state().faults = Faults::Random { per_mille, left: 12 };
    let mut schedule = Schedule::new(&world);
    let mut lives = Vec::new();
    for (name, relative_id) in NAMES {
        let mut random = Random::new(world.state().random.below(u64::MAX));
        let life = *random.pick(&LIVES);
        lives.push(life);
        live(&world, &mut schedule, name, relative_id, life);
    }
    block_on(schedule.run());
    block_on(come_to_rest(&world));
    let mut problems = Vec::new();
    for ((name, relative_id), life) in NAMES.into_iter().zip(lives) {
        let found = check(&world, name, relative_id, life);
        problems.extend(found.into_iter().map(|problem| format!("{life:?}: {problem}")));
    }
    let trace = world.state().trace.clone();
    (problems, trace)
}

/// What is wrong with a person when everything has come to rest.
fn check(world: &World, name: &str, relative_id: u32, life: Life) -> Vec<String> {
    let state = world.item(relative_id).map(|item| item.state);
    match life {
        Life::Stays | Life::Returns | Life::Released => {
            check_at_rest(world, name, relative_id, State::Onboarded)
        }
        // Disabled or deleted before anything was made: nothing is there, and nothing comes.
        _ if state.is_none() || state == Some(State::GivenUp) => nothing(world, name),
        // Contained before there was anything to suspend: nobody's news.
        Life::Contained if world.desk(name).is_none() => std::mem::take(&mut world.state().violations),
        Life::Leaves => check_at_rest(world, name, relative_id, State::OffBoarded),
        Life::Contained => check_at_rest(world, name, relative_id, State::Suspended),
        Life::Deleted => {
            let mut problems = nothing(world, name);
            problems.extend((state != Some(State::OffBoarded)).then(|| format!("{name} is {state:?}")));
            problems
        }
    }
}

fn nothing(world: &World, name: &str) -> Vec<String> {
    let mut problems = std::mem::take(&mut world.state().violations);
    problems.extend(world.desk(name).map(|desk| format!("{name} has {desk:?}")));
    problems.extend(world.agent(name).map(|agent| format!("{name} has {agent:?}")));
    problems
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
