//! The state machine `release-user`: its steps in order, and what it does when a step fails.

use serde_json::{Value, json};

use super::World;
use super::machine::{Ended, task, tell_that_it_failed};
use crate::clock;
use crate::release::{Outcome, Request, Step};

/// Runs one execution; how it ended, when it did not succeed.
pub(crate) async fn release(world: &World, input: &Value, execution: &str) -> Result<(), Ended> {
    let world = world.acting_as(execution);
    let execution = Execution { world: &world, started_at: clock::iso(clock::now()), input, name: execution };
    let ended = match execution.steps().await {
        Ok(()) => return Ok(()),
        Err(Ended::Silently) => return Err(Ended::Silently),
        Err(ended) => ended,
    };
    tell_that_it_failed(&world).await;
    // Its own failure is caught too.
    let _ = execution.step(Step::Abandon).await;
    Err(ended)
}

/// Somebody asks for a release; it runs to whatever end, which it notes.
pub(crate) fn ask_for_release(
    world: World,
    user: String,
    execution: String,
) -> impl Future<Output = ()> + Send + 'static {
    world.state().truth.releases.insert(execution.clone(), user.clone());
    async move {
        world.record_start("RELEASE_STATE_MACHINE_ARN", &execution, "arn:aws:iam::111122223333:user/eve");
        let (name, domain) =
            user.split_once('@').map_or((user.as_str(), None), |(name, of)| (name, Some(of)));
        let input = json!({"version": 1, "user": name, "domain": domain, "reason": "false positive"});
        let end = match release(&world, &input, &execution).await {
            Ok(()) => "Done".to_owned(),
            Err(ended) => format!("{ended:?}"),
        };
        world.ended(&execution, end);
    }
}

struct Execution<'a> {
    world: &'a World,
    started_at: String,
    input: &'a Value,
    name: &'a str,
}

impl Execution<'_> {
    /// The states in execution order.
    async fn steps(&self) -> Result<(), Ended> {
        self.step(Step::Check).await?;
        while self.step(Step::LearnCaller).await?.outcome == "waiting" {
            self.world.wait(3000).await;
        }
        self.step(Step::Reset).await?;
        self.step(Step::Tell).await?;
        Ok(())
    }

    async fn step(&self, step: Step) -> Result<Outcome, Ended> {
        let request = Request {
            step,
            execution: self.name.to_owned(),
            started_at: self.started_at.clone(),
            input: self.input.clone(),
        };
        task(self.world, |process| {
            let releaser = process.releaser();
            let request = request.clone();
            Box::pin(async move { releaser.handle(request).await })
        })
        .await
    }
}
