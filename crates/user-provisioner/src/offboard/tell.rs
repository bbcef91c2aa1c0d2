//! What was suspended and taken away, what is kept and for how long, what nobody knows; and in the end what is gone.

use steward_core::clock;
use steward_core::notice::{Notice, Notices};
use steward_core::store::{Store, Telling, tell};

use super::{LEASE_SECONDS, Offboarder, Request};
use crate::error::Error;
use crate::metric::Metric;
use crate::notice::{self, Left, Told};
use crate::people::People;
use crate::records::{Account, AccountState, Run, State, UserItem, amend_run};
use crate::request::Outcome;
use crate::services::Leaving;

impl<P: People + Sync, S: Store + Sync, D: Store + Sync, N: Notices + Sync> Offboarder<P, S, D, N> {
    pub(super) async fn tell(&self, request: &Request) -> Result<Outcome, Error> {
        let run = self.run(request).await?;
        let told = self.told(request);
        if run.outcome == "refused" {
            let notice = notice::left_alone(&run, &told);
            self.publish(request, "refused", &notice, Some(Metric::OffboardingRefused)).await?;
            return Ok(Outcome::because("told", "refused"));
        }
        let Some(item) = self.held(&run, request).await? else {
            // Told by an earlier try of this step, or by the execution that has taken the user over.
            return Ok(Outcome::because("told", run.reported.as_deref().unwrap_or("overtaken")));
        };
        match (run.stopped.as_deref(), run.removing) {
            (Some(why), _) => self.tell_stopped(request, &run, &item, why, &told).await,
            (None, true) => self.tell_gone(request, &run, &item, &told).await,
            (None, false) => self.tell_suspended(request, &run, &item, &told).await,
        }
    }

    async fn tell_suspended(
        &self,
        request: &Request,
        run: &Run,
        item: &UserItem,
        told: &Told<'_>,
    ) -> Result<Outcome, Error> {
        let kind = self.kind(run, item).await?;
        let kept_in_groups = kind == Leaving::Disabled && item.memberships.due().next().is_some();
        let failed = kept_in_groups || count(item, run, AccountState::Failed) > 0;
        let has_left = |name: &&String| item.services.get(*name).is_some_and(Account::is_left);
        let left_over: Vec<String> = run.services.iter().filter(has_left).cloned().collect();
        let kept = kind != Leaving::Contained && !failed && !left_over.is_empty();
        // From the end of the grace period, and the same for whoever repeats this step.
        let suspended_at = clock::seconds(&item.at).unwrap_or(0) + self.config.grace_seconds;
        let until = suspended_at + self.config.keep_seconds;
        let left = Left {
            kind,
            is_unfinished: failed,
            until: kept.then(|| clock::iso(until.max(clock::now()))),
            release_state_machine: &self.config.release_state_machine_arn,
        };
        let touched = is_touched(item, run);
        if failed || touched {
            let notice = notice::suspended(item, run, told, &self.services, &left);
            let metric = if failed { Metric::OffboardingFailed } else { Metric::Suspended };
            self.publish(request, "suspended", &notice, Some(metric)).await?;
        }
        amend_run(&self.store, &request.execution, |run| run.reported = Some("suspended".to_owned())).await?;
        let state = match (failed, kept || kind == Leaving::Contained) {
            (true, _) => State::Leaving,
            _ if !touched && !item.onboarded => State::Untouched,
            (false, true) => State::Suspended,
            (false, false) => State::OffBoarded,
        };
        let seconds = until.saturating_sub(clock::now()).max(1);
        self.change(&item.sid, request, |item| {
            item.state = state;
            if kept {
                item.held_until = item.held_until.max(clock::now() + seconds + LEASE_SECONDS);
            } else {
                item.let_go();
            }
        })
        .await?;
        let outcome = Outcome::new("told");
        Ok(if kept {
            Outcome { seconds: Some(seconds), services: Some(left_over), ..outcome }
        } else {
            outcome
        })
    }

    async fn tell_gone(
        &self,
        request: &Request,
        run: &Run,
        item: &UserItem,
        told: &Told<'_>,
    ) -> Result<Outcome, Error> {
        let failed = count(item, run, AccountState::Failed) > 0;
        let notice = notice::off_boarded(item, run, told, &self.services);
        let metric = if failed { Metric::OffboardingFailed } else { Metric::OffBoarded };
        self.publish(request, "gone", &notice, Some(metric)).await?;
        amend_run(&self.store, &request.execution, |run| run.reported = Some("gone".to_owned())).await?;
        self.change(&item.sid, request, |item| {
            item.state = if failed { State::Suspended } else { State::OffBoarded };
            item.at = clock::iso(clock::now());
            item.let_go();
        })
        .await?;
        Ok(Outcome::because("told", "gone"))
    }

    /// Somebody wants him back, or he is contained by now.
    async fn tell_stopped(
        &self,
        request: &Request,
        run: &Run,
        item: &UserItem,
        why: &str,
        told: &Told<'_>,
    ) -> Result<Outcome, Error> {
        let touched = is_touched(item, run) || item.memberships.removed;
        if touched {
            let notice = notice::overtaken(item, run, told, &self.services, why);
            self.publish(request, "stopped", &notice, None).await?;
        }
        amend_run(&self.store, &request.execution, |run| run.reported = Some("stopped".to_owned())).await?;
        self.change(&item.sid, request, |item| {
            item.state = if touched { State::Suspended } else { item.before.unwrap_or(State::Untouched) };
            item.before = None;
            item.let_go();
        })
        .await?;
        Ok(Outcome::because("told", why))
    }

    async fn publish(
        &self,
        request: &Request,
        what: &str,
        notice: &Notice,
        metric: Option<Metric>,
    ) -> Result<(), Error> {
        let cause = format!("offboard#{}#{what}", request.execution);
        let sender = &request.execution;
        let telling = tell(&self.store, &self.notices, &cause, sender, clock::now(), notice).await?;
        if let Some(metric) = metric.filter(|_| telling == Telling::Now) {
            self.metrics.count(metric);
        }
        Ok(())
    }

    fn told<'a>(&'a self, request: &'a Request) -> Told<'a> {
        Told { execution: &request.execution, event: request.input.event_text(), common: &self.config.common }
    }
}

fn named(item: &UserItem, run: &Run, state: AccountState) -> Vec<String> {
    let has = |name: &&String| item.services.get(*name).is_some_and(|account| account.state == state);
    run.services.iter().filter(has).cloned().collect()
}

fn count(item: &UserItem, run: &Run, state: AccountState) -> usize {
    named(item, run, state).len()
}

/// Whether anything of his was changed, or could not be: a user who had nothing is nobody's news.
fn is_touched(item: &UserItem, run: &Run) -> bool {
    let quiet = [AccountState::Absent, AccountState::Unknown, AccountState::Ready];
    let changed =
        |name: &String| item.services.get(name).is_some_and(|account| !quiet.contains(&account.state));
    run.services.iter().any(changed) || !item.memberships.done.is_empty()
}
