//! The values of an event that anybody here looks at, and where they stand.

use crate::reason::Reason;

/// A value of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Field {
    Provider,
    EventId,
    Record,
    Computer,
    Time,
    TargetName,
    TargetDomain,
    TargetSid,
    Sam,
    Upn,
    NewUac,
}

const COUNT: usize = Field::NewUac as usize + 1;

impl Field {
    /// The value that an element below `System` holds as its text.
    pub(super) fn of_system(element: &str) -> Option<Self> {
        match element {
            "EventID" => Some(Self::EventId),
            "EventRecordID" => Some(Self::Record),
            "Computer" => Some(Self::Computer),
            _ => None,
        }
    }

    /// The value that an element below `System` holds as an attribute, and the attribute.
    pub(super) fn of_attribute(element: &str) -> Option<(Self, &'static str)> {
        match element {
            "Provider" => Some((Self::Provider, "Name")),
            "TimeCreated" => Some((Self::Time, "SystemTime")),
            _ => None,
        }
    }

    /// The value that an element `Data` of this name holds.
    pub(super) fn of_data(name: &str) -> Option<Self> {
        match name {
            "TargetUserName" => Some(Self::TargetName),
            "TargetDomainName" => Some(Self::TargetDomain),
            "TargetSid" => Some(Self::TargetSid),
            "SamAccountName" => Some(Self::Sam),
            "UserPrincipalName" => Some(Self::Upn),
            "NewUacValue" => Some(Self::NewUac),
            _ => None,
        }
    }
}

/// The values of one event.
#[derive(Debug, Default)]
pub(super) struct Fields([Option<String>; COUNT]);

impl Fields {
    pub(super) fn get(&self, field: Field) -> Option<&str> {
        self.0[field as usize].as_deref()
    }

    /// Takes a value; a second one would leave open which of them counts.
    pub(super) fn set(&mut self, field: Field, value: &str) -> Result<(), Reason> {
        match &mut self.0[field as usize] {
            Some(_) => Err(Reason::RepeatedField),
            empty => {
                *empty = Some(value.trim().to_owned());
                Ok(())
            }
        }
    }
}
