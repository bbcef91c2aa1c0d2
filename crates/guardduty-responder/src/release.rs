//! The steps of the state machine `release-user`: the undo of a containment.
//!
//! The service has no call that enables a user: the only way is a new password. It is made here, kept in a secret
//! before the directory hears of it, and shown to nobody.

mod config;
mod escrow;
mod guardduty;
mod request;

use steward_core::directory::{Directory, DirectoryError, DirectoryService};
use steward_core::error::Kind;
use steward_core::ids::UserName;
use steward_core::metrics::Metrics;

pub use config::Config;
pub use escrow::{Escrow, EscrowError, Secrets};
pub use guardduty::{Detector, Findings, GuardDutyError};
pub use request::{Outcome, Request, Step, Wish};

use crate::caller;
use crate::clock;
use crate::error::Error;
use crate::metric::Metric;
use crate::notice::{self, Notices, Topic};
use crate::records::{
    self, Change, Containment, ReleaseRecord, Status, Store, Table, containment_key, release_key,
};

/// Everything that the steps act on.
#[derive(Debug)]
pub struct Releaser<D, S, E, F, N> {
    /// The directory.
    pub directory: D,
    /// The decision table.
    pub store: S,
    /// Where new passwords are kept.
    pub escrow: E,
    /// What GuardDuty says of findings.
    pub findings: F,
    /// Where people are told.
    pub notices: N,
    /// Where outcomes are counted.
    pub metrics: Metrics,
    /// The configuration.
    pub config: Config,
}

/// The releaser as the function runs it.
pub type Live = Releaser<DirectoryService, Table, Secrets, Detector, Topic>;

impl<D: Directory + Sync, S: Store + Sync, E: Escrow + Sync, F: Findings + Sync, N: Notices + Sync>
    Releaser<D, S, E, F, N>
{
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
            Step::Check => self.check(&request.execution, &wish).await,
            Step::LearnCaller => self.learn_caller(&request.execution, &wish.user, &request.started_at).await,
            Step::Reset => self.reset(&request.execution, &wish.user).await,
            Step::Tell => self.tell(&request.execution, &wish.user).await,
            Step::Abandon => self.abandon(&request.execution, &wish.user).await,
        }
    }

    /// Only a user whom adsteward holds contained is released: everybody else is disabled for reasons of others.
    async fn check(&self, execution: &str, wish: &Wish) -> Result<Outcome, Error> {
        let name = &wish.user;
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
        // A release that died after its reset has enabled him already: it is finished here, with another password.
        if user.enabled && held.status != Status::Releasing {
            return Err(Error::ReleaseRefused(format!(
                "{name} is enabled already; a release would only change the password"
            )));
        }
        if wish.override_reason.is_none() && self.is_active(&held).await? {
            return Err(Error::ReleaseRefused(format!(
                "the finding that contained {name} is active: {}. Archive it in GuardDuty when it is dealt with, or say \
                 in \"override\" why {name} is released all the same",
                held.finding_arn
            )));
        }
        let record = ReleaseRecord {
            user: user.name.to_string(),
            sid: user.sid.to_string(),
            reason: wish.reason.clone(),
            override_reason: wish.override_reason.clone(),
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

    async fn is_active(&self, held: &Containment) -> Result<bool, Error> {
        match self.findings.is_active(&held.finding_arn).await {
            Err(error) if error.kind() == Kind::Permanent => Err(Error::ReleaseRefused(format!(
                "GuardDuty does not say whether the finding that contained {} is dealt with ({error}). Say in \"override\" \
                 why {} is released all the same",
                held.user, held.user
            ))),
            other => Ok(other?),
        }
    }

    /// CloudTrail tells who started the execution; it may take some minutes.
    async fn learn_caller(
        &self,
        execution: &str,
        name: &UserName,
        started_at: &str,
    ) -> Result<Outcome, Error> {
        let learned =
            caller::learn(&self.store, execution, started_at, self.config.caller_wait_seconds).await?;
        let caller = learned.judge(Some(name)).map_err(Error::ReleaseRefused)?;
        let Some(caller) = caller else { return Ok(Outcome::new("waiting")) };
        self.amend(execution, name, |record| record.caller = Some(caller.arn.clone())).await?;
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
        if record.caller.is_none() {
            return Err(Error::ReleaseRefused(
                "nobody knows who asked: run the step LearnCaller first".to_owned(),
            ));
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
