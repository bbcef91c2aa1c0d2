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
use crate::computers::{Computer as Object, Computers, Creation};
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

    /// The DNS record goes first: as long as the object is there, a repetition finds both.
    async fn remove_object(&self, account: &Account, item: &Computer, object: &Object) -> Result<(), Error> {
        if let (Some(host), Some(address)) = (own_host(object, &account.domain), item.address) {
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

/// The computer's host name, if it is one of the domain's own zone: the host itself has written it. The document gives a
/// host its computer's name.
fn own_host(object: &Object, domain: &str) -> Option<String> {
    let Some(host) = &object.dns_host_name else { return Some(format!("{}.{domain}", object.name)) };
    let (label, zone) = host.split_once('.')?;
    let printable = label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    (printable && !label.is_empty() && zone.eq_ignore_ascii_case(domain)).then(|| host.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_host_of_the_domains_own_zone_has_its_record_removed() {
        let host = |name: Option<&str>| {
            let object = Object {
                name: "ec2-abc".to_owned(),
                dn: String::new(),
                sid: "S-1-5-21-1-2-3-1104".parse().unwrap(),
                description: None,
                dns_host_name: name.map(str::to_owned),
            };
            own_host(&object, "corp.example.test")
        };
        assert_eq!(host(Some("EC2-abc.CORP.example.test")).as_deref(), Some("EC2-abc.CORP.example.test"));
        assert_eq!(host(None).as_deref(), Some("ec2-abc.corp.example.test"));
        for other in
            ["corp.example.test", ".corp.example.test", "a.b.corp.example.test", "a*.corp.example.test", "x"]
        {
            assert_eq!(host(Some(other)), None, "{other}");
        }
    }
}
