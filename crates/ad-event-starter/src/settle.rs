//! Starts what is to be started: once each, at the directory's pace, within the time that there is.

use std::collections::BTreeMap;
use std::time::Duration;

use futures_util::stream::{self, StreamExt};
use sha2::{Digest, Sha256};
use steward_core::clock;
use steward_core::error::{Kind, chain};
use steward_core::store::Store;
use tokio::time::{Instant, sleep_until, timeout_at};

use crate::executions::{Executions, Started};
use crate::handler::Starter;
use crate::pace::take_turns;
use crate::standing::has_lost_something;
use crate::start::{Machine, Start, hex};

/// Calls at the same time.
const CONCURRENCY: usize = 10;

/// Rounds of starting what was throttled. Within each the SDK makes attempts of its own.
const ROUNDS: u32 = 3;

/// Executions to start, by name.
pub type Starts = BTreeMap<String, Start>;

/// What became of one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// An execution runs.
    Started,
    /// There was one.
    AlreadyStarted,
    /// There is nothing to start.
    NothingToPutBack,
    /// It has to be tried again, and why. It may have been started.
    Unfinished(String),
}

/// What became of all of them.
pub type Settled = BTreeMap<String, (Start, Outcome)>;

/// Why one is not started yet.
enum Hindrance {
    Passing(String),
    Lasting(String),
    OutOfTime,
}

impl From<Hindrance> for Outcome {
    fn from(hindrance: Hindrance) -> Self {
        match hindrance {
            Hindrance::Passing(reason) | Hindrance::Lasting(reason) => Self::Unfinished(reason),
            Hindrance::OutOfTime => Self::Unfinished("out of time".to_owned()),
        }
    }
}

impl<S: Store + Sync, E: Executions + Sync, L: Sync> Starter<S, E, L> {
    /// Starts executions until there is no time left.
    pub(crate) async fn settle(&self, starts: Starts, until: Instant) -> Settled {
        let mut settled = Settled::new();
        let starts = self.drop_what_puts_nothing_back(starts, until, &mut settled).await;
        let starts = self.give_turns(starts, until, &mut settled).await;
        self.start_all(starts, until, &mut settled).await;
        settled
    }

    async fn drop_what_puts_nothing_back(
        &self,
        starts: Starts,
        until: Instant,
        settled: &mut Settled,
    ) -> Starts {
        let looked = stream::iter(starts).map(async |(name, start)| {
            let outcome = if start.puts_back() { self.look(&start, until).await } else { None };
            (name, start, outcome)
        });
        let looked: Vec<_> = looked.buffer_unordered(CONCURRENCY).collect().await;
        let mut left = Starts::new();
        for (name, start, outcome) in looked {
            match outcome {
                Some(outcome) => drop(settled.insert(name, (start, outcome))),
                None => drop(left.insert(name, start)),
            }
        }
        left
    }

    /// Why the user's being enabled starts nothing now, if so.
    async fn look(&self, start: &Start, until: Instant) -> Option<Outcome> {
        let sid = start.input.sid.as_deref().unwrap_or_default();
        let lost = has_lost_something(&self.store, &self.config.rules.directory, sid);
        match in_time(until, lost).await {
            Some(Ok(true)) => None,
            Some(Ok(false)) => Some(Outcome::NothingToPutBack),
            Some(Err(error)) => Some(Outcome::Unfinished(chain(&error))),
            None => Some(Hindrance::OutOfTime.into()),
        }
    }

    /// Gives each onboarding its turn; one that comes from the queue may have it.
    async fn give_turns(&self, mut starts: Starts, until: Instant, settled: &mut Settled) -> Starts {
        let waiting = |start: &Start| start.machine() == Machine::Onboard && start.input.not_before.is_none();
        let names: Vec<String> =
            starts.iter().filter(|(_, start)| waiting(start)).map(|(name, _)| name.clone()).collect();
        if names.is_empty() {
            return starts;
        }
        let batch = hex(&Sha256::digest(names.join("|").as_bytes()));
        let rules = &self.config.rules;
        let rate = self.config.onboardings_per_second;
        let now = clock::now() * 1000;
        let turns = take_turns(&self.store, &rules.directory, &batch, names.len(), rate, now);
        match in_time(until, turns).await {
            Some(Ok(turns)) => {
                for (name, turn) in names.iter().zip(turns) {
                    if let Some(start) = starts.get_mut(name) {
                        start.input.not_before = Some(clock::iso(turn / 1000));
                    }
                }
            }
            failed => {
                let reason = match failed {
                    Some(Err(error)) => Hindrance::Passing(chain(&error)),
                    _ => Hindrance::OutOfTime,
                };
                let outcome = Outcome::from(reason);
                for name in names {
                    if let Some(start) = starts.remove(&name) {
                        settled.insert(name, (start, outcome.clone()));
                    }
                }
            }
        }
        starts
    }

    async fn start_all(&self, starts: Starts, until: Instant, settled: &mut Settled) {
        let mut left: Vec<(String, Start)> = starts.into_iter().collect();
        for round in 1..=ROUNDS {
            let started = stream::iter(left).map(async |(name, start)| {
                let started = self.start(&name, &start, until).await;
                (name, start, started)
            });
            let started: Vec<_> = started.buffer_unordered(CONCURRENCY).collect().await;
            left = Vec::new();
            for (name, start, started) in started {
                let outcome = match started {
                    Ok(Started::Now) => Outcome::Started,
                    Ok(Started::Before) => Outcome::AlreadyStarted,
                    Err(Hindrance::Passing(_)) if round < ROUNDS => {
                        left.push((name, start));
                        continue;
                    }
                    Err(hindrance) => hindrance.into(),
                };
                settled.insert(name, (start, outcome));
            }
            if left.is_empty() {
                return;
            }
            sleep_until(until.min(Instant::now() + self.pause_before(round + 1))).await;
        }
    }

    fn pause_before(&self, round: u32) -> Duration {
        self.pause * 2_u32.pow(round - 2)
    }

    async fn start(&self, name: &str, start: &Start, until: Instant) -> Result<Started, Hindrance> {
        let input =
            serde_json::to_string(&start.input).map_err(|error| Hindrance::Lasting(error.to_string()))?;
        let started = self.executions.start(start.machine(), name, &input);
        match in_time(until, started).await {
            Some(Ok(started)) => Ok(started),
            Some(Err(error)) => Err(match error.kind() {
                Kind::Transient => Hindrance::Passing(chain(&error)),
                Kind::Permanent => Hindrance::Lasting(chain(&error)),
            }),
            None => Err(Hindrance::OutOfTime),
        }
    }
}

/// Nothing is begun without time left, and what is begun is given up when there is none.
async fn in_time<T>(until: Instant, work: impl Future<Output = T>) -> Option<T> {
    if Instant::now() < until { timeout_at(until, work).await.ok() } else { None }
}
