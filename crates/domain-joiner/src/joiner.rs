//! The work on one message.

use std::time::Duration;

use steward_core::error::Kind;
use steward_core::notice::Notices;
use steward_core::store::Store;

use crate::account::Accounts;
use crate::computers::Computers;
use crate::error::Error;
use crate::event::{Told, ToldState};
use crate::later::Later;
use crate::member::Members;
use crate::name::NamePrefix;
use crate::outcome::Outcome;
use crate::password::JoinPasswords;
use crate::reason::Reason;
use crate::seal::Seal;

/// How the flow is set up.
#[derive(Debug, Clone)]
pub struct Settings {
    /// What computers' names begin with.
    pub prefix: NamePrefix,
    /// The document that joins Linux.
    pub linux_document: String,
    /// The document that joins Windows, if there is one.
    pub windows_document: Option<String>,
    /// How often an agent is looked for that is not there.
    pub agent_attempts: u32,
    /// How often an instance is tried that fails in a way that may pass.
    pub join_attempts: u32,
    /// How long until the next try.
    pub retry: Duration,
    /// How long after a command it is looked at without its status event.
    pub look_again: Duration,
    /// Notices of failures in an hour at most.
    pub hourly_notices: usize,
    /// Whether a host with the AD tools removes the objects of terminated instances.
    pub by_tools_host: bool,
    /// The computer table's name, for notices.
    pub computer_table: String,
}

/// Everything that the flow acts on.
#[derive(Debug)]
pub struct Joiner<M, C, A, L, P, S, N> {
    /// The way into member accounts.
    pub members: M,
    /// The directories' computer objects.
    pub computers: C,
    /// The account table.
    pub accounts: A,
    /// The join queue.
    pub later: L,
    /// Join accounts' passwords.
    pub passwords: P,
    /// The computer table.
    pub store: S,
    /// Where people are told.
    pub notices: N,
    /// How passwords are sealed.
    pub seal: Seal,
    /// The settings.
    pub settings: Settings,
}

impl<M, C, A, L, P, S, N> Joiner<M, C, A, L, P, S, N>
where
    M: Members + Sync,
    C: Computers + Sync,
    A: Accounts + Sync,
    L: Later + Sync,
    P: JoinPasswords + Sync,
    S: Store + Sync,
    N: Notices + Sync,
{
    /// Works on one message.
    ///
    /// # Errors
    /// What keeps it from coming to its end; the message must come back. What will not pass by itself has been written
    /// down and told, and is an outcome.
    pub async fn work(&self, told: &Told) -> Result<Outcome, Error> {
        let (place, ends, done) = match told {
            Told::State(_, ToldState::Other) => return Ok(Outcome::Ignored(Reason::OtherState)),
            Told::State(place, ToldState::Running) => (place, false, self.running(place).await),
            Told::State(place, ToldState::Terminated) => (place, true, self.terminated(place).await),
            Told::Command(place, command) => (place, false, self.command(place, command).await),
            Told::Again(place, number) => (place, false, self.again(place, *number).await),
            Told::Gone(place) => (place, true, self.gone(place).await),
        };
        match done {
            Err(Error::OtherPlace(record)) => self.refuse(place, &record).await,
            Err(error) if error.kind() == Kind::Permanent => self.give_up(place, ends, error).await,
            done => done,
        }
    }
}
