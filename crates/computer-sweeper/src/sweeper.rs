//! The steps of the state machine `sweep-computers`.

use steward_core::metrics::Metrics;
use steward_core::notice::Notices;
use steward_core::place::Region;
use steward_core::store::Store;

use crate::decide::Limits;
use crate::directories::Objects;
use crate::error::Error;
use crate::instances::Instances;
use crate::items::Items;
use crate::kept::Kept;
use crate::list::Rows;
use crate::queue::Queue;
use crate::request::{Outcome, Request, Step};

/// How a sweep is set up.
#[derive(Debug, Clone)]
pub struct Settings {
    /// What a sweep may do by itself.
    pub limits: Limits,
    /// How long, in seconds, joining and leaving may take before they count as missed.
    pub grace: u64,
    /// The function's own Region.
    pub region: Region,
}

/// Everything that the steps act on.
#[derive(Debug)]
pub struct Sweeper<R, E, I, O, Q, S, N> {
    /// The account table.
    pub rows: R,
    /// EC2 in the accounts.
    pub instances: E,
    /// The computer table.
    pub items: I,
    /// The directories.
    pub objects: O,
    /// The join queue.
    pub queue: Q,
    /// The sweep's own records.
    pub store: S,
    /// Where people are told.
    pub notices: N,
    /// Where outcomes are counted.
    pub metrics: Metrics,
    /// The settings.
    pub settings: Settings,
}

impl<R, E, I, O, Q, S, N> Sweeper<R, E, I, O, Q, S, N>
where
    R: Rows + Sync,
    E: Instances + Sync,
    I: Items + Sync,
    O: Objects + Sync,
    Q: Queue + Sync,
    S: Store + Sync,
    N: Notices + Sync,
{
    /// Does one step.
    ///
    /// # Errors
    /// When the step did not come to its end; transient ones are worth repeating.
    pub async fn handle(&self, request: &Request) -> Result<Outcome, Error> {
        let outcome = match request.step {
            Step::List => self.list(request).await,
            Step::Sweep => self.sweep(request).await,
            Step::Decide => self.decide(request).await,
            Step::Send => self.send(request).await,
            Step::Report => self.report(request).await,
        }?;
        tracing::info!(step = ?request.step, outcome = outcome.outcome, count = outcome.count, "step done");
        Ok(outcome)
    }

    pub(crate) fn kept<'a>(&'a self, request: &'a Request) -> Kept<'a, S> {
        Kept { store: &self.store, execution: &request.execution }
    }
}
