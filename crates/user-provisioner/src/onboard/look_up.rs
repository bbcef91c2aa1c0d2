//! Who is he, is he enabled, and what do his groups give him? Of several executions for one user one goes on.

use std::collections::BTreeSet;

use steward_core::clock;
use steward_core::directory::{DirectoryError, Person};
use steward_core::notice::Notices;
use steward_core::store::{Change, Revision, Store, Written, update};

use super::taking::{is_leaving, is_only_put_back, taken, taken_from};
use super::{Provisioner, Request};
use crate::eligibility::{Refusal, Verdict, pause};
use crate::error::Error;
use crate::metric::Metric;
use crate::people::{Facts, Groups, People};
use crate::records::{self, Flow, Run, State, UserItem, is_believed, note_name, sid_of, user_key, write_run};
use crate::request::{Outcome, Subject};
use crate::rules::Rule;

/// Attempts to take a user whom others take at the same time.
const ATTEMPTS: u32 = 10;

/// After this time every domain controller has heard of a change.
const REPLICATION_SECONDS: u64 = 60;

impl<P: People + Sync, S: Store + Sync, N: Notices + Sync> Provisioner<P, S, N> {
    pub(super) async fn look_up(&self, request: &Request) -> Result<Outcome, Error> {
        let subject = request.input.subject()?;
        let started = clock::seconds(&request.started_at)
            .ok_or_else(|| Error::Input("the step needs started_at in ISO 8601".to_owned()))?;
        let waited = clock::now().saturating_sub(started);
        if let Err(refusal) = self.config.common.scope.screen(&subject, &self.config.common.directory) {
            return self.refuse(request, &subject, None, refusal).await;
        }
        let mut sid = match &subject.sid {
            Some(sid) => Some(sid.to_string()),
            None => sid_of(&self.store, &self.config.common.directory, &subject.name)
                .await?
                .map(|sid| sid.to_string()),
        };
        for _ in 0..ATTEMPTS {
            // The item is read before the directory is asked, and written only as it was read: a step that was left
            // behind cannot take the user back with what the directory said earlier.
            let (item, seen) = self.item(sid.as_deref()).await?;
            let person = match self.people.person(&subject.name).await {
                Err(DirectoryError::UserNotFound(_)) => {
                    return self.wait(request, &subject, None, waited, "not-visible").await;
                }
                other => other?,
            };
            let found = person.user.sid.to_string();
            if subject.sid.as_ref().is_some_and(|sid| sid.as_str() != found) {
                // The name is another account's by now, whose own event starts its own execution.
                return if waited < REPLICATION_SECONDS {
                    self.wait(request, &subject, None, waited, "another-account").await
                } else if request.input.is_asked_for() {
                    self.conclude(request, &subject, None, "refused", "another-account").await
                } else {
                    Ok(Outcome::because("ignored", "another-account"))
                };
            }
            if sid.as_ref() != Some(&found) {
                sid = Some(found);
                continue;
            }
            let held = item.as_ref().and_then(|item| {
                item.held_by_other(&request.execution, Flow::Onboard, clock::now()).map(str::to_owned)
            });
            if let Some(holder) = held {
                tracing::info!(user.name = %person.user.name, "{holder} works on this user");
                return Ok(Outcome::because("ignored", "another-execution"));
            }
            let groups = if person.user.enabled {
                self.people.groups(&person.user.name).await?
            } else {
                Groups::default()
            };
            let all = self.with_saved(&person, &groups, item.as_ref()).await?;
            let rule = match self.config.common.scope.judge(&person, &all, &self.config.rules) {
                Verdict::Ready(rule) => rule,
                Verdict::Waiting(reason) => {
                    return self.wait(request, &subject, Some(&person), waited, reason).await;
                }
                Verdict::Refused(refusal) => {
                    return self.refuse(request, &subject, Some(&person), refusal).await;
                }
            };
            let rule = match &item {
                Some(item) if is_only_put_back(item, request) => {
                    let taken = taken_from(item, rule);
                    if taken.services.is_empty() && !item.memberships.removed {
                        return Ok(Outcome::because("ignored", "nothing-to-put-back"));
                    }
                    taken
                }
                _ => rule,
            };
            if item.as_ref().is_some_and(is_leaving)
                && !request.input.is_enabling()
                && !self.believed(request).await?
            {
                // He was disabled a while ago, and no event says otherwise: one domain controller may lag behind.
                return self.wait(request, &subject, Some(&person), waited, "replication").await;
            }
            let item = taken(request, item, &person, &groups, &rule);
            let key = user_key(&self.config.common.directory, &item.sid);
            if self.store.write(&key, &item, seen).await? == Written::Yes {
                return self.go_on(request, &person, item, rule).await;
            }
        }
        Err(Error::Contended(subject.name.to_string()))
    }

    async fn believed(&self, request: &Request) -> Result<bool, Error> {
        Ok(is_believed(&self.store, &request.execution, clock::now()).await?)
    }

    async fn item(&self, sid: Option<&str>) -> Result<(Option<UserItem>, Revision), Error> {
        match sid {
            Some(sid) => Ok(self.store.read(&user_key(&self.config.common.directory, sid)).await?),
            None => Ok((None, Revision::Absent)),
        }
    }

    /// His groups, and those that he will be put back into.
    async fn with_saved(
        &self,
        person: &Person,
        groups: &Groups,
        item: Option<&UserItem>,
    ) -> Result<BTreeSet<String>, Error> {
        let mut all = groups.all.clone();
        if let Some(item) = item.filter(|item| person.user.enabled && item.memberships.removed) {
            all.extend(self.people.groups_above(&person.user.name, &item.memberships.saved).await?);
        }
        Ok(all)
    }

    async fn go_on(
        &self,
        request: &Request,
        person: &Person,
        item: UserItem,
        rule: Rule,
    ) -> Result<Outcome, Error> {
        let now = clock::iso(clock::now());
        let directory = &self.config.common.directory;
        note_name(&self.store, directory, &person.user.name, &person.user.sid).await?;
        let run = Run {
            user: item.name,
            sid: Some(item.sid),
            outcome: "ready".to_owned(),
            services: rule.services.clone(),
            rule: Some(rule),
            facts: Some(Facts::from(person)),
            at: now.clone(),
            ..Run::default()
        };
        write_run(&self.store, &request.execution, &run).await?;
        Ok(Outcome {
            services: Some(run.services),
            looked_up_at: Some(now),
            restore: Some(item.memberships.removed),
            ..Outcome::new("ready")
        })
    }

    /// Has the machine wait, unless it has waited long enough.
    async fn wait(
        &self,
        request: &Request,
        subject: &Subject,
        person: Option<&Person>,
        waited: u64,
        reason: &'static str,
    ) -> Result<Outcome, Error> {
        if waited < self.config.wait_seconds {
            let left = self.config.wait_seconds - waited;
            return Ok(Outcome::waiting(pause(waited).min(left.max(1)), reason));
        }
        let sid = person.map(|person| &person.user.sid).or(subject.sid.as_ref());
        if let Some(sid) = sid {
            let name = person.map_or(&subject.name, |person| &person.user.name);
            let key = user_key(&self.config.common.directory, sid.as_str());
            let now = clock::now();
            update(&self.store, &key, |item: Option<UserItem>| {
                let item = item.unwrap_or_else(|| UserItem {
                    name: name.to_string(),
                    sid: sid.to_string(),
                    ..UserItem::default()
                });
                let busy = item.holder.is_some() && item.held_until > now;
                if busy || !matches!(item.state, State::Onboarding | State::GivenUp | State::Untouched) {
                    return Change::Keep(());
                }
                let at = clock::iso(now);
                Change::Write(UserItem { state: State::GivenUp, onboarded: true, at, ..item }, ())
            })
            .await?;
        }
        self.conclude(request, subject, person, "gave-up", reason).await
    }

    async fn refuse(
        &self,
        request: &Request,
        subject: &Subject,
        person: Option<&Person>,
        refusal: Refusal,
    ) -> Result<Outcome, Error> {
        self.conclude(request, subject, person, "refused", refusal.code()).await
    }

    /// Nothing is done; `report` says so where anybody needs to know.
    async fn conclude(
        &self,
        request: &Request,
        subject: &Subject,
        person: Option<&Person>,
        outcome: &'static str,
        reason: &'static str,
    ) -> Result<Outcome, Error> {
        let sid = person.map(|person| &person.user.sid).or(subject.sid.as_ref());
        let run = Run {
            user: person.map_or(&subject.name, |person| &person.user.name).to_string(),
            sid: sid.map(ToString::to_string),
            outcome: outcome.to_owned(),
            reason: Some(reason.to_owned()),
            facts: person.map(Facts::from),
            at: clock::iso(clock::now()),
            ..Run::default()
        };
        let noted = records::read_run(&self.store, &request.execution).await?;
        let first = noted.is_none_or(|run| run.outcome.is_empty());
        write_run(&self.store, &request.execution, &run).await?;
        if first {
            self.metrics.count(Metric::OnboardingRefused);
        }
        Ok(Outcome::because(outcome, reason))
    }
}
