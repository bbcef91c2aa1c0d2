//! A GuardDuty finding as EventBridge delivers it, and what of it the flow uses.
//!
//! Source: shapes `Finding`, `Service`, `RuntimeDetails`, `ProcessDetails` and `LineageObject` of GuardDuty's API
//! model; in events the members are in camel case. GuardDuty notes that an attacker may control the runtime fields:
//! all of them are checked before use.

mod arn;
mod event;
mod origin;

use steward_core::ids::AccountId;
use steward_core::place::{Place, Region};

pub use arn::Arn;
pub use event::{Event, Number};
pub use origin::Elsewhere;

use crate::reason::Refusal;

/// A process that GuardDuty saw: the flagged one or one of its parents.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Process {
    /// Its id in the instance's own process namespace.
    pub pid: u32,
    /// The user id that it ran with, if GuardDuty says so; the effective one where it names only that.
    pub uid: Option<u32>,
    /// Its effective user id, if GuardDuty says so.
    pub euid: Option<u32>,
    /// When it started, in seconds since 1970, if GuardDuty says so.
    pub started: Option<u64>,
}

/// A finding with everything that is needed to look for the user behind it.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    /// The finding's ARN: the same for all updates and copies, so that of another account's the detector is left out.
    pub arn: String,
    /// Its type, such as `Backdoor:Runtime/C&CActivity.B!DNS`.
    pub kind: String,
    /// When GuardDuty last updated it: orders the deliveries.
    pub version: String,
    /// From 1 to 10.
    pub severity: f64,
    /// The instance that the process ran on, and where it is.
    pub place: Place,
    /// The name that the flagged process ran under, as the instance's agent spelled it.
    pub user: String,
    /// The user id that the flagged process ran with.
    pub uid: u32,
    /// The flagged process first, then its parents outward.
    pub chain: Vec<Process>,
}

impl Finding {
    /// Who acted where, as GuardDuty says: the same for updates of a finding unless another user joined in.
    pub fn identity(&self) -> String {
        format!("{}/{}/{}", self.place.instance, self.uid, self.user)
    }
}

/// Which findings a stack acts on.
#[derive(Debug, Clone, PartialEq)]
pub struct Scope {
    /// The stack's own account, whose findings count.
    pub account: AccountId,
    /// The stack's own Region, whose findings count.
    pub region: Region,
    /// Other accounts and Regions, if findings of any count.
    pub elsewhere: Option<Elsewhere>,
    /// Finding types; `*` stands for any text.
    pub types: Vec<String>,
    /// The lowest severity to act on.
    pub minimum_severity: f64,
}

impl Scope {
    /// Reads an event: a finding that is worth asking the instance about, or why not.
    ///
    /// # Errors
    /// The first reason, in the order account, Region, archived, sample, type, severity, instance, process.
    pub fn screen(&self, event: &Event) -> Result<Finding, Refusal> {
        let is_finding = event.source == "aws.guardduty" && event.detail_type == "GuardDuty Finding";
        let detail = event.detail.as_ref().filter(|_| is_finding).ok_or(Refusal::Malformed)?;
        let (arn, kind) = detail.arn.as_deref().zip(detail.kind.as_deref()).ok_or(Refusal::Malformed)?;
        let version = detail.updated_at.as_deref().ok_or(Refusal::Malformed)?;
        let severity = detail.severity.ok_or(Refusal::Malformed)?;

        let origin = self.origin(event, arn)?;
        let service = detail.service.as_ref().ok_or(Refusal::Malformed)?;
        if service.is_archived() {
            return Err(Refusal::Archived);
        }
        if service.is_sample() {
            return Err(Refusal::Sample);
        }
        if !self.types.iter().any(|pattern| matches_type(pattern, kind)) {
            return Err(Refusal::TypeNotConfigured);
        }
        // A severity that is not a number compares false: it is below every threshold.
        if severity.partial_cmp(&self.minimum_severity).is_none_or(|order| order.is_lt()) {
            return Err(Refusal::BelowThreshold);
        }
        let instance = detail.instance().ok_or(Refusal::NotAnInstance)?;
        let process = service.process().ok_or(Refusal::NoProcess)?;
        let (user, uid) = process.user_and_uid().ok_or(Refusal::NoProcess)?;
        let chain = process.chain().ok_or(Refusal::NoProcess)?;
        Ok(Finding {
            arn: origin.arn,
            kind: kind.to_owned(),
            version: version.to_owned(),
            severity,
            place: Place { account: origin.account, region: origin.region, instance },
            user,
            uid,
            chain,
        })
    }
}

/// Whether a finding type fits a pattern in which `*` stands for any text.
pub fn matches_type(pattern: &str, kind: &str) -> bool {
    let mut parts = pattern.split('*');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = kind.strip_prefix(first) else { return false };
    let mut parts: Vec<&str> = parts.collect();
    let Some(last) = parts.pop() else { return rest.is_empty() };
    for part in parts {
        match rest.find(part) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests;
