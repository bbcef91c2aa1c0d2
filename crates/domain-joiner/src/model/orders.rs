//! Events in every order, with copies, of two instances at once: what EC2 says in the end is what comes out.

use crate::account::Mode;
use crate::event::{Told, ToldState};
use crate::member::State as Truth;
use crate::records::State;
use crate::testing::{Behaviour, Random, World, place};

const IDS: [&str; 2] = ["i-00000000000000001", "i-00000000000000002"];

/// What EC2 tells of a life, and how it ends.
#[derive(Debug, Clone, Copy)]
struct Life {
    told: &'static [ToldState],
    end: Truth,
}

use ToldState::{Other, Running, Terminated};

const LIVES: [Life; 4] = [
    Life { told: &[Running, Other, Running, Running], end: Truth::Running },
    Life { told: &[Running, Other, Running, Terminated, Terminated], end: Truth::Terminated },
    Life { told: &[Running, Running, Terminated], end: Truth::Terminated },
    Life { told: &[Running, Other, Other], end: Truth::Between },
];

/// Every different order of these.
fn orders(told: &[ToldState]) -> Vec<Vec<ToldState>> {
    if told.is_empty() {
        return vec![Vec::new()];
    }
    let mut all = Vec::new();
    for first in [Running, Other, Terminated] {
        let Some(at) = told.iter().position(|state| *state == first) else { continue };
        let mut rest = told.to_vec();
        rest.remove(at);
        all.extend(orders(&rest).into_iter().map(|mut order| {
            order.insert(0, first);
            order
        }));
    }
    all
}

/// Delivers the events of both instances in these orders, some together and some far apart.
fn play(lives: [Life; 2], told: [&[ToldState]; 2], seed: u64) -> World {
    let world = World::new(seed, Mode::OneTime);
    world.state().silent = true;
    let mut random = Random::new(seed);
    let mut fates = Vec::new();
    for ((id, life), told) in IDS.into_iter().zip(lives).zip(told) {
        world.launch(id, Behaviour::Works);
        // Half of the lives end before the first event is looked at, half while it is worked on.
        let ends = if random.chance(500) { 200 } else { 300 + random.below(2500) };
        if life.end != Truth::Running {
            fates.push((ends, id.to_owned(), life.end));
        }
        let mut at = 300;
        for state in told {
            // EC2 tells of what has been, never of what will be.
            let earliest = if *state == Terminated { ends } else { 0 };
            world.deliver(Told::State(place(id), *state), at.max(earliest));
            at += *random.pick(&[0, 0, 2, 400, 1300]);
        }
    }
    world.state().copies = random.below(2) * 1000;
    world.play(fates);
    world
}

#[test]
fn every_order_of_the_events_of_two_instances_ends_in_what_ec2_says() {
    let (mut worlds, mut seed) = (0, 0);
    for one in LIVES {
        for two in LIVES {
            for first in orders(one.told) {
                for second in orders(two.told) {
                    seed += 1;
                    let world = play([one, two], [&first, &second], seed);
                    let problems = world.problems();
                    let trace = || world.state().trace.join("\n");
                    assert_eq!(problems, [""; 0], "{first:?} {second:?} seed {seed}\n{}", trace());
                    let joins: Vec<u32> = IDS.map(|id| world.state().machines[id].joins).to_vec();
                    assert!(joins.iter().all(|joins| *joins <= 1), "{joins:?}\n{}", trace());
                    assert_eq!(world.state().mails, [], "{}", trace());
                    worlds += 1;
                }
            }
        }
    }
    println!("{worlds} worlds");
    assert!(worlds > 1500, "{worlds}");
}

#[test]
fn an_instance_that_ec2_says_is_terminated_is_never_joined_whatever_is_told() {
    for told in orders(&[Running, Other, Running, Terminated]) {
        let world = World::new(1, Mode::OneTime);
        world.state().silent = true;
        world.launch(IDS[0], Behaviour::Works);
        for (number, state) in told.iter().enumerate() {
            world.deliver(Told::State(place(IDS[0]), *state), 300 + 100 * number as u64);
        }
        world.play(vec![(10, IDS[0].to_owned(), Truth::Terminated)]);
        assert_eq!(world.problems(), [""; 0]);
        assert_eq!(world.count("SendCommand") + world.count("CreateComputer"), 0, "{told:?}");
        assert!(world.item(IDS[0]).is_none());
    }
}

/// Its key pair was made, and nobody was told: what has ended meanwhile gets no object.
#[test]
fn nothing_is_made_for_an_instance_that_has_ended_since_its_key_pair_was_made() {
    let world = World::new(1, Mode::OneTime);
    world.state().silent = true;
    world.launch(IDS[0], Behaviour::LosesEvents);
    world.deliver(Told::State(place(IDS[0]), Running), 300);
    world.play(vec![(400, IDS[0].to_owned(), Truth::Terminated)]);
    assert_eq!(world.problems(), [""; 0], "{}", world.state().trace.join("\n"));
    assert_eq!((world.count("SendCommand"), world.count("CreateComputer")), (1, 0));
    assert_eq!(world.item(IDS[0]).unwrap().state, State::Left);
}

#[test]
fn copies_of_an_event_that_are_worked_on_at_the_same_time_send_each_command_once() {
    for seed in 0..50 {
        let world = World::new(seed, Mode::OneTime);
        world.state().silent = true;
        world.launch(IDS[0], Behaviour::Works);
        for _ in 0..5 {
            world.deliver(Told::State(place(IDS[0]), Running), 300);
        }
        world.play(Vec::new());
        assert_eq!(world.problems(), [""; 0], "{seed}\n{}", world.state().trace.join("\n"));
        assert_eq!(world.count("SendCommand"), 2, "{seed}\n{}", world.state().trace.join("\n"));
    }
}

/// Whether each process that was overtaken while it made an object has looked for it again, and how many there are.
fn took_back(world: &World) -> (bool, usize) {
    let trace = world.state().trace.clone();
    let calls = |process: &str, operation: &str| {
        let call = |line: &&String| line.split_whitespace().skip(3).take(2).eq([process, operation]);
        trace.iter().filter(call).count()
    };
    let overtaken: Vec<&str> = trace
        .iter()
        .filter(|line| line.ends_with("ends: ignored(overtaken)"))
        .filter_map(|line| line.split_whitespace().nth(2))
        .filter(|process| calls(process, "CreateComputer") > 0)
        // One whose object is recorded already has nothing to take back.
        .filter(|process| calls(process, "SendCommand") == 0)
        .collect();
    (overtaken.iter().all(|process| calls(process, "SearchBySid") > 0), overtaken.len())
}

/// A termination at every second of a join.
#[test]
fn a_termination_at_any_moment_of_a_join_leaves_nothing_behind() {
    let mut races = 0;
    for mode in [Mode::OneTime, crate::testing::join_user()] {
        for second in 250..700 {
            for hold in [0, 30, 300] {
                let world = World::new(second, mode.clone());
                world.state().silent = true;
                world.launch(IDS[0], Behaviour::Works);
                world.deliver(Told::State(place(IDS[0]), Running), 300);
                world.deliver(Told::State(place(IDS[0]), Terminated), second + hold);
                world.play(vec![(second, IDS[0].to_owned(), Truth::Terminated)]);
                let problems = world.problems();
                assert_eq!(problems, [""; 0], "{second} {hold}\n{}", world.state().trace.join("\n"));
                let (all, overtaken) = took_back(&world);
                assert!(all, "{second} {hold}\n{}", world.state().trace.join("\n"));
                races += overtaken;
            }
        }
    }
    assert!(races > 0, "no creation was overtaken");
}
