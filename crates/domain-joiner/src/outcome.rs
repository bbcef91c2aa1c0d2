//! What became of a message.

use std::fmt;

use crate::metric::Metric;
use crate::reason::Reason;

/// How the work on a message has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Something is under way.
    Waiting(Wait),
    /// The instance has joined.
    Joined,
    /// Nothing of the instance is left in the directory.
    Left,
    /// There was nothing to do.
    Ignored(Reason),
    /// The message is not one to act on, by the account's row or by its own account and Region; people were told.
    Refused(Reason),
    /// The instance could not be joined; people were told.
    Failed(Reason),
    /// The object of a terminated instance could not be removed; people were told.
    NotLeft(Reason),
}

/// What is waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wait {
    /// The agent, which was not there.
    Agent,
    /// The command that prepares the instance.
    Prepare,
    /// The command that joins it.
    Join,
    /// The next attempt.
    Retry,
    /// The command that removes its object, on an AD tools host.
    Leave,
    /// A last look whether an object comes late.
    LastLook,
}

impl Outcome {
    /// What it is counted as; none where something is under way, or nothing was to do.
    pub fn metric(self) -> Option<Metric> {
        Some(match self {
            Self::Joined => Metric::Joined,
            Self::Left => Metric::Left,
            Self::Refused(_) => Metric::JoinRefused,
            Self::Failed(_) => Metric::JoinFailed,
            Self::NotLeft(_) => Metric::LeaveFailed,
            Self::Waiting(_) | Self::Ignored(_) => return None,
        })
    }
}

impl fmt::Display for Wait {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Agent => "agent",
            Self::Prepare => "prepare",
            Self::Join => "join",
            Self::Retry => "retry",
            Self::Leave => "leave",
            Self::LastLook => "last-look",
        })
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Waiting(wait) => write!(f, "waiting({wait})"),
            Self::Joined => f.write_str("joined"),
            Self::Left => f.write_str("left"),
            Self::Ignored(reason) => write!(f, "ignored({reason})"),
            Self::Refused(reason) => write!(f, "refused({reason})"),
            Self::Failed(reason) => write!(f, "failed({reason})"),
            Self::NotLeft(reason) => write!(f, "not-left({reason})"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_outcome_is_a_word_and_its_reason() {
        assert_eq!(Outcome::Failed(Reason::NameTaken).to_string(), "failed(name-taken)");
        assert_eq!(Outcome::Waiting(Wait::LastLook).to_string(), "waiting(last-look)");
        assert_eq!(Outcome::Joined.to_string(), "joined");
    }

    #[test]
    fn only_what_has_ended_is_counted() {
        assert_eq!(Outcome::Waiting(Wait::Agent).metric(), None);
        assert_eq!(Outcome::NotLeft(Reason::NotProved).metric(), Some(Metric::LeaveFailed));
    }
}
