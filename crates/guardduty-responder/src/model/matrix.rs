//! Every call of a flow goes wrong in every way, one at a time.

use std::fmt::Write;

use serde_json::Value;

use crate::testing::{
    Expected, Fault, Faults, Logs, Random, Schedule, World, answer, answer_questions, ask_for_release,
    block_on, check_at_rest, come_to_rest, contain, event, know_who_asks, of_partner, work_on_the_queue,
};

/// Who asks for releases.
pub(super) const EVE: &str = "arn:aws:iam::111122223333:user/eve";

/// Schedules tried for a fault: what is late or left behind meets the others at another point in each.
fn schedules(fault: Fault, from: &str) -> u64 {
    match fault {
        Fault::LateEffect | Fault::LeftBehind if from.is_empty() => 8,
        Fault::LateEffect | Fault::LeftBehind => 3,
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

/// What GuardDuty finds: the alice of the trusted domain, where there is one.
fn finding(world: &World) -> Value {
    let trusts = !world.state().trusted.is_empty();
    if trusts { of_partner(&event(), 1104) } else { event() }
}

fn updated(world: &World) -> Value {
    let mut event = finding(world);
    event["detail"]["updatedAt"] = Value::from("2026-11-21T09:00:00.000Z");
    event
}

/// One containment with a fault, then recovery and an update of the finding.
pub(super) async fn play_containment(world: &World, faults: Faults) {
    world.state().faults = faults;
    let mut schedule = Schedule::new(world);
    schedule.add(0, contain(world.responder(), finding(world), "arn:x:1".to_owned()));
    if !world.state().people.is_empty() {
        schedule.add(0, answer_questions(world.clone()));
    }
    schedule.add(0, work_on_the_queue(world.clone()));
    schedule.run().await;
}

/// A containment that goes well, then a release with a fault, then recovery and an update of the finding.
async fn play_release(world: &World, faults: Faults) {
    release_after_containment(world, "alice", faults).await;
}

pub(super) async fn release_after_containment(world: &World, user: &str, faults: Faults) {
    play_containment(world, Faults::None).await;
    let faults = match faults {
        Faults::At(call, fault) => Faults::At(call + world.state().calls, fault),
        other => other,
    };
    world.state().operations.clear();
    world.state().faults = faults;
    know_who_asks(world, "arn:r:1", EVE);
    let mut schedule = Schedule::new(world);
    schedule.add(0, ask_for_release(world.clone(), user.to_owned(), "arn:r:1".to_owned()));
    schedule.add(0, work_on_the_queue(world.clone()));
    schedule.run().await;
}

/// A flow whose every call is to go wrong.
pub(super) struct Flow<'a, P> {
    pub(super) name: &'a str,
    /// The first operation at which faults are tried: another flow tries those before.
    pub(super) from: &'static str,
    /// Plays it in a world.
    pub(super) play: P,
    /// How often a user is disabled in it.
    pub(super) effects: usize,
}

/// Plays a flow in a new world; what is wrong in it afterwards.
fn check(flow: &Flow<'_, impl AsyncFn(&World, Faults)>, seed: u64, faults: Faults) -> (World, Vec<String>) {
    let logs = Logs::default();
    let guard = tracing::subscriber::set_default(logs.clone());
    let expected = if matches!(faults, Faults::None) { Expected::OneMail } else { Expected::OneMailOrMore };
    let world = world(seed);
    block_on(async {
        (flow.play)(&world, faults).await;
        let update = updated(&world);
        come_to_rest(&world, vec![update]).await;
    });
    drop(guard);
    let mut problems = check_at_rest(&world, expected);
    problems.extend(logs.leaks());
    if world.state().truth.effects.len() != flow.effects {
        problems.push(format!("effects: {:?}", world.state().truth.effects));
    }
    (world, problems)
}

/// Plays every call x every kind, and prints and returns what was violated. `also` looks at each world at rest.
pub(super) fn exhaust(
    flow: &Flow<'_, impl AsyncFn(&World, Faults)>,
    also: impl Fn(&World, Option<Fault>) -> Option<String>,
) {
    let name = flow.name;
    let operations = {
        let world = world(0);
        block_on((flow.play)(&world, Faults::None));
        world.state().operations.clone()
    };
    let from = operations.iter().position(|operation| flow.from.is_empty() || *operation == flow.from);
    let from = from.unwrap_or_else(|| panic!("{name}: {} is not called: {operations:?}", flow.from));
    assert!(operations.len() - from > 10, "{name}: {operations:?}");
    let (undisturbed, mut problems) = check(flow, 0, Faults::None);
    problems.extend(also(&undisturbed, None));
    assert_eq!(problems, [""; 0], "{name} without any fault: {}", undisturbed.state().trace.join("\n"));
    let (mut runs, mut violations, mut table, mut first) = (0, 0, String::new(), None);
    for (at, operation) in operations.iter().enumerate().skip(from) {
        write!(table, "\n{:>4} {operation:<22}", at + 1).unwrap();
        for fault in Fault::ALL {
            if !fault.fits(operation) {
                write!(table, " {:>2}", '-').unwrap();
                continue;
            }
            let mut wrong = 0;
            for seed in 0..schedules(fault, flow.from) {
                let (world, mut problems) = check(flow, seed, Faults::At(at + 1, fault));
                problems.extend(also(&world, Some(fault)));
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
        operations.len() - from,
        Fault::ALL.len()
    );
    if let Some(first) = first {
        panic!("{name}: {violations} violations; the first: {first}");
    }
}

#[test]
fn a_containment_survives_every_fault_at_every_call() {
    let flow = Flow { name: "contain-user", from: "", play: play_containment, effects: 1 };
    exhaust(&flow, |world, _| world.enabled("alice").then(|| "alice is still enabled".to_owned()));
}

#[test]
fn a_release_survives_every_fault_at_every_call() {
    let flow = Flow { name: "release-user", from: "", play: play_release, effects: 1 };
    exhaust(&flow, |world, _| {
        if !world.enabled("alice") {
            know_who_asks(world, "arn:r:2", EVE);
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
    let flow = Flow { name: "contain-user", from: "", play: play_containment, effects: 1 };
    for fault in Fault::ALL {
        let traces = [0, 1].map(|_| check(&flow, 7, Faults::At(20, fault)).0.state().trace.clone());
        assert_eq!(traces[0], traces[1]);
        assert!(traces[0].len() > 20);
    }
}
