//! What became of each service: recorded, counted and told, once.

use steward_core::clock;
use steward_core::notice::{Notice, Notices};
use steward_core::store::{Store, Telling, give_up_notice, tell};

use super::{Provisioner, Request};
use crate::eligibility::Refusal;
use crate::error::Error;
use crate::metric::Metric;
use crate::notice::{self, Told};
use crate::people::People;
use crate::records::{self, AccountState, Run, State, UserItem};
use crate::request::Outcome;

impl<P: People + Sync, S: Store + Sync, N: Notices + Sync> Provisioner<P, S, N> {
    pub(super) async fn report(&self, request: &Request) -> Result<Outcome, Error> {
        let run = self.run(request).await?;
        if run.outcome != "ready" {
            return self.report_nothing(request, &run).await;
        }
        let Some(item) = self.held(&run, request).await? else {
            // It was told by an earlier try of this step, or another execution has taken the user over and tells.
            let outcome = run.reported.as_deref().and_then(outcome_of).unwrap_or("overtaken");
            return Ok(Outcome { services: Some(run.services), ..Outcome::new(outcome) });
        };
        let outcome = conclusion(&item, &run);
        let told = self.told(request);
        let notice = match outcome {
            "onboarded" => notice::onboarded(&item, &run, &told, &self.services),
            _ => notice::not_onboarded(&item, &run, &told, &self.services),
        };
        let run = Run { reported: Some(outcome.to_owned()), ..run };
        records::write_run(&self.store, &request.execution, &run).await?;
        // The same result is told once, whoever asks for it again; what went wrong is told each time.
        let cause = match outcome {
            "onboarded" => cause_of_onboarded(&item, &run),
            _ => format!("onboard#{}", request.execution),
        };
        let metric = match outcome {
            "onboarded" => Metric::Onboarded,
            "failed" => Metric::OnboardingFailed,
            _ => Metric::OnboardingRefused,
        };
        self.tell(request, &cause, &notice, metric).await?;
        self.change(&item.sid, request, |item| {
            item.state = match outcome {
                "onboarded" => State::Onboarded,
                "failed" => State::Failed,
                _ => State::GivenUp,
            };
            item.at = clock::iso(clock::now());
            item.let_go();
        })
        .await?;
        Ok(Outcome { services: Some(run.services), ..Outcome::new(outcome) })
    }

    /// The look-up has ended it: told where somebody has asked, or should know.
    async fn report_nothing(&self, request: &Request, run: &Run) -> Result<Outcome, Error> {
        let reason = run.reason.clone().unwrap_or_default();
        let outcome = outcome_of(&run.outcome).unwrap_or("refused");
        let is_protected = Refusal::of(&reason).is_some_and(Refusal::is_protected);
        if outcome == "gave-up" || is_protected || request.input.is_asked_for() {
            let notice = notice::nothing_given(run, &self.told(request), self.config.wait_seconds);
            let cause = format!("onboard#{}", request.execution);
            let sender = &request.execution;
            tell(&self.store, &self.notices, &cause, sender, clock::now(), &notice).await?;
        }
        Ok(Outcome::because(outcome, &reason))
    }

    pub(super) async fn note_failure(&self, request: &Request) -> Result<Outcome, Error> {
        let name = request.service()?.to_owned();
        let run = self.run(request).await?;
        let failure = request.failure.clone().unwrap_or_default();
        let now = clock::now();
        if let Some(sid) = &run.sid {
            self.change(sid, request, |item| {
                let account = item.services.entry(name.clone()).or_default();
                account.fail(&request.execution, &failure.text(), now);
            })
            .await?;
        }
        Ok(Outcome::because("failed", &failure.error))
    }

    /// Who holds the user next tells at once that he is onboarded.
    pub(super) async fn give_up_telling(&self, sid: &str, request: &Request) -> Result<(), Error> {
        let execution = &request.execution;
        let run = records::read_run(&self.store, execution).await?;
        let item = records::held(&self.store, &self.config.common.directory, sid, execution).await?;
        if let (Some(run), Some(item)) = (run, item) {
            give_up_notice(&self.store, &cause_of_onboarded(&item, &run), execution).await?;
        }
        Ok(())
    }

    async fn tell(
        &self,
        request: &Request,
        cause: &str,
        notice: &Notice,
        metric: Metric,
    ) -> Result<(), Error> {
        let sender = &request.execution;
        if tell(&self.store, &self.notices, cause, sender, clock::now(), notice).await? == Telling::Now {
            self.metrics.count(metric);
        }
        Ok(())
    }

    fn told<'a>(&'a self, request: &'a Request) -> Told<'a> {
        Told { execution: &request.execution, event: request.input.event_text(), common: &self.config.common }
    }
}

/// The same for each execution that finds him with these accounts.
pub(super) fn cause_of_onboarded(item: &UserItem, run: &Run) -> String {
    format!("onboard#{}#{}#{}", item.sid, item.epoch, run.services.join("+"))
}

/// What became of it as a whole.
fn conclusion(item: &UserItem, run: &Run) -> &'static str {
    let state =
        |service: &String| item.services.get(service).map(|account| account.state).unwrap_or_default();
    let states: Vec<AccountState> = run.services.iter().map(state).collect();
    if states.iter().all(|state| *state == AccountState::Ready) && !item.memberships.removed {
        "onboarded"
    } else if states.contains(&AccountState::Refused)
        && states.iter().all(|state| matches!(state, AccountState::Ready | AccountState::Refused))
    {
        "refused"
    } else {
        "failed"
    }
}

fn outcome_of(word: &str) -> Option<&'static str> {
    ["onboarded", "failed", "refused", "gave-up"].into_iter().find(|outcome| *outcome == word)
}
