//! What the join document prints: one line of JSON, read as coming from an enemy.
//!
//! Whoever has root on the instance writes this line. So only known words are taken from it, and what it claims counts
//! only where the directory says the same ([`crate::confirm`]).

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;

use crate::account::GroupName;
use crate::reason::Reason;

/// Longest answer that is looked at: a public key of 8,192 bits and words around it.
const LONGEST: usize = 4096;

/// Longest text from the instance that is kept.
const LONGEST_DETAIL: usize = 200;

/// What the document was asked to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Action {
    /// To make a key pair.
    Prepare,
    /// To join.
    Join,
    /// To remove a computer object, on a host with the AD tools.
    Leave,
}

impl Action {
    /// The word that the document takes.
    pub fn word(self) -> &'static str {
        match self {
            Self::Prepare => "prepare",
            Self::Join => "join",
            Self::Leave => "leave",
        }
    }
}

/// What the instance says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// It is ready to join.
    Ready {
        /// The attempt that it is ready for.
        nonce: String,
        /// Its public key: a subject public key info in DER.
        public_key: Vec<u8>,
    },
    /// It is, or has become, a member.
    Member {
        /// Under this name, in lower case.
        computer: String,
        /// Of this domain, in lower case.
        domain: String,
        /// What it has to remark, short and printable: groups that the directory does not have. Mostly nothing.
        remark: String,
    },
    /// The object is not there any more.
    Removed {
        /// Of this name, in lower case.
        computer: String,
        /// Whether it was there.
        found: bool,
    },
    /// It could not.
    Failed {
        /// Why.
        reason: Reason,
        /// Its words, short and printable.
        detail: String,
    },
}

/// An answer that is not one line of the agreed form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the instance's answer does not have the agreed form")]
pub struct NotUnderstood;

/// The line, before anything is made of it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Line {
    adsteward: u8,
    action: Action,
    outcome: Word,
    nonce: Option<String>,
    public_key: Option<String>,
    #[serde(rename = "platform")]
    _platform: Option<String>,
    computer: Option<String>,
    domain: Option<String>,
    verified: Option<bool>,
    #[serde(rename = "dnsRecords")]
    _dns_records: Option<u32>,
    reboot: Option<bool>,
    /// Windows; Linux says it in the detail.
    #[serde(default)]
    missing_groups: Vec<String>,
    reason: Option<String>,
    detail: Option<String>,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Word {
    Ready,
    Member,
    Joined,
    Already,
    Left,
    Gone,
    Failed,
}

/// The document's exit codes and the words that go with them.
const CODES: [(i32, Reason); 12] = [
    (10, Reason::UnusableParameter),
    (11, Reason::UnsupportedDistribution),
    (12, Reason::Packages),
    (13, Reason::NoDomain),
    (14, Reason::NoConnection),
    (15, Reason::NoKey),
    (16, Reason::BadCredentials),
    (17, Reason::NoPermission),
    (18, Reason::OtherDomain),
    (19, Reason::NotVerified),
    (20, Reason::Locked),
    (21, Reason::NameTaken),
];

impl Answer {
    /// Reads what a command that was asked to do this has printed, and its exit code.
    ///
    /// # Errors
    /// For anything but one line of the agreed form with the exit code that belongs to it.
    pub fn parse(asked: Action, code: i32, output: &str) -> Result<Self, NotUnderstood> {
        let line = output.strip_suffix('\n').unwrap_or(output);
        if line.len() > LONGEST || line.chars().any(char::is_control) {
            return Err(NotUnderstood);
        }
        let line: Line = serde_json::from_str(line).map_err(|_| NotUnderstood)?;
        if line.adsteward != 1 || line.action != asked {
            return Err(NotUnderstood);
        }
        match (asked, line.outcome, code) {
            (Action::Prepare, Word::Ready, 0) => line.ready(),
            (Action::Prepare, Word::Member, 0) if line.verified == Some(true) => line.member(),
            (Action::Join, Word::Joined | Word::Already, 0) if line.reboot.is_some() => line.member(),
            (Action::Leave, Word::Left, 0) => line.removed(true),
            (Action::Leave, Word::Gone, 0) => line.removed(false),
            (_, Word::Failed, 10..) => line.failed(code),
            _ => Err(NotUnderstood),
        }
    }
}

impl Line {
    fn ready(self) -> Result<Answer, NotUnderstood> {
        let (Some(nonce), Some(key)) = (self.nonce, self.public_key) else { return Err(NotUnderstood) };
        let public_key = STANDARD.decode(key).map_err(|_| NotUnderstood)?;
        Ok(Answer::Ready { nonce, public_key })
    }

    fn member(self) -> Result<Answer, NotUnderstood> {
        let (Some(computer), Some(domain)) = (self.computer, self.domain) else { return Err(NotUnderstood) };
        let missing: Vec<GroupName> = self
            .missing_groups
            .iter()
            .map(|name| name.parse())
            .collect::<Result<_, _>>()
            .map_err(|_| NotUnderstood)?;
        let names: Vec<&str> = missing.iter().map(GroupName::as_str).collect();
        let missing = (!names.is_empty()).then(|| format!("no group is called {}", names.join(", ")));
        Ok(Answer::Member {
            computer: computer.to_ascii_lowercase(),
            domain: domain.to_ascii_lowercase(),
            remark: printable(missing.or(self.detail)),
        })
    }

    fn removed(self, found: bool) -> Result<Answer, NotUnderstood> {
        let computer = self.computer.ok_or(NotUnderstood)?.to_ascii_lowercase();
        Ok(Answer::Removed { computer, found })
    }

    fn failed(self, code: i32) -> Result<Answer, NotUnderstood> {
        let reason = CODES.iter().find(|(known, _)| *known == code).map(|(_, reason)| *reason);
        let reason = reason.filter(|reason| self.reason.as_deref() == Some(reason.code()));
        let detail = printable(self.detail);
        reason.map(|reason| Answer::Failed { reason, detail }).ok_or(NotUnderstood)
    }
}

/// What the instance has to say, as far as it can be shown.
fn printable(text: Option<String>) -> String {
    let fits = |c: &char| c.is_ascii_graphic() || *c == ' ';
    text.unwrap_or_default().chars().filter(fits).take(LONGEST_DETAIL).collect()
}

#[cfg(test)]
mod tests;
