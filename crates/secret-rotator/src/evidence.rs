//! Whether a password may be set: decided from what Kerberos and the directory say, without any call.
//!
//! A reset enables the account, so it is never done blind. AWS Managed Microsoft AD says whether the account is enabled,
//! and a log-in with AWSCURRENT is a second witness: what one domain controller has not heard of, another may know.
//! Simple AD has nothing but log-ins.
//!
//! AWSCURRENT is asked before AWSPENDING only because it is the right password as a rule: no wrong one is tried, which
//! would count towards a lockout and look like an attack. Nothing is concluded from its rejection before AWSPENDING was
//! asked: a step that is repeated after the reset finds the new password in force, and is done.

use steward_core::directory::DirectoryKind;
use steward_core::error::Kind;

use crate::password_check::Verdict;

/// What is known so far.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Evidence {
    /// A log-in with AWSCURRENT.
    pub current: Option<Verdict>,
    /// A log-in with AWSPENDING.
    pub pending: Option<Verdict>,
    /// Whether AWS Managed Microsoft AD says that the account is enabled.
    pub enabled: Option<bool>,
    /// A log-in with AWSPREVIOUS; nothing where there is no such version.
    pub previous: Option<Option<Verdict>>,
}

/// What to find out next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Question {
    /// Whether AWSPENDING logs in.
    Pending,
    /// Whether AWS Managed Microsoft AD says that the account is enabled.
    Account,
    /// Whether AWSCURRENT logs in.
    Current,
    /// Whether AWSPREVIOUS logs in.
    Previous,
}

/// Why no password is set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// The directory says that the account is disabled.
    Disabled,
    /// The KDC says that the account may not log in: why.
    Revoked(String),
    /// Nothing proves that the account is enabled.
    NotProvedEnabled,
    /// Kerberos tells nothing to go by: why, and whether that passes.
    Unclear(String, Kind),
}

/// What comes next before AWSPENDING is set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BeforeReset {
    /// More must be known.
    Ask(Question),
    /// The directory has it already.
    SetAlready,
    /// It may be set.
    Reset,
    /// It must not be set.
    Refuse(Refusal),
}

/// Decides about setting AWSPENDING.
pub fn before_reset(kind: DirectoryKind, evidence: &Evidence) -> BeforeReset {
    use BeforeReset::{Ask, Refuse, SetAlready};
    let is_in_force = match &evidence.current {
        None => return Ask(Question::Current),
        Some(Verdict::Accepted) => true,
        Some(Verdict::WrongPassword | Verdict::Expired) => false,
        Some(Verdict::Revoked(why)) => return Refuse(Refusal::Revoked(why.clone())),
        Some(Verdict::Unclear(why, kind)) => return Refuse(Refusal::Unclear(why.clone(), *kind)),
    };
    if !is_in_force {
        match &evidence.pending {
            None => return Ask(Question::Pending),
            Some(Verdict::Accepted) => return SetAlready,
            Some(Verdict::WrongPassword | Verdict::Expired) => {}
            Some(Verdict::Revoked(why)) => return Refuse(Refusal::Revoked(why.clone())),
            Some(Verdict::Unclear(why, kind)) => return Refuse(Refusal::Unclear(why.clone(), *kind)),
        }
    }
    match kind {
        DirectoryKind::ManagedMicrosoftAd => as_the_directory_says(evidence),
        DirectoryKind::SimpleAd if is_in_force => BeforeReset::Reset,
        DirectoryKind::SimpleAd => as_the_last_witness_says(evidence),
    }
}

/// Where neither password logs in, somebody else has set another one; that does not matter, if the account is enabled.
fn as_the_directory_says(evidence: &Evidence) -> BeforeReset {
    match evidence.enabled {
        None => BeforeReset::Ask(Question::Account),
        Some(false) => BeforeReset::Refuse(Refusal::Disabled),
        Some(true) => BeforeReset::Reset,
    }
}

/// Where a reset came late, AWSPREVIOUS may be in force.
fn as_the_last_witness_says(evidence: &Evidence) -> BeforeReset {
    use BeforeReset::{Ask, Refuse, Reset};
    match &evidence.previous {
        None => Ask(Question::Previous),
        Some(Some(Verdict::Accepted)) => Reset,
        Some(Some(Verdict::Revoked(why))) => Refuse(Refusal::Revoked(why.clone())),
        Some(Some(Verdict::Unclear(why, kind))) => Refuse(Refusal::Unclear(why.clone(), *kind)),
        Some(Some(Verdict::WrongPassword | Verdict::Expired) | None) => Refuse(Refusal::NotProvedEnabled),
    }
}

/// What comes next after AWSPENDING was rejected for good.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AfterRejection {
    /// More must be known.
    Ask(Question),
    /// The directory has neither: AWSCURRENT is to be set again.
    Revert,
    /// The directory has AWSCURRENT still: AWSPENDING was never set, or that is still on its way.
    NotSet,
    /// Nothing may be set.
    Refuse(Refusal),
}

/// Decides about setting AWSCURRENT again.
pub fn after_rejection(kind: DirectoryKind, evidence: &Evidence) -> AfterRejection {
    use AfterRejection::{Ask, NotSet, Refuse, Revert};
    match &evidence.current {
        None => return Ask(Question::Current),
        Some(Verdict::Accepted) => return NotSet,
        Some(Verdict::Revoked(why)) => return Refuse(Refusal::Revoked(why.clone())),
        Some(Verdict::Unclear(why, kind)) => return Refuse(Refusal::Unclear(why.clone(), *kind)),
        Some(Verdict::Expired) => return Refuse(Refusal::NotProvedEnabled),
        Some(Verdict::WrongPassword) => {}
    }
    match (kind, evidence.enabled) {
        (DirectoryKind::SimpleAd, _) => Refuse(Refusal::NotProvedEnabled),
        (DirectoryKind::ManagedMicrosoftAd, None) => Ask(Question::Account),
        (DirectoryKind::ManagedMicrosoftAd, Some(false)) => Refuse(Refusal::Disabled),
        (DirectoryKind::ManagedMicrosoftAd, Some(true)) => Revert,
    }
}

#[cfg(test)]
mod tests;
