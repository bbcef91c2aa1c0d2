//! One mail about a sweep: what was found, what is done about it, what is not and why, and how to go on.
//!
//! It is for whoever is paged. Its length is bounded.

use steward_core::clock;
use steward_core::notice::Notices;
use steward_core::store::{Store, Telling, tell};

use crate::decide::Decision;
use crate::directories::Objects;
use crate::error::Error;
use crate::find::Found;
use crate::instances::Instances;
use crate::items::Items;
use crate::kept::{Places, Record, name};
use crate::list::Rows;
use crate::metric::Metric;
use crate::places::Named;
use crate::queue::Queue;
use crate::request::{Outcome, Request};
use crate::sweeper::Sweeper;

mod text;

pub use text::mail;

/// The names of a function's own failures.
const KINDS: [&str; 2] = ["PermanentError", "TransientError"];

/// All that is told of a sweep.
#[derive(Debug)]
pub struct Story<'a> {
    /// The ARN of the execution.
    pub execution: &'a str,
    /// The places, and the rows that name none.
    pub places: &'a Places,
    /// What was found where.
    pub found: &'a [(Named, Found)],
    /// The places that could not be swept, and why.
    pub failed: &'a [(Named, String)],
    /// What is done.
    pub decision: &'a Decision,
}

impl Story<'_> {
    /// Whether something could not be looked at.
    pub fn is_incomplete(&self) -> bool {
        !self.failed.is_empty() || !self.places.problems.is_empty()
    }

    /// Whether anybody has to know.
    fn is_worth_a_mail(&self) -> bool {
        let totals = &self.decision.totals;
        totals.looks + totals.removals + totals.unconfirmed > 0
            || self.is_incomplete()
            || !self.places.rowless.is_empty()
    }
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
    pub(crate) async fn report(&self, request: &Request) -> Result<Outcome, Error> {
        let places: Places = self.kept(request).read(Record::Places).await?;
        let decision: Decision = self.kept(request).read(Record::Decision).await?;
        let found = self.found(request).await?;
        let failed = failed(&places, request);
        let execution = &request.execution;
        let story = Story { execution, places: &places, found: &found, failed: &failed, decision: &decision };
        if story.is_worth_a_mail() {
            let (cause, mail) = (format!("sweep#{}", name(execution)), mail(&story));
            let told = tell(&self.store, &self.notices, &cause, execution, clock::now(), &mail).await?;
            if told == Telling::Now {
                self.count(&story);
            }
        }
        let word = if story.is_incomplete() { "failed" } else { "done" };
        Ok(Outcome::new(word, failed.len() + places.problems.len()))
    }

    fn count(&self, story: &Story<'_>) {
        if story.decision.refusal.is_some() {
            self.metrics.count(Metric::SweepRefused);
        }
        let missed = story.failed.len() + story.places.problems.len();
        if missed > 0 {
            self.metrics.count_many(Metric::PlacesNotSwept, u64::try_from(missed).unwrap_or(u64::MAX));
        }
    }
}

/// The places of which there is no result, or none that is good: whoever is silent has not been swept.
fn failed(places: &Places, request: &Request) -> Vec<(Named, String)> {
    let why = |place: &Named| match request.results.iter().find(|result| result.place == *place) {
        Some(result) if result.state == "swept" => None,
        // The two by which machines tell a function's failures apart say nothing to people.
        Some(result) if KINDS.contains(&result.reason.as_str()) => Some(result.cause.clone()),
        Some(result) => Some(format!("{}: {}", result.reason, result.cause)),
        None => Some("the state machine has no result of it".to_owned()),
    };
    places.places.iter().filter_map(|place| why(place).map(|why| (place.clone(), why))).collect()
}
