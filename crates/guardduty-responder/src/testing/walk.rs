//! The state machine `contain-user`, as far as the order of its steps goes.

use serde_json::Value;
use steward_core::error::Kind;

use super::World;
use crate::contain::{Outcome, Request, Responder, Step};
use crate::error::Error;

/// Walks the steps as `contain-user` does, repeating transient failures up to six times each. Nobody answers.
pub(crate) async fn run(
    responder: &Responder<World, World, World, World>,
    event: &Value,
    execution: &str,
) -> Result<&'static str, Error> {
    run_asking(responder, event, execution, async |_| ()).await
}

/// The same with somebody who is given the token while the execution waits; its time passes when he is done.
pub(crate) async fn run_asking(
    responder: &Responder<World, World, World, World>,
    event: &Value,
    execution: &str,
    answer: impl AsyncFnOnce(String),
) -> Result<&'static str, Error> {
    let request = |step, command: &Option<String>, no_answer: Option<String>| Request {
        step,
        execution: execution.to_owned(),
        event: event.clone(),
        command: command.clone(),
        no_answer,
        token: None,
    };
    if step(responder, &request(Step::Record, &None, None)).await?.outcome != "proceed" {
        return Ok("Nothing to do");
    }
    let asked = step(responder, &request(Step::Ask, &None, None)).await?;
    let mut no_answer = (asked.outcome != "asked").then_some(asked.reason);
    if no_answer.is_none() {
        let mut looks = 0;
        loop {
            let read = step(responder, &request(Step::ReadAnswer, &asked.command, None)).await?;
            looks += 1;
            if read.outcome == "no-answer" {
                no_answer = Some(read.reason);
            } else if read.outcome == "pending" && looks < 45 {
                continue;
            }
            break;
        }
    }
    let mut decided = step(responder, &request(Step::Decide, &asked.command, no_answer)).await?.outcome;
    if decided == "ask-person" {
        let token = format!("token-{execution}");
        responder.store.state().tokens.insert(token.clone());
        let asking = Request { token: Some(token.clone()), ..request(Step::RequestApproval, &None, None) };
        step(responder, &asking).await?;
        answer(token.clone()).await;
        responder.store.state().tokens.remove(&token);
        decided = step(responder, &request(Step::Resume, &None, None)).await?.outcome;
    }
    if decided == "contain" {
        step(responder, &request(Step::Disable, &None, None)).await?;
    }
    step(responder, &request(Step::Tell, &None, None)).await?;
    Ok("Done")
}

async fn step(
    responder: &Responder<World, World, World, World>,
    request: &Request,
) -> Result<Outcome, Error> {
    let mut attempts = 0;
    loop {
        match responder.handle(request.clone()).await {
            Err(error) if error.kind() == Kind::Transient && attempts < 6 => attempts += 1,
            other => return other,
        }
    }
}
