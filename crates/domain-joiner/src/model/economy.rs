//! How many calls a success costs.

use crate::account::Mode;
use crate::event::{Told, ToldState};
use crate::member::State as Truth;
use crate::testing::{Behaviour, Faults, World, place};

const COUNT: u64 = 100;

fn id(number: u64) -> String {
    format!("i-{number:017x}")
}

/// A hundred instances, of whose events some come twice; every twentieth agent comes late.
fn play(per_mille: u64) -> World {
    let world = World::new(7, Mode::OneTime);
    world.state().copies = 100;
    world.state().faults = Faults::Random { per_mille, left: u32::MAX };
    for number in 0..COUNT {
        world.launch(&id(number), Behaviour::Works);
        if number % 10 == 0 {
            world.deliver(Told::State(place(&id(number)), ToldState::Running), 301);
        }
        if number % 20 == 0 {
            world.state().machines.get_mut(&id(number)).unwrap().agent_at += 600;
        }
    }
    world.play(Vec::new());
    world.play((0..COUNT).map(|number| (10, id(number), Truth::Terminated)).collect());
    world.come_to_rest();
    assert_eq!(world.problems(), [""; 0]);
    world
}

/// Calls that one instance needs, from its launch to its end.
const NEEDED: [(&str, u64); 10] = [
    ("SendCommand", 2),
    ("GetCommandInvocation", 2),
    ("CreateComputer", 1),
    ("DeleteComputer", 1),
    ("DeleteRecord", 1),
    ("AssumeRole", 4),
    ("DescribeInstances", 3),
    ("SendMessage", 2),
    ("SearchByName", 1),
    ("SearchBySid", 2),
];

#[test]
fn a_success_costs_hardly_more_calls_than_it_needs() {
    let world = play(0);
    for (operation, count) in NEEDED {
        let calls = world.count(operation) as u64;
        println!("{operation:<22} {calls} of {}", COUNT * count);
        assert!((COUNT * count..=COUNT * count * 13 / 10).contains(&calls), "{operation}: {calls}");
    }
}

#[test]
fn one_call_in_a_hundred_that_goes_wrong_starts_no_storm() {
    let world = play(10);
    let calls: usize = NEEDED.iter().map(|(operation, _)| world.count(operation)).sum();
    let needed: u64 = NEEDED.iter().map(|(_, count)| COUNT * count).sum();
    println!("{calls} calls, {needed} needed");
    assert!(calls as u64 <= needed * 13 / 10, "{calls} of {needed}");
}
