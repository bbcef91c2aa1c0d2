//! What becomes of a decision: it is written down and counted, and people are told, within limits.

use super::Responder;
use crate::clock;
use crate::directories::Directories;
use crate::error::Error;
use crate::metric::Metric;
use crate::notice::{self, Limit, Notice, Notices, Told};
use crate::reason::{Decision, Doubt};
use crate::records::{self, DecisionRecord, Key, Store};
use crate::systems_manager::SystemsManager;

impl<D: Directories + Sync, S: Store + Sync, M: SystemsManager + Sync, N: Notices + Sync>
    Responder<D, S, M, N>
{
    /// Writes a decision down, and counts the outcome if the table did not show it before.
    pub(super) async fn write_down(&self, key: &Key, record: &DecisionRecord) -> Result<(), Error> {
        let before = records::put_decision(&self.store, key, record).await?;
        let outcome = metrics_of(record);
        if before.is_none_or(|before| metrics_of(&before) != outcome) {
            outcome.iter().for_each(|metric| self.metrics.count(*metric));
        }
        Ok(())
    }

    /// Tells people: of a containment always, and counts it when access on the instance `remains`; of everything else
    /// within the hour's budget of notices. Answers the step's outcome.
    pub(super) async fn tell_people(
        &self,
        decision: Decision,
        cause: &str,
        execution: &str,
        notice: &Notice,
        remains: bool,
    ) -> Result<&'static str, Error> {
        let (store, notices, now) = (&self.store, &self.notices, clock::now());
        if decision.contains() {
            if notice::tell(store, notices, cause, execution, now, notice).await? == Told::Now && remains {
                self.metrics.count(Metric::ResidualAccess);
            }
            return Ok("told");
        }
        let limit = Limit { an_hour: self.config.hourly_notices, links: self.config.links() };
        match notice::tell_within_budget(store, notices, cause, execution, now, notice, &limit).await? {
            Told::Held => {
                self.metrics.count(Metric::BudgetSpent);
                tracing::warn!(
                    notice.cause = cause,
                    "the notice is held back: this hour's notices are spent"
                );
                Ok("recorded")
            }
            Told::Now | Told::Before => Ok("told"),
        }
    }
}

/// What a record counts for; a containment not before the directory has confirmed it.
fn metrics_of(record: &DecisionRecord) -> &'static [Metric] {
    match record.decision() {
        Ok(Decision::Contain | Decision::ContainApproved) if record.acted_at.is_some() => {
            &[Metric::Contained]
        }
        Ok(Decision::Contain | Decision::ContainApproved) | Err(_) => &[],
        Ok(Decision::Refuse(_)) => &[Metric::Refused],
        Ok(Decision::NeedsPerson(Doubt::BudgetSpent)) => &[Metric::NeedsPerson, Metric::BudgetSpent],
        Ok(Decision::NeedsPerson(_) | Decision::CannotContainHere) => &[Metric::NeedsPerson],
    }
}
