//! The state machine `contain-user`: its steps in order, its choices, and what it does when a step fails.

use serde_json::Value;

use super::World;
use super::machine::{Ended, task, tell_that_it_failed};
use crate::clock;
use crate::contain::{Outcome, Request, Responder, Step};
use crate::error::Error;

/// Looks for the instance's answer, at most.
const LOOKS: u32 = 45;

/// A responder in the world.
type Worldly = Responder<World, World, World, World>;

/// Runs one execution in which nobody answers a question; an error is what made it fail.
pub(crate) async fn run(responder: &Worldly, event: &Value, execution: &str) -> Result<&'static str, Error> {
    run_asking(responder, event, execution, async |_| ()).await
}

/// The same with somebody who is given the token while the execution waits; its time passes when he is done.
pub(crate) async fn run_asking(
    responder: &Worldly,
    event: &Value,
    execution: &str,
    answer: impl AsyncFnOnce(String),
) -> Result<&'static str, Error> {
    let execution = Execution::new(responder, event, execution);
    let end = match execution.begin().await {
        Ok(Begun::Asks { token, .. }) => {
            answer(token.clone()).await;
            execution.world.state().tokens.remove(&token);
            execution.take_the_answer().await
        }
        Ok(Begun::Ended(end)) => Ok(end),
        Err(ended) => Err(ended),
    };
    match execution.fail_on(end).await {
        Ok(end) => Ok(end),
        Err(Ended::Failed(error)) => Err(error),
        Err(other) => panic!("{other:?}: use contain() for processes that die"),
    }
}

/// One execution, to whatever end, which it notes.
pub(crate) fn contain(
    responder: Worldly,
    event: Value,
    execution: String,
) -> impl Future<Output = ()> + Send + 'static {
    let screened = responder.config.scope.screen(&serde_json::from_value(event.clone()).unwrap_or_default());
    let finding = screened.map(|finding| finding.arn);
    let finding = finding.unwrap_or_else(|_| event["detail"]["arn"].as_str().unwrap_or_default().to_owned());
    let world = responder.store.clone();
    world.state().truth.findings.insert(execution.clone(), finding);
    async move {
        let walk = Execution::new(&responder, &event, &execution);
        let end = walk.walk().await;
        let end = match walk.fail_on(end).await {
            Ok(end) => end.to_owned(),
            Err(ended) => format!("{ended:?}"),
        };
        world.ended(&execution, end);
    }
}

struct Execution<'a> {
    responder: &'a Worldly,
    world: World,
    event: &'a Value,
    name: &'a str,
    started_at: String,
}

/// How far an execution comes by itself.
enum Begun {
    Ended(&'static str),
    Asks { token: String, seconds: u64 },
}

impl<'a> Execution<'a> {
    fn new(responder: &'a Worldly, event: &'a Value, name: &'a str) -> Self {
        let started_at = clock::iso(clock::now());
        Self { responder, world: responder.store.acting_as(name), event, name, started_at }
    }

    async fn walk(&self) -> Result<&'static str, Ended> {
        match self.begin().await? {
            Begun::Ended(end) => Ok(end),
            Begun::Asks { token, seconds } => {
                self.world.wait_for(&token, seconds).await;
                self.take_the_answer().await
            }
        }
    }

    /// The states in execution order, up to a question.
    async fn begin(&self) -> Result<Begun, Ended> {
        let recorded = loop {
            let recorded = self.step(Step::Record, None, None).await?;
            if recorded.outcome != "busy" {
                break recorded;
            }
            self.world.wait(15_000).await;
        };
        if recorded.outcome != "proceed" {
            return Ok(Begun::Ended("Nothing to do"));
        }
        let (command, no_answer) = self.ask().await?;
        let decided = self.step(Step::Decide, command.as_deref(), no_answer.as_deref()).await?;
        match decided.outcome.as_str() {
            "ask-person" => {}
            "answered" => return self.take_the_answer().await.map(Begun::Ended),
            _ => return self.act(&decided).await.map(Begun::Ended),
        }
        self.step(Step::RequestApproval, None, None).await?;
        let token = self.world.token_of(self.name);
        Ok(Begun::Asks { token, seconds: decided.wait_seconds.unwrap() })
    }

    async fn take_the_answer(&self) -> Result<&'static str, Ended> {
        let resumed = self.step(Step::Resume, None, None).await?;
        self.act(&resumed).await
    }

    async fn act(&self, decided: &Outcome) -> Result<&'static str, Ended> {
        let mut broken = None;
        if decided.outcome == "contain" {
            let disabled = self.step(Step::Disable, None, None).await?;
            if disabled.outcome == "contained" {
                match self.end_sessions().await {
                    Err(Ended::Silently) => return Err(Ended::Silently),
                    end => broken = end.err(),
                }
            }
        }
        let told = self.step(Step::Tell, None, None).await?;
        if let Some(broken) = broken {
            return Err(broken);
        }
        if let Some(seconds) = told.wait_seconds {
            self.world.wait(seconds * 1000).await;
            self.step(Step::Review, None, None).await?;
        }
        Ok("Done")
    }

    /// Whatever breaks here, people are told afterwards.
    async fn end_sessions(&self) -> Result<(), Ended> {
        for _ in 0..4 {
            let sent = self.step(Step::EndSessions, None, None).await?;
            if sent.outcome == "agent-absent" {
                self.world.wait(10_000).await;
                continue;
            }
            let Some(command) = sent.command else { break };
            for _ in 0..LOOKS {
                self.world.wait(2000).await;
                if self.step(Step::ReadSessions, Some(&command), None).await?.outcome != "pending" {
                    break;
                }
            }
            break;
        }
        Ok(())
    }

    /// The path of failures: it tells, and lets go of the finding.
    async fn fail_on(&self, end: Result<&'static str, Ended>) -> Result<&'static str, Ended> {
        if let Err(Ended::Failed(_) | Ended::Crashed) = end {
            tell_that_it_failed(&self.world).await;
            // Its own failure is caught too.
            let _ = self.step(Step::Abandon, None, None).await;
        }
        end
    }

    /// The command that was answered, or why there is no answer.
    async fn ask(&self) -> Result<(Option<String>, Option<String>), Ended> {
        let asked = self.step(Step::Ask, None, None).await?;
        if asked.outcome != "asked" {
            return Ok((None, Some(asked.reason)));
        }
        for _ in 0..LOOKS {
            self.world.wait(2000).await;
            let read = self.step(Step::ReadAnswer, asked.command.as_deref(), None).await?;
            match read.outcome.as_str() {
                "pending" => {}
                "no-answer" => return Ok((asked.command, Some(read.reason))),
                _ => break,
            }
        }
        Ok((asked.command, None))
    }

    async fn step(
        &self,
        step: Step,
        command: Option<&str>,
        no_answer: Option<&str>,
    ) -> Result<Outcome, Ended> {
        let request = Request {
            step,
            execution: self.name.to_owned(),
            started_at: Some(self.started_at.clone()),
            event: self.event.clone(),
            command: command.map(str::to_owned),
            no_answer: no_answer.map(str::to_owned),
            token: None,
        };
        task(&self.world, |process| {
            let responder = process.responder_like(self.responder);
            let mut request = request.clone();
            request.token = (step == Step::RequestApproval).then(|| process.new_token(self.name));
            Box::pin(async move { responder.handle(request).await })
        })
        .await
    }
}

impl World {
    /// Each try of a task that waits has a token of its own; those before are of no use then.
    fn new_token(&self, execution: &str) -> String {
        let token = format!("token-{execution}-{}", self.process);
        let mut state = self.state();
        state.tokens.retain(|known| !known.starts_with(&format!("token-{execution}-")));
        state.tokens.insert(token.clone());
        token
    }

    fn token_of(&self, execution: &str) -> String {
        let state = self.state();
        let mut tokens = state.tokens.iter();
        let token = tokens.find(|token| token.starts_with(&format!("token-{execution}-")));
        token.cloned().unwrap_or_default()
    }

    /// Waits until somebody wakes the execution, or its time has passed.
    async fn wait_for(&self, token: &str, seconds: u64) {
        for _ in 0..seconds / 5 {
            if !self.state().tokens.contains(token) {
                return;
            }
            self.wait(5000).await;
        }
        self.state().tokens.remove(token);
    }

    /// A responder of the same configuration, in a process of its own.
    fn responder_like(&self, other: &Worldly) -> Worldly {
        Responder {
            directories: self.clone(),
            store: self.clone(),
            systems: self.clone(),
            notices: self.clone(),
            metrics: self.counted.metrics(),
            config: other.config.clone(),
            read_back_pause: other.read_back_pause,
        }
    }
}
