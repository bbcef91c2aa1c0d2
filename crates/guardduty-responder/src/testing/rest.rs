//! What must hold when everything has come to rest: records true, everybody told, nothing held.

use std::collections::BTreeSet;

use serde_json::Value;

use super::truth::{Effect, PASSWORD};
use super::{Faults, Schedule, World, answer_questions, contain, work_on_the_queue};
use crate::records::memory::typed;
use crate::records::{Containment, DecisionRecord, FindingRecord, Status};

/// A release's, 30 minutes; a finding's is shorter.
const LONGEST_LEASE_MILLISECONDS: u64 = 1_801_000;

/// How often people are told of one containment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Expected {
    /// Nothing went wrong: one mail of the execution's.
    OneMail,
    /// One more for each fault at most, never none.
    OneMailOrMore,
}

/// Everything that is wrong in a world at rest, and what was wrong on the way.
pub(crate) fn check_at_rest(world: &World, expected: Expected) -> Vec<String> {
    let mut problems = std::mem::take(&mut world.state().truth.violations);
    let effects = world.state().truth.effects.clone();
    for effect in &effects {
        problems.extend(mails_of(world, effect, expected));
        problems.extend(record_of(world, effect));
    }
    for (key, item) in world.table.items() {
        if key.sk == "finding" {
            problems.extend(still_held(world, &typed(Some(item)).unwrap().unwrap()));
        } else if key.sk.starts_with("decision#") {
            problems.extend(untrue(world, &effects, &typed(Some(item)).unwrap().unwrap()));
        } else if key.sk == "containment" {
            problems.extend(contradicted(world, &typed(Some(item)).unwrap().unwrap()));
        }
    }
    problems.extend(unmentioned(world));
    problems.extend(unanswered(world));
    problems.extend(unkept_passwords(world));
    problems.extend(untold_releases(world));
    problems.extend(shown_passwords(world));
    problems
}

/// Lets the services recover and the leases run out, has the alarm on dead letters answered by a redrive, and has
/// GuardDuty deliver its findings once more.
pub(crate) async fn come_to_rest(world: &World, events: Vec<Value>) {
    let switched_on = {
        let mut state = world.state();
        state.faults = Faults::None;
        state.throttled.clear();
        state.stale_looks = 0;
        let dead_letters = std::mem::take(&mut state.dead_letters);
        state.queue.extend(dead_letters);
        state.now += LONGEST_LEASE_MILLISECONDS;
        state.trace.push("     everything recovers".to_owned());
        state.kill_switch
    };
    if switched_on {
        world.turn_kill_switch(false);
    }
    let mut schedule = Schedule::new(world);
    for (number, event) in events.into_iter().enumerate() {
        schedule.add(0, contain(world.responder(), event, format!("arn:z:{number}")));
    }
    if !world.state().people.is_empty() {
        schedule.add(0, answer_questions(world.clone()));
    }
    schedule.add(0, work_on_the_queue(world.clone()));
    schedule.run().await;
}

fn mails_of(world: &World, effect: &Effect, expected: Expected) -> Option<String> {
    let state = world.state();
    let told = |notice: &&crate::notice::Notice| {
        notice.subject.to_lowercase().starts_with(&format!("[adsteward] {} disabled", effect.user))
            && notice.body.contains(&effect.finding)
    };
    let (early, own): (Vec<_>, Vec<_>) =
        state.mails.iter().filter(told).partition(|notice| notice.subject.contains("told by the witness"));
    let mails = early.len() + own.len();
    let executions = state.truth.findings.iter().filter(|(_, finding)| **finding == effect.finding);
    let executions: BTreeSet<&String> = executions.map(|(execution, _)| execution).collect();
    let failures = state.failure_mails.iter().filter(|execution| executions.contains(execution)).count();
    // No witness sees a trusted domain: of an execution that somebody has stopped there an alarm tells.
    let stopped =
        |execution: &&&String| state.truth.ended.get(**execution).is_some_and(|end| end == "Silently");
    let unseen = effect.user.contains('@');
    let failures = failures + if unseen { executions.iter().filter(stopped).count() } else { 0 };
    let right = match expected {
        // While an execution still ends sessions the witness may tell before it.
        Expected::OneMail => own.len() == 1 && early.len() <= 1 && failures == 0,
        Expected::OneMailOrMore => mails + failures > 0 && mails <= 2 + state.faults_so_far,
    };
    (!right).then(|| format!("{mails} mails and {failures} of failure about {effect:?}"))
}

/// The execution that caused an effect does not deny it.
fn record_of(world: &World, effect: &Effect) -> Option<String> {
    let records = world.decisions_of(&effect.execution);
    let denied =
        records.iter().find(|record| record.decision != "contain" && record.reason != "already-acted");
    denied.map(|record| format!("{effect:?} is denied: {} ({})", record.decision, record.reason))
}

fn still_held(world: &World, item: &FindingRecord) -> Option<String> {
    let now = world.state().now / 1000;
    (item.held_until > now).then(|| format!("{} holds a finding until {}", item.holder, item.held_until))
}

/// What a record says of the account really happened, and people were told what they are to be told.
fn untrue(world: &World, effects: &[Effect], record: &DecisionRecord) -> Option<String> {
    let user = record.who().to_lowercase();
    let happened = effects.iter().any(|effect| effect.finding == record.finding_arn && effect.user == user);
    let says_so = record.calls.iter().any(|call| call.contains("confirmed"));
    if says_so && !happened {
        return Some(format!("{} says that {user} was disabled", record.execution));
    }
    let state = world.state();
    let ended_well = state.truth.ended.get(&record.execution).is_some_and(|end| end == "Done");
    if ended_well && record.decision == "contain" && record.after.is_none() {
        return Some(format!("{} decided to contain {user} and says nothing of it", record.execution));
    }
    let about = |mail: &crate::notice::Notice| mail.body.contains(&record.finding_arn);
    if ended_well && record.decision().unwrap().is_told() && !state.mails.iter().any(about) {
        return Some(format!("nobody was told of {} ({})", record.decision, record.reason));
    }
    None
}

/// The user's item says what the directory says.
fn contradicted(world: &World, held: &Containment) -> Option<String> {
    let state = world.state();
    let name = held.who().to_lowercase();
    let user = state.users.get(&name).filter(|user| user.sid.as_str() == held.sid)?;
    let true_ = match held.status {
        Status::Contained => !user.enabled,
        Status::Released => user.enabled || state.truth.others_touched.contains(&name),
        Status::Releasing => true,
    };
    (!true_).then(|| format!("{name} is {:?} in the table, enabled: {}", held.status, user.enabled))
}

/// Of every finding people have heard at least once; of an execution that somebody has stopped an alarm tells.
fn unmentioned(world: &World) -> Vec<String> {
    let state = world.state();
    let heard = |arn: &String| {
        let mut executions = state.truth.findings.iter().filter(|(_, finding)| *finding == arn);
        let loud = |execution: &String| {
            state.failure_mails.contains(execution)
                || state.truth.ended.get(execution).is_some_and(|end| end == "Silently")
        };
        state.mails.iter().any(|mail| mail.body.contains(arn)) || executions.any(|(name, _)| loud(name))
    };
    let begun: BTreeSet<&String> = state.truth.findings.values().collect();
    begun.into_iter().filter(|arn| !heard(arn)).map(|arn| format!("nobody has heard of {arn}")).collect()
}

/// Who answered and was not heard was told so; more than one fault may take that mail too, and leaves the alarm.
fn unanswered(world: &World) -> Vec<String> {
    let state = world.state();
    let lost = state.truth.answers.keys().filter(|execution| {
        let end = state.truth.ended.get(*execution).map_or("", String::as_str);
        let told = end == "Done" || end == "Silently" || state.failure_mails.contains(execution);
        !told && state.faults_so_far < 2
    });
    lost.map(|execution| format!("nobody was told that {execution} failed")).collect()
}

/// A release that succeeded was told; who asked for one that did not succeed was told that.
fn untold_releases(world: &World) -> Vec<String> {
    let state = world.state();
    let ended = |execution: &String| state.truth.ended.get(execution).map(String::as_str);
    let told = |execution: &str| {
        let released = |mail: &crate::notice::Notice| {
            mail.subject.ends_with("released") && mail.body.contains(execution)
        };
        state.mails.iter().any(released)
    };
    let untold = state
        .truth
        .releases
        .keys()
        .filter(|execution| ended(execution) == Some("Done") && !told(execution.as_str()));
    untold.map(|execution| format!("nobody was told of the release {execution}")).collect()
}

/// Passwords are nowhere but where they belong.
fn shown_passwords(world: &World) -> Vec<String> {
    let items = world.table.items();
    let shown = items.iter().filter(|(_, item)| item.to_string().contains(PASSWORD));
    shown.map(|(key, _)| format!("an item shows a password: {}", key.pk)).collect()
}

/// The directory has the password that is kept.
fn unkept_passwords(world: &World) -> Option<String> {
    let state = world.state();
    let mut set = state.passwords.iter();
    let unkept = set.find(|(user, password)| state.newest_secret.get(*user) != Some(password));
    unkept.map(|(user, _)| format!("the password of {user} is not the one that is kept"))
}
