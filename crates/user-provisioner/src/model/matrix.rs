//! Every call of a flow goes wrong in every way, one at a time.

use std::fmt::Write;

use crate::records::State;
use crate::testing::{
    Fault, Faults, Random, Schedule, World, block_on, check_at_rest, come_to_rest, contain, disable, enable,
    hire, offboard, onboard, release,
};

const ALICE: u32 = 1104;

/// A part of alice's life whose every call is to go wrong.
struct Flow {
    name: &'static str,
    play: fn(&World, Faults),
    expected: State,
}

/// Schedules tried for a fault: what is late or left behind meets the others at another point in each.
fn schedules(fault: Fault) -> u64 {
    if matches!(fault, Fault::LateEffect | Fault::LeftBehind) { 4 } else { 1 }
}

/// The fault is counted from here on.
fn begin(world: &World, faults: Faults) {
    let mut state = world.state();
    state.operations.clear();
    state.faults = match faults {
        Faults::At(call, fault) => Faults::At(call + state.calls, fault),
        other => other,
    };
}

fn run(world: &World, add: impl FnOnce(&mut Schedule)) {
    let mut schedule = Schedule::new(world);
    add(&mut schedule);
    block_on(schedule.run());
}

fn come_on_board(world: &World) {
    run(world, |schedule| schedule.add(0, onboard(world, hire("alice", ALICE), "hire")));
}

fn play_onboard(world: &World, faults: Faults) {
    begin(world, faults);
    come_on_board(world);
}

fn play_leave(world: &World, faults: Faults) {
    come_on_board(world);
    world.state().now += 3_600_000;
    begin(world, faults);
    let input = disable(world, "alice", ALICE);
    run(world, |schedule| schedule.add(0, offboard(world, input, "leave")));
}

fn play_contain(world: &World, faults: Faults) {
    come_on_board(world);
    world.state().now += 3_600_000;
    begin(world, faults);
    let input = contain(world, "alice", ALICE);
    run(world, |schedule| schedule.add(0, offboard(world, input, "contain")));
}

fn play_release(world: &World, faults: Faults) {
    play_contain(world, Faults::None);
    world.state().now += 3_600_000;
    begin(world, faults);
    let input = release(world, "alice", ALICE);
    run(world, |schedule| schedule.add(0, onboard(world, input, "release")));
}

/// Alice comes back a day after her accounts were suspended, while the off-boarding waits to remove them.
fn play_come_back(world: &World, faults: Faults) {
    come_on_board(world);
    world.state().now += 3_600_000;
    let left = disable(world, "alice", ALICE);
    let later = world.clone();
    run(world, |schedule| {
        schedule.add(0, offboard(world, left, "leave"));
        schedule.add(86_400_000, async move {
            begin(&later, faults);
            let input = enable(&later, "alice", ALICE);
            onboard(&later, input, "back").await;
        });
    });
}

const FLOWS: [Flow; 5] = [
    Flow { name: "onboard-user", play: play_onboard, expected: State::Onboarded },
    Flow { name: "offboard-user", play: play_leave, expected: State::OffBoarded },
    Flow { name: "offboard-user of a contained user", play: play_contain, expected: State::Suspended },
    Flow { name: "onboard-user after a release", play: play_release, expected: State::Onboarded },
    Flow { name: "onboard-user while off-boarding", play: play_come_back, expected: State::Onboarded },
];

/// Plays a flow in a new world; what is wrong in it afterwards.
fn check(flow: &Flow, seed: u64, faults: Faults) -> (World, Vec<String>) {
    let undisturbed = matches!(faults, Faults::None);
    let world = World::new();
    world.state().random = Random::new(seed);
    (flow.play)(&world, faults);
    block_on(come_to_rest(&world));
    let mut problems = check_at_rest(&world, "alice", ALICE, flow.expected);
    if undisturbed {
        let subjects = world.subjects();
        let distinct: std::collections::BTreeSet<&String> = subjects.iter().collect();
        if distinct.len() != subjects.len() || !world.state().failure_mails.is_empty() {
            problems.push(format!("without any fault: {subjects:?}"));
        }
    }
    (world, problems)
}

fn exhaust(flow: &Flow) {
    let name = flow.name;
    let (undisturbed, problems) = check(flow, 0, Faults::None);
    assert_eq!(problems, [""; 0], "{name} without any fault: {}", undisturbed.state().trace.join("\n"));
    let operations = {
        let world = World::new();
        (flow.play)(&world, Faults::None);
        world.state().operations.clone()
    };
    assert!(operations.len() > 10, "{name}: {operations:?}");
    let (mut runs, mut violations, mut table, mut first) = (0, 0, String::new(), None);
    for (at, operation) in operations.iter().enumerate() {
        write!(table, "\n{:>4} {operation:<22}", at + 1).unwrap();
        for fault in Fault::ALL {
            if !fault.fits(operation) {
                write!(table, " {:>2}", '-').unwrap();
                continue;
            }
            let mut wrong = 0;
            for seed in 0..schedules(fault) {
                let (world, problems) = check(flow, seed, Faults::At(at + 1, fault));
                runs += 1;
                wrong += usize::from(!problems.is_empty());
                if !problems.is_empty() && first.is_none() {
                    let trace = world.state().trace.join("\n");
                    let which = format!("call {} {operation}, {fault:?}, seed {seed}", at + 1);
                    first = Some(format!("{which}: {problems:#?}\n{trace}"));
                }
            }
            violations += wrong;
            write!(table, " {wrong:>2}").unwrap();
        }
    }
    println!("{name}: columns are {:?}{table}", Fault::ALL);
    println!(
        "{name}: {} points x {} kinds, {runs} runs, {violations} violations\n",
        operations.len(),
        Fault::ALL.len()
    );
    if let Some(first) = first {
        panic!("{name}: {violations} violations; the first: {first}");
    }
}

#[test]
fn an_onboarding_survives_every_fault_at_every_call() {
    exhaust(&FLOWS[0]);
}

#[test]
fn an_off_boarding_survives_every_fault_at_every_call() {
    exhaust(&FLOWS[1]);
}

#[test]
fn a_containment_survives_every_fault_at_every_call() {
    exhaust(&FLOWS[2]);
}

#[test]
fn a_release_survives_every_fault_at_every_call() {
    exhaust(&FLOWS[3]);
}

#[test]
fn a_return_survives_every_fault_at_every_call() {
    exhaust(&FLOWS[4]);
}

#[test]
fn the_same_seed_gives_the_same_trace() {
    for fault in Fault::ALL {
        let traces = [0, 1].map(|_| check(&FLOWS[4], 7, Faults::At(12, fault)).0.state().trace.clone());
        assert_eq!(traces[0], traces[1]);
        assert!(traces[0].len() > 40);
    }
}
