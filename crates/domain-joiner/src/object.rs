//! An instance's computer object: what is its own, and nothing else, is made and removed here.
//!
//! **Architecture invariant:** an object is an instance's own when its SID was recorded for that instance, or its
//! description is one that was written down before the object was made. A name proves nothing.

use secrecy::SecretString;
use steward_core::error::Kind;
use steward_core::ids::Sid;
use steward_core::notice::Notices;
use steward_core::store::Store;

use crate::account::{Account, Accounts};
use crate::case::Case;
use crate::computers::{Computer as Object, Computers, ComputersError, Creation};
use crate::error::Error;
use crate::joiner::Joiner;
use crate::later::Later;
use crate::member::Members;
use crate::outcome::Outcome;
use crate::password::JoinPasswords;
use crate::reason::Reason;
use crate::records::{Computer, Held};

/// Tries to make an object: one, and one more when something of our own was in the way.
const TRIES: u32 = 2;

/// Whether an object is the instance's own.
pub(crate) fn is_own(object: &Object, item: &Computer) -> bool {
    item.sid.as_ref() == Some(&object.sid)
        || object.description.as_deref().is_some_and(|text| item.describes(text))
}

/// An object is in the domain of the row that it was made by. In another one it is not found, which does not mean that it
/// is gone.
pub(crate) fn check_domain(account: &Account, item: &Computer) -> Result<(), ComputersError> {
    if item.domain.is_empty() || item.domain == account.domain {
        return Ok(());
    }
    let Account { domain, .. } = account;
    let reason = format!("it was made in {}, and the account's row names {domain} now", item.domain);
    Err(ComputersError { operation: "looking for the computer", reason, kind: Kind::Permanent })
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
    /// Makes the instance's object, which joins once with this password; a reason when it cannot be.
    pub(crate) async fn make_object(
        &self,
        case: &Case<'_, M::Member>,
        held: &mut Held,
        password: &SecretString,
    ) -> Result<Option<Reason>, Error> {
        check_domain(&case.account, &held.item)?;
        let name = held.item.name.clone();
        for _ in 0..TRIES {
            // What is not seen and yet in the way is an object that not every domain controller knows of yet.
            match self.computers.named(&case.account, &name).await? {
                Some(object) if !is_own(&object, &held.item) => return Ok(Some(Reason::NameTaken)),
                // Left over from an earlier try. If another process is at the instance by now, it may be that one's.
                Some(_) if !held.is_current(&self.store).await? => {
                    return Err(Error::Busy(case.place.instance.to_string()));
                }
                Some(object) => self.computers.remove(&case.account, &object).await?,
                None => {}
            }
            let marker = &held.item.marker;
            match self.computers.create(&case.account, &name, marker, password).await? {
                Creation::Created(sid) => {
                    held.item.sid = Some(sid);
                    held.item.unsettled = false;
                    held.item.joined_at = None;
                    return Ok(None);
                }
                Creation::NameTaken => {}
            }
        }
        Ok(Some(Reason::NotInDirectory))
    }

    /// Sees that the name is free, or the instance's own already, before a join account makes the object.
    pub(crate) async fn claim_name(
        &self,
        case: &Case<'_, M::Member>,
        held: &mut Held,
    ) -> Result<Option<Reason>, Error> {
        check_domain(&case.account, &held.item)?;
        match self.computers.named(&case.account, &held.item.name).await? {
            Some(object) if !held.item.claimed && !is_own(&object, &held.item) => Ok(Some(Reason::NameTaken)),
            Some(_) => Ok(None),
            None => {
                held.item.claimed = true;
                Ok(None)
            }
        }
    }

    /// Somebody else has changed the item while an object was made: it goes again.
    pub(crate) async fn take_back_overtaken(
        &self,
        case: &Case<'_, M::Member>,
        held: &Held,
    ) -> Result<Outcome, Error> {
        if let Some(sid) = held.item.sid.as_ref().filter(|_| case.is_one_time()) {
            self.remove_with_sid(&case.account, &held.item, sid).await?;
        }
        Ok(Outcome::Ignored(Reason::Overtaken))
    }

    /// Removes what is the instance's own from the directory; whether the object was there that is recorded.
    pub(crate) async fn remove_own(&self, account: &Account, item: &mut Computer) -> Result<bool, Error> {
        if item.may_have_object() {
            check_domain(account, item)?;
        }
        if let Some(sid) = item.sid.clone()
            && self.remove_with_sid(account, item, &sid).await?
        {
            item.claimed = false;
            return Ok(true);
        }
        if item.unsettled || item.claimed {
            match self.computers.named(account, &item.name).await? {
                Some(object) if is_own(&object, item) => {
                    self.remove_object(account, item, &object).await?;
                    item.claimed = false;
                }
                Some(_) => {}
                None => item.claimed = false,
            }
        }
        Ok(false)
    }

    async fn remove_with_sid(&self, account: &Account, item: &Computer, sid: &Sid) -> Result<bool, Error> {
        match self.computers.of_sid(account, sid).await? {
            Some(object) if object.sid == *sid => {
                self.remove_object(account, item, &object).await?;
                Ok(true)
            }
            _ => Ok(false),
        }
    }

    /// The DNS record goes first: as long as the object is there, a repetition finds both. It is that of the name which the
    /// document gives a host: what a host itself has written as its name may be another one's.
    async fn remove_object(&self, account: &Account, item: &Computer, object: &Object) -> Result<(), Error> {
        if let Some(address) = item.address {
            let host = format!("{}.{}", item.name, account.domain);
            match self.computers.remove_dns_record(account, &host, address).await {
                Err(error) if error.kind == Kind::Permanent => {
                    tracing::warn!(computer.name = %item.name, "its DNS record stays: {error}");
                }
                done => done?,
            }
        }
        Ok(self.computers.remove(account, object).await?)
    }
}
