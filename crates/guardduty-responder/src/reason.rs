//! Why the flow decided as it did: a closed list. Each reason has a code for records and machines and a sentence for
//! people.

use std::fmt;

/// Defines a closed list of reasons.
macro_rules! reasons {
    ($(#[$docs:meta])* $name:ident { $($variant:ident = $code:literal: $text:literal,)+ }) => {
        $(#[$docs])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum $name {
            $(#[doc = $text] $variant,)+
        }

        impl $name {
            /// Every reason of this kind.
            pub const ALL: &[Self] = &[$(Self::$variant,)+];

            /// The stable code: in records, in the answers to the state machine, in the README.
            pub fn code(self) -> &'static str {
                match self { $(Self::$variant => $code,)+ }
            }

            /// One sentence for people.
            pub fn text(self) -> &'static str {
                match self { $(Self::$variant => $text,)+ }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.text())
            }
        }
    };
}

reasons! {
    /// Why nothing may be done.
    Refusal {
        Malformed = "malformed": "The event is not a GuardDuty finding in EventBridge's form.",
        ForeignAccount = "foreign-account": "The finding is another account's, or names two.",
        ForeignRegion = "foreign-region": "The finding is another Region's, or names two.",
        ForeignSource = "foreign-source": "The event comes from an account that may not tell of this finding.",
        NoAccountRow = "no-account-row": "The account table has no row for the finding's account.",
        RowUnusable = "row-unusable": "The account table's row of the finding's account does not fit.",
        OtherRegion = "other-region": "The account table's row of the finding's account leaves out its Region.",
        Archived = "archived": "The finding is archived.",
        Sample = "sample": "The finding is a sample.",
        TypeNotConfigured = "type-not-configured": "The finding's type is not one that this stack acts on.",
        BelowThreshold = "below-threshold": "The finding's severity is below the configured minimum.",
        NotAnInstance = "not-an-instance": "The finding is not about an EC2 instance.",
        NoProcess = "no-process": "The finding names no process with a user.",
        AlreadyActed = "already-acted": "This finding has contained this user once; an update never does so again.",
        AlreadyDisabled = "already-disabled": "The directory user is disabled already.",
        LocalUser = "local-user": "The user is a local account of the instance, not a directory user.",
        RootUser = "root-user": "The process is root's and no directory user stands behind it.",
        ProtectedUser = "protected-user": "The user is on the list of protected users.",
        ProtectedGroup = "protected-group": "The user is a member of the protected group.",
        KillSwitch = "kill-switch": "The kill switch is on.",
        ObserveMode = "observe-mode": "The stack only observes: in mode enforce the user would have been disabled.",
        RefusedByPerson = "refused-by-person": "A person has decided to leave the user alone.",
    }
}

reasons! {
    /// Why a person has to look.
    Doubt {
        AgentAbsent = "agent-absent": "The instance's SSM Agent cannot be reached.",
        CommandFailed = "command-failed": "The command that asks the instance failed there.",
        CommandTimedOut = "command-timed-out": "The command that asks the instance did not end in time.",
        CommandCancelled = "command-cancelled": "The command that asks the instance was cancelled or not delivered.",
        AnswerNotUnderstood = "answer-not-understood": "The instance's answer does not have the agreed form.",
        LineageTooLong = "lineage-too-long": "The finding's process lineage is longer than can be checked.",
        FindingIncomplete = "finding-incomplete": "The finding lacks a start time or user of a process that matters.",
        ProcessGone = "process-gone": "Neither the process nor any of its parents that could name the user still runs.",
        PidReused = "pid-reused": "The process id now belongs to a process that started at another time.",
        ContainerProcess = "container-process": "The process runs in a container, whose user ids mean nothing here.",
        UidMismatch = "uid-mismatch": "GuardDuty and the instance disagree about the user id of a process.",
        UnknownUid = "unknown-uid": "The instance does not know who has this user id.",
        UserNameMismatch = "user-name-mismatch": "GuardDuty and the instance disagree about the user's name.",
        LoginUserNotInFinding = "login-user-not-in-finding": "The session's login user is none of the users that GuardDuty saw.",
        LocalLogin = "local-login": "A local account opened the session and then became a directory user.",
        NoSid = "no-sid": "The instance could not report the user's SID.",
        SidMismatch = "sid-mismatch": "The instance's SID for the user is not the directory's.",
        UidNotFromSid = "uid-not-from-sid": "The user id is not the one that SSSD derives from the user's SID.",
        LocalUidInDirectoryRange = "local-uid-in-directory-range": "The instance calls a user id local that lies in SSSD's range for directory users.",
        UserNotInDirectory = "user-not-in-directory": "The directory has no such user.",
        TooManyGroups = "too-many-groups": "The user is in more groups than can be checked for protection.",
        BudgetSpent = "budget-spent": "This hour's budget of automatic containments is spent.",
        ApproveMode = "approve-mode": "The identity is proved; in mode approve a person decides.",
    }
}

impl Doubt {
    /// Whether a person's word settles it: where protection could not be checked, it does not.
    pub fn can_be_approved(self) -> bool {
        self != Self::TooManyGroups
    }
}

reasons! {
    /// Why a contained user's sessions on the instance were not ended, as far as is known.
    NotEnded {
        NotConfigured = "not-configured": "This stack only disables: its parameter for what follows says nothing.",
        IdentityNotProved = "identity-not-proved": "Which of the instance's users he is was not proved.",
        KillSwitchOn = "kill-switch": "The kill switch is on.",
        NotReached = "agent-absent": "The instance's SSM Agent cannot be reached.",
        NoReport = "no-report": "The instance was asked, and no report of it was read: look at the execution.",
        CommandFailed = "command-failed": "The command that ends them failed there.",
        CommandTimedOut = "command-timed-out": "The command that ends them did not end in time.",
        CommandCancelled = "command-cancelled": "The command that ends them was cancelled or not delivered.",
        NotUnderstood = "answer-not-understood": "The instance's report does not have the agreed form.",
        SystemUid = "system-uid": "The instance refused: the user id is a system account's.",
        LocalUid = "local-uid": "The instance refused: the user id is a local account's.",
        UnknownUid = "unknown-uid": "The instance refused: it does not know who has the user id.",
        OtherAccount = "other-account": "The instance refused: the user id is another user's there.",
    }
}

/// What is to be done about a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// Disable the user: the identity is proved.
    Contain,
    /// Disable the user: a person has approved it.
    ContainApproved,
    /// Do nothing.
    Refuse(Refusal),
    /// Do nothing, and have a person look.
    NeedsPerson(Doubt),
    /// The user belongs to a domain that is not configured here.
    CannotContainHere,
}

impl Decision {
    /// The stable word for the kind of decision.
    pub fn kind(self) -> &'static str {
        match self {
            Self::Contain | Self::ContainApproved => "contain",
            Self::Refuse(_) => "refuse",
            Self::NeedsPerson(_) => "needs-person",
            Self::CannotContainHere => "cannot-contain-here",
        }
    }

    /// The stable code of the reason.
    pub fn reason(self) -> &'static str {
        match self {
            Self::Contain => "identity-proved",
            Self::ContainApproved => "approved-by-person",
            Self::Refuse(refusal) => refusal.code(),
            Self::NeedsPerson(doubt) => doubt.code(),
            Self::CannotContainHere => "trusted-forest",
        }
    }

    /// Reads a decision back from its two words.
    pub fn from_codes(kind: &str, reason: &str) -> Option<Self> {
        let all = Refusal::ALL
            .iter()
            .map(|refusal| Self::Refuse(*refusal))
            .chain(Doubt::ALL.iter().map(|doubt| Self::NeedsPerson(*doubt)))
            .chain([Self::Contain, Self::ContainApproved, Self::CannotContainHere]);
        all.into_iter().find(|decision| decision.kind() == kind && decision.reason() == reason)
    }

    /// The reason as a sentence.
    pub fn text(self) -> &'static str {
        match self {
            Self::Contain => "GuardDuty, the instance and the directory name the same user.",
            Self::ContainApproved => "A person has approved it.",
            Self::Refuse(refusal) => refusal.text(),
            Self::NeedsPerson(doubt) => doubt.text(),
            Self::CannotContainHere => {
                "The user belongs to another domain, which this stack is not set up to change."
            }
        }
    }

    /// Whether the user is to be disabled.
    pub fn contains(self) -> bool {
        matches!(self, Self::Contain | Self::ContainApproved)
    }

    /// Whether people are told. What no person needs to act on is only recorded.
    pub fn is_told(self) -> bool {
        match self {
            Self::Contain | Self::ContainApproved | Self::NeedsPerson(_) | Self::CannotContainHere => true,
            Self::Refuse(refusal) => match refusal {
                Refusal::Malformed
                | Refusal::ForeignAccount
                | Refusal::ForeignRegion
                | Refusal::ForeignSource
                | Refusal::NoAccountRow
                | Refusal::OtherRegion
                | Refusal::Archived
                | Refusal::Sample
                | Refusal::TypeNotConfigured
                | Refusal::BelowThreshold
                | Refusal::NotAnInstance
                | Refusal::NoProcess
                | Refusal::AlreadyActed => false,
                Refusal::RowUnusable
                | Refusal::AlreadyDisabled
                | Refusal::LocalUser
                | Refusal::RootUser
                | Refusal::ProtectedUser
                | Refusal::ProtectedGroup
                | Refusal::KillSwitch
                | Refusal::ObserveMode
                | Refusal::RefusedByPerson => true,
            },
        }
    }
}

impl fmt::Display for Decision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.kind(), self.reason())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_reason_has_a_code_of_its_own() {
        let codes: Vec<&str> = Refusal::ALL
            .iter()
            .map(|r| r.code())
            .chain(Doubt::ALL.iter().map(|d| d.code()))
            .chain(
                [Decision::Contain, Decision::ContainApproved, Decision::CannotContainHere]
                    .map(Decision::reason),
            )
            .collect();
        assert_eq!(codes.iter().collect::<BTreeSet<_>>().len(), codes.len());
    }

    #[test]
    fn every_reason_is_in_the_readme() {
        let readme = include_str!("../../../README.md");
        let decisions = Refusal::ALL.iter().map(|r| r.code()).chain(Doubt::ALL.iter().map(|d| d.code()));
        for code in decisions.chain(NotEnded::ALL.iter().map(|n| n.code())) {
            assert!(readme.contains(&format!("`{code}`")), "README.md does not explain {code}");
        }
    }
}
