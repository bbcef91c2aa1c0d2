//! The state machine `offboard-user`: its steps in order, its choices, and what it does when a step fails.

use serde_json::{Value, json};
use steward_core::clock;

use super::World;
use super::join::{Branch, join_all};
use super::machine::{Ended, task, tell_that_it_failed};
use crate::offboard::Request;
use crate::request::Outcome;

/// Rounds of a branch, at most.
const LOOKS: u32 = 60;

/// What became of a branch.
struct Branched {
    outcome: String,
    state: String,
    noted: bool,
}

struct Execution {
    world: World,
    name: String,
    started_at: String,
    input: Value,
}

/// One execution, to whatever end, which it notes.
pub(crate) fn offboard(world: &World, input: Value, name: &str) -> impl Future<Output = ()> + Send + 'static {
    let world = world.acting_as(name);
    let name = name.to_owned();
    async move {
        world.state().begun.insert(name.clone(), ("offboard", input.clone()));
        let started_at = clock::iso(clock::now());
        let execution = Execution { world: world.clone(), name: name.clone(), started_at, input };
        let end = match execution.walk().await {
            Ok(end) => end.to_owned(),
            Err(Ended::Silently) => "Silently".to_owned(),
            Err(failure) => {
                tell_that_it_failed(&world).await;
                let abandoned = execution.step("abandon", json!({})).await;
                if matches!(abandoned, Err(Ended::Silently)) {
                    "Silently".to_owned()
                } else {
                    format!("{failure:?}")
                }
            }
        };
        world.state().trace.push(format!("          {name} has ended: {end}"));
        world.state().ended.insert(name, end);
    }
}

impl Execution {
    async fn step(&self, step: &str, more: Value) -> Result<Outcome, Ended> {
        let mut request = json!({
            "step": step, "execution": self.name, "started_at": self.started_at, "input": self.input,
        });
        request.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let request: Request = serde_json::from_value(request).unwrap();
        task(&self.world, |world| {
            let request = request.clone();
            Box::pin(async move { world.offboarder().handle(request).await })
        })
        .await
    }

    async fn walk(&self) -> Result<&'static str, Ended> {
        let begun = loop {
            let begun = self.step("begin", json!({})).await?;
            if begun.outcome != "waiting" {
                break begun;
            }
            self.world.wait(begun.seconds.unwrap() * 1000).await;
        };
        match begun.outcome {
            "leaving" => {}
            "ignored" => return Ok("Nothing to do"),
            _ => {
                self.step("tell", json!({})).await?;
                return Ok("Done");
            }
        }
        self.world.wait(begun.grace.unwrap() * 1000).await;
        let services = begun.services.unwrap();
        let (results, mut failure) = self.map("suspend", &services).await?;
        if results.iter().all(|result| result.outcome != "overtaken") {
            failure = self.leave_groups().await?.or(failure);
        }
        let told = self.step("tell", json!({})).await?;
        if let Some(failure) = failure {
            return Err(failure);
        }
        if results.iter().any(|result| result.state == "failed") {
            return Ok("A service failed");
        }
        let Some(keep) = told.seconds else { return Ok("Done") };
        self.world.wait(keep * 1000).await;
        let (results, failure) = self.map("terminate", &told.services.unwrap_or(services)).await?;
        self.step("tell", json!({})).await?;
        match failure {
            Some(failure) => Err(failure),
            None if results.iter().any(|result| result.state == "failed") => Ok("A service failed"),
            None => Ok("Done"),
        }
    }

    async fn map(
        &self,
        step: &'static str,
        services: &[String],
    ) -> Result<(Vec<Branched>, Option<Ended>), Ended> {
        let branches: Vec<Branch<'_, Result<Branched, Ended>>> = services
            .iter()
            .map(|service| -> Branch<'_, _> { Box::pin(self.branch(step, service)) })
            .collect();
        let mut results = Vec::new();
        for branched in join_all(branches).await {
            results.push(branched?);
        }
        let failure = results.iter().any(|result| !result.noted).then_some(Ended::Crashed);
        Ok((results, failure))
    }

    async fn leave_groups(&self) -> Result<Option<Ended>, Ended> {
        loop {
            match self.step("leave-groups", json!({})).await {
                Ok(left) if left.outcome == "waiting" => {
                    self.world.wait(left.seconds.unwrap() * 1000).await;
                }
                Ok(_) => return Ok(None),
                Err(Ended::Silently) => return Err(Ended::Silently),
                Err(failure) => return Ok(Some(failure)),
            }
        }
    }

    async fn branch(&self, step: &'static str, service: &str) -> Result<Branched, Ended> {
        for _ in 0..LOOKS {
            let failure = match self.step(step, json!({"service": service})).await {
                Ok(outcome) if outcome.outcome == "waiting" => {
                    self.world.wait(outcome.seconds.unwrap() * 1000).await;
                    continue;
                }
                Ok(outcome) => {
                    let state = outcome.state.unwrap_or_else(|| outcome.outcome.to_owned());
                    return Ok(Branched { outcome: outcome.outcome.to_owned(), state, noted: true });
                }
                Err(Ended::Silently) => return Err(Ended::Silently),
                Err(ended) => ended.failure(),
            };
            let noted = self.step("note-failure", json!({"service": service, "failure": failure})).await;
            if matches!(noted, Err(Ended::Silently)) {
                return Err(Ended::Silently);
            }
            return Ok(Branched { outcome: String::new(), state: "failed".to_owned(), noted: noted.is_ok() });
        }
        panic!("{service} never comes to an end");
    }
}
