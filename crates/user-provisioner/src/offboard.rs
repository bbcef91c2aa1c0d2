//! The steps of the state machine `offboard-user`.
//!
//! Look whether he is disabled, gone or contained, wait, suspend each account, take him out of his groups, say so; after a
//! long time remove what is kept. Before each effect the directory is asked again: who comes back in between loses nothing
//! more. A contained user is suspended, and nothing of his is deleted.

mod account;
mod begin;
mod groups;
mod tell;

use serde::Deserialize;
use steward_core::clock;
use steward_core::directory::DirectoryError;
use steward_core::ids::UserName;
use steward_core::metrics::Metrics;
use steward_core::notice::{Notices, Topic};
use steward_core::store::{Store, Table};

use crate::abandon::perhaps_taken;
use crate::config::Offboarding;
use crate::error::Error;
use crate::people::{ManagedPeople, People};
use crate::records::{self, Run, UserItem, amend_run, is_believed, is_contained};
use crate::request::{Outcome, Request as AnyRequest};
use crate::services::{Leaving, Services};

/// For how long an execution holds a user beyond what it waits for.
const LEASE_SECONDS: u64 = 60 * 60;

/// After this time every domain controller has heard of a change.
const REPLICATION_SECONDS: u64 = 60;

/// Between looks at the directory in that time.
const LOOK_SECONDS: u64 = 10;

/// A step of `offboard-user`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Step {
    /// Looks the user up, and takes him.
    Begin,
    /// Makes an account unusable.
    Suspend,
    /// Takes a leaver out of his groups.
    LeaveGroups,
    /// Tells people.
    Tell,
    /// Removes an account that was suspended.
    Terminate,
    /// Notes that a service's branch has failed.
    NoteFailure,
    /// Lets go of a user whom the execution could not finish.
    Abandon,
}

/// The input of a step.
pub type Request = AnyRequest<Step>;

/// Everything that the steps act on.
#[derive(Debug)]
pub struct Offboarder<P, S, D, N> {
    /// The directory.
    pub people: P,
    /// The user table.
    pub store: S,
    /// Flow 1's decision table, which is only read.
    pub decisions: D,
    /// The services.
    pub services: Services,
    /// Where people are told.
    pub notices: N,
    /// Where outcomes are counted.
    pub metrics: Metrics,
    /// The configuration.
    pub config: Offboarding,
}

/// The off-boarder as the function runs it.
pub type Live = Offboarder<ManagedPeople, Table, Table, Topic>;

/// Whether a user is leaving still.
enum Still {
    /// He is; whether the directory has him, or his name is free or another's.
    Leaving { there: bool },
    /// The directory may not have heard of it everywhere.
    Unsure,
    /// He is enabled again.
    Back,
}

impl<P: People + Sync, S: Store + Sync, D: Store + Sync, N: Notices + Sync> Offboarder<P, S, D, N> {
    /// Does one step.
    ///
    /// # Errors
    /// When the step did not come to its end; transient ones are worth repeating.
    pub async fn handle(&self, request: Request) -> Result<Outcome, Error> {
        let outcome = match request.step {
            Step::Begin => self.begin(&request).await,
            Step::Suspend => self.suspend(&request).await,
            Step::LeaveGroups => self.leave_groups(&request).await,
            Step::Tell => self.tell(&request).await,
            Step::Terminate => self.terminate(&request).await,
            Step::NoteFailure => self.note_failure(&request).await,
            Step::Abandon => self.abandon(&request).await,
        }?;
        tracing::info!(
            user.name = request.input.name(), step = ?request.step, service = request.service,
            outcome = outcome.outcome, reason = outcome.reason, "step done"
        );
        Ok(outcome)
    }

    /// What the first step of this execution has decided.
    async fn run(&self, request: &Request) -> Result<Run, Error> {
        let run = records::read_run(&self.store, &request.execution).await?;
        run.ok_or_else(|| Error::Undecided(request.input.name().to_owned()))
    }

    /// The user's item, as long as this execution holds him.
    async fn held(&self, run: &Run, request: &Request) -> Result<Option<UserItem>, Error> {
        let Some(sid) = &run.sid else { return Ok(None) };
        Ok(records::held(&self.store, &self.config.common.directory, sid, &request.execution).await?)
    }

    /// Changes the user's item; none when another execution has taken him over.
    async fn change(
        &self,
        sid: &str,
        request: &Request,
        change: impl FnMut(&mut UserItem),
    ) -> Result<Option<UserItem>, Error> {
        let directory = &self.config.common.directory;
        Ok(records::change(&self.store, directory, sid, &request.execution, change).await?)
    }

    /// Asks the directory again before something is taken away.
    async fn still(&self, run: &Run, item: &UserItem, request: &Request) -> Result<Still, Error> {
        let there = match self.people.person(&name_of(item)?).await {
            Err(DirectoryError::UserNotFound(_)) => false,
            Ok(person) if person.user.sid.as_str() != item.sid => false,
            Ok(person) if !person.user.enabled => true,
            Ok(_) => {
                let believed = is_believed(&self.store, &request.execution, clock::now()).await?;
                return Ok(if believed { Still::Back } else { Still::Unsure });
            }
            Err(error) => return Err(error.into()),
        };
        if run.doubted_at.is_some() {
            amend_run(&self.store, &request.execution, |run| run.doubted_at = None).await?;
        }
        Ok(Still::Leaving { there })
    }

    /// Why he leaves, as flow 1 says now: who is contained meanwhile loses nothing for good.
    async fn kind(&self, run: &Run, item: &UserItem) -> Result<Leaving, Error> {
        let noted = run.kind.as_deref().and_then(Leaving::of).unwrap_or(Leaving::Contained);
        let sid = item.sid.parse().map_err(|error| Error::Input(format!("{error}")))?;
        let directory = &self.config.common.directory;
        let contained = is_contained(&self.decisions, directory, &name_of(item)?, &sid).await?;
        Ok(if contained { Leaving::Contained } else { noted })
    }

    /// Ends the branch: somebody wants the user back.
    async fn stop(&self, request: &Request, why: &'static str) -> Result<Outcome, Error> {
        amend_run(&self.store, &request.execution, |run| run.stopped = Some(why.to_owned())).await?;
        Ok(Outcome::because("overtaken", why))
    }

    async fn abandon(&self, request: &Request) -> Result<Outcome, Error> {
        let directory = &self.config.common.directory;
        let (execution, input) = (&request.execution, &request.input);
        for sid in perhaps_taken(&self.people, &self.store, directory, execution, input).await? {
            self.change(&sid, request, UserItem::let_go).await?;
        }
        Ok(Outcome::new("abandoned"))
    }
}

/// The user's name.
fn name_of(item: &UserItem) -> Result<UserName, Error> {
    item.name.parse().map_err(|error| Error::Input(format!("{error}")))
}

#[cfg(test)]
mod tests;
