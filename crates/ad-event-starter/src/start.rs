//! An execution to start: its state machine, its name and its input, which is public.

use std::fmt;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::event::EventId;

/// The version of the input.
pub const VERSION: u32 = 1;

/// A state machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Machine {
    /// `onboard-user`: gives a user what he is to have, or back what was taken away.
    Onboard,
    /// `offboard-user`: takes it away.
    Offboard,
}

impl fmt::Display for Machine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Onboard => "onboard-user",
            Self::Offboard => "offboard-user",
        })
    }
}

/// A call of Directory Service Data, as CloudTrail records it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Call {
    /// A user was disabled.
    DisableUser,
    /// A user was deleted.
    DeleteUser,
}

/// What tells of the user.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", rename_all_fields = "camelCase")]
pub enum Cause {
    /// An event of a domain controller's security log.
    SecurityLog {
        /// Which event.
        id: EventId,
        /// The domain controller.
        computer: String,
        /// The number of the record in its log.
        record: u64,
        /// When, in ISO 8601.
        time: String,
        /// The log group that holds it.
        log_group: String,
    },
    /// CloudTrail's record of a call.
    #[serde(rename = "cloudtrail")]
    CloudTrail {
        /// Which call.
        id: Call,
        /// CloudTrail's id of the record.
        event_id: String,
        /// When, in ISO 8601.
        time: String,
    },
    /// An event of another system.
    Custom {
        /// EventBridge's id of the event.
        event_id: String,
        /// Which system.
        source: String,
        /// When, in ISO 8601.
        time: String,
    },
}

/// The input of an execution.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Input {
    /// [`VERSION`].
    pub version: u32,
    /// The directory's id.
    pub directory_id: String,
    /// The user's `sAMAccountName`.
    pub user: String,
    /// The user's security identifier; CloudTrail knows none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sid: Option<String>,
    /// The user principal name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub upn: Option<String>,
    /// What tells of the user.
    pub event: Cause,
    /// When the execution may ask the directory first, in ISO 8601: its turn among all that are started.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub not_before: Option<String>,
}

/// An execution to start, provided that nothing speaks against it that has to be looked up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename = "start")]
pub struct Start {
    /// Its input.
    pub input: Input,
}

impl Start {
    /// Which state machine it is for.
    pub fn machine(&self) -> Machine {
        match &self.input.event {
            Cause::SecurityLog { id: EventId::Created | EventId::Enabled, .. } | Cause::Custom { .. } => {
                Machine::Onboard
            }
            Cause::SecurityLog { id: EventId::Disabled | EventId::Deleted, .. }
            | Cause::CloudTrail { .. } => Machine::Offboard,
        }
    }

    /// The execution's name: the same for each copy of what tells of the user, so that copies start nothing.
    ///
    /// Step Functions keeps a name for 90 days and takes 80 characters.
    pub fn name(&self) -> String {
        let sid = self.input.sid.as_deref().unwrap_or_default();
        let told = match &self.input.event {
            // An account is created once, whatever the number of the record is.
            Cause::SecurityLog { id: EventId::Created, log_group, .. } => format!("{log_group}|{sid}|4720"),
            Cause::SecurityLog { id, computer, record, log_group, .. } => {
                format!("{log_group}|{sid}|{}|{computer}|{record}", u32::from(*id))
            }
            Cause::CloudTrail { event_id, .. } | Cause::Custom { event_id, .. } => event_id.clone(),
        };
        let prefix = match self.machine() {
            Machine::Onboard => "onboard",
            Machine::Offboard => "offboard",
        };
        format!("{prefix}-{}", hex(&Sha256::digest(told.as_bytes())))
    }

    /// Whether it is for a user who was enabled, and who may have lost something.
    pub fn puts_back(&self) -> bool {
        matches!(&self.input.event, Cause::SecurityLog { id: EventId::Enabled, .. })
    }
}

/// Bytes in hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests;
