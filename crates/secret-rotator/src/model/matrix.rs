//! Every call of a rotation goes wrong in every way, one at a time, from every beginning, in both kinds of directory.

use std::fmt::Write;

use steward_core::directory::DirectoryKind;

use super::beginning::Beginning;
use super::rest::{Rest, check, play, rotates_again};
use crate::handler::Outcome;
use crate::testing::{B, CURRENT, End, Fault, Faults, Logs, Random, T, World};

const KINDS: [DirectoryKind; 2] = [DirectoryKind::ManagedMicrosoftAd, DirectoryKind::SimpleAd];

/// Schedules tried for a fault: what is late comes at another moment in each.
fn schedules(fault: Fault) -> u64 {
    match fault {
        Fault::LateEffect | Fault::KillLate => 6,
        _ => 1,
    }
}

struct Played {
    world: World,
    ends: Vec<End>,
    rest: Rest,
    problems: Vec<String>,
}

/// Plays a rotation with a fault, and its retries.
fn run(beginning: Beginning, kind: DirectoryKind, seed: u64, faults: Faults) -> Played {
    let logs = Logs::default();
    let guard = tracing::subscriber::set_default(logs.clone());
    let world = beginning.world(kind);
    world.state().faults = faults;
    world.state().random = Random::new(seed);
    let (led_somewhere, was_enabled) = (world.some_label_logs_in(), world.state().account.enabled);
    let mut expected_enabled = was_enabled;
    let mut set_by_others = false;
    let ends = play(&world, T, |world, step| {
        let before = world.state().account.clone();
        beginning.meanwhile(world, step);
        let after = world.state().account.clone();
        expected_enabled &= after.enabled;
        set_by_others |= before.password != after.password;
    });
    let rest = Rest::of(&world);
    let reverted = rest.in_force != "somebody's";
    let mut problems = check(&world, led_somewhere && (!set_by_others || reverted), expected_enabled);
    drop(guard);
    problems.extend(logs.leaks());
    Played { world, ends, rest, problems }
}

/// What a rotation comes to without faults, and what it must come to with any.
fn expected(beginning: Beginning, kind: DirectoryKind) -> (Rest, End) {
    let played = run(beginning, kind, 0, Faults::None);
    assert_eq!(played.problems, [""; 0], "{beginning:?} {kind:?} without any fault: {:?}", played.ends);
    (played.rest, played.ends.last().unwrap().clone())
}

/// Everything that is wrong after a rotation with a fault.
fn problems(
    beginning: Beginning,
    kind: DirectoryKind,
    played: &mut Played,
    expected: &(Rest, End),
) -> Vec<String> {
    let mut problems = std::mem::take(&mut played.problems);
    let meant = &expected.0;
    // Others act at certain moments: a fault may let the rotation end before them, or begin again after them.
    let others_act = matches!(
        beginning,
        Beginning::OtherPasswordAfterSet | Beginning::DisabledAfterCreate | Beginning::DisabledAfterSet
    );
    if played.rest != *meant && !others_act {
        problems.push(format!("it came to {:?}, not to {meant:?} ({:?})", played.rest, played.ends));
    }
    let end = played.ends.last().unwrap();
    if matches!(end, End::Killed) || (matches!(end, End::Failed(_, true)) && end != &expected.1) {
        problems.push(format!("it has not come to an end in time: {:?}", played.ends));
    }
    let rotated = matches!(end, End::Done(Outcome::Rotated | Outcome::RotatedBefore));
    let told = |word: &str| played.world.state().mails.iter().any(|mail| mail.subject.contains(word));
    if rotated && !told("password rotated") {
        problems.push("nobody was told of the rotation".to_owned());
    }
    if matches!(end, End::Failed(_, false)) && !told("password rotation") {
        problems.push("nobody was told of the failure".to_owned());
    }
    if beginning.next_rotation_ends_well(kind) {
        if !played.world.label_logs_in(CURRENT) {
            problems.push(format!("AWSCURRENT does not log in at rest: {:?}", played.rest));
        }
        if !rotates_again(&played.world, B) {
            problems.push("the next rotation does not end well".to_owned());
        }
    }
    problems
}

#[test]
fn a_rotation_survives_every_fault_at_every_call_from_every_beginning() {
    let (mut points, mut runs, mut violations, mut table, mut first) = (0, 0, 0, String::new(), None);
    for kind in KINDS {
        for beginning in Beginning::ALL {
            let expected = expected(beginning, kind);
            let operations = run(beginning, kind, 0, Faults::None).world.state().operations.clone();
            let mut wrong = [0; Fault::ALL.len()];
            for (at, operation) in operations.iter().enumerate() {
                points += 1;
                for (column, fault) in Fault::ALL.into_iter().enumerate() {
                    if !fault.fits(operation) {
                        continue;
                    }
                    for seed in 0..schedules(fault) {
                        let mut played = run(beginning, kind, seed, Faults::At(at + 1, fault));
                        let problems = problems(beginning, kind, &mut played, &expected);
                        runs += 1;
                        wrong[column] += usize::from(!problems.is_empty());
                        if !problems.is_empty() && first.is_none() {
                            let trace = played.world.state().trace.join("\n");
                            first = Some(format!(
                                "{kind:?} {beginning:?}, call {} {operation}, {fault:?}, seed {seed}: {problems:#?}\n{trace}",
                                at + 1
                            ));
                        }
                    }
                }
            }
            violations += wrong.iter().sum::<usize>();
            write!(
                table,
                "\n{kind:?} {beginning:?} ({} calls, {:?})  {wrong:?}",
                operations.len(),
                expected.1
            )
            .unwrap();
        }
    }
    println!("columns are {:?}{table}", Fault::ALL);
    println!(
        "secret-rotator: {points} points x {} faults x {} layouts x {} kinds of directory, {runs} runs, {violations} violations",
        Fault::ALL.len(),
        Beginning::ALL.len(),
        KINDS.len()
    );
    if let Some(first) = first {
        panic!("{violations} violations; the first: {first}");
    }
}

#[test]
fn without_faults_each_beginning_comes_to_the_end_that_it_must() {
    use Beginning as Is;
    let failed = |name: &str| End::Failed(name.to_owned(), false);
    for kind in KINDS {
        let managed = kind == DirectoryKind::ManagedMicrosoftAd;
        for beginning in Beginning::ALL {
            let (rest, end) = expected(beginning, kind);
            let meant = match beginning {
                Is::DisabledWithOtherPassword => failed("Refused"),
                Is::Disabled | Is::DisabledAfterCreate | Is::DisabledAfterSet => failed("Refused"),
                Is::OtherPassword | Is::OtherPasswordAfterSet if !managed => failed("Refused"),
                Is::OtherPasswordAfterSet | Is::PolicyRefuses => failed("Overtaken"),
                Is::Unlabelled | Is::UnlabelledInForce => failed("Overtaken"),
                Is::ForeignEmpty | Is::Foreign | Is::ForeignInForce => failed("PendingElsewhere"),
                Is::SwitchedOff => failed("RotationOff"),
                Is::NoCurrent => failed("NoCurrent"),
                Is::AnotherUser => failed("Changed"),
                Is::Finished | Is::FinishedWithPending => End::Done(Outcome::RotatedBefore),
                _ => End::Done(Outcome::Rotated),
            };
            assert_eq!(end, meant, "{kind:?} {beginning:?}: {rest:?}");
            let rotated = matches!(end, End::Done(_));
            assert_eq!(rest.current.as_deref() == Some(T), rotated, "{kind:?} {beginning:?}");
            assert!(!rotated || rest.in_force == T, "{kind:?} {beginning:?}");
        }
    }
}

#[test]
fn the_same_seed_gives_the_same_trace() {
    for fault in Fault::ALL {
        let traces = [0, 1]
            .map(|_| run(Beginning::Fresh, KINDS[0], 7, Faults::At(16, fault)).world.state().trace.clone());
        assert_eq!(traces[0], traces[1]);
        assert!(traces[0].len() > 20);
    }
}
