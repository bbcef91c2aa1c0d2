//! How fast the services answer, and how often they may be called: virtual time, and a bucket of tokens for each limit.

use std::collections::{BTreeMap, VecDeque};
use std::task::{Poll, Waker};

use super::World;

/// Attempts of the client at one call, as `steward_core::aws` has it.
const ATTEMPTS: u32 = 3;

/// What is called once, whatever the answer.
const ONCE: &str = "CreateComputer";

/// What a service takes: so many calls at once, and so many a second from then on.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limit {
    pub(crate) burst: u32,
    pub(crate) a_second: u32,
    /// Whether each member account has a bucket of its own.
    pub(crate) of_the_member: bool,
}

/// The calls of one operation in one account.
#[derive(Debug, Default, Clone)]
pub(crate) struct Meter {
    pub(crate) calls: u32,
    pub(crate) refused: u32,
    /// Most calls within any second.
    pub(crate) peak: usize,
    recent: VecDeque<u64>,
    tokens: f64,
    filled_at: Option<u64>,
}

impl Meter {
    /// Counts a call; false when it is one too many.
    fn takes(&mut self, now: u64, limit: Option<Limit>) -> bool {
        self.calls += 1;
        self.recent.push_back(now);
        while self.recent.front().is_some_and(|at| at + 1000 <= now) {
            self.recent.pop_front();
        }
        self.peak = self.peak.max(self.recent.len());
        let Some(Limit { burst, a_second, .. }) = limit else { return true };
        let passed = self.filled_at.map_or(f64::INFINITY, |at| (now - at) as f64 / 1000.0);
        self.tokens = (self.tokens + passed * f64::from(a_second)).min(f64::from(burst));
        self.filled_at = Some(now);
        let taken = self.tokens >= 1.0;
        self.tokens -= f64::from(u8::from(taken));
        self.refused += u32::from(!taken);
        taken
    }
}

/// Virtual time, in milliseconds since the world's beginning, and what waits for it.
#[derive(Debug, Default)]
pub(crate) struct Pace {
    pub(crate) now: u64,
    waiting: Vec<(u64, Waker)>,
    /// How long an operation takes.
    takes: BTreeMap<&'static str, u64>,
    limits: BTreeMap<&'static str, Limit>,
    /// By operation and account.
    pub(crate) meters: BTreeMap<(&'static str, String), Meter>,
}

impl Pace {
    /// Services that take their time and no more than this.
    pub(crate) fn new(takes: BTreeMap<&'static str, u64>, limits: BTreeMap<&'static str, Limit>) -> Self {
        Self { takes, limits, ..Self::default() }
    }

    /// When the next wait ends.
    pub(crate) fn next(&self) -> Option<u64> {
        self.waiting.iter().map(|(due, _)| *due).min()
    }

    /// Lets time pass, and wakes whoever has waited for it.
    pub(crate) fn reach(&mut self, now: u64) {
        self.now = now;
        for (_, waker) in self.waiting.extract_if(.., |(due, _)| *due <= now) {
            waker.wake();
        }
    }
}

impl World {
    /// Makes a call take its time, and be refused where it is one too many, whereupon the client tries again; false when
    /// it gives up.
    pub(super) async fn pace(&self, operation: &'static str) -> bool {
        let attempts = if operation == ONCE { 1 } else { ATTEMPTS };
        for attempt in 1..=attempts {
            let (takes, taken) = {
                let mut guard = self.state();
                let state = &mut *guard;
                let Some(pace) = &mut state.pace else { return true };
                let limit = pace.limits.get(operation).copied();
                let member = limit.is_some_and(|limit| limit.of_the_member);
                let account = if member { self.account.clone() } else { String::new() };
                let meter = pace.meters.entry((operation, account)).or_default();
                let takes = pace.takes.get(operation).copied().unwrap_or(10);
                // As it is over the net: now and then it takes twice as long.
                (takes + state.random.below(takes), meter.takes(pace.now, limit))
            };
            self.sleep(takes).await;
            if taken {
                return true;
            }
            if attempt < attempts {
                let pause = self.state().random.below(1000 << (attempt - 1));
                self.sleep(pause).await;
            }
        }
        false
    }

    async fn sleep(&self, milliseconds: u64) {
        let now = |world: &Self| world.state().pace.as_ref().map_or(0, |pace| pace.now);
        let due = now(self) + milliseconds;
        std::future::poll_fn(|context| {
            if now(self) >= due {
                return Poll::Ready(());
            }
            if let Some(pace) = &mut self.state().pace {
                pace.waiting.push((due, context.waker().clone()));
            }
            Poll::Pending
        })
        .await;
    }
}
