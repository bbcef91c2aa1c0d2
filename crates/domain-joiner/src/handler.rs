//! An invocation: reads each message, has each instance worked on, and gives back what did not come to its end.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use aws_lambda_events::sqs::SqsBatchResponse;
use futures_util::stream::{self, StreamExt};
use lambda_runtime::Diagnostic;
use steward_core::error::{Kind, chain, diagnostic};
use steward_core::metrics::Metrics;
use steward_core::notice::Notices;
use steward_core::store::Store;
use tokio::time::{Instant, timeout_at};

use crate::account::Accounts;
use crate::batch::{Batch, failures};
use crate::computers::Computers;
use crate::error::Error;
use crate::event::{Told, read};
use crate::joiner::Joiner;
use crate::later::Later;
use crate::member::Members;
use crate::metric::Metric;
use crate::outcome::Outcome;
use crate::password::JoinPasswords;
use crate::place::Place;

/// Instances that are worked on at the same time: Systems Manager and the directory take few calls a second.
const CONCURRENCY: usize = 5;

/// The work on what a message tells.
pub trait Work {
    /// Works on one message.
    ///
    /// # Errors
    /// What keeps it from coming to its end; the message must come back.
    fn work(&self, told: &Told) -> impl Future<Output = Result<Outcome, Error>> + Send;
}

impl<M, C, A, L, P, S, N> Work for Joiner<M, C, A, L, P, S, N>
where
    M: Members + Sync,
    C: Computers + Sync,
    A: Accounts + Sync,
    L: Later + Sync,
    P: JoinPasswords + Sync,
    S: Store + Sync,
    N: Notices + Sync,
{
    async fn work(&self, told: &Told) -> Result<Outcome, Error> {
        Joiner::work(self, told).await
    }
}

/// A message that cannot be given back alone. Lambda repeats the batch, and then sends it to the dead-letter queue.
#[derive(Debug, thiserror::Error)]
#[error("a message of the batch has no messageId")]
pub struct MessageWithoutId;

impl From<MessageWithoutId> for Diagnostic {
    fn from(error: MessageWithoutId) -> Self {
        let diagnostic = diagnostic(Kind::Permanent, &error);
        tracing::error!(error.kind = %diagnostic.error_type, "{}", diagnostic.error_message);
        diagnostic
    }
}

/// Everything that the function acts on.
#[derive(Debug)]
pub struct Handler<W> {
    /// The work on one message.
    pub joiner: W,
    /// The names of our documents.
    pub documents: Vec<String>,
    /// Where outcomes are counted.
    pub metrics: Metrics,
}

/// The messages about each instance, with their ids: those that tell the same are one.
type Tidings = BTreeMap<Place, Vec<(Told, Vec<String>)>>;

impl<W: Work + Sync> Handler<W> {
    /// Works on a batch. With a fifth of the time left nothing more is begun, and shortly before its end what is under way
    /// is left as it is: the flow goes on from any point, and its siblings' results are not lost.
    ///
    /// # Errors
    /// When a message cannot be given back alone.
    pub async fn handle(
        &self,
        batch: &Batch,
        time_left: Duration,
    ) -> Result<SqsBatchResponse, MessageWithoutId> {
        let now = Instant::now();
        let times = (now + time_left * 4 / 5, now + time_left * 19 / 20);
        let mut failed = BTreeSet::new();
        let mut work = Tidings::new();
        for message in &batch.messages {
            let id = message.id().ok_or(MessageWithoutId)?;
            match read(message.body.as_str().unwrap_or_default(), &self.documents) {
                Ok(Ok(told)) => collect(told, id, &mut work),
                Ok(Err(nothing)) => tracing::info!(message.id = id, reason = %nothing, "message ignored"),
                Err(poison) => {
                    tracing::warn!(message.id = id, "a message goes back to the queue: {poison}");
                    self.metrics.count(Metric::Undecodable);
                    failed.insert(id.to_owned());
                }
            }
        }
        let unfinished =
            stream::iter(work.into_values()).map(|tidings| self.work_on_instance(tidings, times));
        let unfinished: Vec<Vec<String>> = unfinished.buffer_unordered(CONCURRENCY).collect().await;
        failed.extend(unfinished.into_iter().flatten());
        Ok(failures(failed.iter().map(String::as_str)))
    }

    /// Works on what is told of one instance, in turn. The ids of the messages that have to come back.
    async fn work_on_instance(
        &self,
        tidings: Vec<(Told, Vec<String>)>,
        (begin_until, end_until): (Instant, Instant),
    ) -> Vec<String> {
        let mut failed = Vec::new();
        for (told, ids) in tidings {
            let worked = if Instant::now() < begin_until {
                timeout_at(end_until, self.joiner.work(&told)).await.ok()
            } else {
                None
            };
            if !self.report(&told, &worked) {
                failed.extend(ids);
            }
        }
        failed
    }

    /// Logs and counts what became of a message; whether it has come to its end.
    fn report(&self, told: &Told, worked: &Option<Result<Outcome, Error>>) -> bool {
        let Place { account, region, instance } = told.place();
        let trouble = match worked {
            Some(Ok(outcome)) => {
                tracing::info!(account.id = %account, %region, instance.id = %instance, %outcome, "message done");
                if let Some(metric) = outcome.metric() {
                    self.metrics.count(metric);
                }
                return true;
            }
            Some(Err(error)) => chain(error),
            None => "out of time".to_owned(),
        };
        tracing::warn!(account.id = %account, %region, instance.id = %instance, "to be tried again: {trouble}");
        self.metrics.count(Metric::Unfinished);
        false
    }
}

fn collect(told: Told, id: &str, work: &mut Tidings) {
    let tidings = work.entry(told.place().clone()).or_default();
    match tidings.iter_mut().find(|(known, _)| *known == told) {
        Some((_, ids)) => ids.push(id.to_owned()),
        None => tidings.push((told, vec![id.to_owned()])),
    }
}

#[cfg(test)]
mod tests;
