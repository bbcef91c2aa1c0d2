//! An invocation: reads what came, starts what is to be started, and sees that nothing is lost.

use std::collections::BTreeMap;
use std::time::Duration;

use aws_lambda_events::sqs::{BatchItemFailure, SqsBatchResponse};
use steward_core::metrics::Metrics;
use steward_core::store::{Store, Table};
use tokio::time::Instant;

use crate::config::Config;
use crate::error::Error;
use crate::event::SecurityEvent;
use crate::executions::{Executions, StepFunctions};
use crate::left_over::{LeftOvers, StartQueue};
use crate::logs::{self, LogEvent, Payload};
use crate::message::Poison;
use crate::metric::Metric;
use crate::reason::Reason;
use crate::settle::{Outcome, Starts};
use crate::start::Start;
use crate::tally::Tally;
use crate::trigger::{Answer, Message, Trigger};

/// Longest name from a record that a log line shows.
const LONGEST_NAME: usize = 64;

/// Everything that the function acts on.
#[derive(Debug)]
pub struct Starter<S, E, L> {
    /// The user table.
    pub store: S,
    /// What starts executions.
    pub executions: E,
    /// Where what is left over goes.
    pub left_overs: L,
    /// Where outcomes are counted.
    pub metrics: Metrics,
    /// The configuration.
    pub config: Config,
    /// The pause before what was throttled is started again; it doubles.
    pub pause: Duration,
}

/// The starter as the function runs it.
pub type Live = Starter<Table, StepFunctions, StartQueue>;

impl<S: Store + Sync, E: Executions + Sync, L: LeftOvers + Sync> Starter<S, E, L> {
    /// Works on what came, and stops with a fifth of the time left.
    ///
    /// # Errors
    /// When the event as a whole is not usable, or something could neither be started nor deferred.
    pub async fn handle(&self, trigger: Trigger, time_left: Duration) -> Result<Answer, Error> {
        let until = Instant::now() + time_left * 4 / 5;
        match (trigger.awslogs, trigger.messages) {
            (Some(logs), None) => self.handle_logs(&logs.data, until).await.map(Answer::Counts),
            (None, Some(messages)) => self.handle_messages(&messages, until).await.map(Answer::Failures),
            _ => Err(Error::UnknownTrigger),
        }
    }

    async fn handle_logs(&self, data: &str, until: Instant) -> Result<BTreeMap<&'static str, u64>, Error> {
        let mut tally = Tally::default();
        let starts = self.read_batch(data, &mut tally)?;
        let settled = self.settle(starts, until).await;
        let mut left = Vec::new();
        for (start, outcome) in settled.into_values() {
            count(&start, &outcome, &mut tally);
            if let Outcome::Unfinished(_) = outcome {
                left.push(start);
            }
        }
        tally.report(&self.metrics);
        if !left.is_empty() {
            let kept = self.left_overs.keep(&left).await;
            kept.map_err(|source| Error::NotDeferred { count: left.len(), source })?;
        }
        Ok(tally.counts())
    }

    /// What the records of a batch ask for. The batch itself is let go of then: it may be large.
    fn read_batch(&self, data: &str, tally: &mut Tally) -> Result<Starts, Error> {
        let bytes = logs::unpack(data)?;
        let mut starts = Starts::new();
        match logs::read(&bytes)? {
            Payload::Control => tracing::info!("control message"),
            Payload::Data(batch) => {
                for event in batch.events() {
                    match self.read(&batch.log_group, event) {
                        Ok(start) => self.collect(start, &mut starts, tally),
                        Err(reason) => tally.starts_nothing(reason),
                    }
                }
            }
        }
        Ok(starts)
    }

    /// What a record asks for; one that asks for nothing is logged here.
    fn read(&self, log_group: &str, event: Result<LogEvent, Reason>) -> Result<Start, Reason> {
        let event = event.inspect_err(|reason| tracing::warn!(%reason, "record not readable"))?;
        let security_event = SecurityEvent::read(&event.message)
            .inspect_err(|reason| log_nothing_started(*reason, &event.id, None))?;
        let start = self.config.rules.qualify(log_group, &security_event);
        start.inspect_err(|reason| log_nothing_started(*reason, &event.id, Some(&security_event)))
    }

    fn collect(&self, start: Start, starts: &mut Starts, tally: &mut Tally) {
        if starts.insert(start.name(), start).is_some() {
            tally.count(Metric::AlreadyStarted, "told-twice");
        }
    }

    async fn handle_messages(&self, messages: &[Message], until: Instant) -> Result<SqsBatchResponse, Error> {
        let mut tally = Tally::default();
        let mut starts = Starts::new();
        let mut waiting = Vec::new();
        let mut failed = Vec::new();
        for message in messages {
            let id = message.message_id.as_deref().filter(|id| !id.is_empty());
            let id = id.ok_or(Error::MessageWithoutId)?;
            match self.config.rules.read_message(message.body.as_str().unwrap_or_default()) {
                Ok(Ok(start)) => {
                    waiting.push((id, start.name()));
                    self.collect(start, &mut starts, &mut tally);
                }
                Ok(Err(reason)) => {
                    tracing::info!(message.id = id, %reason, "message ignored");
                    tally.starts_nothing(reason);
                }
                Err(poison) => {
                    tracing::warn!(message.id = id, "a message goes back to the queue: {poison}");
                    match poison {
                        Poison::Unusable(_) => tally.count(Metric::Undecodable, "unusable-message"),
                        Poison::Refused(reason) => tally.count(Metric::Refused, reason.code()),
                    }
                    failed.push(id);
                }
            }
        }
        let settled = self.settle(starts, until).await;
        for (start, outcome) in settled.values() {
            count(start, outcome, &mut tally);
        }
        let unfinished = |name: &str| matches!(settled.get(name), None | Some((_, Outcome::Unfinished(_))));
        failed.extend(waiting.iter().filter(|(_, name)| unfinished(name)).map(|(id, _)| *id));
        tally.report(&self.metrics);
        Ok(failures(&failed))
    }
}

/// Logs why a record starts nothing. What rings an alarm is a warning, which RUNBOOK.md finds by its words.
fn log_nothing_started(reason: Reason, log_event: &str, event: Option<&SecurityEvent>) {
    let id = event.map(|event| u32::from(event.id));
    let name = event.map(|event| event.target.name.chars().take(LONGEST_NAME).collect::<String>());
    match reason.metric() {
        Metric::Refused => {
            tracing::warn!(log_event.id = log_event, event.id = id, user.name = name, %reason, "record refused");
        }
        Metric::Undecodable => {
            tracing::warn!(log_event.id = log_event, %reason, "record not readable");
        }
        _ => {
            tracing::info!(log_event.id = log_event, event.id = id, user.name = name, %reason, "record ignored");
        }
    }
}

/// Counts and logs what became of an execution.
fn count(start: &Start, outcome: &Outcome, tally: &mut Tally) {
    let machine = start.machine();
    let (name, user, sid) =
        (start.name(), &start.input.user, start.input.sid.as_deref().unwrap_or("unknown"));
    match outcome {
        Outcome::Started => {
            tracing::info!(%machine, execution = name, user.name = user, user.sid = sid, "execution started");
            tally.count(Metric::Started, "started");
        }
        Outcome::AlreadyStarted => {
            tracing::info!(%machine, execution = name, user.name = user, user.sid = sid, "execution was there");
            tally.count(Metric::AlreadyStarted, "already-started");
        }
        Outcome::NothingToPutBack => {
            let reason = Reason::NothingToPutBack;
            tracing::info!(user.name = user, user.sid = sid, %reason, "record ignored");
            tally.starts_nothing(reason);
        }
        Outcome::Unfinished(why) => {
            tracing::warn!(%machine, execution = name, user.name = user, user.sid = sid, "deferred: {why}");
            tally.count(Metric::Deferred, "deferred");
        }
    }
}

fn failures(ids: &[&str]) -> SqsBatchResponse {
    let mut response = SqsBatchResponse::default();
    for id in ids {
        let mut failure = BatchItemFailure::default();
        failure.item_identifier = (*id).to_owned();
        response.batch_item_failures.push(failure);
    }
    response
}

#[cfg(test)]
mod tests;
