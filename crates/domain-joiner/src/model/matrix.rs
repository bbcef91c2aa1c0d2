//! Every call of the flow goes wrong in every way, one at a time.

use std::fmt::Write;

use crate::account::Mode;
use crate::event::{Told, ToldState};
use crate::member::State as Truth;
use crate::testing::{Behaviour, Fault, Faults, World, join_user, place};

const ONE: &str = "i-00000000000000001";

/// A part of an instance's life whose every call is to go wrong.
struct Flow {
    name: &'static str,
    mode: fn() -> Mode,
    /// What happens undisturbed before.
    before: fn(&World),
    /// What happens while calls go wrong.
    play: fn(&World),
}

fn one_time() -> Mode {
    Mode::OneTime
}

fn nothing(_: &World) {}

fn join(world: &World) {
    world.launch(ONE, Behaviour::Works);
    world.play(Vec::new());
}

fn join_late(world: &World) {
    world.launch(ONE, Behaviour::LosesCommand);
    world.state().machines.get_mut(ONE).unwrap().agent_at += 700;
    world.play(Vec::new());
}

fn leave(world: &World) {
    world.play(vec![(10, ONE.to_owned(), Truth::Terminated)]);
}

/// It is terminated while its object is made.
fn join_and_leave(world: &World) {
    world.launch(ONE, Behaviour::Works);
    world.play(vec![(372, ONE.to_owned(), Truth::Terminated)]);
}

/// The same, where events are not held: what is late comes after the instance has left.
fn join_and_leave_at_once(world: &World) {
    world.state().silent = true;
    world.launch(ONE, Behaviour::Works);
    world.deliver(Told::State(place(ONE), ToldState::Running), 60);
    world.deliver(Told::State(place(ONE), ToldState::Terminated), 150);
    world.play(vec![(140, ONE.to_owned(), Truth::Terminated)]);
}

fn refused(world: &World) {
    world.launch(ONE, Behaviour::HalfJoins);
    world.play(Vec::new());
}

fn taken(world: &World) {
    world.launch(ONE, Behaviour::Works);
    let name = world.state().machines[ONE].computer.clone();
    world.add_foreign(&name);
    world.play(Vec::new());
}

const FLOWS: [Flow; 11] = [
    Flow { name: "join", mode: one_time, before: nothing, play: join },
    Flow { name: "join of a late agent", mode: one_time, before: nothing, play: join_late },
    Flow { name: "join with a join account", mode: join_user, before: nothing, play: join },
    Flow { name: "leave", mode: one_time, before: join, play: leave },
    Flow { name: "leave after a join account", mode: join_user, before: join, play: leave },
    Flow { name: "join and leave", mode: one_time, before: nothing, play: join_and_leave },
    Flow {
        name: "join and leave with a join account",
        mode: join_user,
        before: nothing,
        play: join_and_leave,
    },
    Flow { name: "leave at once", mode: one_time, before: nothing, play: join_and_leave_at_once },
    Flow {
        name: "leave at once with a join account",
        mode: join_user,
        before: nothing,
        play: join_and_leave_at_once,
    },
    Flow { name: "join that fails", mode: one_time, before: nothing, play: refused },
    Flow { name: "name taken", mode: one_time, before: nothing, play: taken },
];

/// Plays a flow in a new world; what is wrong in it afterwards.
fn check(flow: &Flow, seed: u64, fault: Option<(usize, Fault)>) -> (World, Vec<String>) {
    let world = World::new(seed, (flow.mode)());
    (flow.before)(&world);
    let before = world.state().calls;
    world.state().operations.clear();
    if let Some((at, fault)) = fault {
        world.state().faults = Faults::At(before + at, fault);
    }
    (flow.play)(&world);
    world.come_to_rest();
    let problems = world.problems();
    (world, problems)
}

fn exhaust(flow: &Flow) {
    let name = flow.name;
    let (undisturbed, problems) = check(flow, 0, None);
    let trace = undisturbed.state().trace.join("\n");
    assert_eq!(problems, [""; 0], "{name} without any fault:\n{trace}");
    assert_eq!(undisturbed.state().errors, [""; 0], "{name} without any fault:\n{trace}");
    let operations = undisturbed.state().operations.clone();
    let (mut runs, mut violations, mut table, mut first) = (0, 0, String::new(), None);
    for (at, operation) in operations.iter().enumerate() {
        write!(table, "\n{:>4} {operation:<22}", at + 1).unwrap();
        for fault in Fault::ALL {
            if !fault.fits(operation) {
                write!(table, "  -").unwrap();
                continue;
            }
            let mut wrong = 0;
            // What is late meets the others at another point in each.
            for seed in 0..if fault == Fault::LateEffect { 8 } else { 2 } {
                let (world, problems) = check(flow, seed, Some((at + 1, fault)));
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
fn a_join_survives_every_fault_at_every_call() {
    exhaust(&FLOWS[0]);
}

#[test]
fn a_join_of_a_late_agent_survives_every_fault_at_every_call() {
    exhaust(&FLOWS[1]);
}

#[test]
fn a_join_with_a_join_account_survives_every_fault_at_every_call() {
    exhaust(&FLOWS[2]);
}

#[test]
fn a_leave_survives_every_fault_at_every_call() {
    exhaust(&FLOWS[3]);
    exhaust(&FLOWS[4]);
}

#[test]
fn a_termination_during_a_join_survives_every_fault_at_every_call() {
    exhaust(&FLOWS[5]);
    exhaust(&FLOWS[6]);
}

#[test]
fn a_join_that_fails_survives_every_fault_at_every_call() {
    exhaust(&FLOWS[9]);
    exhaust(&FLOWS[10]);
}

#[test]
fn a_termination_that_is_told_at_once_survives_every_fault_at_every_call() {
    exhaust(&FLOWS[7]);
    exhaust(&FLOWS[8]);
}
