//! What a domain controller answers when it does not do what was asked, and what becomes of it.
//!
//! Source: RFC 4511, 4.1.9 and appendix A.2; MS-ADTS 3.1.1.3.1.9 (error message strings).

use ldap3::{LdapError, LdapResult};

use super::super::DirectoryError;
use crate::error::Kind;

/// Longer words are cut.
const LONGEST: usize = 200;

pub(super) const OPERATIONS_ERROR: u32 = 1;
pub(super) const TIME_LIMIT_EXCEEDED: u32 = 3;
pub(super) const REFERRAL: u32 = 10;
pub(super) const ADMIN_LIMIT_EXCEEDED: u32 = 11;
pub(super) const NO_SUCH_ATTRIBUTE: u32 = 16;
pub(super) const CONSTRAINT_VIOLATION: u32 = 19;
pub(super) const NO_SUCH_OBJECT: u32 = 32;
pub(super) const INVALID_CREDENTIALS: u32 = 49;
pub(super) const INSUFFICIENT_ACCESS_RIGHTS: u32 = 50;
pub(super) const BUSY: u32 = 51;
pub(super) const UNAVAILABLE: u32 = 52;
pub(super) const UNWILLING_TO_PERFORM: u32 = 53;
pub(super) const NOT_ALLOWED_ON_NON_LEAF: u32 = 66;
pub(super) const OTHER: u32 = 80;

/// A request that failed.
#[derive(Debug)]
pub(super) enum Failure {
    /// The domain controller says why.
    Refused {
        /// What was asked.
        operation: &'static str,
        /// Its result code.
        code: u32,
        /// Its words.
        text: String,
    },
    /// There is no answer.
    Broken {
        /// What was asked.
        operation: &'static str,
        /// What went wrong.
        reason: String,
        /// Whether trying again can help.
        kind: Kind,
    },
}

impl Failure {
    /// The deadline has passed.
    pub(super) fn late(operation: &'static str) -> Self {
        Self::Broken { operation, reason: "timed out".to_owned(), kind: Kind::Transient }
    }

    pub(super) fn broken(operation: &'static str, error: &LdapError) -> Self {
        let kind = match error {
            LdapError::Io { .. }
            | LdapError::OpSend { .. }
            | LdapError::ResultRecv { .. }
            | LdapError::IdScrubSend { .. }
            | LdapError::Timeout { .. }
            | LdapError::EndOfStream => Kind::Transient,
            _ => Kind::Permanent,
        };
        Self::Broken { operation, reason: error.to_string(), kind }
    }

    /// A result that is not a success.
    pub(super) fn refused(operation: &'static str, result: &LdapResult) -> Self {
        Self::Refused { operation, code: result.rc, text: printable(&result.text) }
    }

    pub(super) fn code(&self) -> Option<u32> {
        match self {
            Self::Refused { code, .. } => Some(*code),
            Self::Broken { .. } => None,
        }
    }

    pub(super) fn kind(&self) -> Kind {
        match self {
            Self::Refused { code, .. } => kind_of(*code),
            Self::Broken { kind, .. } => *kind,
        }
    }

    /// The words alone.
    pub(super) fn reason(&self) -> String {
        match self {
            Self::Refused { code, text, .. } => format!("{} ({code}): {text}", name(*code)),
            Self::Broken { reason, .. } => reason.clone(),
        }
    }
}

impl From<Failure> for DirectoryError {
    fn from(failure: Failure) -> Self {
        let (Failure::Refused { operation, .. } | Failure::Broken { operation, .. }) = &failure;
        Self::Call {
            operation,
            reason: failure.reason(),
            advice: failure.code().map_or("", advice),
            kind: failure.kind(),
        }
    }
}

/// A directory that is busy, going down or has a fault of its own may do it later; and what has changed since it was read
/// (a value that is to go is not there) is read again.
fn kind_of(code: u32) -> Kind {
    match code {
        OPERATIONS_ERROR | TIME_LIMIT_EXCEEDED | ADMIN_LIMIT_EXCEEDED | NO_SUCH_ATTRIBUTE | BUSY
        | UNAVAILABLE | OTHER => Kind::Transient,
        _ => Kind::Permanent,
    }
}

fn advice(code: u32) -> &'static str {
    match code {
        REFERRAL => ". Another domain has it: referrals are not followed",
        INSUFFICIENT_ACCESS_RIGHTS => ". Delegate this right to the account that asks",
        _ => "",
    }
}

fn name(code: u32) -> &'static str {
    match code {
        OPERATIONS_ERROR => "operationsError",
        TIME_LIMIT_EXCEEDED => "timeLimitExceeded",
        REFERRAL => "referral",
        ADMIN_LIMIT_EXCEEDED => "adminLimitExceeded",
        NO_SUCH_ATTRIBUTE => "noSuchAttribute",
        CONSTRAINT_VIOLATION => "constraintViolation",
        NO_SUCH_OBJECT => "noSuchObject",
        INVALID_CREDENTIALS => "invalidCredentials",
        INSUFFICIENT_ACCESS_RIGHTS => "insufficientAccessRights",
        BUSY => "busy",
        UNAVAILABLE => "unavailable",
        UNWILLING_TO_PERFORM => "unwillingToPerform",
        NOT_ALLOWED_ON_NON_LEAF => "notAllowedOnNonLeaf",
        OTHER => "other",
        _ => "result",
    }
}

/// One line of it: Active Directory ends its words with NUL.
fn printable(text: &str) -> String {
    text.chars().filter(|c| c.is_ascii_graphic() || *c == ' ').take(LONGEST).collect()
}
