//! The state machine `onboard-user`: its steps in order, its choices, and what it does when a step fails.

use serde_json::{Value, json};
use steward_core::clock;

use super::World;
use super::join::{Branch, join_all};
use super::machine::{Ended, task, tell_that_it_failed};
use crate::onboard::Request;
use crate::request::Outcome;

/// Looks at a service, at most.
const LOOKS: u32 = 240;

/// What became of a branch: the service, its state, whether it was written down.
struct Branched {
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
pub(crate) fn onboard(world: &World, input: Value, name: &str) -> impl Future<Output = ()> + Send + 'static {
    let world = world.acting_as(name);
    let name = name.to_owned();
    async move {
        world.state().begun.insert(name.clone(), ("onboard", input.clone()));
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
            Box::pin(async move { world.provisioner().handle(request).await })
        })
        .await
    }

    async fn walk(&self) -> Result<&'static str, Ended> {
        let looked_up = loop {
            let looked_up = self.step("look-up", json!({})).await?;
            if looked_up.outcome != "waiting" {
                break looked_up;
            }
            self.world.wait(looked_up.seconds.unwrap() * 1000).await;
        };
        match looked_up.outcome {
            "ready" => {}
            "ignored" => return Ok("Nothing to do"),
            _ => {
                self.step("report", json!({})).await?;
                return Ok("Done");
            }
        }
        let mut failure = self.restore().await?;
        let services = looked_up.services.unwrap();
        let branches: Vec<Branch<'_, Result<Branched, Ended>>> = services
            .iter()
            .map(|service| -> Branch<'_, _> {
                Box::pin(self.branch(service, looked_up.looked_up_at.clone()))
            })
            .collect();
        let mut results = Vec::new();
        for branched in join_all(branches).await {
            let branched = branched?;
            if !branched.noted {
                failure = Some(Ended::Crashed);
            }
            results.push(branched.state);
        }
        self.step("report", json!({})).await?;
        match failure {
            Some(failure) => Err(failure),
            None if results.iter().any(|state| state == "failed") => Ok("A service failed"),
            None => Ok("Done"),
        }
    }

    async fn restore(&self) -> Result<Option<Ended>, Ended> {
        loop {
            match self.step("restore", json!({})).await {
                Ok(restored) if restored.outcome == "waiting" => {
                    self.world.wait(restored.seconds.unwrap() * 1000).await;
                }
                Ok(_) => return Ok(None),
                Err(Ended::Silently) => return Err(Ended::Silently),
                Err(failure) => return Ok(Some(failure)),
            }
        }
    }

    async fn branch(&self, service: &str, looked_up_at: Option<String>) -> Result<Branched, Ended> {
        let more = json!({"service": service, "looked_up_at": looked_up_at});
        let mut answer = self.step("create", more).await;
        let mut looks = 0;
        loop {
            let failure = match answer {
                Ok(outcome) if outcome.outcome == "waiting" && looks < LOOKS => {
                    self.world.wait(outcome.seconds.unwrap() * 1000).await;
                    looks += 1;
                    answer = self.step("status", json!({"service": service})).await;
                    continue;
                }
                Ok(outcome) if outcome.outcome == "waiting" => {
                    json!({"Error": "NotReadyInTime", "Cause": "too late"})
                }
                Ok(outcome) => {
                    let state = outcome.state.unwrap_or_else(|| outcome.outcome.to_owned());
                    return Ok(Branched { state, noted: true });
                }
                Err(Ended::Silently) => return Err(Ended::Silently),
                Err(ended) => ended.failure(),
            };
            let noted = self.step("note-failure", json!({"service": service, "failure": failure})).await;
            if matches!(noted, Err(Ended::Silently)) {
                return Err(Ended::Silently);
            }
            return Ok(Branched { state: "failed".to_owned(), noted: noted.is_ok() });
        }
    }
}
