//! The instance says that it is a member: that counts when the directory says the same.

use steward_core::clock;
use steward_core::notice::Notices;
use steward_core::store::Store;

use crate::account::Accounts;
use crate::case::Case;
use crate::computers::{Computer as Object, Computers};
use crate::error::Error;
use crate::joiner::Joiner;
use crate::later::Later;
use crate::member::Members;
use crate::notice::Trouble;
use crate::object::is_own;
use crate::outcome::Outcome;
use crate::password::JoinPasswords;
use crate::reason::Reason;
use crate::records::{Held, State};

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
    /// Confirms a membership by the directory.
    pub(crate) async fn confirm(
        &self,
        case: &Case<'_, M::Member>,
        mut held: Held,
        (computer, domain): (&str, &str),
        remark: &str,
    ) -> Result<Outcome, Error> {
        let item = &held.item;
        if computer != item.name.as_str() || !domain.eq_ignore_ascii_case(&case.account.domain) {
            let detail = format!("it says that it is {computer} of {domain}");
            return self.fail(case.place, Some(&case.account), held, Reason::NotUnderstood, &detail).await;
        }
        let object = match &item.sid {
            Some(sid) => self.computers.of_sid(&case.account, sid).await?,
            None => self.computers.named(&case.account, &item.name).await?,
        };
        let Some(object) = object else { return self.retry(case, held, Reason::NotInDirectory, "").await };
        // A join account has made it after the name was seen to be free.
        let made_for_it = is_own(&object, item) || (!case.is_one_time() && item.claimed);
        if !made_for_it || !object.name.eq_ignore_ascii_case(item.name.as_str()) {
            return self.fail(case.place, Some(&case.account), held, Reason::NameTaken, "").await;
        }
        let lies_in_ou = is_below(&object, &case.account.ou);
        held.item.sid = Some(object.sid);
        held.item.unsettled = false;
        if !lies_in_ou {
            return self.fail(case.place, Some(&case.account), held, Reason::OtherOu, &object.dn).await;
        }
        if !remark.is_empty() {
            let cause = format!("groups#{}#{}", case.place.instance, held.item.requested_at);
            self.tell(&cause, &Trouble::groups(case.place, &held.item, remark)).await?;
        }
        held.item.state = State::Joined;
        held.item.phase = None;
        let remarked = !remark.is_empty();
        held.item.reason = remarked.then(|| Reason::GroupUnknown.to_string());
        held.item.detail = remarked.then(|| remark.to_owned());
        held.item.joined_at = Some(clock::iso(clock::now()));
        held.let_go();
        let written = held.write(&self.store).await?;
        Ok(if written { Outcome::Joined } else { Outcome::Ignored(Reason::Overtaken) })
    }
}

/// Whether an object lies in an OU or below it.
fn is_below(object: &Object, ou: &str) -> bool {
    let parts =
        |dn: &str| -> Vec<String> { dn.split(',').map(|part| part.trim().to_ascii_lowercase()).collect() };
    let (dn, ou) = (parts(&object.dn), parts(ou));
    dn.len() > ou.len() && dn.ends_with(&ou)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_object_lies_in_its_ou_however_that_is_spelled() {
        let below = |dn: &str, ou: &str| {
            let object = Object {
                name: "ec2-abc".to_owned(),
                dn: dn.to_owned(),
                sid: "S-1-5-21-1-2-3-1104".parse().unwrap(),
                description: None,
            };
            is_below(&object, ou)
        };
        assert!(below(
            "CN=ec2-abc,OU=Computers,OU=CORP,DC=corp,DC=test",
            "ou=computers, OU=CORP,DC=corp,DC=test"
        ));
        assert!(!below(
            "CN=ec2-abc,OU=Other,OU=CORP,DC=corp,DC=test",
            "OU=Computers,OU=CORP,DC=corp,DC=test"
        ));
        assert!(!below("CN=ec2-abc,OU=XComputers,DC=test", "OU=Computers,DC=test"));
        assert!(!below("OU=Computers,DC=test", "OU=Computers,DC=test"));
    }
}
