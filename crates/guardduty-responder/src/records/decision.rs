//! One decision with everything that a person needs to understand it.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Answer, Change, Key, SessionRecord, Store, StoreError, update};
use crate::error::Error;
use crate::finding::Finding;
use crate::home::full_name;
use crate::reason::Decision;

/// The item of a decision. It is written before anything is done.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct DecisionRecord {
    /// The finding, or the event's id when it is no finding.
    pub finding_arn: String,
    /// The finding's type.
    pub finding_type: String,
    /// The update of the finding that was decided.
    pub version: String,
    /// The finding's severity.
    pub severity: f64,
    /// The account of the finding.
    pub account: String,
    /// The Region of the finding.
    #[serde(default)]
    pub region: String,
    /// The instance.
    pub instance: String,
    /// The process's user, in GuardDuty's words.
    pub guardduty_user: String,
    /// The directory user, once he is known.
    pub user: Option<String>,
    /// The trusted domain that he belongs to; none for the own directory's users.
    #[serde(default)]
    pub domain: Option<String>,
    /// His SID.
    pub sid: Option<String>,
    /// `contain`, `refuse`, `needs-person` or `cannot-contain-here`.
    pub decision: String,
    /// The reason's code.
    pub reason: String,
    /// The reason as a sentence.
    pub explanation: String,
    /// The mode of the stack: `observe`, `approve` or `enforce`.
    pub mode: String,
    /// What GuardDuty saw and what the instance answered.
    pub evidence: Value,
    /// The account before.
    pub before: Option<AccountState>,
    /// The account after.
    pub after: Option<AccountState>,
    /// The calls that changed something.
    pub calls: Vec<String>,
    /// The question to a person, if one was asked.
    #[serde(default)]
    pub approval: Option<String>,
    /// What he answered; absent while he has not.
    #[serde(default)]
    pub answer: Option<Answer>,
    /// What became of the user's sessions on the instance, once that was tried.
    #[serde(default)]
    pub sessions: Option<SessionRecord>,
    /// What the notice of this decision is filed under.
    pub cause: Option<String>,
    /// The execution of `contain-user`.
    pub execution: String,
    /// When it was decided, in ISO 8601.
    pub decided_at: String,
    /// When the directory confirmed, in ISO 8601.
    pub acted_at: Option<String>,
}

impl DecisionRecord {
    /// The decision that the record holds.
    ///
    /// # Errors
    /// When somebody has written other words into it.
    pub fn decision(&self) -> Result<Decision, Error> {
        Decision::from_codes(&self.decision, &self.reason)
            .ok_or_else(|| Error::Input(format!("the record says {} ({})", self.decision, self.reason)))
    }

    /// Who it is, for people: the directory user, or whom GuardDuty names as long as he is not known.
    pub fn who(&self) -> String {
        match &self.user {
            Some(user) => full_name(user, self.domain.as_deref()),
            None => self.guardduty_user.clone(),
        }
    }

    /// Replaces the decision.
    pub fn set_decision(&mut self, decision: Decision) {
        decision.kind().clone_into(&mut self.decision);
        decision.reason().clone_into(&mut self.reason);
        decision.text().clone_into(&mut self.explanation);
    }
}

/// The state of a directory user.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountState {
    /// Whether he can log in.
    pub enabled: bool,
}

/// The key of an execution's decision on a finding.
pub fn decision_key(finding: &Finding, execution: &str) -> Key {
    let name = execution.rsplit(':').next().unwrap_or(execution);
    Key { pk: format!("finding#{}", finding.arn), sk: format!("decision#{}#{name}", finding.version) }
}

/// The key of an event that is refused before it is a finding to act on.
pub fn refused_event_key(execution: &str) -> Key {
    Key { pk: format!("execution#{execution}"), sk: "decision".to_owned() }
}

/// Writes a decision down, and tells what was written before.
///
/// # Errors
/// When the table fails.
pub async fn put_decision<S: Store>(
    store: &S,
    key: &Key,
    record: &DecisionRecord,
) -> Result<Option<DecisionRecord>, StoreError> {
    update(store, key, |before: Option<DecisionRecord>| Change::Write(record.clone(), before)).await
}
