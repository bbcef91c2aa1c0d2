//! Finds the human behind a flagged process: pure, and the heart of the flow.
//!
//! Three sources have to agree: what GuardDuty saw (user ids and the name of the flagged process), what the instance
//! says now (the processes' start times, user ids and log-in ids, the accounts) and the directory (name and SID, which
//! SSSD's user ids are derived from). The human is the session's log-in user, which the kernel keeps through su and
//! sudo; where a session has none (Session Manager, cron), the outermost directory user of GuardDuty's lineage.
//! Wherever two sources disagree or one is silent, the answer is a doubt, for a person.

use steward_core::directory::{DomainNames, User};
use steward_core::ids::{Sid, UserName};

use crate::answer::{Account, Answer, Origin, Seen, State};
use crate::finding::{Finding, Process};
use crate::reason::{Decision, Doubt, Refusal};

/// Processes asked about at most: the flagged one and 16 parents.
pub const LONGEST_CHAIN: usize = 17;

/// SSSD's default size of a domain's slice of user ids.
///
/// Source: sssd-ad(5), ID MAPPING: `ldap_idmap_range_min` and `ldap_idmap_range_size` are both 200,000, so a user id
/// and the SID's relative identifier are the same modulo 200,000.
const SSSD_SLICE: u32 = 200_000;

/// The lowest user id that SSSD gives to a directory user (`ldap_idmap_range_min`); local accounts lie far below.
const SSSD_LOWEST: u32 = 200_000;

/// How user ids relate to the directory's SIDs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IdMapping {
    /// SSSD derives them from the SID, with its default ranges.
    Sssd,
    /// Some other way, such as POSIX attributes: GuardDuty's user id cannot be checked against the SID.
    Unchecked,
}

/// The directory user that GuardDuty and the instance agree on; the directory itself has yet to confirm.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suspect {
    /// The account's name.
    pub name: UserName,
    /// The SID that the instance reports.
    pub sid: Sid,
    /// The DNS name, in lower case, of the domain that the instance reports: one of those that are known here.
    pub domain: String,
    /// The user id.
    pub uid: u32,
}

/// Finds the one directory user behind a finding, among those of the domains that are known here.
///
/// # Errors
/// The decision that follows when there is none, or none that is certain.
pub fn find_suspect(
    finding: &Finding,
    answer: &Answer,
    domains: &[DomainNames],
    mapping: IdMapping,
) -> Result<Suspect, Decision> {
    check_processes(finding, answer)?;
    if mapping == IdMapping::Sssd {
        check_local_ids(answer)?;
    }
    check_flagged_name(finding, answer, domains)?;
    let account = find_human(finding, answer)?;
    let suspect = read_account(account, domains)?;
    if mapping == IdMapping::Sssd && suspect.uid % SSSD_SLICE != suspect.sid.relative_id() % SSSD_SLICE {
        return Err(Decision::NeedsPerson(Doubt::UidNotFromSid));
    }
    Ok(suspect)
}

/// Lets the directory that serves the suspect's domain confirm him.
///
/// # Errors
/// When the directory's user is another one.
pub fn confirm(suspect: &Suspect, user: &User) -> Result<(), Decision> {
    if user.sid != suspect.sid || !user.name.same_as(suspect.name.as_str()) {
        return Err(Decision::NeedsPerson(Doubt::SidMismatch));
    }
    if user.domain != suspect.domain {
        return Err(Decision::CannotContainHere);
    }
    Ok(())
}

/// Every process that still runs must be the one that GuardDuty saw.
fn check_processes(finding: &Finding, answer: &Answer) -> Result<(), Decision> {
    if finding.chain.len() > LONGEST_CHAIN {
        return doubt(Doubt::LineageTooLong);
    }
    for (position, (process, seen)) in finding.chain.iter().zip(&answer.chain).enumerate() {
        let is_flagged = position == 0;
        match seen.state {
            State::Live => {}
            State::Gone => continue,
            // A parent of root's whose id was given away has merely ended. Under the id of a process that bears the
            // user's identity, another one may be what somebody wants to be taken for it.
            State::Reused if !is_flagged && process.uid == Some(0) => continue,
            State::Reused => return doubt(Doubt::PidReused),
        }
        if seen.container != Some(false) {
            return doubt(Doubt::ContainerProcess);
        }
        if process.started.is_some() && !agrees_on_uid(process, seen) {
            return doubt(Doubt::UidMismatch);
        }
    }
    Ok(())
}

/// An instance that passes a directory user off as local would shift the blame to the next user in the lineage.
fn check_local_ids(answer: &Answer) -> Result<(), Decision> {
    let passed_off = |account: &Account| account.kind == Origin::Local && account.uid >= SSSD_LOWEST;
    if answer.accounts.iter().any(passed_off) { doubt(Doubt::LocalUidInDirectoryRange) } else { Ok(()) }
}

/// Each user id that GuardDuty names is the real or the effective one: while su or sudo runs they differ.
fn agrees_on_uid(process: &Process, seen: &Seen) -> bool {
    [process.uid, process.euid].iter().flatten().all(|id| seen.uid == Some(*id) || seen.euid == Some(*id))
}

/// GuardDuty's name of the flagged process's user must be the instance's name for that user id.
fn check_flagged_name(finding: &Finding, answer: &Answer, domains: &[DomainNames]) -> Result<(), Decision> {
    let account = answer.account(finding.uid).filter(|account| account.kind != Origin::Unknown);
    let Some(account) = account else { return doubt(Doubt::UnknownUid) };
    let spelled = SpelledName::read(&finding.user);
    let same_name = account.name.as_deref().is_some_and(|name| name.eq_ignore_ascii_case(spelled.name));
    let same_domain = match (spelled.domain, account.domain.as_deref()) {
        (None, _) => true,
        (Some(_), None) => false,
        (Some(spelled), Some(reported)) => {
            spelled.eq_ignore_ascii_case(reported)
                || known(domains, reported)
                    .is_some_and(|domain| spelled.eq_ignore_ascii_case(&domain.netbios))
        }
    };
    if same_name && same_domain { Ok(()) } else { doubt(Doubt::UserNameMismatch) }
}

/// A name as an operating system spells it: `alice`, `alice@corp.example.com` or `CORP\alice`.
struct SpelledName<'a> {
    name: &'a str,
    domain: Option<&'a str>,
}

impl<'a> SpelledName<'a> {
    fn read(text: &'a str) -> Self {
        if let Some((domain, name)) = text.split_once('\\') {
            return Self { name, domain: Some(domain) };
        }
        match text.rsplit_once('@') {
            Some((name, domain)) => Self { name, domain: Some(domain) },
            None => Self { name: text, domain: None },
        }
    }
}

/// The account of the human: by the log-in id where there is one, by the lineage otherwise.
fn find_human<'a>(finding: &Finding, answer: &'a Answer) -> Result<&'a Account, Decision> {
    let pairs = || answer.chain.iter().zip(&finding.chain);
    let live = pairs().filter(|(seen, _)| seen.state == State::Live);
    // A start time is what proves that a process is the one GuardDuty saw.
    let proved: Vec<&Seen> =
        live.clone().filter(|(_, process)| process.started.is_some()).map(|(seen, _)| seen).collect();
    if proved.is_empty() {
        return doubt(if live.count() == 0 { Doubt::ProcessGone } else { Doubt::FindingIncomplete });
    }
    match proved.iter().find_map(|seen| seen.login_uid) {
        Some(login_uid) => human_by_login(login_uid, finding, answer),
        None => human_by_lineage(&proved, finding, answer),
    }
}

fn human_by_login<'a>(
    login_uid: u32,
    finding: &Finding,
    answer: &'a Answer,
) -> Result<&'a Account, Decision> {
    let account = known_account(answer, login_uid)?;
    if account.kind == Origin::Local {
        let directory_user_in_chain = chain_accounts(finding, answer).any(|a| a.kind == Origin::Directory);
        return Err(match (directory_user_in_chain, login_uid) {
            (true, _) => Decision::NeedsPerson(Doubt::LocalLogin),
            (false, 0) => Decision::Refuse(Refusal::RootUser),
            (false, _) => Decision::Refuse(Refusal::LocalUser),
        });
    }
    if finding.chain.iter().any(|process| process.uid == Some(login_uid)) {
        Ok(account)
    } else {
        doubt(Doubt::LoginUserNotInFinding)
    }
}

fn human_by_lineage<'a>(
    proved: &[&Seen],
    finding: &Finding,
    answer: &'a Answer,
) -> Result<&'a Account, Decision> {
    for process in &finding.chain {
        let Some(uid) = process.uid else { return doubt(Doubt::FindingIncomplete) };
        known_account(answer, uid)?;
    }
    let outermost =
        chain_accounts(finding, answer).filter(|account| account.kind == Origin::Directory).last();
    match outermost {
        Some(account) if proved.iter().any(|seen| seen.uid == Some(account.uid)) => Ok(account),
        Some(_) => doubt(Doubt::ProcessGone),
        None if finding.chain.iter().all(|process| process.uid == Some(0)) => {
            Err(Decision::Refuse(Refusal::RootUser))
        }
        None => Err(Decision::Refuse(Refusal::LocalUser)),
    }
}

/// The accounts of the processes, the flagged one first.
fn chain_accounts<'a>(finding: &Finding, answer: &'a Answer) -> impl Iterator<Item = &'a Account> {
    finding.chain.iter().filter_map(|process| answer.account(process.uid?))
}

fn known_account(answer: &Answer, uid: u32) -> Result<&Account, Decision> {
    match answer.account(uid) {
        Some(account) if account.kind != Origin::Unknown => Ok(account),
        _ => doubt(Doubt::UnknownUid),
    }
}

/// Checks the account's fields: they come from the instance.
fn read_account(account: &Account, domains: &[DomainNames]) -> Result<Suspect, Decision> {
    let not_understood = Decision::NeedsPerson(Doubt::AnswerNotUnderstood);
    let name: UserName = account.name.as_deref().and_then(|name| name.parse().ok()).ok_or(not_understood)?;
    let reported = account.domain.as_deref().ok_or(not_understood)?;
    let domain = known(domains, reported).ok_or(Decision::CannotContainHere)?;
    let sid = account.sid.as_deref().ok_or(Decision::NeedsPerson(Doubt::NoSid))?;
    let sid = sid.parse().map_err(|_| not_understood)?;
    Ok(Suspect { name, sid, domain: domain.dns.clone(), uid: account.uid })
}

/// The domain of this DNS name.
fn known<'a>(domains: &'a [DomainNames], dns: &str) -> Option<&'a DomainNames> {
    domains.iter().find(|domain| domain.dns.eq_ignore_ascii_case(dns))
}

fn doubt<T>(doubt: Doubt) -> Result<T, Decision> {
    Err(Decision::NeedsPerson(doubt))
}

#[cfg(test)]
mod tests;
