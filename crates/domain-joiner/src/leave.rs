//! A terminated instance: exactly its own object is removed, and its DNS record.

use steward_core::clock;
use steward_core::ids::Sid;
use steward_core::notice::Notices;
use steward_core::store::Store;

use crate::account::{Account, Accounts};
use crate::answer::{Action, Answer};
use crate::computers::Computers;
use crate::error::Error;
use crate::joiner::Joiner;
use crate::later::Later;
use crate::member::{Member, Members, Reply};
use crate::object::{check_domain, is_own};
use crate::outcome::{Outcome, Wait};
use crate::password::JoinPasswords;
use crate::place::Place;
use crate::reason::Reason;
use crate::records::{Held, Phase, State, read};

mod by_host;

/// Tries to mark an instance as leaving while others write its item.
const TRIES: u32 = 10;

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
    /// Removes what is the instance's own. From here on nobody joins it any more.
    pub(crate) async fn leave(&self, place: &Place, account: &Account, held: Held) -> Result<Outcome, Error> {
        let mut held = self.mark_leaving(place, held).await?;
        if held.item.sid.is_none() && held.item.claimed && !self.learn_sid(place, account, &mut held).await? {
            return self.cannot_leave(place, held, Reason::NotProved, "").await;
        }
        if self.settings.by_tools_host {
            return self.leave_by_host(place, account, held).await;
        }
        let found = self.remove_own(account, &mut held.item).await?;
        self.end_of_leave(place, held, found).await
    }

    /// Looks once more where something may come late, or notes that nothing is left.
    async fn end_of_leave(&self, place: &Place, mut held: Held, found: bool) -> Result<Outcome, Error> {
        // A creation whose answer nobody has seen may still be on its way, and a domain controller may not have heard of an
        // object that another one has made.
        let unseen = held.item.unsettled || (held.item.sid.is_some() && !found);
        if unseen && !held.item.last_look {
            held.item.last_look = true;
            return self.wait(place, held, self.settings.look_again, Wait::LastLook).await;
        }
        self.note_left(place, held).await
    }

    async fn note_left(&self, place: &Place, mut held: Held) -> Result<Outcome, Error> {
        held.item.state = State::Left;
        held.item.unsettled = false;
        held.item.phase = None;
        held.item.command = None;
        held.item.host = None;
        held.item.reason = None;
        held.item.detail = None;
        held.item.left_at = Some(clock::iso(clock::now()));
        if held.write(&self.store).await? {
            return Ok(Outcome::Left);
        }
        Err(Error::Busy(place.instance.to_string()))
    }

    /// Whoever joins it at the moment loses its next write, and takes back what it has made.
    async fn mark_leaving(&self, place: &Place, mut held: Held) -> Result<Held, Error> {
        for _ in 0..TRIES {
            if matches!(held.item.state, State::Leaving | State::Left) {
                return Ok(held);
            }
            held.item.state = State::Leaving;
            held.item.last_look = false;
            held.item.attempts = 0;
            held.item.waits = 0;
            held.let_go();
            if held.write(&self.store).await? {
                return Ok(held);
            }
            match read(&self.store, place).await? {
                Some(now) => held = now,
                None => break,
            }
        }
        Err(Error::Busy(place.instance.to_string()))
    }

    /// A join account has perhaps made the object, and nobody has seen its SID: its description, or the answer of the command
    /// that joined, proves that the object of that name is the instance's. False when something is there and nothing proves whose it is.
    async fn learn_sid(&self, place: &Place, account: &Account, held: &mut Held) -> Result<bool, Error> {
        check_domain(account, &held.item)?;
        let Some(object) = self.computers.named(account, &held.item.name).await? else {
            return Ok(true);
        };
        if is_own(&object, &held.item) {
            return self.note_sid(place, held, object.sid).await;
        }
        let Some(command) = held.item.command.clone().filter(|_| held.item.phase == Some(Phase::Join)) else {
            return Ok(false);
        };
        let member = self.members.open(account, place).await?;
        let Reply::Ended { code, output } = member.reply(&command).await? else { return Ok(false) };
        match Answer::parse(Action::Join, code, &output) {
            Ok(Answer::Member { computer, .. }) if computer == held.item.name.as_str() => {
                self.note_sid(place, held, object.sid).await
            }
            _ => Ok(false),
        }
    }

    async fn note_sid(&self, place: &Place, held: &mut Held, sid: Sid) -> Result<bool, Error> {
        held.item.sid = Some(sid);
        if held.write(&self.store).await? {
            return Ok(true);
        }
        Err(Error::Busy(place.instance.to_string()))
    }
}
