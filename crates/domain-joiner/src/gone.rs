//! An instance of which somebody says that it is gone: EC2 is asked, and then it leaves.

use steward_core::notice::Notices;
use steward_core::store::Store;

use crate::account::{Account, Accounts};
use crate::computers::Computers;
use crate::error::Error;
use crate::joiner::Joiner;
use crate::later::Later;
use crate::member::{Member, Members, State as Truth};
use crate::outcome::Outcome;
use crate::password::JoinPasswords;
use crate::place::Place;
use crate::random;
use crate::reason::Reason;
use crate::records::{Computer, Held, State, marker_of, read};

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
    /// Computer-sweeper has not found the instance. That EC2 does not know it counts only with the account's own role.
    pub(crate) async fn gone(&self, place: &Place) -> Result<Outcome, Error> {
        let held = read(&self.store, place).await?;
        if let Some(Held { item, .. }) = &held {
            match item.state {
                State::Left => return Ok(Outcome::Ignored(Reason::AlreadyLeft)),
                State::Leaving if item.is_looked_at_soon() => return Ok(Outcome::Ignored(Reason::UnderWay)),
                _ => {}
            }
        }
        let Some(account) = self.accounts.account(&place.account).await? else {
            return Ok(Outcome::Ignored(Reason::NoAccountRow));
        };
        let member = self.members.open(&account, place).await?;
        if !matches!(member.instance().await?.map(|instance| instance.state), None | Some(Truth::Terminated))
        {
            return Ok(Outcome::Ignored(Reason::NotGone));
        }
        let held = match held {
            Some(held) => Some(held),
            None => self.record_orphan(place, &account).await?,
        };
        match held {
            Some(held) => self.leave(place, &account, held).await,
            None => Ok(Outcome::Ignored(Reason::NeverJoined)),
        }
    }

    /// Writes down anew whose the computer is of an instance whose record was lost: it has the instance's name, which
    /// follows from its id, and its description names it, its account and its Region.
    async fn record_orphan(&self, place: &Place, account: &Account) -> Result<Option<Held>, Error> {
        let name = self.settings.name_of(place);
        let Some(object) = self.computers.named(account, &name).await? else { return Ok(None) };
        let named = format!("{} ", marker_of(place));
        let Some(marker) = object.description.filter(|text| text.starts_with(&named)) else {
            return Ok(None);
        };
        let item = Computer {
            state: State::Leaving,
            domain: account.domain.clone(),
            sid: Some(object.sid),
            marker,
            ..Computer::new(place, name, random::nonce()?)
        };
        let mut held = Held::new(place, item)?;
        if held.write(&self.store).await? {
            return Ok(Some(held));
        }
        Err(Error::Busy(place.instance.to_string()))
    }
}

#[cfg(test)]
mod tests;
