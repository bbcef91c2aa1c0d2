//! The decision: who it is, whether he may be touched, and the record of both before anything is done.

use serde_json::{Value, json};
use steward_core::directory::{Directory, DirectoryError};

use super::identify::Known;
use super::step::{Outcome, Request};
use super::{Mode, Responder};
use crate::answer::Answer;
use crate::clock;
use crate::directories::Directories;
use crate::error::Error;
use crate::finding::{Event, Finding};
use crate::home::Home;
use crate::notice::Notices;
use crate::reason::{Decision, Doubt, Refusal};
use crate::records::{self, AccountState, Budget, DecisionRecord, Progress, Spending, Store, decision_key};
use crate::systems_manager::{KillSwitch, Reply, SystemsManager};

/// What the decision was made from.
struct Findings<D> {
    decision: Decision,
    known: Option<Known<D>>,
    answer: Value,
}

impl<D: Directories + Sync, S: Store + Sync, M: SystemsManager + Sync, N: Notices + Sync>
    Responder<D, S, M, N>
{
    pub(super) async fn decide(&self, request: &Request, finding: &Finding) -> Result<Outcome, Error> {
        let refused = records::refusal(&self.store, finding).await?;
        let found = match &refused {
            // For good as to this finding, also when the doubt has gone since.
            Some(_) => Findings {
                decision: Decision::Refuse(Refusal::RefusedByPerson),
                known: None,
                answer: Value::Null,
            },
            None => self.judge(request, finding).await?,
        };
        let mut record = self.new_record(request, finding, found.decision, found.answer);
        if let Some(Known { home, user, .. }) = &found.known {
            record.user = Some(user.name.to_string());
            record.domain = home.domain().map(str::to_owned);
            record.sid = Some(user.sid.to_string());
            record.before = Some(AccountState { enabled: user.enabled });
        }
        let who = record.who();
        record.cause = Some(format!("{}#{}#{}#{who}", finding.arn, record.decision, record.reason));
        let asks = self.config.mode != Mode::Observe;
        let mut approved = false;
        if let Decision::NeedsPerson(doubt) = found.decision
            && asks
            && doubt.can_be_approved()
        {
            let id = records::approval_id(&finding.arn, doubt.code(), &who);
            approved = records::is_approved(&self.store, &id).await?;
            // Each time that it waits, people are told how long.
            record.cause = Some(format!("approval#{id}#{}", request.execution));
            record.approval = Some(id);
        }
        if let Some((id, answer)) = refused {
            record.cause = Some(format!("approval#{id}#answer"));
            record.approval = Some(id);
            record.answer = Some(answer);
        }
        self.write_down(&decision_key(finding, &request.execution), &record).await?;
        tracing::info!(
            finding.arn,
            user.name = who,
            decision.kind = record.decision,
            decision.reason = record.reason,
            "decided"
        );
        let outcome = Outcome::new(&record.decision, &record.reason);
        let waits = record.approval.is_some() && record.answer.is_none();
        Ok(if approved {
            // What he approved broke before it was done: nobody is asked the same again.
            Outcome { outcome: "answered".to_owned(), ..outcome }
        } else if waits {
            Outcome { outcome: "ask-person".to_owned(), ..outcome }.waiting(self.config.approval_seconds)
        } else {
            outcome
        })
    }

    /// Identity first, then protection, then what the stack may do at this moment.
    async fn judge(&self, request: &Request, finding: &Finding) -> Result<Findings<D::One>, Error> {
        let (answer, shown) = match self.answer(request, finding).await? {
            Ok((answer, shown)) => (answer, shown),
            Err((doubt, shown)) => {
                return Ok(Findings { decision: Decision::NeedsPerson(doubt), known: None, answer: shown });
            }
        };
        let known = match self.identify(finding, &answer).await? {
            Ok(known) => known,
            Err(decision) => return Ok(Findings { decision, known: None, answer: shown }),
        };
        let decision = self.permit(finding, &known).await?;
        Ok(Findings { decision, known: Some(known), answer: shown })
    }

    /// The instance's answer, both parsed and as evidence; or why there is none.
    async fn answer(
        &self,
        request: &Request,
        finding: &Finding,
    ) -> Result<Result<(Answer, Value), (Doubt, Value)>, Error> {
        if let Some(code) = &request.no_answer {
            let doubt = Doubt::ALL.iter().find(|doubt| doubt.code() == code);
            let doubt = doubt
                .ok_or_else(|| Error::Input(format!("no_answer is {code:?}, which is no doubt's code")))?;
            return Ok(Err((*doubt, Value::Null)));
        }
        let command =
            request.command.as_deref().ok_or_else(|| Error::Input("the step needs a command".to_owned()))?;
        let output = match self.systems.reply(&finding.place, command).await? {
            Reply::Output(output) => output,
            Reply::Pending => return Ok(Err((Doubt::CommandTimedOut, Value::Null))),
            Reply::None(doubt) => return Ok(Err((doubt, Value::Null))),
        };
        let pids: Vec<u32> = finding.chain.iter().map(|process| process.pid).collect();
        match Answer::parse(&output, &pids) {
            Ok(answer) => {
                let shown = serde_json::from_str(&output).unwrap_or(Value::Null);
                Ok(Ok((answer, json!({ "command": command, "answer": shown }))))
            }
            Err(_) => {
                let shown = json!({ "command": command, "length": output.len() });
                Ok(Err((Doubt::AnswerNotUnderstood, shown)))
            }
        }
    }

    /// Whether this user may be disabled for this finding now, without asking anybody.
    async fn permit(&self, finding: &Finding, known: &Known<D::One>) -> Result<Decision, Error> {
        if let Some(bar) = self.bar(finding, known).await? {
            return Ok(bar);
        }
        if self.config.mode == Mode::Approve {
            return Ok(Decision::NeedsPerson(Doubt::ApproveMode));
        }
        let effect = format!("{}#{}", finding.arn, known.user.sid);
        let spending = records::spend(
            &self.store,
            Budget::Containments,
            clock::now(),
            &effect,
            self.config.hourly_budget,
        )
        .await?;
        Ok(match spending {
            Spending::Granted => Decision::Contain,
            Spending::Refused => Decision::NeedsPerson(Doubt::BudgetSpent),
        })
    }

    /// What no approval lifts: protection, a containment that this finding has caused before, the kill switch, the mode.
    pub(super) async fn bar(
        &self,
        finding: &Finding,
        known: &Known<D::One>,
    ) -> Result<Option<Decision>, Error> {
        let Known { home, directory, user } = known;
        let refuse = |refusal| Ok(Some(Decision::Refuse(refusal)));
        if self.config.protected_users.iter().any(|protected| protected.same_as(user.name.as_str())) {
            return refuse(Refusal::ProtectedUser);
        }
        let protected_group = match home {
            Home::Own(_) => &self.config.protected_group,
            Home::Trusted(_) => &self.config.trusted_protected_group,
        };
        match directory.groups(user).await {
            Ok(groups) if groups.contains(&protected_group.to_lowercase()) => {
                return refuse(Refusal::ProtectedGroup);
            }
            Ok(_) => {}
            Err(DirectoryError::TooManyGroups(_)) => {
                return Ok(Some(Decision::NeedsPerson(Doubt::TooManyGroups)));
            }
            Err(error) => return Err(error.into()),
        }
        let progress =
            records::progress(&self.store, home, &finding.arn, &user.name, user.sid.as_str()).await?;
        if matches!(progress, Progress::Confirmed(_) | Progress::Released) {
            return refuse(Refusal::AlreadyActed);
        }
        if !user.enabled {
            return refuse(Refusal::AlreadyDisabled);
        }
        if self.systems.kill_switch().await? == KillSwitch::On {
            return refuse(Refusal::KillSwitch);
        }
        if self.config.mode == Mode::Observe {
            return refuse(Refusal::ObserveMode);
        }
        Ok(None)
    }

    pub(super) fn new_record(
        &self,
        request: &Request,
        finding: &Finding,
        decision: Decision,
        answer: Value,
    ) -> DecisionRecord {
        let chain: Vec<Value> = finding
            .chain
            .iter()
            .map(|process| json!({ "pid": process.pid, "uid": process.uid, "started": process.started }))
            .collect();
        DecisionRecord {
            finding_arn: finding.arn.clone(),
            finding_type: finding.kind.clone(),
            version: finding.version.clone(),
            severity: finding.severity,
            account: finding.place.account.to_string(),
            region: finding.place.region.to_string(),
            instance: finding.place.instance.to_string(),
            guardduty_user: finding.user.clone(),
            evidence: json!({ "guardduty": { "uid": finding.uid, "chain": chain }, "instance": answer }),
            ..self.empty_record(request, decision)
        }
    }

    /// The record of an event that could not be read as a finding to act on.
    pub(super) fn blank_record(
        &self,
        request: &Request,
        event: &Event,
        decision: Decision,
    ) -> DecisionRecord {
        let detail = event.detail.clone().unwrap_or_default();
        DecisionRecord {
            finding_arn: detail.arn.unwrap_or_else(|| format!("event {}", event.id)),
            finding_type: detail.kind.unwrap_or_default(),
            version: detail.updated_at.unwrap_or_default(),
            severity: detail.severity.unwrap_or_default(),
            account: detail.account_id.unwrap_or_else(|| event.account.clone()),
            region: detail.region.unwrap_or_else(|| event.region.clone()),
            evidence: json!({ "sender": event.account }),
            ..self.empty_record(request, decision)
        }
    }

    fn empty_record(&self, request: &Request, decision: Decision) -> DecisionRecord {
        DecisionRecord {
            decision: decision.kind().to_owned(),
            reason: decision.reason().to_owned(),
            explanation: decision.text().to_owned(),
            mode: self.config.mode.word().to_owned(),
            execution: request.execution.clone(),
            decided_at: clock::iso(clock::now()),
            ..DecisionRecord::default()
        }
    }
}
