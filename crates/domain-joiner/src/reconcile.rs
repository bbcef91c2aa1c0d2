//! What is to be done about an instance: an event is a hint, EC2 and the computer table decide.

use steward_core::notice::Notices;
use steward_core::store::Store;

use crate::account::Accounts;
use crate::answer::{Action, Answer};
use crate::case::Case;
use crate::computers::Computers;
use crate::error::Error;
use crate::group::is_opted_out;
use crate::joiner::Joiner;
use crate::later::Later;
use crate::member::{Member, Members, Reply, State as Truth};
use crate::outcome::Outcome;
use crate::password::JoinPasswords;
use crate::place::Place;
use crate::reason::Reason;
use crate::records::{Held, Phase, State, read};

/// A message that comes while another process is at the instance must not be lost: that one may die.
fn busy(place: &Place) -> Result<Outcome, Error> {
    Err(Error::Busy(place.instance.to_string()))
}

fn ignored(reason: Reason) -> Result<Outcome, Error> {
    Ok(Outcome::Ignored(reason))
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
    /// EC2 has told that the instance runs.
    pub(crate) async fn running(&self, place: &Place) -> Result<Outcome, Error> {
        let held = read(&self.store, place).await?;
        if let Some(Held { item, .. }) = &held {
            let just_now = item.at + self.settings.retry.as_secs() > steward_core::clock::now();
            match item.state {
                // With a reason it has joined, and something is left to be put right.
                State::Joined if item.reason.is_none() => return ignored(Reason::AlreadyJoined),
                State::Leaving | State::Left => return ignored(Reason::AlreadyLeft),
                // A copy of the event; later ones tell that somebody has started it again.
                State::Failed if just_now => return ignored(Reason::AlreadyFailed),
                State::Requested | State::Sent if item.is_busy() => return busy(place),
                State::Requested | State::Sent if item.is_looked_at_soon() => {
                    return ignored(Reason::UnderWay);
                }
                _ => {}
            }
        }
        self.reconcile(place, held).await
    }

    /// A command has come to its end on the instance.
    pub(crate) async fn command(&self, place: &Place, command: &str) -> Result<Outcome, Error> {
        // On an AD tools host it was for another instance.
        if let Some(place) = self.errand(command).await? {
            return self.removal_ended(&place, command).await;
        }
        let Some(held) = read(&self.store, place).await? else { return ignored(Reason::OtherCommand) };
        let item = &held.item;
        let ours = item.command.as_deref() == Some(command);
        match item.state {
            // The command that joins may have been sent, and its id be lost: this may be it.
            State::Sent | State::Leaving if item.phase == Some(Phase::Joining) && !ours => {
                if item.is_busy() {
                    busy(place)
                } else {
                    self.adopt(place, held, command).await
                }
            }
            State::Sent if ours && item.is_busy() => busy(place),
            State::Sent if ours => self.reconcile(place, Some(held)).await,
            _ => ignored(Reason::OtherCommand),
        }
    }

    async fn removal_ended(&self, place: &Place, command: &str) -> Result<Outcome, Error> {
        let Some(held) = read(&self.store, place).await? else { return ignored(Reason::OtherCommand) };
        let item = &held.item;
        if item.state != State::Leaving || item.command.as_deref() != Some(command) {
            return ignored(Reason::OtherCommand);
        }
        match self.accounts.account(&place.account).await? {
            Some(account) => self.leave(place, &account, held).await,
            None => self.cannot_leave(place, held, Reason::NoAccountRow, "").await,
        }
    }

    /// Goes on with a command whose id was lost, if it is the one that joins.
    async fn adopt(&self, place: &Place, mut held: Held, command: &str) -> Result<Outcome, Error> {
        let Some(case) = self.open(place).await? else { return ignored(Reason::NoAccountRow) };
        match case.member.reply(command).await? {
            Reply::Ended { code, output } if Answer::parse(Action::Join, code, &output).is_ok() => {
                held.item.phase = Some(Phase::Join);
                held.item.command = Some(command.to_owned());
                match held.item.state {
                    State::Leaving => self.leave(place, &case.account, held).await,
                    _ => self.look(&case, held).await,
                }
            }
            _ => ignored(Reason::OtherCommand),
        }
    }

    /// This function has told itself to look again; number 0 is somebody else who wants the instance looked at.
    pub(crate) async fn again(&self, place: &Place, number: u32) -> Result<Outcome, Error> {
        let held = read(&self.store, place).await?;
        if let Some(Held { item, .. }) = &held {
            match item.state {
                State::Left => return ignored(Reason::AlreadyLeft),
                State::Joined if number > 0 => return ignored(Reason::AlreadyJoined),
                State::Failed if number > 0 => return ignored(Reason::AlreadyFailed),
                _ if number > 0 && number < item.looks => return ignored(Reason::UnderWay),
                _ if item.is_busy() => return busy(place),
                _ => {}
            }
        }
        self.reconcile(place, held).await
    }

    /// EC2 has told that the instance is terminated.
    pub(crate) async fn terminated(&self, place: &Place) -> Result<Outcome, Error> {
        let Some(held) = read(&self.store, place).await? else { return ignored(Reason::NeverJoined) };
        match held.item.state {
            State::Left => return ignored(Reason::AlreadyLeft),
            State::Leaving if held.item.is_looked_at_soon() => return ignored(Reason::UnderWay),
            _ => {}
        }
        let Some(account) = self.accounts.account(&place.account).await? else {
            return self.cannot_leave(place, held, Reason::NoAccountRow, "").await;
        };
        // EC2 has been asked before.
        if held.item.state == State::Leaving {
            return self.leave(place, &account, held).await;
        }
        let member = self.members.open(&account, place).await?;
        match member.instance().await?.map(|instance| instance.state) {
            None | Some(Truth::Terminated) => self.leave(place, &account, held).await,
            Some(Truth::Running | Truth::Between) => Err(Error::NotTerminatedYet(place.instance.to_string())),
        }
    }

    async fn open<'a>(&self, place: &'a Place) -> Result<Option<Case<'a, M::Member>>, Error> {
        let Some(account) = self.accounts.account(&place.account).await? else { return Ok(None) };
        let member = self.members.open(&account, place).await?;
        Ok(Some(Case { place, account, member }))
    }

    async fn reconcile(&self, place: &Place, held: Option<Held>) -> Result<Outcome, Error> {
        let Some(account) = self.accounts.account(&place.account).await? else {
            return match held {
                Some(held) if held.item.state == State::Leaving => {
                    self.cannot_leave(place, held, Reason::NoAccountRow, "").await
                }
                _ => ignored(Reason::NoAccountRow),
            };
        };
        let other_region = !account.regions.is_empty() && !account.regions.contains(&place.region);
        if held.is_none() && other_region {
            return ignored(Reason::OtherRegion);
        }
        let held = match held {
            Some(held) if held.item.state == State::Leaving => {
                return self.leave(place, &account, held).await;
            }
            held => held,
        };
        let member = self.members.open(&account, place).await?;
        let case = Case { place, account, member };
        let held = match held {
            // Whether the command that joins was sent, nobody knows: the instance is asked anew.
            Some(held) if held.item.state == State::Sent && held.item.phase != Some(Phase::Joining) => {
                return self.look(&case, held).await;
            }
            held => held,
        };
        let Some(instance) = case.member.instance().await? else { return ignored(Reason::UnknownInstance) };
        match (instance.state, held) {
            (Truth::Terminated, Some(held)) => self.leave(place, &case.account, held).await,
            (Truth::Terminated, None) => ignored(Reason::NeverJoined),
            (Truth::Between, _) => ignored(Reason::NotRunning),
            (Truth::Running, Some(held))
                if held.item.state == State::Joined && held.item.reason.is_none() =>
            {
                ignored(Reason::AlreadyJoined)
            }
            (Truth::Running, _) if is_opted_out(&instance.tags) => ignored(Reason::OptedOut),
            (Truth::Running, held) => self.begin(&case, held, &instance).await,
        }
    }
}
