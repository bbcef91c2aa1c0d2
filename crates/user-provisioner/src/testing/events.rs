//! What happens to users, and the inputs that `ad-event-starter` makes of it.

use serde_json::{Value, json};
use steward_core::store::Key;
use steward_core::store::memory::put;

use super::{DIRECTORY, World, person, sid};

fn input(user: &str, relative_id: u32, event: Value) -> Value {
    json!({"version": 1, "directoryId": DIRECTORY, "user": user, "sid": sid(relative_id), "event": event})
}

/// 4720; whether he is enabled is the caller's.
pub(crate) fn hire(user: &str, relative_id: u32) -> Value {
    input(user, relative_id, json!({"kind": "security-log", "id": 4720}))
}

/// A custom event, which names no SID.
pub(crate) fn custom(user: &str) -> Value {
    json!({"version": 1, "directoryId": DIRECTORY, "user": user, "event": {"kind": "custom", "id": "e-1"}})
}

/// Disables a user; 4725.
pub(crate) fn disable(world: &World, user: &str, relative_id: u32) -> Value {
    set_enabled(world, user, false);
    input(user, relative_id, json!({"kind": "security-log", "id": 4725}))
}

/// Enables a user; 4722, as far as `ad-event-starter` makes something of it.
pub(crate) fn enable(world: &World, user: &str, relative_id: u32) -> Value {
    set_enabled(world, user, true);
    input(user, relative_id, json!({"kind": "security-log", "id": 4722}))
}

/// Deletes a user; 4726.
pub(crate) fn delete(world: &World, user: &str, relative_id: u32) -> Value {
    world.change_user(user, |_| None);
    let mut state = world.state();
    let now = state.now;
    state.enabled_since.insert(format!("not {user}"), now);
    state.members.remove(user);
    drop(state);
    input(user, relative_id, json!({"kind": "security-log", "id": 4726}))
}

/// adsteward contains a user: the decision table says so first.
pub(crate) fn contain(world: &World, user: &str, relative_id: u32) -> Value {
    note_containment(world, user, relative_id, "contained");
    disable(world, user, relative_id)
}

/// adsteward releases a user.
pub(crate) fn release(world: &World, user: &str, relative_id: u32) -> Value {
    note_containment(world, user, relative_id, "released");
    enable(world, user, relative_id)
}

fn note_containment(world: &World, user: &str, relative_id: u32, status: &str) {
    let key = Key { pk: format!("user#{DIRECTORY}#{user}"), sk: "containment".to_owned() };
    put(&world.decisions, &key, &json!({"sid": sid(relative_id), "status": status}));
}

fn set_enabled(world: &World, user: &str, enabled: bool) {
    let known = world.state().users.get(user).cloned();
    world.change_user(user, |_| {
        let mut person = known.unwrap_or_else(|| person(user, 1104));
        person.user.enabled = enabled;
        Some(person)
    });
    let mut state = world.state();
    let now = state.now;
    let key = if enabled { user.to_owned() } else { format!("not {user}") };
    state.enabled_since.insert(key, now);
}
