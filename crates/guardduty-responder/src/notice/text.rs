//! What the notices say: who, why, where, what was done, what may remain, how to undo.
//!
//! Written for the person on call: the first line says what happened, the rest what to know and do. Names come from
//! findings and instances, so every value passes [`plain`].

use std::fmt::Write;

use steward_core::ids::DirectoryId;
#[cfg(test)]
use steward_core::notice::LONGEST_SUBJECT;
pub(super) use steward_core::notice::{plain, subject};

use super::Notice;
use super::remaining::{self, OnInstance, on_instance};
use crate::clock;
use crate::finding::Arn;
use crate::home::full_name;
use crate::reason::{Decision, Refusal};
use crate::records::{Caller, Containment, DecisionRecord, ReleaseRecord, Verdict};

/// What remains although a user is disabled.
const REMAINS: &str = "  Disabling stops new log-ins. It does not end what is open:
  - processes and sessions of this user, on this instance and on others
  - Kerberos tickets that the user holds, until they expire (10 hours by default)
  - log-ins from SSSD's offline cache, on instances that cannot reach the directory
  - sessions of services with sessions of their own (console, WorkSpaces, VPN)
";

/// Where a reader goes from a notice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Links {
    /// The decision table's name.
    pub table: String,
    /// The Region that all of this is in.
    pub region: String,
    /// The directory.
    pub directory: DirectoryId,
}

/// A user was disabled.
pub fn contained(record: &DecisionRecord, links: &Links, release_state_machine: &str) -> Notice {
    let who = plain(&record.who());
    let instance = plain(&record.instance);
    let (sessions, remark) = match on_instance(record) {
        OnInstance::Ended => (format!("and ended this user's sessions on {instance}.",), ""),
        OnInstance::PartlyEnded => {
            (format!("and ended sessions on {instance}: NOT ALL OF THEM."), ", access remains")
        }
        OnInstance::NotEnded => (format!("BUT ENDED NO SESSIONS on {instance}."), ", sessions go on"),
    };
    let mut body = format!("adsteward has disabled the directory user {who}\n{sessions}\n\n");
    facts(&mut body, record);
    let _ = writeln!(body, "\nWHAT WAS DONE");
    for call in &record.calls {
        let _ = writeln!(body, "  {}", plain(call));
    }
    if record.domain.is_some() {
        body.push_str(
            "  CloudTrail sees no change by LDAP: no witness confirms this one, and none tells of\n  changes that others \
             make in that domain.\n",
        );
    }
    remaining::done(&mut body, record);
    let _ = writeln!(body, "\nWHAT ACCESS MAY REMAIN");
    remaining::remains(&mut body, record);
    body.push('\n');
    undo_of(&mut body, &Undo::of(record), links, release_state_machine);
    details(&mut body, record, links);
    Notice {
        subject: subject(&format!(
            "[adsteward] {who} disabled{remark}: {} on {}",
            record.finding_type, record.instance
        )),
        body,
    }
}

/// Nothing was done, and people should know.
pub fn not_contained(decision: Decision, record: &DecisionRecord, links: &Links) -> Notice {
    let who = plain(&record.who());
    let headline = match decision {
        Decision::Contain | Decision::ContainApproved => "is to be disabled",
        Decision::Refuse(_) => "was not disabled",
        Decision::NeedsPerson(_) => "needs your decision",
        Decision::CannotContainHere => "cannot be disabled here",
    };
    let mut body = format!("adsteward has changed nothing: {who} {headline}.\n{}\n\n", record.explanation);
    facts(&mut body, record);
    let _ = writeln!(body, "\nWHAT TO DO\n{}", advice(decision, record.domain.is_some()));
    details(&mut body, record, links);
    Notice {
        subject: subject(&format!(
            "[adsteward] {who} {headline} ({}): {}",
            record.reason, record.finding_type
        )),
        body,
    }
}

fn advice(decision: Decision, in_trusted_domain: bool) -> &'static str {
    match decision {
        Decision::CannotContainHere => {
            "  Disable the user in the forest that he belongs to: this stack cannot.\n  \
             Then look at the instance: sessions and processes go on.\n  \
             To have his domain's users contained, name its secret in TrustedForestSecretArns."
        }
        Decision::Refuse(Refusal::RowUnusable) => {
            "  Until the row fits, nobody behind findings of that account is contained. What is\n  \
             wrong with it is in the log of guardduty-responder, what it must hold in README.md,\n  \
             \"Join instances\". Look at this finding yourself: its next update is looked at again."
        }
        Decision::Refuse(_) if in_trusted_domain => {
            "  Look at the finding and the instance. If the user has to be stopped, disable\n  \
             him in his domain yourself; adsteward does not see that."
        }
        Decision::Refuse(_) => {
            "  Look at the finding and the instance. If the user has to be stopped, disable\n  \
             him yourself; adsteward will tell you that it saw the call."
        }
        Decision::NeedsPerson(_) | Decision::Contain | Decision::ContainApproved => {
            "  Find out who is behind the process (the evidence is in the decision record),\n  \
             and disable the user yourself if need be. A later update of the finding is\n  \
             looked at again."
        }
    }
}

/// More findings came than people are told of in an hour.
pub fn held_back(hour: u64, limit: usize, links: &Links) -> Notice {
    let (from, to) = (clock::iso(hour * 3600), clock::iso((hour + 1) * 3600));
    let body = format!(
        "adsteward has told you of {limit} findings in this hour about which it did nothing.\n\
         The rest of them, until {to}, is only recorded. Users who are disabled are always told.\n\n\
         Somebody may be making findings, to hide one among many or to have users disabled.\n\n\
         WHERE TO LOOK\n  aws dynamodb scan --region {} --table-name {} \\\n    \
         --filter-expression 'attribute_exists(decision) AND decided_at >= :from' \\\n    \
         --expression-attribute-values '{{\":from\":{{\"S\":\"{from}\"}}}}'\n\n\
         WHAT TO DO\n  RUNBOOK.md#budget-spent\n",
        links.region, links.table
    );
    Notice { subject: subject("[adsteward] too many findings: the rest of this hour is only recorded"), body }
}

/// A user was enabled again.
pub fn released(record: &ReleaseRecord, links: &Links) -> Notice {
    let (user, who) = (plain(&record.user), plain(&record.who()));
    let mut body =
        format!("adsteward has released the directory user {who}: the account is enabled again.\n\n");
    row(&mut body, "WHO", &format!("{who} ({})", record.sid));
    row(&mut body, "BY", record.caller.as_deref().unwrap_or("unknown"));
    row(&mut body, "WHY", &record.reason);
    if let Some(reason) = &record.override_reason {
        row(&mut body, "ALTHOUGH", &format!("the finding is active: {reason}"));
    }
    row(&mut body, "WHEN", record.released_at.as_deref().unwrap_or("?"));
    if let Some(secret) = &record.secret {
        let _ = writeln!(
            body,
            "\nTHE NEW PASSWORD\n  Nobody has seen it. Whoever may read the secret finds it there:\n  \
             aws secretsmanager get-secret-value --region {} --secret-id '{}'",
            links.region,
            plain(secret)
        );
    }
    let _ = writeln!(
        body,
        "\nIF THIS IS WRONG\n  Disable the user again:\n  {}\n  An update of the finding that contained the user will not do so again; a new\n  \
         finding will.",
        disable_by_hand(&user, record.domain.as_deref(), links)
    );
    let _ = writeln!(body, "\nDETAILS\n  execution  {}\n  table      {}", record.execution, links.table);
    Notice { subject: subject(&format!("[adsteward] {who} released")), body }
}

/// Somebody else called `DisableUser`.
pub fn seen_by_witness(user: &str, directory: &str, caller: &Caller) -> Notice {
    let user = plain(user);
    let mut body = format!("The directory user {user} was disabled, and not by adsteward.\n\n");
    row(&mut body, "WHO", &user);
    row(&mut body, "BY", &caller.arn);
    row(&mut body, "FROM", &caller.source_ip);
    row(&mut body, "WHEN", &caller.time);
    row(&mut body, "WHERE", &format!("directory {directory}"));
    body.push_str("\nSource: CloudTrail's record of the call. If nobody you know did this, look into it.\n");
    Notice { subject: subject(&format!("[adsteward] {user} was disabled by someone else")), body }
}

/// adsteward disabled a user, and the execution has not said so itself.
pub fn unreported(
    containment: &Containment,
    caller: &Caller,
    links: &Links,
    release_state_machine: &str,
) -> Notice {
    let user = plain(&containment.who());
    let mut body = format!(
        "adsteward has disabled the directory user {user}.\nThe execution that did it has not reported: look at it.\n\n"
    );
    row(&mut body, "WHO", &format!("{user} ({})", containment.sid));
    row(&mut body, "WHY", &containment.finding_arn);
    row(&mut body, "WHEN", &caller.time);
    row(&mut body, "SEEN BY", "CloudTrail");
    let _ = writeln!(body, "\nWHAT ACCESS MAY REMAIN\n{REMAINS}");
    undo(&mut body, containment, links, release_state_machine);
    let _ = writeln!(body, "\nDETAILS\n  execution  {}\n  table      {}", containment.execution, links.table);
    Notice { subject: subject(&format!("[adsteward] {user} disabled (told by the witness)")), body }
}

pub(super) fn facts(body: &mut String, record: &DecisionRecord) {
    match (&record.user, &record.sid) {
        (Some(_), Some(sid)) => row(body, "WHO", &format!("{} ({sid})", record.who())),
        (Some(_), None) => row(body, "WHO", &record.who()),
        _ => row(body, "WHO", &format!("{} (as GuardDuty names the process's user)", record.guardduty_user)),
    }
    row(body, "WHY", &format!("{}, severity {}", record.finding_type, record.severity));
    row(body, "", &record.finding_arn);
    let place = format!("instance {}, account {}, Region {}", record.instance, record.account, record.region);
    row(body, "WHERE", &place);
    row(body, "WHEN", record.acted_at.as_deref().unwrap_or(&record.decided_at));
    row(body, "DECISION", &format!("{} ({}), mode {}", record.decision, record.reason, record.mode));
    row(body, "", &record.explanation);
    if let Some(answer) = &record.answer {
        let verb = if answer.verdict == Verdict::Approve { "approved" } else { "refused" };
        row(body, "BY", &format!("{verb} by {} at {}", answer.caller, answer.at));
        row(body, "", &answer.reason);
    }
}

pub(super) fn row(body: &mut String, label: &str, value: &str) {
    let _ = writeln!(body, "{label:<9} {}", plain(value));
}

/// Whom a command releases.
struct Undo<'a> {
    user: &'a str,
    domain: Option<&'a str>,
    finding_arn: &'a str,
}

impl<'a> Undo<'a> {
    fn of(record: &'a DecisionRecord) -> Self {
        let user = record.user.as_deref().unwrap_or("?");
        Self { user, domain: record.domain.as_deref(), finding_arn: &record.finding_arn }
    }
}

pub(super) fn undo(body: &mut String, held: &Containment, links: &Links, release_state_machine: &str) {
    let undo = Undo { user: &held.user, domain: held.domain.as_deref(), finding_arn: &held.finding_arn };
    undo_of(body, &undo, links, release_state_machine);
}

fn undo_of(body: &mut String, undo: &Undo<'_>, links: &Links, release_state_machine: &str) {
    let (user, who) = (plain(undo.user), plain(&full_name(undo.user, undo.domain)));
    // Whether a finding of another account is archived cannot be asked.
    let can_be_asked = Arn::parse(undo.finding_arn).and_then(|arn| arn.detector_and_finding()).is_some();
    let before = match can_be_asked {
        true => "Archive the finding in GuardDuty first, or add \"override\":\"why although it is active\".",
        false => "Add \"override\":\"why\": whether this finding is archived cannot be asked from here.",
    };
    let _ = writeln!(
        body,
        "HOW TO UNDO\n  aws stepfunctions start-execution --region {} \\\n    --state-machine-arn {} \\\n    \
         --input '{{\"version\":1,\"user\":\"{user}\",{}\"reason\":\"why you release the user\"}}'\n  \
         {before}\n  You must not be {who}: who asks is taken from CloudTrail.",
        links.region,
        release_state_machine,
        domain_member(undo.domain)
    );
}

/// The member of an input that names a user's domain, where it is not the own one.
pub(super) fn domain_member(domain: Option<&str>) -> String {
    domain.map_or_else(String::new, |domain| format!("\"domain\":\"{}\",", plain(domain)))
}

/// How a person disables a user.
pub(super) fn disable_by_hand(user: &str, domain: Option<&str>, links: &Links) -> String {
    match domain {
        None => format!(
            "aws ds-data disable-user --region {} --directory-id {} --sam-account-name {user}",
            links.region, links.directory
        ),
        Some(domain) => format!("Disable-ADAccount -Identity {user} -Server {}", plain(domain)),
    }
}

pub(super) fn details(body: &mut String, record: &DecisionRecord, links: &Links) {
    let _ = writeln!(
        body,
        "\nDETAILS\n  execution  {}\n  record     table {}, key finding#{}",
        plain(&record.execution),
        links.table,
        plain(&record.finding_arn)
    );
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn no_value_brings_markup_or_control_bytes(text in any::<String>()) {
            let caller = Caller { arn: text.clone(), time: text.clone(), source_ip: text.clone(), names: Vec::new() };
            let notice = seen_by_witness(&text, &text, &caller);
            prop_assert!(!notice.body.contains(['<', '>']));
            prop_assert!(notice.body.chars().all(|c| c == '\n' || !c.is_control()));
            prop_assert!(notice.subject.chars().count() <= LONGEST_SUBJECT);
            prop_assert!(notice.subject.chars().all(|c| c == ' ' || c.is_ascii_graphic()));
        }
    }
}
