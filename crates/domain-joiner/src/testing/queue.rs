//! The two queues: messages come when they are due, come back when they were not worked on, and are set aside in the end.

use std::time::Duration;

use steward_core::error::Kind;

use super::World;
use crate::event::{Told, ToldState};
use crate::later::{Later, LaterError};
use crate::place::Place;

/// How long the join queue holds a message of EC2's.
pub(crate) const HOLD: u64 = 300;

/// How long a message that was received is hidden.
pub(super) const VISIBILITY: u64 = 720;

/// Times that a message is received before it is set aside.
pub(super) const RECEIVES: u32 = 5;

#[derive(Debug, Clone)]
pub(crate) struct Message {
    pub(crate) due: u64,
    pub(crate) told: Told,
    pub(crate) received: u32,
}

impl World {
    pub(super) fn put(&self, told: Told, delay: u64) {
        let mut state = self.state();
        let due = state.now + delay;
        state.queue.push(Message { due, told, received: 0 });
    }

    /// What EC2's rule puts into the join queue.
    pub(crate) fn tell_state(&self, place: &Place, state: ToldState) {
        if !self.state().silent {
            self.put(Told::State(place.clone(), state), HOLD);
        }
    }

    /// What comes so many seconds from now.
    pub(crate) fn deliver(&self, told: Told, delay: u64) {
        self.put(told, delay);
    }

    /// What Systems Manager's rule puts into the status queue.
    pub(super) fn tell_command(&self, place: &Place, command: &str) {
        let told = Told::Command(place.clone(), command.to_owned());
        let mut state = self.state();
        let copies = state.copies;
        let copy = state.random.chance(copies).then(|| *state.random.pick(&[1, 1, 2, 30, 1000]));
        drop(state);
        if let Some(delay) = copy {
            self.put(told.clone(), delay);
        }
        self.put(told, 1);
    }

    /// A person has the messages that were set aside worked on again.
    pub(crate) fn redrive(&self) -> usize {
        let mut state = self.state();
        let now = state.now;
        let messages = std::mem::take(&mut state.dead_letters);
        let count = messages.len();
        state.queue.extend(messages.into_iter().map(|message| Message { due: now, received: 0, ..message }));
        count
    }
}

impl Later for World {
    async fn again(&self, place: &Place, attempt: u32, delay: Duration) -> Result<(), LaterError> {
        let told = Told::Again(place.clone(), attempt);
        let sent = self.call("SendMessage", move |world| world.put(told, delay.as_secs()));
        sent.await.ok_or_else(|| LaterError { reason: "by the test".to_owned(), kind: Kind::Transient })
    }
}
