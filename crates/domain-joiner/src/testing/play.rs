//! Plays a world: messages are worked on side by side, commands run, and time passes.

use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use steward_core::clock::simulated;

use super::queue::{Message, RECEIVES, VISIBILITY};
use super::{World, scene};
use crate::account::Mode;
use crate::error::Error;
use crate::member::State as Truth;
use crate::outcome::Outcome;

/// When worlds begin: a full hour.
pub(crate) const BEGIN: u64 = 1_763_690_400;

struct Task {
    message: Message,
    process: u64,
    work: Pin<Box<dyn Future<Output = Result<Outcome, Error>> + Send>>,
}

/// What happens to an instance, and when.
pub(crate) type Fate = (u64, String, Truth);

impl World {
    /// A world with the row of one account.
    pub(crate) fn new(seed: u64, mode: Mode) -> Self {
        let world = Self::default();
        let mut state = world.state();
        state.random = super::Random::new(seed);
        state.now = BEGIN;
        state.rows.insert(scene::ACCOUNT.to_owned(), scene::account(mode));
        drop(state);
        world
    }

    /// Goes on until nothing is left to happen.
    pub(crate) fn play(&self, mut fates: Vec<Fate>) {
        let begin = self.state().now;
        for fate in &mut fates {
            fate.0 += begin;
        }
        let mut tasks: Vec<Task> = Vec::new();
        self.state().turns = true;
        loop {
            self.land_late_effects();
            self.run_commands();
            let now = self.state().now;
            for (_, id, entered) in fates.extract_if(.., |fate| fate.0 <= now) {
                self.enter(&id, entered);
            }
            tasks.extend(self.receive());
            assert!(self.state().trace.len() < 40_000, "it never ends");
            if tasks.is_empty() {
                let Some(next) = self.next_event(&fates) else { break };
                self.state().now = next.max(now);
                continue;
            }
            let chosen = usize::try_from(self.state().random.below(tasks.len() as u64)).unwrap();
            // A call takes a second or so, and side by side they take no longer.
            let passes = self.state().random.below(tasks.len() as u64) == 0;
            if passes {
                let mut state = self.state();
                state.now += state.random.below(3);
            }
            if self.turn(&mut tasks[chosen]) {
                drop(tasks.swap_remove(chosen));
            }
        }
        simulated::set(None);
    }

    fn next_event(&self, fates: &[Fate]) -> Option<u64> {
        let command = self.next_command();
        let state = self.state();
        let messages = state.queue.iter().map(|message| message.due);
        let late = state.late.iter().map(|late| late.due);
        messages.chain(late).chain(fates.iter().map(|fate| fate.0)).chain(command).min()
    }

    fn receive(&self) -> Vec<Task> {
        let mut state = self.state();
        let now = state.now;
        let due: Vec<Message> = state.queue.extract_if(.., |message| message.due <= now).collect();
        drop(state);
        let begin = |message: Message| {
            let process = {
                let mut state = self.state();
                state.made += 1;
                u64::from(state.made)
            };
            self.log(format!("p{process} receives {:?}", message.told));
            let joiner = Self { process, ..self.clone() }.joiner();
            let told = message.told.clone();
            Task { message, process, work: Box::pin(async move { joiner.work(&told).await }) }
        };
        due.into_iter().map(begin).collect()
    }

    /// Lets a process go on to its next call; true when it has ended.
    fn turn(&self, task: &mut Task) -> bool {
        simulated::set(Some(self.state().now));
        let done = task.work.as_mut().poll(&mut Context::from_waker(Waker::noop()));
        let killed = self.state().killed.remove(&task.process);
        match done {
            Poll::Pending if !killed => return false,
            Poll::Pending => self.log(format!("p{} is killed", task.process)),
            Poll::Ready(Ok(outcome)) => {
                self.log(format!("p{} ends: {outcome}", task.process));
                let told = format!("{:?}", task.message.told);
                self.state().outcomes.push((told, outcome));
                return true;
            }
            Poll::Ready(Err(error)) => {
                self.log(format!("p{} fails: {error}", task.process));
                self.state().errors.push(format!("{error} {error:?}"));
            }
        }
        let mut message = task.message.clone();
        message.received += 1;
        let mut state = self.state();
        if message.received >= RECEIVES {
            state.dead_letters.push(message);
        } else {
            message.due = state.now + VISIBILITY;
            state.queue.push(message);
        }
        true
    }
}
