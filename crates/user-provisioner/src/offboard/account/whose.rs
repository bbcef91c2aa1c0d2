//! Which account is a leaver's. Only what is on record, or surely his, is taken away.

use steward_core::directory::DirectoryError;
use steward_core::notice::Notices;
use steward_core::store::Store;

use super::{Offboarder, Way};
use crate::error::Error;
use crate::people::{Facts, People};
use crate::records::{AccountState, owner_of};
use crate::services::Guess;

/// Which account is the user's.
pub(super) enum His {
    /// This one.
    Account(String),
    /// None is.
    None(&'static str),
    /// Nobody can say, and what was looked for.
    Unknown(String),
    /// One of his name is left alone, and which one and why.
    Other(String),
}

impl<P: People + Sync, S: Store + Sync, D: Store + Sync, N: Notices + Sync> Offboarder<P, S, D, N> {
    /// Which account is the user's: the one on record, or one that is found under his name and fits.
    pub(super) async fn his(&self, way: &Way<'_>, there: bool) -> Result<His, Error> {
        let gone = matches!(way.account.state, AccountState::Removed | AccountState::Absent);
        if let Some(id) = way.account.id.clone().filter(|_| !gone) {
            return Ok(His::Account(id));
        }
        let facts = way.run.facts.clone().unwrap_or_default();
        if self.is_anothers_name(&facts, there).await? {
            return Ok(His::None("the name is another user's by now"));
        }
        if !there && let Some(guess) = way.service.guess(&facts).await? {
            return self.perhaps_his(way, guess).await;
        }
        let Some(found) = way.service.find(&facts).await? else { return Ok(His::None("none was found")) };
        let owner = owner_of(&self.store, way.service.name(), &found.id).await?;
        let id = found.id;
        Ok(match (owner, found.other) {
            (Some(owner), _) if owner != way.item.sid => His::Other(another_accounts(&id, &owner)),
            (None, Some(why)) => {
                His::Other(format!("{id} has the user's name and seems to be another person's: {why}"))
            }
            _ => His::Account(id),
        })
    }

    /// An account that he probably had: what is deleted does not come back, so that only the record of whose it is
    /// makes it his.
    async fn perhaps_his(&self, way: &Way<'_>, guess: Guess) -> Result<His, Error> {
        let Guess { name, id } = guess;
        let Some(id) = id else {
            return Ok(His::Unknown(format!(
                "{} goes by the user principal name, and adsteward never saw the user's: it has looked for {name}, which \
                 is not there, and for no other",
                way.service.title()
            )));
        };
        Ok(match owner_of(&self.store, way.service.name(), &id).await? {
            Some(owner) if owner == way.item.sid => His::Account(id),
            Some(owner) => His::Other(another_accounts(&id, &owner)),
            None => His::Other(format!(
                "{id} is called {name}, as the user probably was: adsteward never saw his user principal name, and \
                 cannot tell whether it is his. Look whose it is, and delete it by hand if it is his"
            )),
        })
    }

    /// Whether a user who is gone has left his name to somebody else.
    async fn is_anothers_name(&self, facts: &Facts, there: bool) -> Result<bool, Error> {
        if there {
            return Ok(false);
        }
        let name = facts.name.parse().map_err(|error| Error::Input(format!("{error}")))?;
        match self.people.person(&name).await {
            Ok(person) => Ok(person.user.sid.as_str() != facts.sid),
            Err(DirectoryError::UserNotFound(_)) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }
}

fn another_accounts(id: &str, owner: &str) -> String {
    format!("{id} belongs to {owner}, another account of that name")
}
