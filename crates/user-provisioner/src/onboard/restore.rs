//! Puts back the memberships that off-boarding has taken away.

use steward_core::clock;
use steward_core::directory::Membership;
use steward_core::error::Kind;
use steward_core::ids::UserName;
use steward_core::notice::Notices;
use steward_core::store::Store;

use super::{Provisioner, Request};
use crate::error::Error;
use crate::people::{People, token};
use crate::records::UserItem;
use crate::request::Outcome;

/// Groups that one invocation puts back: the directory allows 4 writes a second in the Standard edition.
const GROUPS_AT_ONCE: usize = 20;

/// For how long a removal may still take effect after it was begun: longer than any invocation lives.
const IN_FLIGHT_SECONDS: u64 = 90;

impl<P: People + Sync, S: Store + Sync, N: Notices + Sync> Provisioner<P, S, N> {
    pub(super) async fn restore(&self, request: &Request) -> Result<Outcome, Error> {
        let run = self.run(request).await?;
        let Some(item) = self.held(&run, request).await? else {
            return Ok(Outcome::because("overtaken", "another-execution"));
        };
        if !item.memberships.removed {
            return Ok(Outcome::new("restored"));
        }
        if let Some(left) = removal_in_flight(&item, clock::now()) {
            return Ok(Outcome::waiting(left, "removal-under-way"));
        }
        let name: UserName = item.name.parse().map_err(|error| Error::Input(format!("{error}")))?;
        let due: Vec<String> = item.memberships.due().take(GROUPS_AT_ONCE + 1).cloned().collect();
        for group in due.iter().take(GROUPS_AT_ONCE) {
            let why = match self.put_back(request, group, &name, &item.sid).await {
                Err(error) if error.kind() == Kind::Transient => return Err(error),
                other => other.err().map(|error| error.to_string()),
            };
            // A group that is gone, or out of reach, costs no other.
            let changed = self.change(&item.sid, request, |item| match &why {
                None => item.memberships.done.push(group.clone()),
                Some(why) => {
                    item.memberships.kept.insert(group.clone(), why.clone());
                }
            });
            if changed.await?.is_none() {
                return Ok(Outcome::because("overtaken", "another-execution"));
            }
        }
        if due.len() > GROUPS_AT_ONCE {
            return Ok(Outcome::waiting(1, "more-groups"));
        }
        self.change(&item.sid, request, |item| item.memberships.removed = false).await?;
        Ok(Outcome::new("restored"))
    }

    async fn put_back(
        &self,
        request: &Request,
        group: &str,
        name: &UserName,
        sid: &str,
    ) -> Result<(), Error> {
        let token = token(&request.execution, "join", group, sid);
        match self.people.join(group, name, &token).await? {
            Membership::AsWanted => Ok(()),
            Membership::NotFound => Err(Error::Contradiction(format!("there is no group {group} any more"))),
        }
    }
}

/// How long another execution may still be taking him out of a group.
fn removal_in_flight(item: &UserItem, now: u64) -> Option<u64> {
    let begun = item.memberships.leaving_at.as_deref().and_then(clock::seconds)?;
    (begun + IN_FLIGHT_SECONDS > now).then(|| begun + IN_FLIGHT_SECONDS - now)
}
