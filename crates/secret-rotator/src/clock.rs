//! Time, as far as a step waits for it.

use std::time::{Duration, Instant};

/// A clock that can be waited for.
pub trait Clock {
    /// Time since some moment; it never goes back.
    fn now(&self) -> Duration;

    /// Waits.
    fn wait(&self, time: Duration) -> impl Future<Output = ()> + Send;
}

/// The machine's clock.
#[derive(Debug, Clone, Copy)]
pub struct MachineClock {
    began: Instant,
}

impl MachineClock {
    /// A clock that begins now.
    pub fn new() -> Self {
        Self { began: Instant::now() }
    }
}

impl Default for MachineClock {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock for MachineClock {
    fn now(&self) -> Duration {
        self.began.elapsed()
    }

    async fn wait(&self, time: Duration) {
        tokio::time::sleep(time).await;
    }
}
