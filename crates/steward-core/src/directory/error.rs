//! What can go wrong with the directory, and what to do about it.

use crate::error::Kind;

/// A failed directory operation.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DirectoryError {
    /// The domain has no user of this name.
    #[error("the directory has no user {0}")]
    UserNotFound(String),
    /// The domain controller that was asked for the groups of a user or a group has none of this name.
    #[error("ListGroupsForMember failed: the directory has no member {0}")]
    MemberNotFound(String),
    /// The walk through nested groups did not end within its bound.
    #[error("user {0} is in more groups than can be checked")]
    TooManyGroups(String),
    /// The directory's policy refuses the password.
    #[error("the directory refuses the password of {user}: {reason}")]
    PasswordRefused {
        /// Whose password.
        user: String,
        /// The service's words; they never hold the password.
        reason: String,
    },
    /// An answer of the service lacks what it always has, or has it in an unknown form.
    #[error("the directory's answer about {subject} is not usable: {problem}")]
    Answer {
        /// What was asked about.
        subject: String,
        /// What is wrong with the answer.
        problem: String,
    },
    /// What is known of the directory cannot be used to reach it.
    #[error("the domain {domain:?} cannot be asked by LDAP: {problem}")]
    Settings {
        /// The domain, as it was given.
        domain: String,
        /// What is wrong.
        problem: String,
    },
    /// No domain controller could be reached.
    #[error("no domain controller of {domain} answers by LDAP: {attempts}")]
    NoController {
        /// The domain's DNS name.
        domain: String,
        /// Each address with what went wrong there.
        attempts: String,
        /// Whether trying again can help.
        kind: Kind,
    },
    /// A domain controller does not let our own account in.
    #[error("the directory refuses {user}: {reason}")]
    CredentialsRefused {
        /// Our account; its password is never in an error.
        user: String,
        /// The directory's words.
        reason: String,
    },
    /// A computer is not removed, because more than a member would go with it.
    #[error("the computer {name} is not removed: {reason}")]
    NotRemoved {
        /// The computer.
        name: String,
        /// What would go.
        reason: String,
    },
    /// A call failed.
    #[error("{operation} failed: {reason}{advice}")]
    Call {
        /// The API's operation.
        operation: &'static str,
        /// The service's code and words.
        reason: String,
        /// What to do, where that is known.
        advice: &'static str,
        /// Whether trying again can help.
        kind: Kind,
    },
}

impl DirectoryError {
    /// Whether trying again can help.
    pub fn kind(&self) -> Kind {
        match self {
            Self::Call { kind, .. } | Self::NoController { kind, .. } => *kind,
            Self::UserNotFound(_)
            | Self::MemberNotFound(_)
            | Self::TooManyGroups(_)
            | Self::PasswordRefused { .. }
            | Self::Answer { .. }
            | Self::Settings { .. }
            | Self::CredentialsRefused { .. }
            | Self::NotRemoved { .. } => Kind::Permanent,
        }
    }
}

/// What to do about an `AccessDeniedException` of the Directory Service Data API.
///
/// Source: API reference, `AccessDeniedException`, member `Reason`. The service answers so for an unknown directory
/// and for an object outside the customer's OU too.
pub(super) fn access_denied_advice(reason: Option<&str>) -> &'static str {
    match reason {
        Some("DATA_DISABLED") => {
            ". Directory data access is off: run `aws ds enable-directory-data-access --directory-id ..` in the \
             directory's primary Region"
        }
        Some("DIRECTORY_AUTH") => {
            ". The directory refuses: check the directory id, and that the user is in the customer OU"
        }
        Some("IAM_AUTH") => {
            ". IAM refuses: the function's role needs ds:AccessDSData and the ds-data action on the directory"
        }
        _ => ". Check the directory id, the function's role and that directory data access is enabled",
    }
}
