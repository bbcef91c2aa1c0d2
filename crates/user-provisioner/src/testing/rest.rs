//! What must hold when everything has come to rest: services as the user's standing demands, records true, people told.

use std::collections::BTreeSet;

use super::{DeskState, Faults, Schedule, World, offboard, onboard};
use crate::records::{AccountState, State, UserItem};

/// Longer than any hold of an execution that has died.
const LONG_DEAD: [u64; 2] = [2 * 3600 * 1000, 32 * 86_400 * 1000];

/// Lets the services recover, and has somebody start what has not come to its end again, as the notices say.
pub(crate) async fn come_to_rest(world: &World) {
    {
        let mut state = world.state();
        state.faults = Faults::None;
        state.forget_stale();
        state.trace.push("          everything recovers".to_owned());
    }
    for (round, pause) in LONG_DEAD.into_iter().enumerate() {
        let broken: Vec<(String, &'static str, serde_json::Value)> = {
            let state = world.state();
            let well = |name: &String| {
                state.ended.get(name).is_some_and(|end| matches!(end.as_str(), "Done" | "Nothing to do"))
            };
            // Who was held by a dead execution is tried again when that one's time has passed.
            let done = |name: &String| state.ended.get(name).is_some_and(|end| end == "Done");
            let first = state.begun.iter().filter(|(name, _)| !name.starts_with("again"));
            first
                .filter(|(name, _)| !well(name) && !done(&format!("again-0-{name}")))
                .map(|(name, (machine, input))| (format!("again-{round}-{name}"), *machine, input.clone()))
                .collect()
        };
        if broken.is_empty() {
            return;
        }
        world.state().now += pause;
        for (name, machine, input) in broken {
            let mut schedule = Schedule::new(world);
            match machine {
                "onboard" => schedule.add(0, onboard(world, input, &name)),
                _ => schedule.add(0, offboard(world, input, &name)),
            }
            schedule.run().await;
        }
    }
}

/// Everything that is wrong with a user in a world at rest, and what was wrong on the way.
pub(crate) fn check_at_rest(world: &World, user: &str, relative_id: u32, expected: State) -> Vec<String> {
    let mut problems = std::mem::take(&mut world.state().violations);
    let Some(item) = world.item(relative_id) else {
        problems.push(format!("nothing is recorded of {user}"));
        return problems;
    };
    if item.state != expected {
        problems.push(format!("{user} is {:?} in the record, not {expected:?}", item.state));
    }
    if item.holder.is_some() {
        problems.push(format!("{user} is still held by {:?}", item.holder));
    }
    problems.extend(untrue(world, user, &item));
    let groups = world.groups(user);
    let all: BTreeSet<String> = ["Staff".to_owned(), "Engineering".to_owned()].into();
    let contained = expected == State::Suspended && world.agent(user).is_some();
    match expected {
        State::Onboarded => {
            problems.extend((groups != all).then(|| format!("{user} is in {groups:?}")));
            let usable = world.desk(user).is_some_and(|desk| desk.state == DeskState::Running);
            problems.extend((!usable).then(|| format!("{user} has no desk")));
            problems.extend(world.agent(user).is_none().then(|| format!("{user} has no agent")));
        }
        State::Suspended if contained => {
            problems.extend((groups != all).then(|| format!("contained, {user} is in {groups:?}")));
            let stopped = world.desk(user).is_some_and(|desk| desk.state == DeskState::Stopped);
            problems.extend((!stopped).then(|| format!("contained, {user} has {:?}", world.desk(user))));
        }
        State::OffBoarded => {
            problems.extend(world.desk(user).map(|desk| format!("{user} still has {desk:?}")));
            problems.extend(world.agent(user).map(|agent| format!("{user} still has {agent:?}")));
            problems.extend((!groups.is_empty()).then(|| format!("{user} is still in {groups:?}")));
            let saved: BTreeSet<String> = item.memberships.saved.iter().cloned().collect();
            problems.extend((saved != all).then(|| format!("saved of {user}: {saved:?}")));
        }
        _ => {}
    }
    problems.extend(untold(world, user, expected));
    problems
}

/// Accounts of which the record and the service say different things.
fn untrue(world: &World, user: &str, item: &UserItem) -> Vec<String> {
    let mut problems = Vec::new();
    let mut check = |service: &str, there: Option<(String, bool)>| {
        let account = item.services.get(service).cloned().unwrap_or_default();
        let fits = match (&there, account.state) {
            (Some((id, usable)), AccountState::Ready) => account.id.as_ref() == Some(id) && *usable,
            (Some((id, usable)), AccountState::Suspended) => account.id.as_ref() == Some(id) && !usable,
            (Some(_), AccountState::Kept | AccountState::Failed) => true,
            (None, AccountState::Ready | AccountState::Suspended | AccountState::Kept) | (Some(_), _) => {
                false
            }
            (None, _) => true,
        };
        if !fits {
            problems.push(format!("{service} has {there:?} for {user}, the record {account:?}"));
        }
    };
    check("workspaces", world.desk(user).map(|desk| (desk.id, desk.state == DeskState::Running)));
    check("connect", world.agent(user).map(|agent| (agent.id, true)));
    problems
}

/// What people must have heard of, at least once.
fn untold(world: &World, user: &str, expected: State) -> Option<String> {
    let words: &[&str] = match expected {
        State::Onboarded => &["onboarded:", "is back:"],
        State::Suspended | State::OffBoarded => &["accounts suspended", "accounts removed"],
        _ => return None,
    };
    let subjects = world.subjects();
    let told = subjects
        .iter()
        .any(|subject| subject.contains(user) && words.iter().any(|word| subject.contains(word)));
    (!told).then(|| format!("nobody was told that {user} is {expected:?}: {subjects:?}"))
}
