//! The steps of the state machine `release-user`: the undo of a containment.
//!
//! The service has no call that enables a user: the only way is a new password. It is made here, kept in a secret
//! before the directory hears of it, and shown to nobody.

mod config;
mod escrow;
mod request;

use steward_core::directory::{Directory, DirectoryError, DirectoryService};
use steward_core::ids::UserName;
use steward_core::metrics::Metrics;

pub use config::Config;
pub use escrow::{Escrow, EscrowError, Secrets};
pub use request::{Outcome, Request, Step};

use crate::clock;
use crate::error::Error;
use crate::metric::Metric;
use crate::notice::{self, Notices, Topic};
use crate::records::{
    self, Caller, Change, Containment, ReleaseRecord, Status, Store, Table, caller_key, containment_key,
    release_key,
};

/// Everything that the steps act on.
#[derive(Debug)]
pub struct Releaser<D, S, E, N> {
    /// The directory.
    pub directory: D,
    /// The decision table.
    pub store: S,
    /// Where new passwords are kept.
    pub escrow: E,
    /// Where people are told.
    pub notices: N,
    /// Where outcomes are counted.
    pub metrics: Metrics,
    /// The configuration.
    pub config: Config,
}

/// The releaser as the function runs it.
pub type Live = Releaser<DirectoryService, Table, Secrets, Topic>;

impl<D: Directory + Sync, S: Store + Sync, E: Escrow + Sync, N: Notices + Sync> Releaser<D, S, E, N> {
    /// Does one step.
    ///
    /// # Errors
    /// [`Error::Input`] and [`Error::ReleaseRefused`] say what to do; transient errors are worth repeating.
    pub async fn handle(&self, request: Request) -> Result<Outcome, Error> {
        let result = self.step(request).await;
        if let Err(Error::ReleaseRefused(_)) = &result {
            self.metrics.count(Metric::ReleaseRefused);
        }
        result
    }

    async fn step(&self, request: Request) -> Result<Outcome, Error> {
        let wish = request.wish()?;
        match request.step {
            Step::Check => self.check(&request.execution, &wish.user, &wish.reason).await,
            Step::LearnCaller => self.learn_caller(&request.execution, &wish.user, &request.started_at).await,
            Step::Reset => self.reset(&request.execution, &wish.user).await,
            Step::Tell => self.tell(&request.execution, &wish.user).await,
            Step::Abandon => self.abandon(&request.execution, &wish.user).await,
        }
    }

    /// Only a user whom adsteward holds contained is released: everybody else is disabled for reasons of others.
    async fn check(&self, execution: &str, name: &UserName, reason: &str) -> Result<Outcome, Error> {
        let key = release_key(&self.config.directory, name, execution);
        if self.store.read::<ReleaseRecord>(&key).await?.0.is_some() {
            return Ok(Outcome::new("checked"));
        }
        let user = match self.directory.user(name).await {
            Err(DirectoryError::UserNotFound(name)) => {
                return Err(Error::ReleaseRefused(format!("the directory has no user {name}")));
            }
            other => other?,
        };
        let (held, _) =
            self.store.read::<Containment>(&containment_key(&self.config.directory, name)).await?;
        let held = held.filter(|held| held.status != Status::Released && held.sid == user.sid.as_str());
        let Some(held) = held else {
            return Err(Error::ReleaseRefused(format!(
                "adsteward does not hold {name} contained. A user disabled for another reason is enabled by a \
                 password reset in the Directory Service console"
            )));
        };
        if user.enabled {
            return Err(Error::ReleaseRefused(format!(
                "{name} is enabled already; a release would only change the password"
            )));
        }
        let record = ReleaseRecord {
            user: user.name.to_string(),
            sid: user.sid.to_string(),
            reason: reason.to_owned(),
            execution: execution.to_owned(),
            caller: None,
            cause: held.cause,
            secret: None,
            requested_at: clock::iso(clock::now()),
            released_at: None,
        };
        records::update(&self.store, &key, |_: Option<ReleaseRecord>| Change::Write(record.clone(), ()))
            .await?;
        Ok(Outcome::new("checked"))
    }

    /// CloudTrail tells who started the execution; it may take some minutes.
    async fn learn_caller(
        &self,
        execution: &str,
        name: &UserName,
        started_at: &str,
    ) -> Result<Outcome, Error> {
        let (caller, _) = self.store.read::<Caller>(&caller_key(execution)).await?;
        let waited = clock::now().saturating_sub(clock::seconds(started_at).unwrap_or(0));
        let arn = match caller {
            Some(caller) => caller.arn,
            None if waited < self.config.caller_wait_seconds => return Ok(Outcome::new("waiting")),
            None => "unknown".to_owned(),
        };
        self.amend(execution, name, |record| record.caller = Some(arn.clone())).await?;
        Ok(Outcome::new("known"))
    }

    async fn reset(&self, execution: &str, name: &UserName) -> Result<Outcome, Error> {
        let record = self.record(execution, name).await?;
        let user = self.directory.user(name).await?;
        if user.sid.as_str() != record.sid {
            return Err(Error::ReleaseRefused(format!(
                "{name} is another account than when the release was asked for"
            )));
        }
        if record.released_at.is_none() {
            self.enable(execution, name, &record).await?;
        }
        self.change_containment(name, |held| held.finish_release(execution)).await?;
        Ok(Outcome::new("released"))
    }

    async fn enable(&self, execution: &str, name: &UserName, record: &ReleaseRecord) -> Result<(), Error> {
        self.change_containment(name, |held| held.begin_release(execution, &record.cause, clock::now()))
            .await?;
        let (secret, password) = self.escrow.keep(name, execution).await?;
        self.amend(execution, name, |record| record.secret = Some(secret.clone())).await?;
        tracing::info!(user.name = %name, "releasing the user");
        self.directory.reset_password(name, &password).await?;
        let now = clock::iso(clock::now());
        self.amend(execution, name, |record| record.released_at = Some(now.clone())).await?;
        self.metrics.count(Metric::Released);
        Ok(())
    }

    async fn abandon(&self, execution: &str, name: &UserName) -> Result<Outcome, Error> {
        let key = containment_key(&self.config.directory, name);
        records::update(&self.store, &key, |item: Option<Containment>| match item {
            Some(mut held) => {
                held.abandon_release(execution);
                Change::Write(held, ())
            }
            None => Change::Keep(()),
        })
        .await?;
        Ok(Outcome::new("abandoned"))
    }

    async fn change_containment(
        &self,
        name: &UserName,
        change: impl Fn(&mut Containment) -> Result<(), String>,
    ) -> Result<(), Error> {
        let key = containment_key(&self.config.directory, name);
        let changed = records::update(&self.store, &key, |item: Option<Containment>| {
            let Some(mut held) = item else { return Change::Keep(Err(format!("{name} is not contained"))) };
            match change(&mut held) {
                Ok(()) => Change::Write(held, Ok(())),
                Err(refusal) => Change::Keep(Err(refusal)),
            }
        });
        changed.await?.map_err(Error::ReleaseRefused)
    }

    async fn tell(&self, execution: &str, name: &UserName) -> Result<Outcome, Error> {
        let record = self.record(execution, name).await?;
        let notice = notice::released(&record, &self.config.links());
        let cause = format!("release#{execution}");
        notice::tell(&self.store, &self.notices, &cause, execution, clock::now(), &notice).await?;
        Ok(Outcome::new("told"))
    }

    async fn record(&self, execution: &str, name: &UserName) -> Result<ReleaseRecord, Error> {
        let key = release_key(&self.config.directory, name, execution);
        let (record, _) = self.store.read::<ReleaseRecord>(&key).await?;
        record.ok_or_else(|| {
            Error::Input(format!("no release of {name} was checked: run the step Check first"))
        })
    }

    async fn amend(
        &self,
        execution: &str,
        name: &UserName,
        mut change: impl FnMut(&mut ReleaseRecord),
    ) -> Result<(), Error> {
        let key = release_key(&self.config.directory, name, execution);
        records::update(&self.store, &key, |item: Option<ReleaseRecord>| match item {
            Some(mut record) => {
                change(&mut record);
                Change::Write(record, ())
            }
            None => Change::Keep(()),
        })
        .await?;
        Ok(())
    }
}

#[cfg(test)]
pub(crate) mod tests;
