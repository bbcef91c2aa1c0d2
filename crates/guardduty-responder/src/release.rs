//! The steps of the state machine `release-user`: the undo of a containment.
//!
//! The service has no call that enables a user: the only way is a new password. It is made here, kept in a secret
//! before the directory hears of it, and shown to nobody. A user of a trusted domain is given one, too, before he is
//! enabled: the one that he had may be known to others.

mod config;
mod escrow;
mod guardduty;
mod request;

use steward_core::directory::{Directory, DirectoryError};
use steward_core::error::Kind;
use steward_core::ids::UserName;
use steward_core::metrics::Metrics;

pub use config::Config;
pub use escrow::{Escrow, EscrowError, Secrets};
pub use guardduty::{Detector, Findings, GuardDutyError};
pub use request::{Outcome, Request, Step, Wish};

use crate::caller;
use crate::clock;
use crate::directories::{Directories, Forests};
use crate::error::Error;
use crate::home::{Home, full_name};
use crate::metric::Metric;
use crate::notice::{self, Notices, Topic};
use crate::records::{
    self, Change, Containment, ReleaseRecord, Status, Store, Table, containment_key, release_key,
};

/// Everything that the steps act on.
#[derive(Debug)]
pub struct Releaser<D, S, E, F, N> {
    /// The directories.
    pub directories: D,
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
pub type Live = Releaser<Forests, Table, Secrets, Detector, Topic>;

/// Whom a release is about.
struct Subject<'a> {
    home: Home,
    name: &'a UserName,
}

impl Subject<'_> {
    /// Who it is, for people.
    fn who(&self) -> String {
        full_name(self.name.as_str(), self.home.domain())
    }
}

impl<D: Directories + Sync, S: Store + Sync, E: Escrow + Sync, F: Findings + Sync, N: Notices + Sync>
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
        let home = Home::of(&self.config.directory, wish.domain.as_deref());
        let subject = &Subject { home, name: &wish.user };
        match request.step {
            Step::Check => self.check(&request.execution, &wish, subject).await,
            Step::LearnCaller => self.learn_caller(&request.execution, subject, &request.started_at).await,
            Step::Reset => self.reset(&request.execution, subject).await,
            Step::Tell => self.tell(&request.execution, subject).await,
            Step::Abandon => self.abandon(&request.execution, subject).await,
        }
    }

    /// The directory that serves the user.
    async fn directory(&self, subject: &Subject<'_>) -> Result<D::One, Error> {
        let directory = self.directories.serving(&subject.home).await?;
        directory.ok_or_else(|| {
            Error::ReleaseRefused(format!(
                "{} is no domain of the stack's parameter TrustedForestSecretArns. Leave \"domain\" out for a user of the \
                 stack's own directory",
                subject.home
            ))
        })
    }

    /// Only a user whom adsteward holds contained is released: everybody else is disabled for reasons of others.
    async fn check(&self, execution: &str, wish: &Wish, subject: &Subject<'_>) -> Result<Outcome, Error> {
        let Subject { home, name } = subject;
        let key = release_key(home, name, execution);
        if self.store.read::<ReleaseRecord>(&key).await?.0.is_some() {
            return Ok(Outcome::new("checked"));
        }
        let who = subject.who();
        let user = match self.directory(subject).await?.user(name).await {
            Err(DirectoryError::UserNotFound(_)) => {
                return Err(Error::ReleaseRefused(format!("the directory has no user {who}")));
            }
            other => other?,
        };
        let (held, _) = self.store.read::<Containment>(&containment_key(home, name)).await?;
        let held = held.filter(|held| held.status != Status::Released && held.sid == user.sid.as_str());
        let Some(held) = held else {
            return Err(Error::ReleaseRefused(format!(
                "adsteward does not hold {who} contained. A user disabled for another reason is enabled {}",
                match home {
                    Home::Own(_) => "by a password reset in the Directory Service console",
                    Home::Trusted(_) => "with the tools of that domain",
                }
            )));
        };
        // A release that died after its reset has enabled him already: it is finished here, with another password.
        if user.enabled && held.status != Status::Releasing {
            return Err(Error::ReleaseRefused(format!(
                "{who} is enabled already; a release would only change the password"
            )));
        }
        if wish.override_reason.is_none() && self.is_active(&held).await? {
            return Err(Error::ReleaseRefused(format!(
                "the finding that contained {who} is active: {}. Archive it in GuardDuty when it is dealt with, or say \
                 in \"override\" why {who} is released all the same",
                held.finding_arn
            )));
        }
        let record = ReleaseRecord {
            user: user.name.to_string(),
            domain: home.domain().map(str::to_owned),
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
                held.who(),
                held.who()
            ))),
            other => Ok(other?),
        }
    }

    /// CloudTrail tells who started the execution; it may take some minutes.
    async fn learn_caller(
        &self,
        execution: &str,
        subject: &Subject<'_>,
        started_at: &str,
    ) -> Result<Outcome, Error> {
        let learned =
            caller::learn(&self.store, execution, started_at, self.config.caller_wait_seconds).await?;
        let caller = learned.judge(Some(subject.name)).map_err(Error::ReleaseRefused)?;
        let Some(caller) = caller else { return Ok(Outcome::new("waiting")) };
        self.amend(execution, subject, |record| record.caller = Some(caller.arn.clone())).await?;
        Ok(Outcome::new("known"))
    }

    async fn reset(&self, execution: &str, subject: &Subject<'_>) -> Result<Outcome, Error> {
        let record = self.record(execution, subject).await?;
        let directory = self.directory(subject).await?;
        let user = directory.user(subject.name).await?;
        if user.sid.as_str() != record.sid {
            return Err(Error::ReleaseRefused(format!(
                "{} is another account than when the release was asked for",
                subject.who()
            )));
        }
        if record.caller.is_none() {
            return Err(Error::ReleaseRefused(
                "nobody knows who asked: run the step LearnCaller first".to_owned(),
            ));
        }
        if record.released_at.is_none() {
            self.enable(execution, subject, &directory, &record).await?;
        }
        self.change_containment(subject, |held| held.finish_release(execution)).await?;
        Ok(Outcome::new("released"))
    }

    async fn enable(
        &self,
        execution: &str,
        subject: &Subject<'_>,
        directory: &D::One,
        record: &ReleaseRecord,
    ) -> Result<(), Error> {
        let Subject { home, name } = subject;
        self.change_containment(subject, |held| held.begin_release(execution, &record.cause, clock::now()))
            .await?;
        let (secret, password) = self.escrow.keep(home, name, execution).await?;
        self.amend(execution, subject, |record| record.secret = Some(secret.clone())).await?;
        tracing::info!(user.name = subject.who(), "releasing the user");
        directory.reset_password(name, &password).await?;
        // The password first: with the old one nobody gets in.
        directory.enable(name).await?;
        let now = clock::iso(clock::now());
        self.amend(execution, subject, |record| record.released_at = Some(now.clone())).await?;
        self.metrics.count(Metric::Released);
        Ok(())
    }

    async fn abandon(&self, execution: &str, subject: &Subject<'_>) -> Result<Outcome, Error> {
        let key = containment_key(&subject.home, subject.name);
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
        subject: &Subject<'_>,
        change: impl Fn(&mut Containment) -> Result<(), String>,
    ) -> Result<(), Error> {
        let key = containment_key(&subject.home, subject.name);
        let changed = records::update(&self.store, &key, |item: Option<Containment>| {
            let Some(mut held) = item else {
                return Change::Keep(Err(format!("{} is not contained", subject.who())));
            };
            match change(&mut held) {
                Ok(()) => Change::Write(held, Ok(())),
                Err(refusal) => Change::Keep(Err(refusal)),
            }
        });
        changed.await?.map_err(Error::ReleaseRefused)
    }

    async fn tell(&self, execution: &str, subject: &Subject<'_>) -> Result<Outcome, Error> {
        let record = self.record(execution, subject).await?;
        let notice = notice::released(&record, &self.config.links());
        let cause = format!("release#{execution}");
        notice::tell(&self.store, &self.notices, &cause, execution, clock::now(), &notice).await?;
        Ok(Outcome::new("told"))
    }

    async fn record(&self, execution: &str, subject: &Subject<'_>) -> Result<ReleaseRecord, Error> {
        let key = release_key(&subject.home, subject.name, execution);
        let (record, _) = self.store.read::<ReleaseRecord>(&key).await?;
        record.ok_or_else(|| {
            Error::Input(format!("no release of {} was checked: run the step Check first", subject.who()))
        })
    }

    async fn amend(
        &self,
        execution: &str,
        subject: &Subject<'_>,
        mut change: impl FnMut(&mut ReleaseRecord),
    ) -> Result<(), Error> {
        let key = release_key(&subject.home, subject.name, execution);
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
