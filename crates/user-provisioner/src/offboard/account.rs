//! Makes an account in one service unusable, and removes it after a long time.

mod whose;

use steward_core::clock;
use steward_core::error::Kind;
use steward_core::notice::Notices;
use steward_core::store::Store;

use self::whose::His;
use super::{LOOK_SECONDS, Offboarder, Request, Still};
use crate::error::Error;
use crate::people::People;
use crate::records::{Account, AccountState, Run, UserItem, amend_run, note_owner};
use crate::request::Outcome;
use crate::services::{Leaving, Removal, Service, ServiceError, Suspension};

/// Between looks at an account that cannot be suspended yet.
const PAUSE_SECONDS: u64 = 30;

/// One account on its way out.
struct Way<'a> {
    request: &'a Request,
    service: &'a dyn Service,
    run: Run,
    item: UserItem,
    account: Account,
}

impl<P: People + Sync, S: Store + Sync, D: Store + Sync, N: Notices + Sync> Offboarder<P, S, D, N> {
    pub(super) async fn suspend(&self, request: &Request) -> Result<Outcome, Error> {
        let Some(way) = self.way(request).await? else {
            return Ok(Outcome::because("overtaken", "another-execution"));
        };
        let there = match self.still(&way.run, &way.item, request).await? {
            Still::Leaving { there } => there,
            Still::Unsure => return Ok(Outcome::waiting(LOOK_SECONDS, "replication")),
            Still::Back => return self.stop(request, "enabled-again").await,
        };
        let kind = self.kind(&way.run, &way.item).await?;
        let ended = self.make_unusable(&way, kind, there).await;
        self.note_permanent(&way, ended).await
    }

    async fn make_unusable(&self, way: &Way<'_>, kind: Leaving, there: bool) -> Result<Outcome, Error> {
        if let Some(left) = way.account.in_flight(&way.request.execution, clock::now()) {
            return Ok(Outcome::waiting(left, "another-execution"));
        }
        let ours = way.account.execution == way.request.execution;
        if way.account.state == AccountState::Suspended || (ours && is_out(way.account.state)) {
            return Ok(done(way.account.state, way.account.id.clone()));
        }
        let id = match self.his(way, there).await? {
            His::Account(id) => id,
            His::None(why) => return self.settle(way, AccountState::Absent, None, Some(why)).await,
            His::Unknown(why) => return self.settle(way, AccountState::Unknown, None, Some(&why)).await,
            // Its id is no id of his: whoever finds one on record takes the account for the user's.
            His::Other(why) => return self.settle(way, AccountState::Kept, None, Some(&why)).await,
        };
        let begun = self.intend(way, |account| {
            account.state = AccountState::Leaving;
            account.id = Some(id.clone());
            account.suspended = true;
        });
        match begun.await? {
            None => return Ok(Outcome::because("overtaken", "another-execution")),
            Some(account) if account.state != AccountState::Leaving => {
                return Ok(done(account.state, account.id));
            }
            Some(_) => {}
        }
        tracing::info!(user.name = %way.item.name, service = way.service.name(), account = id, "suspending an account");
        match way.service.suspend(&id, kind).await? {
            Suspension::Suspended => self.settle(way, AccountState::Suspended, Some(id), None).await,
            Suspension::Unseen if let Some(left) = way.account.unshown(clock::now()) => {
                Ok(Outcome::waiting(left, "not-visible"))
            }
            Suspension::Removed | Suspension::Unseen => {
                self.disown(way, &id).await?;
                self.settle(way, AccountState::Removed, Some(id), None).await
            }
            Suspension::Kept(why) => self.settle(way, AccountState::Kept, Some(id), Some(&why)).await,
            Suspension::NotYet(word) => Ok(Outcome::waiting(PAUSE_SECONDS, &word)),
        }
    }

    pub(super) async fn terminate(&self, request: &Request) -> Result<Outcome, Error> {
        let Some(way) = self.way(request).await? else {
            return Ok(Outcome::because("overtaken", "another-execution"));
        };
        amend_run(&self.store, &request.execution, |run| run.removing = true).await?;
        match self.still(&way.run, &way.item, request).await? {
            Still::Leaving { .. } => {}
            Still::Unsure => return Ok(Outcome::waiting(LOOK_SECONDS, "replication")),
            Still::Back => return self.stop(request, "enabled-again").await,
        }
        if self.kind(&way.run, &way.item).await? == Leaving::Contained {
            return self.stop(request, "contained").await;
        }
        let ended = self.remove(&way).await;
        self.note_permanent(&way, ended).await
    }

    async fn remove(&self, way: &Way<'_>) -> Result<Outcome, Error> {
        let is_begun = way.account.state == AccountState::Leaving && way.account.suspended;
        let Some(id) = way.account.id.clone().filter(|_| is_begun || way.account.is_left()) else {
            return Ok(done(way.account.state, way.account.id.clone()));
        };
        let begun = self.note(way, |account| {
            if account.is_left() {
                account.state = AccountState::Leaving;
                account.suspended = true;
            }
        });
        if begun.await?.is_none() {
            return Ok(Outcome::because("overtaken", "another-execution"));
        }
        tracing::info!(user.name = %way.item.name, service = way.service.name(), account = id, "removing an account");
        match way.service.remove(&id).await? {
            Removal::Removed => {
                self.disown(way, &id).await?;
                self.settle(way, AccountState::Removed, Some(id), None).await
            }
            Removal::NotYet(word) => Ok(Outcome::waiting(PAUSE_SECONDS, &word)),
        }
    }

    pub(super) async fn note_failure(&self, request: &Request) -> Result<Outcome, Error> {
        let name = request.service()?.to_owned();
        let run = self.run(request).await?;
        let failure = request.failure.clone().unwrap_or_default();
        let now = clock::now();
        if run.reported.is_some() {
            // What was suspended is told already: this branch was to remove it, and may not have come to note that.
            amend_run(&self.store, &request.execution, |run| run.removing = true).await?;
        }
        if let Some(sid) = &run.sid {
            self.change(sid, request, |item| {
                let account = item.services.entry(name.clone()).or_default();
                account.fail(&request.execution, &failure.text(), now);
            })
            .await?;
        }
        Ok(Outcome::because("failed", &failure.error))
    }

    /// The account, if this execution holds the user.
    async fn way<'a>(&'a self, request: &'a Request) -> Result<Option<Way<'a>>, Error> {
        let name = request.service()?;
        let service = self.services.get(name);
        let service = service.ok_or_else(|| Error::Input(format!("there is no service {name} here")))?;
        let run = self.run(request).await?;
        let Some(item) = self.held(&run, request).await? else { return Ok(None) };
        let account = item.services.get(name).cloned().unwrap_or_default();
        Ok(Some(Way { request, service, run, item, account }))
    }

    async fn disown(&self, way: &Way<'_>, id: &str) -> Result<(), Error> {
        let sid = way.item.sid.parse().map_err(|error| Error::Input(format!("{error}")))?;
        note_owner(&self.store, way.service.name(), id, &sid, &way.item.name, false).await?;
        Ok(())
    }

    /// Writes down what is known of the account; none when another execution has taken the user over.
    async fn note(&self, way: &Way<'_>, change: impl Fn(&mut Account)) -> Result<Option<UserItem>, Error> {
        let now = clock::iso(clock::now());
        self.change(&way.item.sid, way.request, |item| {
            let account = item.services.entry(way.service.name().to_owned()).or_default();
            account.execution.clone_from(&way.request.execution);
            account.at.clone_from(&now);
            change(account);
        })
        .await
    }

    /// Writes down that the account is about to be changed, unless another try of this step has done it; the account
    /// as it is then.
    async fn intend(&self, way: &Way<'_>, change: impl Fn(&mut Account)) -> Result<Option<Account>, Error> {
        let (name, execution) = (way.service.name(), &way.request.execution);
        let now = clock::iso(clock::now());
        let begun = self.change(&way.item.sid, way.request, |item| {
            let account = item.services.entry(name.to_owned()).or_default();
            if !account.is_settled_by(execution) {
                change(account);
                account.execution.clone_from(execution);
                account.at.clone_from(&now);
            }
        });
        Ok(begun.await?.and_then(|item| item.services.get(name).cloned()))
    }

    async fn settle(
        &self,
        way: &Way<'_>,
        state: AccountState,
        id: Option<String>,
        why: Option<&str>,
    ) -> Result<Outcome, Error> {
        self.note(way, |account| {
            account.state = state;
            account.id.clone_from(&id);
            account.suspended = state == AccountState::Suspended;
            account.detail = None;
            account.reason = why.map(str::to_owned);
        })
        .await?;
        Ok(done(state, id))
    }

    async fn note_permanent(&self, way: &Way<'_>, ended: Result<Outcome, Error>) -> Result<Outcome, Error> {
        if let Err(Error::Service(ServiceError::Throttled { .. })) = ended {
            return Ok(Outcome::waiting(PAUSE_SECONDS, "throttled"));
        }
        if let Err(error) = &ended
            && error.kind() == Kind::Permanent
        {
            let reason = error.with_advice();
            self.note(way, |account| {
                account.state = AccountState::Failed;
                account.reason = Some(reason.clone());
            })
            .await?;
        }
        ended
    }
}

/// Whether an account cannot be used, or is not to be touched.
fn is_out(state: AccountState) -> bool {
    matches!(state, AccountState::Removed | AccountState::Absent | AccountState::Kept)
}

fn done(state: AccountState, id: Option<String>) -> Outcome {
    Outcome { state: Some(state.word().to_owned()), id, ..Outcome::new("done") }
}
