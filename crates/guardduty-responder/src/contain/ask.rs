//! Asks a person, and goes on with the answer.
//!
//! The execution waits on a task token that only the table holds. What counts is the answer in the table: whoever
//! wakes the execution without one has not answered.

use steward_core::directory::{Directory, DirectoryError};
use steward_core::ids::UserName;

use super::Responder;
use super::identify::Known;
use super::step::{Outcome, Request};
use crate::clock;
use crate::directories::Directories;
use crate::error::Error;
use crate::finding::Finding;
use crate::home::Home;
use crate::notice::{self, Notices};
use crate::reason::{Decision, Doubt, Refusal};
use crate::records::{
    self, AccountState, Answer, Approval, Containment, DecisionRecord, Question, Status, Store, Verdict,
    containment_key, decision_key,
};
use crate::systems_manager::SystemsManager;

impl<D: Directories + Sync, S: Store + Sync, M: SystemsManager + Sync, N: Notices + Sync>
    Responder<D, S, M, N>
{
    pub(super) async fn request_approval(
        &self,
        request: &Request,
        finding: &Finding,
    ) -> Result<Outcome, Error> {
        let record = self.decided(request, finding).await?;
        let id = record.approval.clone().ok_or_else(|| Error::Undecided(finding.arn.clone()))?;
        let token =
            request.token.clone().ok_or_else(|| Error::Input("the step needs a task token".to_owned()))?;
        let now = clock::now();
        self.hold(request, finding, self.config.approval_seconds).await?;
        let question = Approval {
            id,
            finding_arn: finding.arn.clone(),
            instance: finding.place.instance.to_string(),
            user: record.user.clone(),
            domain: record.domain.clone(),
            execution: request.execution.clone(),
            token: Some(token),
            open_until: clock::iso(now + self.config.approval_seconds),
            answer: None,
        };
        let asked = Question { id: question.id.clone(), identity: finding.identity() };
        records::note_question(&self.store, &finding.arn, &asked).await?;
        records::ask(&self.store, question.clone()).await?;
        let notice = notice::question(
            record.decision()?,
            &record,
            &question,
            &self.config.links(),
            &self.config.approve_state_machine_arn,
        );
        let cause = record.cause.as_deref().unwrap_or(&record.finding_arn);
        self.tell_people(record.decision()?, cause, &request.execution, &notice, false).await?;
        Ok(Outcome::new("asked-person", record.decision()?.reason()))
    }

    pub(super) async fn resume(&self, request: &Request, finding: &Finding) -> Result<Outcome, Error> {
        let mut record = self.decided(request, finding).await?;
        let Decision::NeedsPerson(_) = record.decision()? else {
            let decision = record.decision()?;
            return Ok(Outcome::new(decision.kind(), decision.reason()));
        };
        let id = record.approval.clone().ok_or_else(|| Error::Undecided(finding.arn.clone()))?;
        self.hold(request, finding, 0).await?;
        let Some(answer) = records::stop_asking(&self.store, &id, &request.execution).await? else {
            return Ok(Outcome::new("needs-person", "no-answer-in-time"));
        };
        let decision = match answer.verdict {
            Verdict::Refuse => Decision::Refuse(Refusal::RefusedByPerson),
            Verdict::Approve => self.follow(finding, &mut record, &answer).await?,
        };
        record.set_decision(decision);
        record.answer = Some(answer);
        record.cause = Some(format!("approval#{id}#answer"));
        self.write_down(&decision_key(finding, &request.execution), &record).await?;
        tracing::info!(
            finding.arn,
            approval.id = id,
            decision.reason = record.reason,
            "answered by a person"
        );
        Ok(Outcome::new(decision.kind(), decision.reason()))
    }

    /// An approval lifts doubts and the budget. It lifts neither protection nor the kill switch, and it does not change
    /// who was proved.
    async fn follow(
        &self,
        finding: &Finding,
        record: &mut DecisionRecord,
        answer: &Answer,
    ) -> Result<Decision, Error> {
        let (name, domain) = match &record.user {
            Some(proved) => (Some(proved), &record.domain),
            None => (answer.user.as_ref(), &answer.domain),
        };
        let name = name.and_then(|name| name.parse::<UserName>().ok());
        let name = name.ok_or_else(|| Error::AnswerRefused("it names no user".to_owned()))?;
        let home = Home::of(&self.config.directory, domain.as_deref());
        let Some(directory) = self.directories.serving(&home).await? else {
            return Ok(Decision::CannotContainHere);
        };
        let user = match directory.user(&name).await {
            Err(DirectoryError::UserNotFound(_)) => {
                return Ok(Decision::NeedsPerson(Doubt::UserNotInDirectory));
            }
            other => other?,
        };
        if record.sid.as_ref().is_some_and(|sid| sid != user.sid.as_str()) {
            return Ok(Decision::NeedsPerson(Doubt::SidMismatch));
        }
        let known = Known { home, directory, user };
        if let Some(bar) = self.bar(finding, &known).await? {
            return Ok(bar);
        }
        let Known { home, user, .. } = known;
        record.user = Some(user.name.to_string());
        record.domain = home.domain().map(str::to_owned);
        record.sid = Some(user.sid.to_string());
        record.before = Some(AccountState { enabled: user.enabled });
        Ok(Decision::ContainApproved)
    }

    /// Asks, after the configured time, whether the user is to be kept contained. It never releases.
    pub(super) async fn review(&self, request: &Request, finding: &Finding) -> Result<Outcome, Error> {
        let record = self.decided(request, finding).await?;
        let user: Option<UserName> = record.user.as_deref().and_then(|name| name.parse().ok());
        let user = user.ok_or_else(|| Error::Undecided(finding.arn.clone()))?;
        let home = Home::of(&self.config.directory, record.domain.as_deref());
        let key = containment_key(&home, &user);
        let (held, _) = self.store.read::<Containment>(&key).await?;
        let Some(held) = held.filter(|held| {
            held.status == Status::Contained && Some(held.cause.as_str()) == record.cause.as_deref()
        }) else {
            return Ok(Outcome::new("reviewed", "contained-no-more"));
        };
        let notice =
            notice::review(&held, &record, &self.config.links(), &self.config.release_state_machine_arn);
        let cause = format!("{}#review", held.cause);
        notice::tell(&self.store, &self.notices, &cause, &request.execution, clock::now(), &notice).await?;
        Ok(Outcome::new("reviewed", "asked"))
    }

    async fn decided(&self, request: &Request, finding: &Finding) -> Result<DecisionRecord, Error> {
        let key = decision_key(finding, &request.execution);
        let (record, _) = self.store.read::<DecisionRecord>(&key).await?;
        record.ok_or_else(|| Error::Undecided(finding.arn.clone()))
    }

    /// Goes on holding the finding; fails when another execution has taken it in the meantime.
    pub(super) async fn hold(&self, request: &Request, finding: &Finding, asking: u64) -> Result<(), Error> {
        records::hold(&self.store, &finding.arn, &request.execution, asking, clock::now())
            .await?
            .map_err(|holder| Error::FindingLost(finding.arn.clone(), holder))
    }
}
