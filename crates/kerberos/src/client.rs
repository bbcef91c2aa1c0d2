//! The client: which KDCs are asked, in which order, for how long.

use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use secrecy::SecretString;
use tokio::time::{Instant, timeout_at};

use crate::exchange::{Account, Question, Step};
use crate::{Attempt, Reason, Verdict, address, transport};

/// Longer deadlines are cut to this.
const LONGEST: Duration = Duration::from_hours(1);

/// Tests passwords. Holds no secret.
#[derive(Clone)]
pub struct Client {
    clock: Arc<dyn Fn() -> SystemTime + Send + Sync>,
}

impl Client {
    /// A client that goes by this machine's clock.
    pub fn new() -> Self {
        Self::with_clock(SystemTime::now)
    }

    /// A client that goes by another clock.
    pub fn with_clock(clock: impl Fn() -> SystemTime + Send + Sync + 'static) -> Self {
        Self { clock: Arc::new(clock) }
    }

    /// Asks one KDC after another until one answers, within one deadline for all: each that is left gets its share of
    /// what is left.
    ///
    /// `kdcs` are host names or IP addresses, with `:port` where it is not 88; each name stands for all its addresses.
    /// `realm` is the directory's DNS name in capitals, `user` the sAMAccountName. No address is asked twice. A wrong
    /// password counts once towards a lockout, and once more for each KDC that fell silent after it was asked.
    pub async fn check(
        &self,
        kdcs: &[String],
        realm: &str,
        user: &str,
        password: &SecretString,
        deadline: Duration,
    ) -> Verdict {
        let account = Account { realm, user, password };
        let end = Instant::now() + deadline.min(LONGEST);
        let (mut attempts, mut asked) = (Vec::new(), Vec::new());
        for (place, kdc) in kdcs.iter().enumerate() {
            let end = share(end, kdcs.len() - place);
            match self.ask_host(kdc, &account, end, &mut asked).await {
                Ok(verdict) => return verdict,
                Err(failed) => attempts.extend(failed),
            }
        }
        Verdict::Unreachable(attempts)
    }

    /// Asks the addresses of a host that have not been asked yet.
    async fn ask_host(
        &self,
        host: &str,
        account: &Account<'_>,
        end: Instant,
        asked: &mut Vec<SocketAddr>,
    ) -> Result<Verdict, Vec<Attempt>> {
        let found = timeout_at(end, address::resolve(host)).await.unwrap_or(Err(Reason::Dns));
        let addresses = found.map_err(|reason| vec![Attempt { address: host.to_owned(), reason }])?;
        let mut attempts = Vec::new();
        for (place, address) in addresses.iter().enumerate() {
            if asked.contains(address) {
                continue;
            }
            asked.push(*address);
            let end = share(end, addresses.len() - place);
            match timeout_at(end, self.ask(*address, account)).await.unwrap_or(Err(Reason::TimedOut)) {
                Ok(verdict) => return Ok(verdict),
                Err(reason) => attempts.push(Attempt { address: address.to_string(), reason }),
            }
        }
        Err(attempts)
    }

    /// The whole exchange with one address. A connection carries one request: not every KDC keeps it open.
    async fn ask(&self, address: SocketAddr, account: &Account<'_>) -> Result<Verdict, Reason> {
        let question = Question::new(account, (self.clock)())?;
        let reply = transport::ask(address, question.bytes()).await?;
        match question.read(&reply, (self.clock)())? {
            Step::Answered(verdict) => Ok(verdict),
            Step::Prove(proof) => {
                let reply = transport::ask(address, proof.bytes()).await?;
                proof.read(&reply, (self.clock)())
            }
        }
    }
}

impl Default for Client {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").finish_non_exhaustive()
    }
}

/// When the first of `parts` equal parts of the time that is left ends.
fn share(end: Instant, parts: usize) -> Instant {
    let now = Instant::now();
    let parts = u32::try_from(parts).unwrap_or(u32::MAX).max(1);
    now + end.saturating_duration_since(now) / parts
}

#[cfg(test)]
mod tests;
