//! What an instance reports of a user's sessions that it was to end: one JSON line from the SSM document, read as coming
//! from an enemy.
//!
//! Whoever has root on the instance writes this line. It is shown to people as what the instance says; nothing that is
//! done depends on it.

use serde::{Deserialize, Serialize};

use crate::answer::NotUnderstood;
use crate::reason::NotEnded;

/// Longest report that is looked at. SSM cuts standard output at 24,000 characters.
const LONGEST: usize = 16_000;

/// Most entries of any of its lists, and longest text in them.
const MOST_ENTRIES: usize = 60;
const LONGEST_TEXT: usize = 120;

/// What the instance says of the command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Report {
    /// It has tried; this is what was there, and what became of it.
    Tried(Box<Evidence>, Ended),
    /// It would not.
    Refused(NotEnded),
}

/// What was there before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Evidence {
    /// The user's processes and those of his log-ins; at most 60.
    pub processes: Vec<Process>,
    /// How many there were.
    pub process_count: u32,
    /// His sessions, in the words of logind and who.
    pub sessions: Vec<String>,
    /// His recent log-ins, in the words of last.
    pub log_ins: Vec<String>,
    /// The latest end of a Kerberos ticket of his, in seconds since 1970.
    pub tickets_end: Option<u64>,
    /// Until when the latest could be renewed.
    pub tickets_renewable_until: Option<u64>,
}

/// A process as the instance saw it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Process {
    /// Its id.
    pub pid: u32,
    /// Its real user id.
    pub uid: Option<u32>,
    /// Its effective user id.
    pub euid: Option<u32>,
    /// The user id of its log-in.
    pub login_uid: Option<u32>,
    /// When it started, in seconds since 1970.
    pub started: u64,
    /// Its command's name; not its arguments, which may hold secrets.
    pub name: String,
}

/// What became of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ended {
    /// What logind did.
    pub logind: Logind,
    /// What became of the flagged process.
    pub flagged: Flagged,
    /// How many processes were killed.
    pub ended: u32,
    /// Some of those that live on.
    pub left: Vec<Process>,
    /// How many live on.
    pub left_count: u32,
    /// His Kerberos ticket caches.
    pub tickets: TicketCaches,
    /// SSSD's cache of him.
    pub cache: Cache,
    /// Whether the instance would let him in now.
    pub log_in: LogIn,
    /// The latest end of a Kerberos ticket of his that was there, in seconds since 1970.
    #[serde(default)]
    pub tickets_end: Option<u64>,
    /// Until when the latest could have been renewed.
    #[serde(default)]
    pub tickets_renewable_until: Option<u64>,
}

/// What logind did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Logind {
    /// It ended his sessions, or had none.
    Ended,
    /// It did not.
    Failed,
    /// There is none.
    Absent,
}

/// What became of the flagged process.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Flagged {
    /// Killed.
    Ended,
    /// It had ended.
    Gone,
    /// Another process has its id now.
    Reused,
    /// It belongs to none of his log-ins.
    NotHis,
    /// It lives on.
    Left,
}

/// Files with Kerberos tickets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TicketCaches {
    /// How many were found, and removed unless left.
    pub removed: u32,
    /// How many are still there.
    pub left: u32,
}

/// SSSD's cache of the user.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Cache {
    /// Expired, and he was looked up again.
    Expired,
    /// It could not be expired.
    Failed,
    /// The tool for it is not there.
    Absent,
}

/// What the account check of a new log-in says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LogIn {
    /// He is refused.
    Refused,
    /// He would be let in.
    Accepted,
    /// It could not be tried.
    Unknown,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    v: u8,
    uid: u32,
    refused: Option<String>,
    report: Option<Tried>,
}

/// The report as the document writes it: what was there and what became of it in one object.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Tried {
    evidence: Evidence,
    logind: Logind,
    flagged: Flagged,
    ended: u32,
    left: Vec<Process>,
    left_count: u32,
    tickets: TicketCaches,
    cache: Cache,
    log_in: LogIn,
}

impl Report {
    /// Reads the command's standard output, which must be one line about this user id.
    ///
    /// # Errors
    /// For anything else: longer, several lines, control bytes, other members, long lists or texts, another user id.
    pub fn parse(output: &str, uid: u32) -> Result<Self, NotUnderstood> {
        let line = output.strip_suffix('\n').unwrap_or(output);
        if line.len() > LONGEST || line.chars().any(char::is_control) {
            return Err(NotUnderstood);
        }
        let line: Line = serde_json::from_str(line).map_err(|_| NotUnderstood)?;
        if line.v != 1 || line.uid != uid {
            return Err(NotUnderstood);
        }
        match (line.refused, line.report) {
            (Some(code), None) => {
                use NotEnded::{LocalUid, OtherAccount, SystemUid, UnknownUid};
                let known = [SystemUid, LocalUid, UnknownUid, OtherAccount];
                known.into_iter().find(|why| why.code() == code).map(Self::Refused).ok_or(NotUnderstood)
            }
            (None, Some(tried)) if tried.is_small() => Ok(tried.split()),
            _ => Err(NotUnderstood),
        }
    }
}

impl Tried {
    fn is_small(&self) -> bool {
        let Evidence { processes, sessions, log_ins, .. } = &self.evidence;
        let lists = [processes.len(), self.left.len(), sessions.len(), log_ins.len()];
        let names = processes.iter().chain(&self.left).map(|process| &process.name);
        lists.into_iter().all(|length| length <= MOST_ENTRIES)
            && names.chain(sessions).chain(log_ins).all(|text| text.chars().count() <= LONGEST_TEXT)
    }

    fn split(self) -> Report {
        let ended = Ended {
            logind: self.logind,
            flagged: self.flagged,
            ended: self.ended,
            left: self.left,
            left_count: self.left_count,
            tickets: self.tickets,
            cache: self.cache,
            log_in: self.log_in,
            tickets_end: self.evidence.tickets_end,
            tickets_renewable_until: self.evidence.tickets_renewable_until,
        };
        Report::Tried(Box::new(self.evidence), ended)
    }
}

#[cfg(test)]
mod tests;
