//! The steps of the state machine `contain-user`.
//!
//! Record the finding, ask the instance, read its answer, decide, ask a person where one is needed, disable, tell. Every step can be repeated: what
//! it has done already it finds in the decision table or in the directory.

mod ask;
mod config;
mod decide;
mod disable;
mod identify;
mod outcome;
mod sessions;
mod step;

use std::time::Duration;

use serde_json::Value;
use steward_core::metrics::Metrics;

pub use config::{AfterDisabling, Config, Mode};
pub use step::{Outcome, Request, Step};

use crate::clock;
use crate::directories::{Directories, Forests};
use crate::error::Error;
use crate::finding::{Event, Finding};
use crate::identity::LONGEST_CHAIN;
use crate::notice::{self, Notices, Topic};
use crate::reason::{Decision, Doubt, Refusal};
use crate::records::{self, DecisionRecord, Opening, Store, Table, decision_key};
use crate::systems_manager::{Asked, Reply, RunCommand, SystemsManager};

/// How long an execution waits for others that hold its finding: longer than any hold without a sign of life.
const PATIENCE_SECONDS: u64 = 20 * 60;

/// Everything that the steps act on.
#[derive(Debug)]
pub struct Responder<D, S, M, N> {
    /// The directories.
    pub directories: D,
    /// The decision table.
    pub store: S,
    /// Run Command and the kill switch.
    pub systems: M,
    /// Where people are told.
    pub notices: N,
    /// Where outcomes are counted.
    pub metrics: Metrics,
    /// The configuration.
    pub config: Config,
    /// The pause between looks at the directory after disabling; domain controllers replicate within seconds.
    pub read_back_pause: Duration,
}

/// The responder as the function runs it.
pub type Live = Responder<Forests, Table, RunCommand, Topic>;

impl<D: Directories + Sync, S: Store + Sync, M: SystemsManager + Sync, N: Notices + Sync>
    Responder<D, S, M, N>
{
    /// Does one step.
    ///
    /// # Errors
    /// When the step did not come to its end; transient ones are worth repeating.
    pub async fn handle(&self, request: Request) -> Result<Outcome, Error> {
        let event: Event = serde_json::from_value(request.event.clone()).unwrap_or_default();
        let finding = match self.screen(&request, &event).await? {
            Ok(finding) => finding,
            Err(refusal) => return self.refuse(&request, &event, refusal).await,
        };
        let outcome = match request.step {
            Step::Record => self.record(&request, &finding).await,
            Step::Ask => self.ask(&finding).await,
            Step::ReadAnswer => self.read_answer(&request, &finding).await,
            Step::Decide => self.decide(&request, &finding).await,
            Step::RequestApproval => self.request_approval(&request, &finding).await,
            Step::Resume => self.resume(&request, &finding).await,
            Step::Disable => self.disable(&request, &finding).await,
            Step::EndSessions => self.end_sessions(&request, &finding).await,
            Step::ReadSessions => self.read_sessions(&request, &finding).await,
            Step::Tell => self.tell(&request, &finding).await,
            Step::Review => self.review(&request, &finding).await,
            Step::Abandon => self.abandon(&request, &finding).await,
        }?;
        tracing::info!(
            finding.arn, step = %request.step, outcome = %outcome.outcome, reason = outcome.reason, "step done"
        );
        Ok(outcome)
    }

    /// The finding, if it is one to act on and commands may be sent to where it is.
    async fn screen(&self, request: &Request, event: &Event) -> Result<Result<Finding, Refusal>, Error> {
        let finding = match self.config.scope.screen(event) {
            Ok(finding) => finding,
            refused => return Ok(refused),
        };
        // Once decided it is seen through, to the notice. Each command asks for its way anew.
        Ok(match request.step {
            Step::Record => match self.systems.closed(&finding.place).await? {
                Some(refusal) => Err(refusal),
                None => Ok(finding),
            },
            _ => Ok(finding),
        })
    }

    /// Keeps a record of an event that is not acted on, and tells people where they have to do something. It touches
    /// nothing else.
    async fn refuse(&self, request: &Request, event: &Event, refusal: Refusal) -> Result<Outcome, Error> {
        let decision = Decision::Refuse(refusal);
        let record = self.blank_record(request, event, decision);
        let key = records::refused_event_key(&request.execution);
        self.write_down(&key, &record).await?;
        tracing::info!(event.id, reason = decision.reason(), "finding refused");
        if decision.is_told() {
            let notice = notice::not_contained(decision, &record, &self.config.links());
            let cause = format!("{}#{}", record.finding_arn, decision.reason());
            self.tell_people(decision, &cause, &request.execution, &notice, false).await?;
        }
        Ok(Outcome::new("ignored", decision.reason()))
    }

    async fn record(&self, request: &Request, finding: &Finding) -> Result<Outcome, Error> {
        let now = clock::now();
        let started = request.started_at.as_deref().and_then(clock::seconds);
        let started = started.ok_or_else(|| Error::Input("the step needs started_at".to_owned()))?;
        match records::open(&self.store, finding, &request.execution, started, now).await? {
            Opening::Duplicate => Ok(Outcome::new("ignored", "duplicate")),
            Opening::AwaitsPerson => Ok(Outcome::new("ignored", "awaits-person")),
            Opening::Busy(_) if now < started + PATIENCE_SECONDS => {
                Ok(Outcome::new("busy", "another-execution"))
            }
            Opening::Busy(holder) => Err(Error::FindingBusy(finding.arn.clone(), holder)),
            Opening::Ours(item) => {
                let identity = finding.identity();
                if !item.acted.iter().any(|acted| acted.confirmed && acted.identity == identity) {
                    return Ok(Outcome::new("proceed", "new"));
                }
                let decision = Decision::Refuse(Refusal::AlreadyActed);
                let record = self.new_record(request, finding, decision, Value::Null);
                self.write_down(&decision_key(finding, &request.execution), &record).await?;
                records::finish(&self.store, &finding.arn, &request.execution, now).await?;
                Ok(Outcome::new("ignored", decision.reason()))
            }
        }
    }

    async fn ask(&self, finding: &Finding) -> Result<Outcome, Error> {
        if finding.chain.len() > LONGEST_CHAIN {
            return Ok(Outcome::new("no-answer", Doubt::LineageTooLong.code()));
        }
        match self.systems.ask(&finding.place, &step::chain_parameter(finding)).await? {
            Asked::Command(command) => Ok(Outcome::new("asked", "sent").with_command(command)),
            Asked::AgentAbsent => Ok(Outcome::new("agent-absent", Doubt::AgentAbsent.code())),
        }
    }

    async fn read_answer(&self, request: &Request, finding: &Finding) -> Result<Outcome, Error> {
        let command =
            request.command.as_deref().ok_or_else(|| Error::Input("the step needs a command".to_owned()))?;
        Ok(match self.systems.reply(&finding.place, command).await? {
            Reply::Pending => Outcome::new("pending", "the command has not ended"),
            Reply::Output(_) => Outcome::new("answered", "success"),
            Reply::None(doubt) => Outcome::new("no-answer", doubt.code()),
        })
    }

    async fn abandon(&self, request: &Request, finding: &Finding) -> Result<Outcome, Error> {
        records::abandon(&self.store, &finding.arn, &request.execution).await?;
        Ok(Outcome::new("abandoned", "failed"))
    }

    async fn tell(&self, request: &Request, finding: &Finding) -> Result<Outcome, Error> {
        let key = decision_key(finding, &request.execution);
        let (record, _) = self.store.read::<DecisionRecord>(&key).await?;
        let record = record.ok_or_else(|| Error::Undecided(finding.arn.clone()))?;
        let decision = record.decision()?;
        let told = if decision.is_told() {
            let links = self.config.links();
            let notice = match decision {
                Decision::Contain | Decision::ContainApproved => {
                    notice::contained(&record, &links, &self.config.release_state_machine_arn)
                }
                other => notice::not_contained(other, &record, &links),
            };
            let cause = record.cause.as_deref().unwrap_or(&record.finding_arn);
            let remains = record.sessions.as_ref().is_some_and(notice::is_left);
            self.tell_people(decision, cause, &request.execution, &notice, remains).await?
        } else {
            "recorded"
        };
        records::finish(&self.store, &finding.arn, &request.execution, clock::now()).await?;
        let outcome = Outcome::new(told, decision.reason());
        let reviewed = decision.contains() && self.config.review_after_seconds > 0;
        Ok(if reviewed { outcome.waiting(self.config.review_after_seconds) } else { outcome })
    }
}

#[cfg(test)]
mod tests;
