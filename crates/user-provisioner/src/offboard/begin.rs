//! Is he disabled, gone or contained, and what has he? His memberships are written down while the directory still knows
//! them.

use steward_core::clock;
use steward_core::directory::{DirectoryError, Person};
use steward_core::ids::Sid;
use steward_core::notice::Notices;
use steward_core::store::{Revision, Store, Written};

use super::{LEASE_SECONDS, LOOK_SECONDS, Offboarder, REPLICATION_SECONDS, Request};
use crate::eligibility::Refusal;
use crate::error::Error;
use crate::people::{Facts, Groups, People};
use crate::records::{
    Flow, Memberships, Run, State, UserItem, is_contained, note_name, sid_of, user_key, write_run,
};
use crate::request::{Happening, Outcome, Subject};
use crate::services::Leaving;

/// Attempts to take a user whom others take at the same time.
const ATTEMPTS: u32 = 10;

/// What the directory and the event say together.
enum Seen {
    /// This person is disabled.
    Disabled(Box<Person>),
    /// The person of this SID is gone.
    Deleted(Sid),
    /// Nothing is to be taken away.
    Ignored(&'static str),
    /// The directory may not have heard of it everywhere.
    Unsure,
}

impl<P: People + Sync, S: Store + Sync, D: Store + Sync, N: Notices + Sync> Offboarder<P, S, D, N> {
    pub(super) async fn begin(&self, request: &Request) -> Result<Outcome, Error> {
        let subject = request.input.subject()?;
        if subject.event == Happening::Joined {
            return Err(Error::Input("event: nobody leaves by it".to_owned()));
        }
        let started = clock::seconds(&request.started_at)
            .ok_or_else(|| Error::Input("the step needs started_at in ISO 8601".to_owned()))?;
        if let Err(refusal) = self.config.common.scope.screen(&subject, &self.config.common.directory) {
            return self.refuse(request, &subject, None, refusal).await;
        }
        let known = match &subject.sid {
            Some(sid) => Some(sid.clone()),
            None => sid_of(&self.store, &self.config.common.directory, &subject.name).await?,
        };
        let mut sid = known.clone();
        for _ in 0..ATTEMPTS {
            // The item is read before the directory is asked, and written only as it was read: a step that was left
            // behind cannot take the user back with what the directory said earlier.
            let (item, seen) = self.item(sid.as_ref()).await?;
            let young = clock::now() < started + REPLICATION_SECONDS;
            let (found, person) = match self.see(&subject, known.as_ref(), young).await? {
                Seen::Ignored(reason) => return Ok(Outcome::because("ignored", reason)),
                Seen::Unsure => return Ok(Outcome::waiting(LOOK_SECONDS, "replication")),
                Seen::Deleted(sid) => (sid, None),
                Seen::Disabled(person) => (person.user.sid.clone(), Some(person)),
            };
            if sid.as_ref() != Some(&found) {
                sid = Some(found);
                continue;
            }
            if let Some(refusal) = self.out_of_scope(person.as_deref(), item.as_ref()) {
                return Ok(Outcome::because("ignored", refusal.code()));
            }
            let kind = self.why(&subject, &found, person.as_deref()).await?;
            if let Some(reason) = nothing_left(item.as_ref(), &request.execution, kind) {
                return Ok(Outcome::because("ignored", reason));
            }
            let Some(item) = self.taken(request, &subject, item, &found, person.as_deref(), kind).await?
            else {
                return self.refuse(request, &subject, Some(&found), Refusal::ProtectedGroup).await;
            };
            let key = user_key(&self.config.common.directory, &item.sid);
            if self.store.write(&key, &item, seen).await? == Written::Yes {
                return self.go_on(request, item, person.as_deref(), kind).await;
            }
        }
        Err(Error::Contended(subject.name.to_string()))
    }

    async fn item(&self, sid: Option<&Sid>) -> Result<(Option<UserItem>, Revision), Error> {
        match sid {
            Some(sid) => Ok(self.store.read(&user_key(&self.config.common.directory, sid.as_str())).await?),
            None => Ok((None, Revision::Absent)),
        }
    }

    async fn see(&self, subject: &Subject, known: Option<&Sid>, young: bool) -> Result<Seen, Error> {
        let person = match self.people.person(&subject.name).await {
            Err(DirectoryError::UserNotFound(_)) => None,
            other => Some(other?),
        };
        Ok(match (person, known) {
            (None, Some(sid)) => Seen::Deleted(sid.clone()),
            (None, None) => Seen::Ignored("unknown-account"),
            // The account of the event is gone, and somebody else has its name; CloudTrail tells no SID, so that a
            // DisableUser may be about either: it is about who has the name.
            (Some(person), Some(sid)) if person.user.sid != *sid => {
                let about_the_other = subject.sid.is_some() || subject.event == Happening::Deleted;
                if about_the_other {
                    Seen::Deleted(sid.clone())
                } else {
                    judge(Box::new(person), subject, young)
                }
            }
            (Some(person), _) => judge(Box::new(person), subject, young),
        })
    }

    async fn why(&self, subject: &Subject, sid: &Sid, person: Option<&Person>) -> Result<Leaving, Error> {
        let directory = &self.config.common.directory;
        let name = person.map_or(&subject.name, |person| &person.user.name);
        let contained = is_contained(&self.decisions, directory, name, sid).await?;
        Ok(match (contained, person) {
            (true, _) => Leaving::Contained,
            (false, Some(_)) => Leaving::Disabled,
            (false, None) => Leaving::Deleted,
        })
    }

    /// A leaver may be moved to an OU for leavers: who was given something loses it wherever he is now.
    fn out_of_scope(&self, person: Option<&Person>, item: Option<&UserItem>) -> Option<Refusal> {
        let scope = &self.config.common.scope;
        if person.is_some_and(|person| !person.user.domain.eq_ignore_ascii_case(&scope.domain)) {
            return Some(Refusal::OtherDomain);
        }
        let was_given = item.is_some_and(|item| !item.services.is_empty());
        // Nobody can say where somebody was who is gone.
        let is_in = person.map_or(scope.allowed_ous.is_empty(), |person| scope.is_in_allowed_ou(person));
        (!was_given && !is_in).then_some(Refusal::NotInAllowedOus)
    }

    /// The user's item when this execution takes him; none when he is protected.
    async fn taken(
        &self,
        request: &Request,
        subject: &Subject,
        item: Option<UserItem>,
        sid: &Sid,
        person: Option<&Person>,
        kind: Leaving,
    ) -> Result<Option<UserItem>, Error> {
        let now = clock::now();
        let is_new = item.is_none();
        let mut item = item.unwrap_or_default();
        let name = person.map_or(&subject.name, |person| &person.user.name);
        let groups = match person {
            Some(person) => self.people.groups(&person.user.name).await?,
            None => Groups {
                all: self.people.groups_above(name, &item.memberships.saved).await?,
                ..Groups::default()
            },
        };
        if groups.all.contains(&self.config.common.scope.protected_group) {
            return Ok(None);
        }
        if !item.is_held_by(&request.execution) {
            item.memberships.done.clear();
        }
        if let Some(person) = person {
            item.upn.clone_from(&person.upn);
            item.facts = Some(Facts::from(person));
            if !item.memberships.removed {
                item.memberships =
                    Memberships { saved: groups.direct, at: Some(clock::iso(now)), ..Memberships::default() };
            }
        } else {
            item.memberships.unknown = item.memberships.at.is_none();
        }
        if item.state != State::Leaving {
            item.before = Some(if is_new { State::Untouched } else { item.state });
        }
        item.name = name.to_string();
        item.sid = sid.to_string();
        item.state = State::Leaving;
        item.at = clock::iso(now);
        item.hold(&request.execution, Flow::Offboard, now + self.grace(kind) + LEASE_SECONDS);
        Ok(Some(item))
    }

    /// A contained user is suspended at once.
    fn grace(&self, kind: Leaving) -> u64 {
        if kind == Leaving::Contained { 0 } else { self.config.grace_seconds }
    }

    async fn go_on(
        &self,
        request: &Request,
        item: UserItem,
        person: Option<&Person>,
        kind: Leaving,
    ) -> Result<Outcome, Error> {
        if let Some(person) = person {
            let directory = &self.config.common.directory;
            note_name(&self.store, directory, &person.user.name, &person.user.sid).await?;
        }
        let remembered = || {
            let nameless = Facts { name: item.name.clone(), sid: item.sid.clone(), ..Facts::default() };
            item.facts.clone().unwrap_or(nameless)
        };
        let services = self.services.names();
        let run = Run {
            user: item.name.clone(),
            sid: Some(item.sid.clone()),
            outcome: "leaving".to_owned(),
            services: services.clone(),
            facts: Some(person.map_or_else(remembered, Facts::from)),
            kind: Some(kind.word().to_owned()),
            at: clock::iso(clock::now()),
            ..Run::default()
        };
        write_run(&self.store, &request.execution, &run).await?;
        Ok(Outcome {
            services: Some(services),
            grace: Some(self.grace(kind)),
            kind: Some(kind.word()),
            ..Outcome::new("leaving")
        })
    }

    async fn refuse(
        &self,
        request: &Request,
        subject: &Subject,
        sid: Option<&Sid>,
        refusal: Refusal,
    ) -> Result<Outcome, Error> {
        if !refusal.is_protected() {
            return Ok(Outcome::because("ignored", refusal.code()));
        }
        let run = Run {
            user: subject.name.to_string(),
            sid: sid.or(subject.sid.as_ref()).map(ToString::to_string),
            outcome: "refused".to_owned(),
            reason: Some(refusal.code().to_owned()),
            at: clock::iso(clock::now()),
            ..Run::default()
        };
        write_run(&self.store, &request.execution, &run).await?;
        Ok(Outcome::because("refused", refusal.code()))
    }
}

/// What a person who is there means, who may be shown as he was before.
fn judge(person: Box<Person>, subject: &Subject, young: bool) -> Seen {
    match (person.user.enabled, subject.event, young) {
        (true, _, true) | (false, Happening::Deleted, true) => Seen::Unsure,
        (true, _, false) => Seen::Ignored("enabled-again"),
        (false, ..) => Seen::Disabled(person),
    }
}

/// Why another execution need not begin: one is at it, or it is done.
fn nothing_left(item: Option<&UserItem>, execution: &str, kind: Leaving) -> Option<&'static str> {
    let item = item.filter(|item| !item.is_held_by(execution))?;
    if item.held_by_other(execution, Flow::Offboard, clock::now()).is_some() {
        return Some("another-execution");
    }
    match (item.state, kind) {
        (State::OffBoarded, _) => Some("already-off-boarded"),
        (State::Suspended, Leaving::Contained) => Some("already-suspended"),
        _ => None,
    }
}
