//! A terminated instance whose object a host with the AD tools removes: by a command there, of which its end tells, or a
//! later look.

use steward_core::notice::Notices;
use steward_core::store::{Revision, Store};

use crate::account::{Account, Accounts};
use crate::advance::MOST_WAITS;
use crate::answer::{Action, Answer};
use crate::computers::{Computers, Order, Proof, Removal};
use crate::error::Error;
use crate::joiner::Joiner;
use crate::later::Later;
use crate::member::{Members, Reply};
use crate::object::check_domain;
use crate::outcome::{Outcome, Wait};
use crate::password::JoinPasswords;
use crate::place::Place;
use crate::reason::Reason;
use crate::records::{Computer, Errand, Held, Phase, errand_key};

/// Whether the host may succeed some minutes later.
fn may_pass(reason: Reason) -> bool {
    matches!(
        reason,
        Reason::NoConnection
            | Reason::NotVerified
            | Reason::CommandLost
            | Reason::NoAnswer
            | Reason::ToolsHost
    )
}

/// What proves the object to be the instance's own; none where nothing was ever made.
fn proof(item: &Computer) -> Option<Proof> {
    match &item.sid {
        // The second look is for what a creation has made whose answer nobody has seen.
        Some(sid) if !(item.last_look && item.unsettled) => Some(Proof::Sid(sid.clone())),
        _ if item.unsettled => Some(Proof::Marker(item.marker.clone())),
        _ => None,
    }
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
    /// Goes on with a removal by the host, or begins it.
    pub(crate) async fn leave_by_host(
        &self,
        place: &Place,
        account: &Account,
        mut held: Held,
    ) -> Result<Outcome, Error> {
        let host = held.item.host.as_deref().and_then(|host| host.parse().ok());
        let under_way = (held.item.phase, host, held.item.command.clone());
        let (Some(Phase::Leave), Some(host), Some(command)) = under_way else {
            return match proof(&held.item) {
                Some(proof) => self.order_removal(place, account, held, proof).await,
                None => self.note_left(place, held).await,
            };
        };
        match self.computers.removal(&host, &command).await? {
            Reply::Pending if held.item.waits >= MOST_WAITS => {
                self.not_removed(place, held, Reason::NoAnswer, "").await
            }
            Reply::Pending => {
                held.item.waits += 1;
                self.wait(place, held, self.settings.look_again, Wait::Leave).await
            }
            Reply::Lost(status) => self.not_removed(place, held, Reason::CommandLost, &status).await,
            Reply::Ended { code, output } => match Answer::parse(Action::Leave, code, &output) {
                Ok(Answer::Removed { computer, found }) if computer == held.item.name.as_str() => {
                    held.item.host = None;
                    held.item.command = None;
                    held.item.phase = None;
                    self.end_of_leave(place, held, found).await
                }
                Ok(Answer::Failed { reason, detail }) => self.not_removed(place, held, reason, &detail).await,
                _ => {
                    let detail = format!("exit code {code}");
                    self.not_removed(place, held, Reason::NotUnderstood, &detail).await
                }
            },
        }
    }

    /// The same removal twice is one, so a command whose id was lost is only given again.
    async fn order_removal(
        &self,
        place: &Place,
        account: &Account,
        mut held: Held,
        proof: Proof,
    ) -> Result<Outcome, Error> {
        check_domain(account, &held.item)?;
        let name = held.item.name.clone();
        let removal = Removal { name, proof, domain: account.domain.clone(), address: held.item.address };
        match self.computers.order_removal(&removal).await? {
            Order::NoHost(problem) => self.not_removed(place, held, Reason::ToolsHost, &problem).await,
            Order::Given { host, command } => {
                // Its end tells of the host, and not of this instance.
                let errand = Errand::of(place);
                let _ = self.store.write(&errand_key(&command), &errand, Revision::Absent).await?;
                held.item.phase = Some(Phase::Leave);
                held.item.host = Some(host.to_string());
                held.item.command = Some(command);
                held.item.waits = 0;
                self.wait(place, held, self.settings.look_again, Wait::Leave).await
            }
        }
    }

    /// The host has not removed it: it is asked again, so many times.
    async fn not_removed(
        &self,
        place: &Place,
        mut held: Held,
        reason: Reason,
        detail: &str,
    ) -> Result<Outcome, Error> {
        held.item.phase = None;
        let asked = held.item.host.take().zip(held.item.command.take());
        held.item.attempts += 1;
        if may_pass(reason) && held.item.attempts < self.settings.join_attempts {
            return self.wait(place, held, self.settings.retry, Wait::Retry).await;
        }
        held.item.attempts = 0;
        // A look that is still in the queue would begin it all again, and again.
        held.item.looks += 1;
        let detail = match asked {
            Some((host, command)) => {
                format!("{detail} (command {command} on {host})").trim_start().to_owned()
            }
            None => detail.to_owned(),
        };
        self.cannot_leave(place, held, reason, &detail).await
    }

    /// The instance for whose sake the host was given a command, if it was.
    pub(crate) async fn errand(&self, command: &str) -> Result<Option<Place>, Error> {
        if !self.settings.by_tools_host {
            return Ok(None);
        }
        let (errand, _) = self.store.read::<Errand>(&errand_key(command)).await?;
        Ok(errand.and_then(|errand| errand.place()))
    }
}
