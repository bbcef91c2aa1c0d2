//! Every call of a flow goes wrong in every way, one at a time.

use std::fmt::Write;

use serde_json::Value;

use crate::records::{Caller, caller_key, memory};
use crate::testing::{
    Expected, Fault, Faults, Logs, Random, Schedule, World, answer, ask_for_release, block_on, check_at_rest,
    come_to_rest, contain, event, work_on_the_queue,
};

/// Schedules tried for a fault: what is late or left behind meets the others at another point in each.
fn schedules(fault: Fault) -> u64 {
    match fault {
        Fault::LateEffect | Fault::LeftBehind => 8,
        _ => 1,
    }
}

/// A world in which the instance answers truthfully, and chance follows from a seed.
fn world(seed: u64) -> World {
    let world = World::new();
    world.answers(&answer());
    world.state().random = Random::new(seed);
    let alice = world.state().users["alice"].sid.to_string();
    let arn = event()["detail"]["arn"].as_str().unwrap().to_owned();
    world.state().truth.about.insert(arn, alice);
    world
}

fn updated() -> Value {
    let mut event = event();
    event["detail"]["updatedAt"] = Value::from("2026-11-21T09:00:00.000Z");
    event
}

/// One containment with a fault, then recovery and an update of the finding.
async fn play_containment(world: &World, faults: Faults) {
    world.state().faults = faults;
    let mut schedule = Schedule::new(world);
    schedule.add(0, contain(world.responder(), event(), "arn:x:1".to_owned()));
    schedule.add(0, work_on_the_queue(world.clone()));
    schedule.run().await;
}

/// A containment that goes well, then a release with a fault, then recovery and an update of the finding.
async fn play_release(world: &World, faults: Faults) {
    play_containment(world, Faults::None).await;
    let faults = match faults {
        Faults::At(call, fault) => Faults::At(call + world.state().calls, fault),
        other => other,
    };
    world.state().operations.clear();
    world.state().faults = faults;
    know_who_asks(world, "arn:r:1");
    let mut schedule = Schedule::new(world);
    schedule.add(0, ask_for_release(world.clone(), "alice".to_owned(), "arn:r:1".to_owned()));
    schedule.add(0, work_on_the_queue(world.clone()));
    schedule.run().await;
}

/// CloudTrail has told already who asks: the looks before that are all the same.
fn know_who_asks(world: &World, execution: &str) {
    let arn = "arn:aws:iam::111122223333:user/eve".to_owned();
    let eve = Caller { arn, time: String::new(), source_ip: String::new(), names: Vec::new() };
    memory::put(&world.table, &caller_key(execution), &eve);
}

/// Runs `play` in a new world; what is wrong in it afterwards.
fn check(play: impl AsyncFn(&World, Faults), seed: u64, faults: Faults) -> (World, Vec<String>) {
    let logs = Logs::default();
    let guard = tracing::subscriber::set_default(logs.clone());
    let expected = if matches!(faults, Faults::None) { Expected::OneMail } else { Expected::OneMailOrMore };
    let world = world(seed);
    block_on(async {
        play(&world, faults).await;
        come_to_rest(&world, vec![updated()]).await;
    });
    drop(guard);
    let mut problems = check_at_rest(&world, expected);
    problems.extend(logs.leaks());
    if world.state().truth.effects.len() != 1 {
        problems.push(format!("effects: {:?}", world.state().truth.effects));
    }
    (world, problems)
}

/// Plays every call x every kind, and prints and returns what was violated.
fn exhaust(name: &str, play: impl AsyncFn(&World, Faults), also: impl Fn(&World, Fault) -> Option<String>) {
    let operations = {
        let world = world(0);
        block_on(play(&world, Faults::None));
        world.state().operations.clone()
    };
    assert!(operations.len() > 15, "{name}: {operations:?}");
    assert_eq!(check(&play, 0, Faults::None).1, [""; 0], "without any fault");
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
                let (world, mut problems) = check(&play, seed, Faults::At(at + 1, fault));
                problems.extend(also(&world, fault));
                runs += 1;
                wrong += usize::from(!problems.is_empty());
                if !problems.is_empty() && first.is_none() {
                    let trace = world.state().trace.join("\n");
                    first = Some(format!(
                        "call {} {operation}, {fault:?}, seed {seed}: {problems:#?}\n{trace}",
                        at + 1
                    ));
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
fn a_containment_survives_every_fault_at_every_call() {
    exhaust("contain-user", play_containment, |world, _| {
        world.enabled("alice").then(|| "alice is still enabled".to_owned())
    });
}

#[test]
fn a_release_survives_every_fault_at_every_call() {
    exhaust("release-user", play_release, |world, _| {
        if !world.enabled("alice") {
            know_who_asks(world, "arn:r:2");
            block_on(async {
                let mut schedule = Schedule::new(world);
                let again = ask_for_release(world.clone(), "alice".to_owned(), "arn:r:2".to_owned());
                schedule.add(0, again);
                schedule.add(0, work_on_the_queue(world.clone()));
                schedule.run().await;
            });
        }
        (!world.enabled("alice")).then(|| "alice cannot be released".to_owned())
    });
}

#[test]
fn the_same_seed_gives_the_same_trace() {
    for fault in Fault::ALL {
        let traces =
            [0, 1].map(|_| check(play_containment, 7, Faults::At(20, fault)).0.state().trace.clone());
        assert_eq!(traces[0], traces[1]);
        assert!(traces[0].len() > 20);
    }
}
