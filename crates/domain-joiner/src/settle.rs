//! What cannot be done: it is tried again, or written down and told.

use steward_core::clock;
use steward_core::error::{Kind, chain};
use steward_core::notice::Notices;
use steward_core::store::{Store, tell};

use crate::account::{Account, AccountError, Accounts};
use crate::case::Case;
use crate::computers::Computers;
use crate::error::Error;
use crate::joiner::Joiner;
use crate::later::Later;
use crate::member::Members;
use crate::notice::{self, Trouble};
use crate::outcome::{Outcome, Wait};
use crate::password::JoinPasswords;
use crate::place::Place;
use crate::random;
use crate::reason::Reason;
use crate::records::{Held, State, may_tell, read};

/// What became of the object of an instance that will not join.
enum TakenBack {
    /// Nothing of it is there.
    Yes,
    /// It was not to be seen, for the first time.
    Unseen,
    /// It stays, and why.
    No(String),
}

/// Whether the same may succeed some minutes later.
fn may_pass(reason: Reason, one_time: bool) -> bool {
    match reason {
        Reason::NoDomain
        | Reason::NoConnection
        | Reason::NoKey
        | Reason::NotVerified
        | Reason::Locked
        | Reason::CommandLost
        | Reason::NoAnswer
        | Reason::NotInDirectory => true,
        // The package manager is often busy while an instance starts.
        Reason::Packages => true,
        // A domain controller that has not heard of the new object yet. A join account is never tried twice: it would lock.
        Reason::BadCredentials | Reason::NoPermission => one_time,
        _ => false,
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
    /// Tries again later, as often as the settings say, if the same may succeed then.
    pub(crate) async fn retry(
        &self,
        case: &Case<'_, M::Member>,
        mut held: Held,
        reason: Reason,
        detail: &str,
    ) -> Result<Outcome, Error> {
        held.item.attempts += 1;
        if !may_pass(reason, case.is_one_time()) || held.item.attempts >= self.settings.join_attempts {
            return self.fail(case.place, Some(&case.account), held, reason, detail).await;
        }
        held.item.state = State::Requested;
        held.item.phase = None;
        held.item.command = None;
        held.item.reason = Some(reason.to_string());
        held.item.detail = Some(detail.to_owned());
        self.wait(case.place, held, self.settings.retry, Wait::Retry).await
    }

    /// Takes back what was made for an instance that cannot be joined, tells people, and writes it down.
    pub(crate) async fn fail(
        &self,
        place: &Place,
        account: Option<&Account>,
        mut held: Held,
        reason: Reason,
        detail: &str,
    ) -> Result<Outcome, Error> {
        let taken = match account {
            // It has joined: the object is in use.
            Some(_) if reason == Reason::OtherOu || held.item.joined_at.is_some() => TakenBack::Yes,
            Some(account) if held.item.may_have_object() && held.is_current(&self.store).await? => {
                self.take_back(account, &mut held).await?
            }
            _ => TakenBack::Yes,
        };
        let detail = match taken {
            TakenBack::Yes => detail.to_owned(),
            TakenBack::No(why) => format!("{detail} {why}"),
            // What this domain controller has not heard of, it will have when the same is looked at again.
            TakenBack::Unseen => return self.wait(place, held, self.settings.retry, Wait::LastLook).await,
        };
        let cause = format!("join#{}#{reason}#{}", place.instance, held.item.requested_at);
        self.tell(&cause, &Trouble::join(place, Some(&held.item), reason, detail.trim())).await?;
        held.item.state = State::Failed;
        held.item.phase = None;
        held.item.command = None;
        held.item.reason = Some(reason.to_string());
        held.item.detail = Some(detail.trim().to_owned());
        held.let_go();
        let written = held.write(&self.store).await?;
        Ok(if written { Outcome::Failed(reason) } else { Outcome::Ignored(Reason::Overtaken) })
    }

    /// Removes the object of an instance that will not join.
    async fn take_back(&self, account: &Account, held: &mut Held) -> Result<TakenBack, Error> {
        let found = match self.remove_own(account, &mut held.item).await {
            Ok(found) => found,
            Err(error) if error.kind() == Kind::Permanent => {
                return Ok(TakenBack::No(format!("Its computer object stays: {}.", chain(&error))));
            }
            Err(error) => return Err(error),
        };
        let unseen = !found && (held.item.sid.is_some() || held.item.unsettled);
        if unseen && !held.item.last_look {
            held.item.last_look = true;
            return Ok(TakenBack::Unseen);
        }
        held.item.sid = None;
        held.item.unsettled = false;
        Ok(TakenBack::Yes)
    }

    /// The object of a terminated instance cannot be removed: it stays recorded, and people are told.
    pub(crate) async fn cannot_leave(
        &self,
        place: &Place,
        mut held: Held,
        reason: Reason,
        detail: &str,
    ) -> Result<Outcome, Error> {
        let cause = format!("leave#{}#{reason}", place.instance);
        self.tell(&cause, &Trouble::leave(place, Some(&held.item), reason, detail)).await?;
        held.item.reason = Some(reason.to_string());
        held.item.detail = Some(detail.to_owned());
        let written = held.write(&self.store).await?;
        Ok(if written { Outcome::NotLeft(reason) } else { Outcome::Ignored(Reason::Overtaken) })
    }

    /// What will not pass by itself: written down and told, so that the message need not come back.
    pub(crate) async fn give_up(&self, place: &Place, ends: bool, error: Error) -> Result<Outcome, Error> {
        let reason = match &error {
            Error::Account(AccountError::Row(_)) => Reason::RowUnusable,
            Error::Member(_) => Reason::AccountRefuses,
            Error::Computers(_) => Reason::DirectoryRefuses,
            Error::Password(_) => Reason::JoinPassword,
            _ => return Err(error),
        };
        let detail = chain(&error);
        let account = match reason {
            Reason::RowUnusable => None,
            _ => self.accounts.account(&place.account).await?,
        };
        match read(&self.store, place).await? {
            Some(held) if ends || held.item.state == State::Leaving => {
                self.cannot_leave(place, held, reason, &detail).await
            }
            Some(held) if matches!(held.item.state, State::Requested | State::Sent) => {
                self.fail(place, account.as_ref(), held, reason, &detail).await
            }
            _ => {
                // Every instance of the account meets the same: it is told once a day.
                let day = clock::now() / 86_400;
                let cause = format!("account#{}#{reason}#{day}", place.account);
                self.tell(&cause, &Trouble::join(place, None, reason, &detail)).await?;
                let refused = reason == Reason::RowUnusable;
                Ok(if refused { Outcome::Refused(reason) } else { Outcome::Failed(reason) })
            }
        }
    }

    /// A message of another account or Region than the instance: somebody may have made it up.
    pub(crate) async fn refuse(&self, place: &Place, record: &str) -> Result<Outcome, Error> {
        let day = clock::now() / 86_400;
        let Place { account, region, instance } = place;
        let cause = format!("place#{instance}#{account}#{region}#{day}");
        let detail = format!("the instance is recorded in {record}");
        self.tell(&cause, &Trouble::place(place, &detail)).await?;
        Ok(Outcome::Refused(Reason::OtherPlace))
    }

    /// Tells people of a cause, once, and not more often in an hour than the settings say.
    pub(crate) async fn tell(&self, cause: &str, trouble: &Trouble<'_>) -> Result<(), Error> {
        if !may_tell(&self.store, trouble.account(), cause, self.settings.hourly_notices).await? {
            tracing::warn!(notice.cause = cause, "this hour's notices are spent");
            return Ok(());
        }
        let text = notice::text(trouble, &self.settings.computer_table);
        let sender = random::nonce()?;
        tell(&self.store, &self.notices, cause, &sender, clock::now(), &text).await?;
        Ok(())
    }
}
