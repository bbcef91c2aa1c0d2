//! Secrets Manager calling the four steps, and processes that take turns.

use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use lambda_runtime::Diagnostic;
use serde_json::{Value, json};
use steward_core::error::Kind;

use super::scene::SECRET;
use super::{World, Worldly};
use crate::error::Error;
use crate::event::Step;
use crate::handler::Outcome;

/// How a step ended.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum End {
    Done(Outcome),
    /// The error's name, and whether it may pass.
    Failed(String, bool),
    Killed,
}

fn event(token: &str, step: Step) -> Value {
    json!({"Step": step.word(), "SecretId": SECRET, "ClientRequestToken": token, "RotationToken": "canary-token"})
}

/// Runs what waits for nothing but the world.
fn block_on<T>(future: impl Future<Output = T>) -> Option<T> {
    match std::pin::pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => Some(value),
        Poll::Pending => None,
    }
}

async fn step(rotator: &Worldly, token: &str, step: Step) -> Result<Outcome, Error> {
    let world = &rotator.secrets;
    world.state().truth.begin_step(world.process);
    let result = rotator.handle(&event(token, step)).await;
    let text = match &result {
        Ok(outcome) => outcome.to_string(),
        Err(error) => format!("{error} {error:?}"),
    };
    let mut state = world.state();
    let line = format!("               {} {} -> {text}", &token[..1], step.word());
    state.truth.look_for_secrets(&text);
    state.trace.push(line);
    result
}

fn end_of(result: Result<Outcome, Error>) -> End {
    match result {
        Ok(outcome) => End::Done(outcome),
        Err(error) => {
            let passes = error.kind() == Kind::Transient;
            let name: String = format!("{error:?}").chars().take_while(char::is_ascii_alphanumeric).collect();
            let _: Diagnostic = error.into();
            End::Failed(name, passes)
        }
    }
}

/// Runs one step by itself.
pub(crate) fn run(rotator: &Worldly, token: &str, which: Step) -> End {
    block_on(step(rotator, token, which)).map_or(End::Killed, end_of)
}

/// Runs the steps one after another, as far as they end well; how the last one ended. `between` happens before each.
pub(crate) fn rotate(rotator: &Worldly, token: &str, mut between: impl FnMut(&World, Step)) -> End {
    let mut end = End::Killed;
    for which in Step::ALL {
        between(&rotator.secrets, which);
        end = run(rotator, token, which);
        if !matches!(end, End::Done(_)) {
            break;
        }
    }
    end
}

/// The four steps as a process that takes turns with others at each call.
pub(crate) struct Process {
    id: u64,
    steps: Pin<Box<dyn Future<Output = End>>>,
}

impl Process {
    pub(crate) fn new(world: &World, token: &'static str) -> Self {
        world.state().scheduled = true;
        let rotator = world.rotator();
        let id = rotator.secrets.process;
        let steps = Box::pin(async move {
            let mut end = End::Killed;
            for which in Step::ALL {
                end = end_of(step(&rotator, token, which).await);
                if !matches!(end, End::Done(_)) {
                    break;
                }
            }
            end
        });
        Self { id, steps }
    }

    /// Whether it was killed.
    pub(crate) fn is_dead(&self, world: &World) -> bool {
        world.state().truth.dead.contains(&self.id)
    }

    /// Lets it make a call; how it ended, if it has.
    pub(crate) fn turn(&mut self) -> Option<End> {
        match self.steps.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(end) => Some(end),
            Poll::Pending => None,
        }
    }
}
