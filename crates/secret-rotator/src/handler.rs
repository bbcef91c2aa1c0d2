//! One call of Secrets Manager: the step, and who is told of its end.

use std::fmt;

use serde_json::Value;
use steward_core::error::Kind;
use steward_core::metrics::Metrics;
use steward_core::notice::{Notices, Topic};

use crate::clock::{Clock, MachineClock};
use crate::config::Config;
use crate::directories::{Directories, DirectoryServices};
use crate::error::Error;
use crate::event::{Event, Step};
use crate::guesses::Guesses;
use crate::metric::Metric;
use crate::notice;
use crate::password_check::{Kdcs, PasswordCheck};
use crate::secrets::{Secrets, SecretsManager};

/// Everything that the steps act on.
#[derive(Debug)]
pub struct Rotator<S, D, K, N, C> {
    /// Where secrets lie.
    pub secrets: S,
    /// The directories.
    pub directories: D,
    /// Where passwords are tried.
    pub passwords: K,
    /// Where people are told.
    pub notices: N,
    /// The time.
    pub clock: C,
    /// The wrong passwords that were tried.
    pub guesses: Guesses,
    /// Where outcomes are counted.
    pub metrics: Metrics,
    /// The configuration.
    pub config: Config,
}

/// The rotator as the function runs it.
pub type Live = Rotator<SecretsManager, DirectoryServices, Kdcs, Topic, MachineClock>;

/// How a step ended well.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Outcome {
    /// A password was made and stored.
    Created,
    /// It was stored before.
    CreatedBefore,
    /// It was set in the directory.
    Set,
    /// The directory had it before.
    SetBefore,
    /// It logs in.
    Proved,
    /// There is no new password, and AWSCURRENT logs in: the way to the directory is tested.
    ConfigurationProved,
    /// It is AWSCURRENT now.
    Rotated,
    /// It was AWSCURRENT before.
    RotatedBefore,
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Created => "a new password is stored as AWSPENDING",
            Self::CreatedBefore => "a new password was stored as AWSPENDING before",
            Self::Set => "the new password is set in the directory",
            Self::SetBefore => "the new password was set in the directory before",
            Self::Proved => "the new password logs in",
            Self::ConfigurationProved => "AWSPENDING is empty, and AWSCURRENT logs in",
            Self::Rotated => "the new password is AWSCURRENT",
            Self::RotatedBefore => "the new password was AWSCURRENT before",
        })
    }
}

impl<S, D, K, N, C> Rotator<S, D, K, N, C>
where
    S: Secrets + Sync,
    D: Directories + Sync,
    K: PasswordCheck + Sync,
    N: Notices + Sync,
    C: Clock + Sync,
{
    /// Does one step.
    ///
    /// # Errors
    /// Each says what to do. Secrets Manager calls all steps again after any.
    pub async fn handle(&self, event: &Value) -> Result<Outcome, Error> {
        let event = Event::read(event, &self.config.scope)?;
        let result = self.step(&event).await;
        let (step, secret) = (event.step.word(), event.secret.name());
        match &result {
            Ok(outcome) => {
                tracing::info!(step, secret.name = secret, secret.version = %event.version, "{outcome}");
            }
            Err(error) => {
                // The error itself is logged once, where it leaves the function.
                tracing::warn!(step, secret.name = secret, secret.version = %event.version, "the step failed");
                self.tell_of_failure(&event, error).await;
            }
        }
        result
    }

    async fn step(&self, event: &Event) -> Result<Outcome, Error> {
        match event.step {
            Step::Create => self.create(event).await,
            Step::Set => self.set(event).await,
            Step::Test => self.test(event).await,
            Step::Finish => {
                let outcome = self.finish(event).await?;
                self.tell_of_success(event).await?;
                Ok(outcome)
            }
        }
    }

    /// A notice that may still be sent fails the step: Secrets Manager repeats it, which changes nothing else.
    async fn tell_of_success(&self, event: &Event) -> Result<(), Error> {
        self.metrics.count(Metric::Rotated);
        match self.notices.publish(&notice::rotated(event)).await {
            Err(error) if error.kind() == Kind::Permanent => {
                tracing::error!("nobody could be told of the rotation: {error}");
                Ok(())
            }
            result => Ok(result?),
        }
    }

    /// The alarm on the function's errors is the other way to hear of it.
    async fn tell_of_failure(&self, event: &Event, error: &Error) {
        let Some(metric) = error.metric() else { return };
        self.metrics.count(metric);
        if let Err(error) = self.notices.publish(&notice::failed(event, error)).await {
            tracing::error!("nobody could be told of the failure: {error}");
        }
    }
}
