//! Which users count: people of this directory, told by names that nobody can mistake.
//!
//! Nothing is looked up here. Whether the user's organizational unit and groups are allowed, the first step of the state
//! machine asks the directory; asking here as well would cost its quota twice.

use steward_core::ids::{DirectoryId, Sid, UserName};

use crate::event::{EventId, SecurityEvent};
use crate::reason::Reason;
use crate::start::{Cause, Input, Start, VERSION};

/// Accounts below this relative identifier are there from the domain's beginning.
///
/// Source: MS-ADTS 6.1.1.4.12, "rIDAvailablePool".
const FIRST_OF_USERS: u32 = 1000;

/// In `NewUacValue`: an account of a trust, of a computer or of a domain controller.
///
/// Source: MS-SAMR 2.2.1.12, `USER_ACCOUNT` codes.
const TRUST_ACCOUNTS: u32 = 0x40 | 0x80 | 0x100;

/// Longest user principal name that is taken.
const LONGEST_UPN: usize = 256;

/// What is known of the directory without asking it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rules {
    /// The directory.
    pub directory: DirectoryId,
    /// The domain's DNS name.
    pub domain_name: String,
    /// The domain's `NetBIOS` name.
    pub netbios_name: String,
    /// Other suffixes of its user principal names.
    pub upn_suffixes: Vec<String>,
    /// Systems whose events count.
    pub event_sources: Vec<String>,
}

impl Rules {
    /// What an event of the security log asks for.
    ///
    /// # Errors
    /// Why it starts nothing.
    pub fn qualify(&self, log_group: &str, event: &SecurityEvent) -> Result<Start, Reason> {
        let target = &event.target;
        let sam = event.sam.as_deref().unwrap_or(&target.name);
        let trust = event.new_uac.is_some_and(|flags| flags & TRUST_ACCOUNTS != 0);
        if trust || is_hidden(&target.name) || is_hidden(sam) {
            return Err(Reason::NotAPerson);
        }
        if ![&self.netbios_name, &self.domain_name]
            .iter()
            .any(|name| name.eq_ignore_ascii_case(&target.domain))
        {
            return Err(Reason::OtherDomain);
        }
        let sid = user_sid(&target.sid)?;
        let user = user_name(&target.name)?;
        if !user.same_as(sam) {
            return Err(Reason::NamesDiffer);
        }
        let upn = match event.id {
            EventId::Created => Some(self.own_upn(event.upn.as_deref().ok_or(Reason::NoUpn)?)?),
            EventId::Enabled | EventId::Disabled | EventId::Deleted => None,
        };
        let cause = Cause::SecurityLog {
            id: event.id,
            computer: event.computer.clone(),
            record: event.record,
            time: event.time.clone(),
            log_group: log_group.to_owned(),
        };
        Ok(self.start(user, Some(sid), upn, cause))
    }

    /// The execution for this user.
    pub(crate) fn start(&self, user: UserName, sid: Option<Sid>, upn: Option<String>, event: Cause) -> Start {
        Start {
            input: Input {
                version: VERSION,
                directory_id: self.directory.to_string(),
                user: user.to_string(),
                sid: sid.map(|sid| sid.to_string()),
                upn,
                event,
                not_before: None,
            },
        }
    }

    /// A user principal name of this directory.
    pub(crate) fn own_upn(&self, upn: &str) -> Result<String, Reason> {
        let (name, suffix) = upn.split_once('@').ok_or(Reason::ForeignUpn)?;
        let plain = |c: char| !(c.is_control() || c.is_whitespace());
        let own = std::iter::once(&self.domain_name).chain(&self.upn_suffixes);
        let ours = own.into_iter().any(|own| own.eq_ignore_ascii_case(suffix));
        if ours && !name.is_empty() && upn.len() <= LONGEST_UPN && upn.chars().all(plain) {
            Ok(upn.to_owned())
        } else {
            Err(Reason::ForeignUpn)
        }
    }
}

/// Computers, managed service accounts, trusts, and whoever would be taken for one.
pub(crate) fn is_hidden(name: &str) -> bool {
    name.ends_with('$')
}

pub(crate) fn user_name(name: &str) -> Result<UserName, Reason> {
    name.parse().map_err(|_| Reason::UnusableName)
}

pub(crate) fn user_sid(sid: &str) -> Result<Sid, Reason> {
    let sid: Sid = sid.parse().map_err(|_| Reason::UnusableSid)?;
    if sid.relative_id() < FIRST_OF_USERS { Err(Reason::BuiltInAccount) } else { Ok(sid) }
}

#[cfg(test)]
mod tests;
