//! Every layout of labels on three versions, each not there, empty or with a value, whichever password is in force: each
//! step does the right thing or ends in an error of a kind, and makes no wrong move.

use std::collections::{BTreeMap, BTreeSet};

use steward_core::directory::DirectoryKind;

use crate::event::Step;
use crate::handler::Outcome;
use crate::testing::{
    A, CURRENT, End, F, Fault, Faults, PENDING, PREVIOUS, T, Version, World, password_of, run, secret_text,
};

const VERSIONS: [&str; 3] = [A, T, F];
const LABELS: [&str; 3] = [CURRENT, PENDING, PREVIOUS];

/// All layouts: no label is on two versions, none on a version that is not there, and AWSCURRENT on no empty one.
fn layouts() -> Vec<BTreeMap<String, Version>> {
    let mut layouts = Vec::new();
    for values in 0..27_usize {
        for holders in 0..64_usize {
            let mut versions = BTreeMap::new();
            for (at, id) in VERSIONS.into_iter().enumerate() {
                let text = match values / 3_usize.pow(u32::try_from(at).unwrap()) % 3 {
                    0 => continue,
                    1 => None,
                    _ => Some(secret_text(&password_of(id))),
                };
                versions.insert(id.to_owned(), Version { text, labels: BTreeSet::new() });
            }
            let mut is_possible = true;
            for (at, label) in LABELS.into_iter().enumerate() {
                let holder = holders / 4_usize.pow(u32::try_from(at).unwrap()) % 4;
                let Some(id) = VERSIONS.get(holder) else { continue };
                match versions.get_mut(*id) {
                    Some(version) if label != CURRENT || version.text.is_some() => {
                        version.labels.insert(label);
                    }
                    _ => is_possible = false,
                }
            }
            if is_possible {
                layouts.push(versions);
            }
        }
    }
    layouts
}

struct Start {
    kind: DirectoryKind,
    versions: BTreeMap<String, Version>,
    password: String,
    enabled: bool,
}

impl Start {
    fn world(&self) -> World {
        let world = World::of(self.kind);
        world.state().versions.clone_from(&self.versions);
        world.everybody_has_heard();
        world.change_account(|account| {
            account.password.clone_from(&self.password);
            account.enabled = self.enabled;
        });
        world.pass_time(3_600_000);
        world
    }

    fn holder(&self, label: &str) -> Option<&String> {
        self.versions.iter().find(|(_, version)| version.labels.contains(label)).map(|(id, _)| id)
    }
}

fn problems(start: &Start, world: &World, step: Step, end: &End) -> Vec<String> {
    let mut problems = std::mem::take(&mut world.state().truth.violations);
    let mut wrong = |is: bool, what: &str| {
        if is {
            problems.push(what.to_owned());
        }
    };
    wrong(*end == End::Killed, "the step has no end");
    wrong(world.state().account.enabled != start.enabled, "the account was enabled or disabled");
    let (current, pending) = (world.labelled(CURRENT), world.labelled(PENDING));
    let moved = current.as_ref() != start.holder(CURRENT);
    wrong(moved && step != Step::Finish, "only finishSecret moves AWSCURRENT");
    wrong(moved && current.as_deref() != Some(T), "AWSCURRENT moves to the rotation's version");
    wrong(moved && start.password != password_of(T), "AWSCURRENT moves to a password that logs in");
    wrong(moved && start.holder(PENDING).map(String::as_str) != Some(T), "it was not AWSPENDING");
    let lost = pending.as_ref() != start.holder(PENDING);
    wrong(lost && start.holder(PENDING).map(String::as_str) != Some(T), "another version lost AWSPENDING");
    let after = world.state().versions.clone();
    for (id, version) in &start.versions {
        wrong(version.text.is_some() && after[id].text != version.text, "a version's value changed");
        wrong(id != T && after[id].text != version.text, "another version was written to");
    }
    wrong(after.len() > start.versions.len(), "a version was made that Secrets Manager did not begin");
    wrong(*end == End::Done(Outcome::Set) && !world.label_logs_in(PENDING), "it is not set");
    let is_proved = matches!(end, End::Done(Outcome::Proved));
    wrong(is_proved && start.password != password_of(T), "a wrong password is proved");
    let undone = matches!(end, End::Failed(name, _) if name == "Reverted");
    let known = start.password == password_of(T) || world_had(start, CURRENT);
    wrong(undone && known, "a rotation was undone although its password or AWSCURRENT's was in force");
    let rotated = matches!(end, End::Done(Outcome::Rotated | Outcome::RotatedBefore));
    wrong(rotated && current.as_deref() != Some(T), "it is not AWSCURRENT");
    problems
}

/// Whether the password in force was a label's.
fn world_had(start: &Start, label: &str) -> bool {
    start.holder(label).is_some_and(|id| start.password == password_of(id))
}

/// Tries a step on every layout, with a fault at a call of it or none; how many tries, and the ends with their count.
fn exhaust(fault: impl Fn(&mut dyn FnMut(Faults) -> usize)) -> (usize, BTreeMap<End, usize>) {
    let (mut tries, mut ends) = (0, BTreeMap::new());
    for versions in layouts() {
        let mut passwords: Vec<String> = versions.keys().map(|id| password_of(id)).collect();
        passwords.push("somebody's".to_owned());
        for (kind, enabled, password) in combinations(&passwords) {
            let start = Start { kind, versions: versions.clone(), password, enabled };
            for step in Step::ALL {
                fault(&mut |faults| {
                    let world = start.world();
                    world.state().faults = faults;
                    let end = run(&world.rotator(), T, step);
                    let killed = matches!(world.state().faults, Faults::At(..)) && end == End::Killed;
                    let end = if killed { End::Failed("killed by the test".to_owned(), true) } else { end };
                    let problems = problems(&start, &world, step, &end);
                    let trace = world.state().trace.join("\n");
                    assert!(
                        problems.is_empty(),
                        "{kind:?}, enabled {enabled}, {:?} in force, {:#?}, {}: {problems:?}\n{trace}",
                        start.password,
                        start.versions,
                        step.word()
                    );
                    tries += 1;
                    *ends.entry(end).or_default() += 1;
                    world.state().calls
                });
            }
        }
    }
    (tries, ends)
}

fn combinations(passwords: &[String]) -> Vec<(DirectoryKind, bool, String)> {
    let mut all = Vec::new();
    for kind in [DirectoryKind::ManagedMicrosoftAd, DirectoryKind::SimpleAd] {
        for enabled in [true, false] {
            all.extend(passwords.iter().map(|password| (kind, enabled, password.clone())));
        }
    }
    all
}

#[test]
fn every_layout_of_labels_gives_the_right_result_or_an_error_of_a_kind() {
    let (tries, ends) = exhaust(|run| {
        run(Faults::None);
    });
    println!("{} layouts, {tries} tries of a step, ends: {ends:#?}", layouts().len());
    for outcome in [Outcome::Created, Outcome::Set, Outcome::SetBefore, Outcome::Proved, Outcome::Rotated] {
        assert!(ends.contains_key(&End::Done(outcome)), "no layout leads to {outcome:?}");
    }
}

#[test]
fn a_step_that_is_killed_after_an_effect_makes_no_wrong_move_on_any_layout() {
    let (tries, _) = exhaust(|run| {
        let calls = run(Faults::None);
        for call in 1..=calls {
            run(Faults::At(call, Fault::KillAfter));
        }
    });
    println!("{tries} tries of a step");
}
