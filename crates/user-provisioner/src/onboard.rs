//! The steps of the state machine `onboard-user`.
//!
//! Look the user up until he is enabled and in a group that counts, put back what was taken away, make each account, say
//! what became of it. Every step can be repeated: what it has done already it finds in the user table or in the service.

mod account;
mod look_up;
mod report;
mod restore;
mod taking;

use serde::Deserialize;
use steward_core::metrics::Metrics;
use steward_core::notice::{Notices, Topic};
use steward_core::store::{Store, Table};
use steward_core::{clock, ids::Sid};

use crate::abandon::perhaps_taken;
use crate::config::Onboarding;
use crate::error::Error;
use crate::people::{ManagedPeople, People};
use crate::records::{self, Run, UserItem};
use crate::request::{Outcome, Request as AnyRequest};
use crate::services::Services;

/// For how long an execution holds a user without a sign of life.
pub(crate) const LEASE_SECONDS: u64 = 30 * 60;

/// A step of `onboard-user`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Step {
    /// Looks the user up, and takes him.
    LookUp,
    /// Puts back the memberships that off-boarding has taken away.
    Restore,
    /// Makes an account in a service.
    Create,
    /// Goes on with it.
    Status,
    /// Notes that a service's branch has failed.
    NoteFailure,
    /// Tells people, and lets go of the user.
    Report,
    /// Lets go of a user whom the execution could not finish.
    Abandon,
}

/// The input of a step.
pub type Request = AnyRequest<Step>;

/// Everything that the steps act on.
#[derive(Debug)]
pub struct Provisioner<P, S, N> {
    /// The directory.
    pub people: P,
    /// The user table.
    pub store: S,
    /// The services.
    pub services: Services,
    /// Where people are told.
    pub notices: N,
    /// Where outcomes are counted.
    pub metrics: Metrics,
    /// The configuration.
    pub config: Onboarding,
}

/// The provisioner as the function runs it.
pub type Live = Provisioner<ManagedPeople, Table, Topic>;

impl<P: People + Sync, S: Store + Sync, N: Notices + Sync> Provisioner<P, S, N> {
    /// Does one step.
    ///
    /// # Errors
    /// When the step did not come to its end; transient ones are worth repeating.
    pub async fn handle(&self, request: Request) -> Result<Outcome, Error> {
        let outcome = match request.step {
            Step::LookUp => self.look_up(&request).await,
            Step::Restore => self.restore(&request).await,
            Step::Create | Step::Status => self.advance(&request).await,
            Step::NoteFailure => self.note_failure(&request).await,
            Step::Report => self.report(&request).await,
            Step::Abandon => self.abandon(&request).await,
        }?;
        tracing::info!(
            user.name = request.input.name(), step = ?request.step, service = request.service,
            outcome = outcome.outcome, reason = outcome.reason, "step done"
        );
        Ok(outcome)
    }

    /// What the look-up of this execution has decided.
    async fn run(&self, request: &Request) -> Result<Run, Error> {
        let run = records::read_run(&self.store, &request.execution).await?;
        run.ok_or_else(|| Error::Undecided(request.input.name().to_owned()))
    }

    /// The user's item, as long as this execution holds him.
    async fn held(&self, run: &Run, request: &Request) -> Result<Option<UserItem>, Error> {
        let Some(sid) = &run.sid else { return Ok(None) };
        Ok(records::held(&self.store, &self.config.common.directory, sid, &request.execution).await?)
    }

    /// Changes the user's item and holds him longer; none when another execution has taken him over.
    async fn change(
        &self,
        sid: &str,
        request: &Request,
        mut change: impl FnMut(&mut UserItem),
    ) -> Result<Option<UserItem>, Error> {
        let until = clock::now() + LEASE_SECONDS;
        let directory = &self.config.common.directory;
        let changed = records::change(&self.store, directory, sid, &request.execution, |item| {
            change(item);
            if item.is_held_by(&request.execution) {
                item.held_until = item.held_until.max(until);
            }
        });
        Ok(changed.await?)
    }

    async fn abandon(&self, request: &Request) -> Result<Outcome, Error> {
        let directory = &self.config.common.directory;
        let (execution, input) = (&request.execution, &request.input);
        for sid in perhaps_taken(&self.people, &self.store, directory, execution, input).await? {
            self.give_up_telling(&sid, request).await?;
            self.change(&sid, request, |item| {
                if item.state == records::State::Onboarding {
                    item.state = records::State::Failed;
                }
                item.let_go();
            })
            .await?;
        }
        Ok(Outcome::new("abandoned"))
    }
}

/// The SID as the directory writes it, or none when somebody has written other words into the table.
pub(crate) fn parsed(sid: &str) -> Result<Sid, Error> {
    sid.parse().map_err(|error| Error::Input(format!("{error}")))
}

#[cfg(test)]
mod tests;
