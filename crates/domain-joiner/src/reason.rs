//! Why an instance is not joined, or its object not removed, and what a person can do about it.

use std::fmt;

/// Defines the reasons: name, code, advice.
macro_rules! reasons {
    ($($(#[$docs:meta])* $name:ident: $code:literal, $advice:literal;)+) => {
        /// Why nothing, or nothing more, was done.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Reason {
            $($(#[$docs])* $name,)+
        }

        impl Reason {
            /// Every reason.
            pub const ALL: &[Self] = &[$(Self::$name,)+];

            /// The code that logs and records show.
            pub fn code(self) -> &'static str {
                match self { $(Self::$name => $code,)+ }
            }

            /// What a person can do about it; empty where there is nothing to do.
            pub fn advice(self) -> &'static str {
                match self { $(Self::$name => $advice,)+ }
            }
        }
    };
}

reasons! {
    /// A state of which nothing follows.
    OtherState: "other-state", "";
    /// The account table has no row for the account.
    NoAccountRow: "no-account-row", "";
    /// The account's row does not name the instance's Region.
    OtherRegion: "other-region", "";
    /// The instance is tagged `autoadjoin=false`.
    OptedOut: "opted-out", "";
    /// EC2 says that it does not run.
    NotRunning: "not-running", "";
    /// It was said to be gone, and EC2 still has it.
    NotGone: "not-gone", "";
    /// EC2 knows no such instance.
    UnknownInstance: "unknown-instance", "";
    /// It has joined.
    AlreadyJoined: "already-joined", "";
    /// It could not be joined, and nothing has happened since.
    AlreadyFailed: "already-failed", "";
    /// It has left, or is leaving.
    AlreadyLeft: "already-left", "";
    /// Somebody else is at it, or it is looked at again soon.
    UnderWay: "under-way", "";
    /// It is terminated and had never begun to join.
    NeverJoined: "never-joined", "";
    /// A command that this function has not sent, or does not wait for any more.
    OtherCommand: "other-command", "";
    /// The instance was changed by somebody else in the meantime: what had been made for it was taken back.
    Overtaken: "overtaken", "";

    /// The message is of another account or Region than the instance.
    OtherPlace: "other-place", "Nothing was done: an instance never changes its account or Region. See who can send to the bus, the topics and the queues.";
    /// The account table's row does not fit.
    RowUnusable: "row-unusable", "Put the attribute right in the account table, then restart the instance.";

    /// The account's role does not let this function do what it must.
    AccountRefuses: "account-refuses", "Look at the account's role and at stacks/member.yaml, put it right, then restart the instance.";
    /// The directory refuses.
    DirectoryRefuses: "directory-refuses", "Look at the OU and at what the function's accounts may do in it, put it right, then restart the instance.";
    /// The join account's password cannot be read.
    JoinPassword: "join-password", "Put the join account's parameter or secret right, then restart the instance.";
    /// The tag `adGroupName` names no AD group.
    GroupUnusable: "group-unusable", "Write one group's name into the tag adGroupName, or remove the tag, then restart the instance.";
    /// It has joined, and the directory does not have a group that may log in.
    GroupUnknown: "group-unknown", "Make the group, or correct the tag adGroupName or the account's row, then restart the instance. Until then the group lets nobody in.";
    /// A value that the document would not take.
    ParameterUnusable: "parameter-unusable", "Put the account's row right, then restart the instance.";
    /// There is no document for the platform.
    PlatformUnsupported: "platform-unsupported", "Join it by hand, and tag it autoadjoin=false.";
    /// The agent has not come.
    AgentAbsent: "agent-absent", "See that the SSM agent runs, has an instance profile and a way to Systems Manager, then restart the instance.";
    /// The command has not ended.
    NoAnswer: "no-answer", "Look at the command in Systems Manager, then restart the instance.";
    /// The command was cancelled, timed out or never arrived.
    CommandLost: "command-lost", "Look at the command in Systems Manager, then restart the instance.";
    /// What the command printed is not what the document prints.
    NotUnderstood: "not-understood", "The instance does not run the document as it is: look at the command's output, and at the instance.";
    /// The directory has a computer of this name that is not the instance's.
    NameTaken: "name-taken", "Nothing was touched. See whose the computer is; remove it by hand if it is nobody's, then restart the instance.";
    /// The instance says that it has joined, and the directory has no such computer.
    NotInDirectory: "not-in-directory", "See who removed the computer, then restart the instance.";
    /// The computer is not in the OU of the account's row.
    OtherOu: "other-ou", "See what moved the computer, then restart the instance.";
    /// The object of a terminated instance cannot be proved to be its own.
    NotProved: "not-proved", "Nothing was removed. See whether the computer was this instance's, and remove it by hand.";

    /// There is not one AD tools host that takes commands.
    ToolsHost: "tools-host", "See that exactly one instance with the tag of ADToolsHostTagKey runs and is managed by Systems Manager. The nightly sweep has it asked again; or remove the computer by hand.";

    /// The document: it was given something that it does not take.
    UnusableParameter: "unusable-parameter", "Put the account's row right, then restart the instance.";
    /// The document: it does not know this distribution.
    UnsupportedDistribution: "unsupported-distribution", "Join it by hand, and tag it autoadjoin=false.";
    /// The document: packages could not be installed.
    Packages: "packages", "See that the instance reaches its package repositories, or bring the packages with the image, then restart it.";
    /// The document: the domain is not found.
    NoDomain: "no-domain", "See that the instance reaches the domain's DNS servers, then restart it.";
    /// The document: no domain controller answers.
    NoConnection: "no-connection", "See that the instance reaches the domain controllers, then restart it.";
    /// The document: the key pair is gone, or does not fit.
    NoKey: "no-key", "Restart the instance.";
    /// The document: the directory refuses the credential.
    BadCredentials: "bad-credentials", "See that the join account's password is right and the account usable, then restart the instance.";
    /// The document: the directory does not let it join.
    NoPermission: "no-permission", "See what the join account may do in the OU, then restart the instance.";
    /// The document: the instance is a member of another domain.
    OtherDomain: "other-domain", "Have the instance leave its domain, or tag it autoadjoin=false.";
    /// The document: it has joined, and cannot be verified.
    NotVerified: "not-verified", "Look at the clock, DNS and sssd of the instance, then restart it.";
    /// The document: another run is at it.
    Locked: "locked", "Wait until the other run has ended, then restart the instance.";
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_reason_has_a_code_of_its_own_and_is_in_the_readme() {
        let readme = include_str!("../../../README.md");
        let codes: BTreeSet<&str> = Reason::ALL.iter().map(|reason| reason.code()).collect();
        assert_eq!(codes.len(), Reason::ALL.len());
        let fits = |code: &&str| code.bytes().all(|b| b.is_ascii_lowercase() || b == b'-');
        assert!(codes.iter().all(fits), "{codes:?}");
        let section = readme.split("\n## Join instances\n").nth(1).unwrap().split("\n## ").next().unwrap();
        for code in codes {
            assert!(section.contains(&format!("`{code}`")), "README.md does not explain {code}");
        }
    }

    #[test]
    fn what_a_person_can_do_something_about_is_in_the_runbook() {
        let runbook = include_str!("../../../RUNBOOK.md");
        for reason in Reason::ALL.iter().filter(|reason| !reason.advice().is_empty()) {
            assert!(runbook.contains(&format!("`{reason}`")), "RUNBOOK.md does not tell of {reason}");
        }
    }
}
