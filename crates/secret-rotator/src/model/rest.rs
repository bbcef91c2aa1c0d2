//! Coming to rest: Secrets Manager tries again, all steps with the same token, and what must hold then.

use crate::event::Step;
use crate::testing::{A, CURRENT, End, Faults, PENDING, World, password_of, rotate, secret_text};

/// Full retries after the faults have ended.
pub(super) const RETRIES: usize = 2;

/// Secrets Manager's pause before a retry: longer than any effect is late.
const PAUSE: u64 = 30_000;

/// How long wrong passwords are remembered, and how often that may be waited for.
const HALF_AN_HOUR: u64 = 1_800_000;
const WAITS: usize = 2;

/// What is where at rest, whichever version ids and passwords it is about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Rest {
    pub(super) current: Option<String>,
    pub(super) pending: Option<String>,
    /// Whose password is in force: a version's, or somebody's.
    pub(super) in_force: String,
    pub(super) enabled: bool,
}

impl Rest {
    pub(super) fn of(world: &World) -> Self {
        let (current, pending) = (world.labelled(CURRENT), world.labelled(PENDING));
        let state = world.state();
        let text = Some(secret_text(&state.account.password));
        let holder = state.versions.iter().find(|(_, version)| version.text == text);
        let in_force = holder.map_or_else(|| "somebody's".to_owned(), |(id, _)| id.clone());
        Self { current, pending, in_force, enabled: state.account.enabled }
    }
}

/// Plays a rotation and its retries: the first try with what `meanwhile` does, then as many as faults go on, then two. Where
/// no password may be tried any more, Secrets Manager comes back after the half hour. How each try ended.
pub(super) fn play(world: &World, token: &str, mut meanwhile: impl FnMut(&World, Step)) -> Vec<End> {
    let mut ends = Vec::new();
    let mut rotator = world.rotator();
    let (mut left, mut waits) = (RETRIES, WAITS);
    loop {
        let first = ends.is_empty();
        let faults = world.state().truth.faults;
        let end = rotate(&rotator, token, |world, step| {
            if first {
                meanwhile(world, step);
            }
        });
        if end == End::Killed {
            rotator = world.rotator();
        }
        let went_wrong = world.state().truth.faults > faults;
        let guesses_are_spent = end == End::Failed("GuessesSpent".to_owned(), true);
        let done = matches!(end, End::Done(_));
        ends.push(end);
        world.pass_time(PAUSE);
        if done {
            return ends;
        }
        if went_wrong {
            (left, waits) = (RETRIES, WAITS);
        } else if guesses_are_spent && waits > 0 {
            world.pass_time(HALF_AN_HOUR);
            waits -= 1;
        } else if left > 0 {
            left -= 1;
        } else {
            return ends;
        }
    }
}

/// What is wrong whatever the rotation was to do.
pub(super) fn check(world: &World, led_somewhere: bool, was_enabled: bool) -> Vec<String> {
    let mut problems = std::mem::take(&mut world.state().truth.violations);
    if led_somewhere && !world.some_label_logs_in() {
        problems.push("no label leads to the directory's password".to_owned());
    }
    let enabled = world.state().account.enabled;
    let races = world.state().truth.races;
    if enabled != was_enabled && races == 0 {
        problems.push(format!("the account was enabled: {was_enabled}, and is: {enabled}"));
    }
    problems
}

/// The secret's next rotation, without any fault; whether it ended well and AWSCURRENT logs in.
pub(super) fn rotates_again(world: &World, token: &str) -> bool {
    world.state().faults = Faults::None;
    world.state().shortest = 8;
    world.pass_time(3_600_000);
    world.begin(token)
        && matches!(play(world, token, |_, _| {}).last(), Some(End::Done(_)))
        && world.label_logs_in(CURRENT)
        && world.labelled(CURRENT).as_deref() == Some(token)
}

#[test]
fn what_is_in_force_is_told_by_its_version() {
    let world = World::new();
    assert_eq!(Rest::of(&world).in_force, A);
    world.change_account(|account| account.password = format!("{}x", password_of(A)));
    assert_eq!(Rest::of(&world).in_force, "somebody's");
}
