//! Makes an account in one service, and goes on with it until it can be used.
//!
//! The service is asked to make it first and is looked through only when it says that there is one: a burst of new users
//! costs one call each. What was begun is written down before, so that a lost answer is no second account.

use steward_core::clock;
use steward_core::directory::DirectoryError;
use steward_core::error::Kind;
use steward_core::ids::UserName;
use steward_core::notice::Notices;
use steward_core::store::Store;

use super::{Provisioner, Request, parsed};
use crate::error::Error;
use crate::people::People;
use crate::records::{Account, AccountState, Run, UserItem, amend_run, is_believed, note_owner, owner_of};
use crate::request::Outcome;
use crate::services::{Creation, Found, Order, Service, ServiceError, Standing};

/// For how long is believed what the look-up has found.
const FRESH_SECONDS: u64 = 10;

/// For how long a service may contradict itself: its lists follow its changes after a while.
const CONTRADICTION_SECONDS: u64 = 10 * 60;

/// One account on its way.
struct Way<'a> {
    request: &'a Request,
    service: &'a dyn Service,
    run: Run,
    sid: String,
    account: Account,
    /// This execution has begun with it before.
    ours: bool,
    /// An earlier try of this execution may have made it.
    tried: bool,
}

impl Way<'_> {
    fn age(&self) -> u64 {
        clock::now().saturating_sub(self.account.since)
    }

    /// Soon at first, every half minute in the end.
    fn waiting(&self, reason: &str) -> Outcome {
        Outcome::waiting((self.age() / 6).clamp(5, 30), reason)
    }
}

impl<P: People + Sync, S: Store + Sync, N: Notices + Sync> Provisioner<P, S, N> {
    pub(super) async fn advance(&self, request: &Request) -> Result<Outcome, Error> {
        let name = request.service()?;
        let service = self.services.get(name);
        let service = service.ok_or_else(|| Error::Input(format!("there is no service {name} here")))?;
        let run = self.run(request).await?;
        let Some(item) = self.held(&run, request).await? else {
            return Ok(Outcome::because("refused", "overtaken"));
        };
        let way = way(request, service, run, &item);
        let ended = match self.make_way(&way).await {
            // A burst of users waits here for as long as it takes, and not in the step's few retries.
            Err(Error::Service(ServiceError::Throttled { .. })) => Ok(way.waiting("throttled")),
            ended => ended,
        };
        if let Err(error) = &ended
            && error.kind() == Kind::Permanent
        {
            let reason = error.with_advice();
            self.note(&way, |account| {
                account.state = AccountState::Failed;
                account.reason = Some(reason.clone());
            })
            .await?;
        }
        ended
    }

    async fn make_way(&self, way: &Way<'_>) -> Result<Outcome, Error> {
        if let Some(left) = way.account.in_flight(&way.request.execution, clock::now()) {
            return Ok(Outcome::waiting(left, "another-execution"));
        }
        let there = !matches!(way.account.state, AccountState::Removed | AccountState::Absent);
        match way.account.id.clone().filter(|_| there) {
            Some(id) => {
                let standing = if way.account.suspended {
                    way.service.start(&id).await?
                } else {
                    way.service.status(&id).await?
                };
                self.follow(way, id, standing, None).await
            }
            None => self.order(way).await,
        }
    }

    /// Asks the service for an account, for a user who may have one still.
    async fn order(&self, way: &Way<'_>) -> Result<Outcome, Error> {
        if let Some(why) = self.unfit(way).await? {
            if !is_believed(&self.store, &way.request.execution, clock::now()).await? {
                return Ok(Outcome::waiting(FRESH_SECONDS, why));
            }
            self.note(way, |account| {
                account.state = AccountState::Refused;
                account.reason = Some(why.to_owned());
            })
            .await?;
            return Ok(Outcome::because("refused", why));
        }
        match self.intend(way).await? {
            None => return Ok(Outcome::because("refused", "overtaken")),
            Some(account) if account.state != AccountState::Creating => return Ok(done(account.id)),
            Some(_) => {}
        }
        let facts = way.run.facts.clone().unwrap_or_default();
        let rule = way.run.rule.clone().ok_or_else(|| Error::Undecided(way.run.user.clone()))?;
        let order = Order { user: facts, rule };
        tracing::info!(user.name = %way.run.user, service = way.service.name(), "asking for an account");
        match way.service.create(&order).await? {
            Creation::Made { id, standing } => self.follow(way, id, standing, None).await,
            Creation::Exists => self.adopt(way, &order).await,
            Creation::UserUnknown(reason) if way.age() < CONTRADICTION_SECONDS => Ok(way.waiting(&reason)),
            Creation::UserUnknown(reason) => Err(Error::Contradiction(format!(
                "{} does not know the user, whom the directory shows: {reason}",
                way.service.title()
            ))),
        }
    }

    /// Why the user may have no account any more, as the directory says now.
    async fn unfit(&self, way: &Way<'_>) -> Result<Option<&'static str>, Error> {
        let looked_up = way.request.looked_up_at.as_deref().and_then(clock::seconds);
        if looked_up.is_some_and(|at| clock::now() <= at + FRESH_SECONDS) && !way.tried {
            return Ok(None);
        }
        let name: UserName = way.run.user.parse().map_err(|error| Error::Input(format!("{error}")))?;
        match self.people.person(&name).await {
            Err(DirectoryError::UserNotFound(_)) => Ok(Some("gone")),
            Ok(person) if person.user.sid.as_str() != way.sid => Ok(Some("gone")),
            Ok(person) if !person.user.enabled => Ok(Some("disabled")),
            Ok(_) => {
                if way.run.doubted_at.is_some() {
                    amend_run(&self.store, &way.request.execution, |run| run.doubted_at = None).await?;
                }
                Ok(None)
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Takes the account that the service has under the user's name, if it is his.
    async fn adopt(&self, way: &Way<'_>, order: &Order) -> Result<Outcome, Error> {
        let title = way.service.title();
        let Some(Found { id, standing, other }) = way.service.find(&order.user).await? else {
            if way.age() < CONTRADICTION_SECONDS {
                return Ok(way.waiting("exists-unseen"));
            }
            return Err(Error::Contradiction(format!(
                "{title} says that {} has an account and shows none",
                order.user.name
            )));
        };
        if standing == Standing::Ending {
            // An earlier account of that name is about to go: then the name is free.
            return Ok(way.waiting("ending"));
        }
        let owner = owner_of(&self.store, way.service.name(), &id).await?;
        match (owner, other) {
            (Some(owner), _) if owner != way.sid => {
                return Err(ServiceError::Taken(format!(
                    "{id} in {title} belongs to {owner}, an earlier account of the name {}",
                    order.user.name
                ))
                .into());
            }
            (None, Some(why)) => {
                return Err(ServiceError::Taken(format!(
                    "{id} in {title} has the user name of {} and seems to be another person's: {why}",
                    order.user.name
                ))
                .into());
            }
            _ => {}
        }
        let detail =
            if way.tried { "made; the service's first answer was lost" } else { "it was there before" };
        self.follow(way, id, standing, Some(detail)).await
    }

    /// Goes on with an account whose id is known.
    async fn follow(
        &self,
        way: &Way<'_>,
        id: String,
        standing: Standing,
        detail: Option<&str>,
    ) -> Result<Outcome, Error> {
        let known = way.account.id.as_deref() == Some(id.as_str());
        if !known {
            let sid = parsed(&way.sid)?;
            note_owner(&self.store, way.service.name(), &id, &sid, &way.run.user, true).await?;
        }
        let state = match &standing {
            // An account that stops by itself when it is not used is as good as one that runs.
            Standing::Ready | Standing::Stopped => AccountState::Ready,
            Standing::Broken(why) => {
                return Err(Error::Contradiction(format!(
                    "{} {id} does not work: {why}",
                    way.service.title()
                )));
            }
            // Somebody has removed it: another one is made.
            Standing::Ending | Standing::Gone
                if known
                    && (!way.ours || standing == Standing::Ending || way.age() >= CONTRADICTION_SECONDS) =>
            {
                self.note(way, |account| {
                    account.id = None;
                    account.state = AccountState::Absent;
                })
                .await?;
                return Ok(way.waiting("gone"));
            }
            Standing::Pending(_) | Standing::Ending | Standing::Gone => AccountState::Creating,
        };
        let noted = self.note(way, |account| {
            account.state = state;
            account.id = Some(id.clone());
            account.suspended &= state != AccountState::Ready;
            if let Some(detail) = detail {
                account.detail = Some(detail.to_owned());
            }
        });
        if noted.await?.is_none() {
            return Ok(Outcome { id: Some(id), ..Outcome::because("refused", "overtaken") });
        }
        Ok(match standing {
            Standing::Ready | Standing::Stopped => done(Some(id)),
            Standing::Pending(word) => way.waiting(&word),
            _ => way.waiting("not-visible"),
        })
    }

    /// Writes down that an account is asked for, unless another try of this step has got it; the account as it is then.
    async fn intend(&self, way: &Way<'_>) -> Result<Option<Account>, Error> {
        let (name, execution) = (way.service.name(), &way.request.execution);
        let now = clock::iso(clock::now());
        let begun = self.change(&way.sid, way.request, |item| {
            let account = item.services.entry(name.to_owned()).or_default();
            let got = account.state == AccountState::Ready && account.execution == *execution;
            if !got {
                *account = Account {
                    state: AccountState::Creating,
                    since: way.account.since,
                    execution: execution.clone(),
                    at: now.clone(),
                    ..Account::default()
                };
            }
        });
        Ok(begun.await?.and_then(|item| item.services.get(name).cloned()))
    }

    /// Writes down what is known of the account; none when another execution has taken the user over.
    async fn note(&self, way: &Way<'_>, change: impl Fn(&mut Account)) -> Result<Option<UserItem>, Error> {
        let now = clock::iso(clock::now());
        self.change(&way.sid, way.request, |item| {
            let account = item.services.entry(way.service.name().to_owned()).or_default();
            account.since = way.account.since;
            account.execution.clone_from(&way.request.execution);
            account.at.clone_from(&now);
            change(account);
        })
        .await
    }
}

fn done(id: Option<String>) -> Outcome {
    Outcome { state: Some(AccountState::Ready.word().to_owned()), id, ..Outcome::new("done") }
}

fn way<'a>(request: &'a Request, service: &'a dyn Service, run: Run, item: &UserItem) -> Way<'a> {
    let mut account = item.services.get(service.name()).cloned().unwrap_or_default();
    let ours = account.execution == request.execution;
    let tried = ours && account.state == AccountState::Creating && account.id.is_none();
    if !ours || account.since == 0 {
        account.since = clock::now();
    }
    let sid = run.sid.clone().unwrap_or_default();
    Way { request, service, run, sid, account, ours, tried }
}
