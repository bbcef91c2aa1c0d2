//! An event of a domain controller's security log.
//!
//! Source: Microsoft, "Audit User Account Management": 4720, 4722, 4725, 4726. The log group of a Managed Microsoft AD
//! holds them as XML.

mod fields;
mod xml;

use aws_smithy_types::date_time::{DateTime, Format};
use serde::{Deserialize, Serialize};

use crate::reason::Reason;

use fields::{Field, Fields};

/// Whose events count: other programs may give their own events the same numbers.
const PROVIDER: &str = "Microsoft-Windows-Security-Auditing";

/// Longest name of a computer that is taken.
const LONGEST_COMPUTER: usize = 255;

/// Which event it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(into = "u32", try_from = "u32")]
pub enum EventId {
    /// 4720: a user account was created.
    Created,
    /// 4722: a user account was enabled.
    Enabled,
    /// 4725: a user account was disabled.
    Disabled,
    /// 4726: a user account was deleted.
    Deleted,
}

impl From<EventId> for u32 {
    fn from(id: EventId) -> Self {
        match id {
            EventId::Created => 4720,
            EventId::Enabled => 4722,
            EventId::Disabled => 4725,
            EventId::Deleted => 4726,
        }
    }
}

impl TryFrom<u32> for EventId {
    type Error = &'static str;

    fn try_from(number: u32) -> Result<Self, Self::Error> {
        match number {
            4720 => Ok(Self::Created),
            4722 => Ok(Self::Enabled),
            4725 => Ok(Self::Disabled),
            4726 => Ok(Self::Deleted),
            _ => Err("not an event of a user who came or went"),
        }
    }
}

/// Whom an event is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// `TargetUserName`: the account's `sAMAccountName`.
    pub name: String,
    /// `TargetDomainName`: the `NetBIOS` name of its domain, as a rule.
    pub domain: String,
    /// `TargetSid`.
    pub sid: String,
}

/// An event as its domain controller wrote it. Nothing in it is checked yet but its form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SecurityEvent {
    /// Which event.
    pub id: EventId,
    /// The domain controller.
    pub computer: String,
    /// The number of the record in the log of this domain controller.
    pub record: u64,
    /// When, in ISO 8601, UTC.
    pub time: String,
    /// Whom it is about.
    pub target: Target,
    /// `SamAccountName`, which only 4720 has.
    pub sam: Option<String>,
    /// `UserPrincipalName`, which only 4720 has.
    pub upn: Option<String>,
    /// `NewUacValue`, which only 4720 has.
    pub new_uac: Option<u32>,
}

impl SecurityEvent {
    /// Reads a log event's message.
    ///
    /// # Errors
    /// Why it is not an event of a user who came or went, or cannot be read.
    pub fn read(message: &str) -> Result<Self, Reason> {
        let fields = xml::read(message)?;
        if !fields.get(Field::Provider).is_some_and(|name| name.eq_ignore_ascii_case(PROVIDER)) {
            return Err(Reason::OtherProvider);
        }
        let id: u32 = number(&fields, Field::EventId)?;
        let id = EventId::try_from(id).map_err(|_| Reason::OtherEvent)?;
        Ok(Self {
            id,
            computer: computer(&fields)?,
            record: number(&fields, Field::Record)?,
            time: time(&fields)?,
            target: Target {
                name: text(&fields, Field::TargetName)?,
                domain: text(&fields, Field::TargetDomain)?,
                sid: text(&fields, Field::TargetSid)?,
            },
            sam: given(&fields, Field::Sam),
            upn: given(&fields, Field::Upn),
            new_uac: given(&fields, Field::NewUac).as_deref().map(hexadecimal).transpose()?,
        })
    }
}

fn text(fields: &Fields, field: Field) -> Result<String, Reason> {
    given(fields, field).ok_or(Reason::MissingField)
}

/// A value; Windows writes `-` where there is none.
fn given(fields: &Fields, field: Field) -> Option<String> {
    fields.get(field).filter(|value| !matches!(*value, "" | "-")).map(str::to_owned)
}

fn number<T: std::str::FromStr>(fields: &Fields, field: Field) -> Result<T, Reason> {
    text(fields, field)?.parse().map_err(|_| Reason::UnusableField)
}

fn hexadecimal(value: &str) -> Result<u32, Reason> {
    let digits = value.strip_prefix("0x").or_else(|| value.strip_prefix("0X"));
    digits.and_then(|digits| u32::from_str_radix(digits, 16).ok()).ok_or(Reason::UnusableField)
}

/// A domain controller's name is part of an execution's name and input.
fn computer(fields: &Fields) -> Result<String, Reason> {
    let name = text(fields, Field::Computer)?;
    let usable = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    if name.len() <= LONGEST_COMPUTER && name.chars().all(usable) {
        Ok(name)
    } else {
        Err(Reason::UnusableField)
    }
}

/// `SystemTime` is UTC; there are renderings that leave the zone out, spell it out, or have a blank before the hour.
fn time(fields: &Fields) -> Result<String, Reason> {
    let written = text(fields, Field::Time)?;
    let mut written = written.strip_suffix(" UTC").unwrap_or(&written).replacen(' ', "T", 1);
    let has_zone = written.rsplit('T').next().is_some_and(|hour| hour.contains(['Z', 'z', '+', '-']));
    if !has_zone {
        written.push('Z');
    }
    let time = DateTime::from_str(&written, Format::DateTimeWithOffset).map_err(|_| Reason::UnusableField)?;
    time.fmt(Format::DateTime).map_err(|_| Reason::UnusableField)
}

#[cfg(test)]
mod tests;
