//! Step Functions, as far as the state machines use it: retries, catches, and processes that die.

use std::pin::Pin;
use std::task::Poll;

use steward_core::error::Kind;

use super::World;
use super::faults::{Death, Mark, Process};
use crate::error::Error;
use crate::request::Outcome;

/// Retries of what may pass, as in the state machines.
const RETRIES: u32 = 6;

/// How a task did not come to its end.
#[derive(Debug)]
pub(crate) enum Ended {
    /// The function's error, after all retries.
    Failed(Error),
    /// The function's process died.
    Crashed,
    /// The whole execution was stopped.
    Silently,
}

impl Ended {
    /// As Step Functions shows it.
    pub(super) fn failure(&self) -> serde_json::Value {
        match self {
            Self::Failed(error) => serde_json::json!({
                "Error": error.kind().error_type(),
                "Cause": serde_json::json!({"errorMessage": error.to_string()}).to_string(),
            }),
            Self::Crashed | Self::Silently => {
                serde_json::json!({"Error": "States.TaskFailed", "Cause": "it died"})
            }
        }
    }
}

/// One run of a step in a process.
pub(super) type Attempt = Pin<Box<dyn Future<Output = Result<Outcome, Error>> + Send>>;

enum Invoked {
    Answered(Result<Outcome, Error>),
    Died(Death),
    LeftBehind,
}

/// Invokes a function: its process makes its calls as `world`, which is its own.
async fn invoke(world: World, attempt: Attempt) -> Invoked {
    let mut running = Some(attempt);
    std::future::poll_fn(move |context| {
        let Some(mut attempt) = running.take() else { return Poll::Pending };
        if let Poll::Ready(answer) = attempt.as_mut().poll(context) {
            return Poll::Ready(Invoked::Answered(answer));
        }
        match world.take_mark() {
            None => {
                running = Some(attempt);
                Poll::Pending
            }
            Some(Mark::Dead(death)) => Poll::Ready(Invoked::Died(death)),
            Some(Mark::LeftBehind) => {
                let alone = world.clone();
                world.state().left_behind.push(Process(Box::pin(go_on_alone(alone, attempt))));
                Poll::Ready(Invoked::LeftBehind)
            }
        }
    })
    .await
}

/// The process of an invocation that nobody waits for any more; it can still die.
async fn go_on_alone(world: World, mut attempt: Attempt) {
    std::future::poll_fn(move |context| match attempt.as_mut().poll(context) {
        Poll::Ready(_) => Poll::Ready(()),
        Poll::Pending if matches!(world.take_mark(), Some(Mark::Dead(_))) => Poll::Ready(()),
        Poll::Pending => Poll::Pending,
    })
    .await;
}

/// Does a task of a state machine: `begin` starts a process that acts in the world that it is given.
pub(super) async fn task(world: &World, begin: impl Fn(World) -> Attempt + Send) -> Result<Outcome, Ended> {
    let mut retries = 0;
    loop {
        let process = world.new_process();
        let failed = match invoke(process.clone(), begin(process)).await {
            Invoked::Answered(Ok(answer)) => return Ok(answer),
            Invoked::Answered(Err(error)) if error.kind() != Kind::Transient => {
                return Err(Ended::Failed(error));
            }
            Invoked::Answered(Err(error)) => Ended::Failed(error),
            Invoked::Died(Death::Silent) => return Err(Ended::Silently),
            Invoked::Died(Death::Failed) => return Err(Ended::Crashed),
            Invoked::Died(Death::Repeated) | Invoked::LeftBehind => Ended::Crashed,
        };
        if retries == RETRIES {
            return Err(failed);
        }
        let pause = (2000 << retries).min(30_000);
        retries += 1;
        let chosen = world.state().random.below(pause);
        world.wait(chosen).await;
    }
}

/// The state `Tell that it failed`: straight to the topic. What cannot be told is caught there.
pub(super) async fn tell_that_it_failed(world: &World) {
    for _ in 0..=RETRIES {
        let told = world.call("sns:publish", |world| {
            let execution = world.actor.to_string();
            world.state().failure_mails.push(execution);
        });
        if told.await.is_some() {
            break;
        }
        world.wait(2000).await;
    }
}
