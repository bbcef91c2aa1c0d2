//! After disabling: ends the user's sessions on the instance that the finding names, and writes down what became of them.
//!
//! Disabling is done and confirmed when these steps run. Whatever goes wrong here is access that remains: it goes into
//! the record, so that the notice tells of it.

use steward_core::ids::UserName;
use steward_core::place::Place;

use super::step::{Outcome, Request, process_parameter};
use super::{AfterDisabling, Responder};
use crate::answer::Answer;
use crate::clock;
use crate::directories::Directories;
use crate::ending::Report;
use crate::error::Error;
use crate::finding::{Finding, Scope};
use crate::notice::Notices;
use crate::reason::{Doubt, NotEnded};
use crate::records::{
    self, DecisionRecord, Key, OtherMembers, SessionEvidence, SessionRecord, Store, decision_key,
};
use crate::systems_manager::{Asked, KillSwitch, Reply, SessionOwner, SystemsManager};

impl<D: Directories + Sync, S: Store + Sync, M: SystemsManager + Sync, N: Notices + Sync>
    Responder<D, S, M, N>
{
    /// Sends the command, unless this stack or this containment is not to. Repeated, it sends it again: that does no harm.
    pub(super) async fn end_sessions(&self, request: &Request, finding: &Finding) -> Result<Outcome, Error> {
        let (key, mut record) = self.contained_record(request, finding).await?;
        let mut sessions = record.sessions.take().unwrap_or_default();
        if sessions.ended.is_some() {
            return Ok(Outcome::new("ended", "reported"));
        }
        if sessions.others.is_none() {
            sessions.others = self.others(finding).await;
        }
        let owner = match self.owner(&record, finding).await? {
            Ok(owner) => owner,
            Err(why) => return self.leave(&key, record, sessions, why).await,
        };
        sessions.uid = Some(owner.uid);
        sessions.set_not_ended(NotEnded::NoReport);
        record.sessions = Some(sessions.clone());
        records::put_decision(&self.store, &key, &record).await?;
        tracing::info!(finding.arn, user.name = %owner.user, user.uid = owner.uid, "ending the user's sessions");
        match self.systems.end_sessions(&finding.place, &owner).await? {
            Asked::AgentAbsent => {
                sessions.set_not_ended(NotEnded::NotReached);
                record.sessions = Some(sessions);
                records::put_decision(&self.store, &key, &record).await?;
                Ok(Outcome::new("agent-absent", NotEnded::NotReached.code()))
            }
            Asked::Command(command) => {
                sessions.command = Some(command.clone());
                record.sessions = Some(sessions);
                records::put_decision(&self.store, &key, &record).await?;
                Ok(Outcome::new("asked", "sent").with_command(command))
            }
        }
    }

    /// Looks at the command, and writes down what it reports.
    pub(super) async fn read_sessions(&self, request: &Request, finding: &Finding) -> Result<Outcome, Error> {
        let command =
            request.command.as_deref().ok_or_else(|| Error::Input("the step needs a command".to_owned()))?;
        let (key, mut record) = self.contained_record(request, finding).await?;
        let undecided = || Error::Undecided(finding.arn.clone());
        let mut sessions = record.sessions.take().ok_or_else(undecided)?;
        let uid = sessions.uid.ok_or_else(undecided)?;
        let output = match self.systems.reply(&finding.place, command).await? {
            Reply::Pending => return Ok(Outcome::new("pending", "the command has not ended")),
            Reply::None(doubt) => return self.leave(&key, record, sessions, no_report(doubt)).await,
            Reply::Output(output) => output,
        };
        let (evidence, ended) = match Report::parse(&output, uid) {
            Ok(Report::Tried(evidence, ended)) => (*evidence, ended),
            Ok(Report::Refused(why)) => return self.leave(&key, record, sessions, why).await,
            Err(_) => return self.leave(&key, record, sessions, NotEnded::NotUnderstood).await,
        };
        let item = SessionEvidence {
            user: record.user.as_ref().map(|_| record.who()).unwrap_or_default(),
            uid,
            instance: record.instance.clone(),
            command: command.to_owned(),
            read_at: clock::iso(clock::now()),
            evidence,
        };
        records::put_evidence(&self.store, finding, &request.execution, &item).await?;
        sessions.not_ended = None;
        sessions.ended = Some(ended);
        record.sessions = Some(sessions);
        records::put_decision(&self.store, &key, &record).await?;
        Ok(Outcome::new("ended", "reported"))
    }

    /// The record of a containment that the directory has confirmed.
    async fn contained_record(
        &self,
        request: &Request,
        finding: &Finding,
    ) -> Result<(Key, DecisionRecord), Error> {
        let key = decision_key(finding, &request.execution);
        let (record, _) = self.store.read::<DecisionRecord>(&key).await?;
        match record {
            Some(record) if record.after.is_some_and(|after| !after.enabled) => Ok((key, record)),
            _ => Err(Error::Undecided(finding.arn.clone())),
        }
    }

    /// Writes down why the sessions were not ended.
    async fn leave(
        &self,
        key: &Key,
        mut record: DecisionRecord,
        mut sessions: SessionRecord,
        why: NotEnded,
    ) -> Result<Outcome, Error> {
        sessions.set_not_ended(why);
        record.sessions = Some(sessions);
        records::put_decision(&self.store, key, &record).await?;
        tracing::warn!(record.finding_arn, reason = why.code(), "the user's sessions were not ended");
        Ok(Outcome::new("not-ended", why.code()))
    }

    /// Whose sessions may be ended at this moment, or why none may.
    async fn owner(
        &self,
        record: &DecisionRecord,
        finding: &Finding,
    ) -> Result<Result<SessionOwner, NotEnded>, Error> {
        if self.config.after_disabling == AfterDisabling::Nothing {
            return Ok(Err(NotEnded::NotConfigured));
        }
        let recorded = record.evidence["instance"]["answer"].to_string();
        let pids: Vec<u32> = finding.chain.iter().map(|process| process.pid).collect();
        // A person may have named a user whom nothing proves: his user id on the instance is then not known.
        let found = match Answer::parse(&recorded, &pids) {
            Ok(answer) => self.suspect(finding, &answer).await?.ok(),
            Err(_) => None,
        };
        let suspect = found
            .filter(|(_, home)| home.domain() == record.domain.as_deref())
            .map(|(suspect, _)| suspect)
            .filter(|suspect| record.sid.as_deref() == Some(suspect.sid.as_str()));
        let user: Option<UserName> = record.user.as_deref().and_then(|user| user.parse().ok());
        let Some((suspect, user)) = suspect.zip(user).filter(|(s, user)| s.name.same_as(user.as_str()))
        else {
            return Ok(Err(NotEnded::IdentityNotProved));
        };
        if self.systems.kill_switch().await? == KillSwitch::On {
            return Ok(Err(NotEnded::KillSwitchOn));
        }
        Ok(Ok(SessionOwner { user, uid: suspect.uid, process: process_parameter(finding) }))
    }

    /// Where else he may have sessions. Nobody waits for this: it is shown, or said to be unknown.
    async fn others(&self, finding: &Finding) -> Option<OtherMembers> {
        let domain = self.directories.own_names().await.ok()?;
        let Scope { account, region, elsewhere, .. } = &self.config.scope;
        let home = Place {
            account: account.clone(),
            region: region.clone(),
            instance: finding.place.instance.clone(),
        };
        let away = Some(&finding.place).filter(|place| **place != home);
        let (mut others, mut listed) = (Vec::new(), Vec::new());
        for place in [Some(&home), away].into_iter().flatten() {
            match self.systems.members(place, &domain.dns).await {
                Ok(members) => {
                    let members = members.into_iter().filter(|member| *member != finding.place.instance);
                    others.extend(members.map(|member| match away == Some(place) {
                        true => format!("{member} ({} {})", place.account, place.region),
                        false => member.to_string(),
                    }));
                    listed.push(format!("{} {}", place.account, place.region));
                }
                Err(error) => {
                    tracing::warn!(finding.arn, "cannot list other instances of the domain: {error}");
                }
            }
        }
        let known = !listed.is_empty();
        // Where the stack knows one place only, nobody is told that it is one of many.
        let listed = if elsewhere.is_some() { listed } else { Vec::new() };
        known.then(|| OtherMembers::of(others, listed))
    }
}

fn no_report(doubt: Doubt) -> NotEnded {
    match doubt {
        Doubt::CommandTimedOut => NotEnded::CommandTimedOut,
        Doubt::CommandCancelled => NotEnded::CommandCancelled,
        _ => NotEnded::CommandFailed,
    }
}

#[cfg(test)]
mod tests;
