//! Two rotations of one secret, in every order of their steps and with turns at every call. Secrets Manager begins no
//! second rotation while AWSPENDING waits; so somebody removes it, as AWS's own advice for a stuck rotation goes.

use std::collections::BTreeMap;

use steward_core::directory::DirectoryKind;

use super::rest::{Rest, check, play, rotates_again};
use crate::event::Step;
use crate::testing::{A, B, CURRENT, PENDING, Process, T, World, Worldly, run};

const KINDS: [DirectoryKind; 2] = [DirectoryKind::ManagedMicrosoftAd, DirectoryKind::SimpleAd];

/// Steps in a schedule.
const DEPTH: usize = 8;

/// A version for the rotation after them.
const NEXT: &str = "nnnnnnnn-nnnn-nnnn-nnnn-nnnnnnnnnnnn";

/// What may come next in a schedule.
#[derive(Debug, Clone, Copy)]
enum Turn {
    /// A step of one of the rotations.
    Step(&'static str, Step),
    /// Somebody asks for a rotation.
    Begin(&'static str),
    /// Somebody removes AWSPENDING.
    Cancel,
}

fn turns() -> Vec<Turn> {
    let mut turns = vec![Turn::Begin(T), Turn::Begin(B), Turn::Cancel];
    for token in [T, B] {
        turns.extend(Step::ALL.map(|step| Turn::Step(token, step)));
    }
    turns
}

fn take(world: &World, rotator: &Worldly, turn: Turn) {
    match turn {
        Turn::Step(token, step) => drop(run(rotator, token, step)),
        Turn::Begin(token) => drop(world.begin(token)),
        Turn::Cancel => world.cancel(),
    }
}

/// A world in which wrong passwords do not matter: here it is about order.
fn world(kind: DirectoryKind) -> (World, Worldly) {
    let world = World::of(kind);
    world.state().threshold = 0;
    let rotator = world.rotator_with(&[("LOCKOUT_THRESHOLD", "0")]);
    (world, rotator)
}

/// Secrets Manager tries again what was begun, what waits at last; what is wrong then.
fn problems_at_rest(world: &World) -> Vec<String> {
    let mut problems = Vec::new();
    if !world.some_version_logs_in() {
        problems.push("no version has the directory's password".to_owned());
    }
    let waiting = world.labelled(PENDING);
    for token in [T, B].into_iter().filter(|token| waiting.as_deref() != Some(token)) {
        if world.state().versions.contains_key(token) {
            play(world, token, |_, _| {});
        }
    }
    if let Some(waiting) = waiting.filter(|waiting| waiting != A) {
        play(world, &waiting, |_, _| {});
    }
    problems.extend(check(world, true, true));
    if !world.label_logs_in(CURRENT) {
        problems.push(format!("AWSCURRENT does not log in at rest: {:?}", Rest::of(world)));
    }
    if !rotates_again(world, NEXT) {
        problems.push(format!("the next rotation does not end well: {:?}", Rest::of(world)));
    }
    problems
}

/// Whatever a schedule of so many turns can lead to is looked at: schedules that lead to the same are the same.
#[test]
fn all_schedules_of_two_rotations_and_of_steps_out_of_order_come_to_rest() {
    for kind in KINDS {
        let mut seen: BTreeMap<String, Vec<Turn>> = BTreeMap::new();
        let mut frontier = vec![Vec::new()];
        let mut schedules: u128 = 1;
        for depth in 0..=DEPTH {
            let mut next = Vec::new();
            for path in frontier {
                let (world, rotator) = world(kind);
                path.iter().for_each(|turn| take(&world, &rotator, *turn));
                let key = format!("{:?} {:?}", Rest::of(&world), labels_and_values(&world));
                if seen.contains_key(&key) {
                    continue;
                }
                // One rotation at a time is the rule; whoever breaks it may lose the label for a moment.
                world.state().truth.violations.retain(|violation| !violation.contains("no label leads"));
                let problems = problems_at_rest(&world);
                let trace = world.state().trace.join("\n");
                assert!(problems.is_empty(), "{kind:?} {path:?}: {problems:?}\n{trace}");
                if depth < DEPTH {
                    next.extend(turns().into_iter().map(|turn| [&path[..], &[turn]].concat()));
                }
                seen.insert(key, path);
            }
            frontier = next;
            schedules *= turns().len() as u128;
        }
        schedules /= turns().len() as u128;
        println!("{kind:?}: all {schedules} schedules of {DEPTH} turns lead to {} states", seen.len());
        assert!(seen.len() > 10);
    }
}

/// Which version has which labels and whether it has a value.
fn labels_and_values(world: &World) -> Vec<String> {
    let state = world.state();
    let line = |(id, version): (&String, &crate::testing::Version)| {
        format!("{id} {:?} {}", version.labels, version.text.is_some())
    };
    state.versions.iter().map(line).collect()
}

/// One rotation stops after a call; another one takes its place and stops after a call; the first goes on and stops; the
/// second goes on to its end, then the first.
#[test]
fn two_rotations_that_take_turns_at_any_call_come_to_rest() {
    let mut runs = 0;
    for kind in KINDS {
        for first in 0..40 {
            for second in 0..40 {
                for third in [0, 1, 2, 3, 5, 8, 13, 40] {
                    let (world, _) = world(kind);
                    assert!(world.begin(T));
                    let mut one = Some(Process::new(&world, T));
                    let is_over = go(&mut one, first);
                    world.cancel();
                    assert!(world.begin(B));
                    let mut two = Some(Process::new(&world, B));
                    go(&mut two, second);
                    go(&mut one, third);
                    go(&mut two, 1000);
                    go(&mut one, 1000);
                    world.state().scheduled = false;
                    let problems = problems_at_rest(&world);
                    let trace = world.state().trace.join("\n");
                    assert!(problems.is_empty(), "{kind:?} {first} {second} {third}: {problems:?}\n{trace}");
                    runs += 1;
                    if is_over {
                        break;
                    }
                }
            }
        }
    }
    println!("{runs} orders");
}

/// Nobody tries anything again: what an overtaken rotation does late it takes back itself. (In Simple AD the other rotation
/// may have to wait until the first one is tried again: it never sets a password blind.)
#[test]
fn a_rotation_that_was_overtaken_at_any_call_leaves_awscurrent_in_force() {
    for stop in 0..40 {
        let (world, _) = world(DirectoryKind::ManagedMicrosoftAd);
        assert!(world.begin(T));
        let mut overtaken = Some(Process::new(&world, T));
        if go(&mut overtaken, stop) {
            break;
        }
        world.cancel();
        assert!(world.begin(B));
        go(&mut Some(Process::new(&world, B)), 1000);
        go(&mut overtaken, 1000);
        let trace = world.state().trace.join("\n");
        assert!(world.label_logs_in(CURRENT), "{stop}: {:?}\n{trace}", Rest::of(&world));
    }
}

/// Lets a process make so many calls; whether it is over.
fn go(process: &mut Option<Process>, calls: usize) -> bool {
    for _ in 0..calls {
        let Some(running) = process else { return true };
        if running.turn().is_some() {
            *process = None;
        }
    }
    process.is_none()
}
