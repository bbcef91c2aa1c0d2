//! What can fail in this flow. Each text says what to do; none holds a secret.

use lambda_runtime::Diagnostic;
use steward_core::directory::DirectoryError;
use steward_core::error::{Kind, diagnostic};
use steward_core::ids::{DirectoryId, UserName};
use steward_core::notice::NoticeError;

use crate::event::VersionId;
use crate::evidence::Refusal;
use crate::metric::Metric;
use crate::secrets::SecretsError;
use steward_core::credential::{Difference, ShapeError};

/// A step that did not come to its end.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The call is not one of Secrets Manager's about a secret of ours.
    #[error(
        "the event is refused: {0}. Only Secrets Manager calls this function, for secrets of its account and Region"
    )]
    Input(String),
    /// Secrets Manager.
    #[error(transparent)]
    Secrets(#[from] SecretsError),
    /// Directory Service.
    #[error(transparent)]
    Directory(#[from] DirectoryError),
    /// The topic.
    #[error("the password is rotated, but nobody could be told: {0}")]
    Notice(#[from] NoticeError),
    /// A version that cannot be rotated as it is.
    #[error("{label} of the secret cannot be used: {problem}. Store a usable value, then rotate again")]
    Shape {
        /// Which version.
        label: &'static str,
        /// What is wrong with it.
        problem: ShapeError,
    },
    /// A directory that is none of this function's.
    #[error(
        "the secret names directory {0}, which this function does not serve: correct the secret, or the stack's \
         DirectoryId or SimpleDirectoryId"
    )]
    ForeignDirectory(DirectoryId),
    /// AWSPENDING is about somebody else than AWSCURRENT.
    #[error(
        "AWSPENDING is about {0} than AWSCURRENT: a rotation changes nothing but the password. Remove AWSPENDING \
         (update-secret-version-stage --remove-from-version-id), then rotate again"
    )]
    Changed(Difference),
    /// Rotation was switched off meanwhile.
    #[error("rotation of this secret is switched off: nothing is begun. Switch it on to rotate")]
    RotationOff,
    /// There is nothing to rotate.
    #[error("no version of the secret is AWSCURRENT: store the password that the directory has")]
    NoCurrent,
    /// The rotation's version has no value yet.
    #[error("AWSPENDING is empty: createSecret comes first, Secrets Manager begins there again")]
    NotCreated,
    /// The rotation's version is not AWSPENDING.
    #[error(
        "version {0} is not AWSPENDING (any more): this rotation was reverted, cancelled or overtaken. Rotate again to begin \
         a new one"
    )]
    Overtaken(VersionId),
    /// Another version is AWSPENDING.
    #[error(
        "version {other} is AWSPENDING, not {version}: that rotation comes first. If it was left over, see that AWSCURRENT \
         logs in, remove AWSPENDING from it (update-secret-version-stage --remove-from-version-id {other}), then rotate \
         again"
    )]
    PendingElsewhere {
        /// The rotation's version.
        version: VersionId,
        /// The one that is AWSPENDING.
        other: VersionId,
    },
    /// No password could be made.
    #[error("no password could be made: {0}")]
    Generator(String),
    /// The directory's policy refuses the new password.
    #[error(
        "the directory's policy refuses the new password of {user} ({reason}). AWSPENDING is removed, nothing was set: raise \
         PasswordLength above the policy's minimum, then rotate again"
    )]
    PasswordRefused {
        /// Whose.
        user: UserName,
        /// The service's words.
        reason: String,
    },
    /// No password is set, because the account may not log in, or that cannot be told.
    #[error("{}", refused(.user, .why))]
    Refused {
        /// Whose account.
        user: UserName,
        /// Why.
        why: Refusal,
    },
    /// No wrong password may be tried any more.
    #[error(
        "one more wrong password could lock {0} (a try that no domain controller answers may count as one): nothing is tried \
         for half an hour. See what the steps before this one said"
    )]
    GuessesSpent(UserName),
    /// The directory has AWSCURRENT's password still.
    #[error(
        "the directory has AWSCURRENT's password of {0} still: setSecret comes first, Secrets Manager begins again"
    )]
    NotSet(UserName),
    /// The new password does not log in (yet).
    #[error(
        "AWSPENDING does not log {0} in, and too little is known to revert: Secrets Manager begins again"
    )]
    NotProved(UserName),
    /// The new password was proved wrong, and AWSCURRENT is in force again.
    #[error(
        "the directory had neither AWSPENDING nor AWSCURRENT as the password of {0}: somebody else has set one. AWSCURRENT is \
         set again and AWSPENDING removed. Find out who it was, then rotate again"
    )]
    Reverted(UserName),
    /// A label moved while it was to be moved.
    #[error("AWSCURRENT moved meanwhile: Secrets Manager begins again")]
    LabelMoved,
}

fn refused(user: &UserName, why: &Refusal) -> String {
    match why {
        Refusal::Disabled => format!(
            "{user} is disabled in the directory, and setting a password would enable the account: nothing is set. If the \
             account was contained, deal with that first; release or enable it, then rotate again"
        ),
        Refusal::Revoked(why) => format!(
            "Kerberos refuses {user}: {why}. Setting a password could enable the account, so nothing is set. Put the account \
             right, then rotate again"
        ),
        Refusal::NotProvedEnabled => format!(
            "no version of the secret logs {user} in, so nothing proves that the account is enabled, and setting a password \
             would enable it: nothing is set. See that the account is to be enabled, set AWSCURRENT's password in the \
             directory (aws ds reset-user-password), then rotate again"
        ),
        Refusal::Unclear(why, _) => format!("the password of {user} cannot be tested: {why}"),
    }
}

impl Error {
    /// Whether trying again can help.
    pub fn kind(&self) -> Kind {
        match self {
            Self::Secrets(error) => error.kind(),
            Self::Directory(error) => error.kind(),
            Self::Notice(error) => error.kind(),
            Self::Refused { why: Refusal::Unclear(_, kind), .. } => *kind,
            Self::NotCreated
            | Self::GuessesSpent(_)
            | Self::NotSet(_)
            | Self::NotProved(_)
            | Self::LabelMoved => Kind::Transient,
            Self::Input(_)
            | Self::Shape { .. }
            | Self::ForeignDirectory(_)
            | Self::Changed(_)
            | Self::RotationOff
            | Self::NoCurrent
            | Self::Overtaken(_)
            | Self::PendingElsewhere { .. }
            | Self::Generator(_)
            | Self::PasswordRefused { .. }
            | Self::Refused { .. }
            | Self::Reverted(_) => Kind::Permanent,
        }
    }

    /// What it counts as; what passes by itself counts as nothing.
    pub fn metric(&self) -> Option<Metric> {
        match self {
            Self::Reverted(_) => Some(Metric::Reverted),
            Self::Refused { why: Refusal::Unclear(..), .. } if self.kind() == Kind::Transient => None,
            Self::Refused { .. } => Some(Metric::RotationRefused),
            _ if self.kind() == Kind::Permanent => Some(Metric::RotationFailed),
            _ => None,
        }
    }
}

impl From<Error> for Diagnostic {
    fn from(error: Error) -> Self {
        let mut diagnostic = diagnostic(error.kind(), &error);
        match error.metric() {
            Some(Metric::Reverted) => "RotationReverted".clone_into(&mut diagnostic.error_type),
            Some(Metric::RotationRefused) => "RotationRefused".clone_into(&mut diagnostic.error_type),
            _ => {}
        }
        tracing::error!(error.kind = %diagnostic.error_type, "{}", diagnostic.error_message);
        diagnostic
    }
}
