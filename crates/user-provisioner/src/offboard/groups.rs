//! Takes a leaver out of his groups; which ones is written down before.

use steward_core::clock;
use steward_core::directory::Membership;
use steward_core::error::Kind;
use steward_core::ids::UserName;
use steward_core::notice::Notices;
use steward_core::store::Store;

use super::{LOOK_SECONDS, Offboarder, Request, Still, name_of};
use crate::error::Error;
use crate::people::{People, token};
use crate::records::UserItem;
use crate::request::Outcome;
use crate::services::Leaving;

/// Groups of one invocation: the directory allows 4 writes a second in the Standard edition.
const GROUPS_AT_ONCE: usize = 20;

impl<P: People + Sync, S: Store + Sync, D: Store + Sync, N: Notices + Sync> Offboarder<P, S, D, N> {
    pub(super) async fn leave_groups(&self, request: &Request) -> Result<Outcome, Error> {
        let run = self.run(request).await?;
        let Some(item) = self.held(&run, request).await? else {
            return Ok(Outcome::because("overtaken", "another-execution"));
        };
        if self.kind(&run, &item).await? == Leaving::Contained {
            return Ok(Outcome::because("done", "contained"));
        }
        match self.still(&run, &item, request).await? {
            Still::Leaving { there: true } => {}
            Still::Leaving { there: false } => return Ok(Outcome::because("done", "deleted")),
            Still::Unsure => return Ok(Outcome::waiting(LOOK_SECONDS, "replication")),
            Still::Back => return self.stop(request, "enabled-again").await,
        }
        if item.memberships.due().next().is_none() {
            return self.finish(request, &item).await;
        }
        let protected = &self.config.common.scope.protected_group;
        let now = clock::iso(clock::now());
        let begun = self.change(&item.sid, request, |item| {
            let memberships = &mut item.memberships;
            memberships.removed = true;
            memberships.leaving_at = Some(now.clone());
            for group in memberships.saved.iter().filter(|group| group.to_lowercase() == *protected) {
                memberships.kept.insert(group.clone(), "it is the protected group".to_owned());
            }
        });
        let Some(item) = begun.await? else {
            return Ok(Outcome::because("overtaken", "another-execution"));
        };
        self.leave(request, &item).await
    }

    async fn leave(&self, request: &Request, item: &UserItem) -> Result<Outcome, Error> {
        let name = name_of(item)?;
        let due: Vec<String> = item.memberships.due().take(GROUPS_AT_ONCE + 1).cloned().collect();
        for group in due.iter().take(GROUPS_AT_ONCE) {
            let why = match self.take_out(request, group, &name, &item.sid).await {
                Err(error) if error.kind() == Kind::Transient => return Err(error),
                other => other.err().map(|error| error.to_string()),
            };
            // A group that is out of reach costs no other.
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
        self.finish(request, item).await
    }

    async fn take_out(
        &self,
        request: &Request,
        group: &str,
        name: &UserName,
        sid: &str,
    ) -> Result<(), Error> {
        let token = token(&request.execution, "leave", group, sid);
        match self.people.leave(group, name, &token).await? {
            Membership::AsWanted | Membership::NotFound => Ok(()),
        }
    }

    async fn finish(&self, request: &Request, item: &UserItem) -> Result<Outcome, Error> {
        let changed = self.change(&item.sid, request, |item| item.memberships.leaving_at = None).await?;
        Ok(match changed {
            Some(_) => Outcome::new("done"),
            None => Outcome::because("overtaken", "another-execution"),
        })
    }
}
