//! What access remains after a user is disabled: what became of his sessions on the instance, and what nobody can end
//! from here.

use std::fmt::Write;

use super::text::plain;
use crate::clock;
use crate::ending::{Cache, Ended, Flagged, LogIn, Logind};
use crate::reason::NotEnded;
use crate::records::{DecisionRecord, SessionRecord};

/// What no adsteward can end.
const ELSEWHERE: &str =
    "  - Kerberos tickets copied or held elsewhere: they work until they expire, by default
    10 hours, and can be renewed for 7 days
  - SSSD's offline cache on an instance that cannot reach the directory: it admits him
  - services with sessions of their own (AWS console, WorkSpaces, VPN): end them there
";

/// How completely his access on the instance was ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum OnInstance {
    /// Nothing was found that remains.
    Ended,
    /// The instance ended something, and says that something remains.
    PartlyEnded,
    /// Nothing is known to be ended.
    NotEnded,
}

/// Judges the record. The instance's own words are the only source.
pub(super) fn on_instance(record: &DecisionRecord) -> OnInstance {
    match record.sessions.as_ref().and_then(|sessions| sessions.ended.as_ref()) {
        None => OnInstance::NotEnded,
        Some(ended) if left(ended).is_empty() => OnInstance::Ended,
        Some(_) => OnInstance::PartlyEnded,
    }
}

/// What was done on the instance, one line each.
pub(super) fn done(body: &mut String, record: &DecisionRecord) {
    let Some(ended) = record.sessions.as_ref().and_then(|sessions| sessions.ended.as_ref()) else { return };
    let processes = count(ended.ended, "process was killed", "processes were killed");
    let caches =
        count(ended.tickets.removed - ended.tickets.left.min(ended.tickets.removed), "file", "files");
    let _ = writeln!(body, "  On {}, as the instance itself reports:", plain(&record.instance));
    let _ = writeln!(body, "  - {processes}: this user's, and those of the user's log-ins");
    let _ = match ended.flagged {
        Flagged::Ended => writeln!(body, "  - the process that GuardDuty flagged is among them"),
        Flagged::Gone => writeln!(body, "  - the process that GuardDuty flagged had ended already"),
        Flagged::Reused | Flagged::NotHis | Flagged::Left => Ok(()),
    };
    let _ = writeln!(body, "  - {caches} with Kerberos tickets removed");
    if ended.log_in == LogIn::Refused {
        let _ = writeln!(body, "  - a new log-in was tried: it is refused, and by SSSD's cache too");
    }
}

/// What remains, the instance first.
pub(super) fn remains(body: &mut String, record: &DecisionRecord) {
    let instance = plain(&record.instance);
    let sessions = record.sessions.as_ref();
    match sessions.and_then(|sessions| sessions.ended.as_ref()) {
        Some(ended) => {
            let left = left(ended);
            if left.is_empty() {
                let _ = writeln!(
                    body,
                    "On {instance}: nothing was found. Whoever had root there may have left more."
                );
            } else {
                let _ = writeln!(body, "On {instance}:");
                for line in left {
                    let _ = writeln!(body, "  - {}", plain(&line));
                }
            }
        }
        None => {
            let why = sessions.and_then(SessionRecord::why_not_ended).unwrap_or(NotEnded::NoReport);
            let _ = writeln!(
                body,
                "On {instance}: SESSIONS WERE NOT ENDED ({}).\n  {}\n  Processes, sessions, ticket caches and \
                 SSSD's cache of this user may live on there.\n  Isolate the instance, or end them: \
                 loginctl terminate-user, pkill -KILL -u, sss_cache -u.",
                why.code(),
                why.text()
            );
            if let Some(command) = sessions.and_then(|sessions| sessions.command.as_deref()) {
                let _ = writeln!(body, "  SSM command {}", plain(command));
            }
        }
    }
    let _ = writeln!(body, "Elsewhere:");
    others(body, sessions);
    tickets(body, sessions);
    body.push_str(ELSEWHERE);
}

/// Whether something of the user's access on the instance could not be ended.
pub fn is_left(sessions: &SessionRecord) -> bool {
    sessions.not_ended.is_some() || sessions.ended.as_ref().is_some_and(|ended| !left(ended).is_empty())
}

/// What the instance says is left there.
fn left(ended: &Ended) -> Vec<String> {
    let mut left = Vec::new();
    if ended.left_count > 0 {
        let names: Vec<String> =
            ended.left.iter().map(|process| format!("{} {}", process.pid, process.name)).collect();
        left.push(format!(
            "{} would not end: {}",
            count(ended.left_count, "process", "processes"),
            names.join(", ")
        ));
    }
    match ended.flagged {
        Flagged::NotHis => {
            left.push("the flagged process: it belongs to none of this user's log-ins".to_owned())
        }
        Flagged::Reused => {
            left.push("the flagged process is not to be found: its id is another one's now".to_owned())
        }
        Flagged::Left => left.push("the flagged process would not end".to_owned()),
        Flagged::Ended | Flagged::Gone => {}
    }
    if ended.logind == Logind::Failed {
        left.push("sessions: logind did not end them".to_owned());
    }
    if ended.tickets.left > 0 {
        left.push(format!("{} with Kerberos tickets", count(ended.tickets.left, "file", "files")));
    }
    match (ended.log_in, ended.cache) {
        (LogIn::Refused, _) => {}
        (LogIn::Accepted, _) => {
            left.push("NEW LOG-INS: the instance would still let this user in".to_owned());
        }
        (LogIn::Unknown, Cache::Expired) => {
            left.push(
                "new log-ins, perhaps: SSSD's cache was expired, but a log-in could not be tried".to_owned(),
            );
        }
        (LogIn::Unknown, Cache::Failed | Cache::Absent) => {
            left.push("new log-ins, perhaps: SSSD's cache could not be expired".to_owned());
        }
    }
    left
}

fn others(body: &mut String, sessions: Option<&SessionRecord>) {
    let others = sessions.and_then(|sessions| sessions.others.as_ref());
    let _ = match others {
        None => writeln!(
            body,
            "  - other instances of the domain: not listed; look for this user's sessions there"
        ),
        Some(others) if others.count == 0 => {
            writeln!(body, "  - no other online Linux instance of the domain is known to Systems Manager")
        }
        Some(others) => {
            let more = others.count - others.first.len().min(others.count);
            let more = if more > 0 { format!(" and {more} more") } else { String::new() };
            let mut lines = String::new();
            let in_a_line = if others.first.iter().any(|member| member.contains(' ')) { 1 } else { 3 };
            for some in others.first.chunks(in_a_line) {
                let _ = write!(lines, "\n    {}", plain(&some.join(" ")));
            }
            writeln!(
                body,
                "  - {} of the domain, where sessions go on:{lines}{more}",
                count(
                    u32::try_from(others.count).unwrap_or(u32::MAX),
                    "other online instance",
                    "other online instances"
                )
            )
        }
    };
    if let Some(others) = others.filter(|others| !others.listed.is_empty()) {
        let listed = plain(&others.listed.join(" and "));
        let _ = writeln!(
            body,
            "  - instances of the domain outside of {listed}:\n    not listed; look for this user's sessions there"
        );
    }
}

/// The latest expiry that the instance saw: a copy of that ticket works until then.
fn tickets(body: &mut String, sessions: Option<&SessionRecord>) {
    let Some(ended) = sessions.and_then(|sessions| sessions.ended.as_ref()) else { return };
    let Some(end) = ended.tickets_end else { return };
    let renewable = ended
        .tickets_renewable_until
        .map_or_else(String::new, |until| format!(", renewable until {}", clock::iso(until)));
    let _ = writeln!(body, "  - the tickets seen on the instance expire {}{renewable}", clock::iso(end));
}

fn count(number: u32, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}
