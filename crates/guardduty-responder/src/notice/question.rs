//! The notices that ask: may this user be disabled, is he to be kept contained.

use std::fmt::Write;

use super::Notice;
use super::text::{Links, details, disable_by_hand, domain_member, facts, plain, row, subject, undo};
use crate::reason::Decision;
use crate::records::{Approval, Containment, DecisionRecord};

/// A person has to decide; the command that answers is in the notice, what wakes the execution is not.
pub fn question(
    decision: Decision,
    record: &DecisionRecord,
    question: &Approval,
    links: &Links,
    approve_state_machine: &str,
) -> Notice {
    let who = plain(&record.who());
    let mut body =
        format!("adsteward has changed nothing: {who} needs your decision.\n{}\n\n", decision.text());
    facts(&mut body, record);
    row(&mut body, "OPEN", &format!("until {}; without an answer nothing is done", question.open_until));
    let user = question.user.as_deref().map_or_else(|| "NAME".to_owned(), plain);
    let _ = writeln!(
        body,
        "\nHOW TO ANSWER\n  aws stepfunctions start-execution --region {} \\\n    --state-machine-arn {} \\\n    \
         --input '{{\"version\":1,\"approval\":\"{}\",\"answer\":\"approve\",\"user\":\"{user}\",{}\"reason\":\"why\"}}'",
        links.region,
        approve_state_machine,
        question.id,
        domain_member(question.domain.as_deref())
    );
    body.push_str(
        "  \"approve\" disables the user, \"refuse\" leaves him alone for good as to this finding.\n",
    );
    if question.user.is_none() {
        body.push_str(
            "  Nobody is proved: find out who is behind the process (the evidence is in the\n  decision record) and put \
             his sAMAccountName for NAME, with \"domain\" for a user of a trusted domain.\n  Sessions are then not \
             ended.\n",
        );
    }
    body.push_str("  You must not be that user: who answers is taken from CloudTrail.\n");
    let _ = writeln!(
        body,
        "\nWHEN IT IS TOO LATE\n  Disable the user yourself, or answer when an update of the finding asks again:\n  {}",
        disable_by_hand(&user, question.domain.as_deref(), links)
    );
    details(&mut body, record, links);
    Notice {
        subject: subject(&format!(
            "[adsteward] {who} needs your decision ({}): {}",
            record.reason, record.finding_type
        )),
        body,
    }
}

/// The time that a containment was given has passed.
pub fn review(
    held: &Containment,
    record: &DecisionRecord,
    links: &Links,
    release_state_machine: &str,
) -> Notice {
    let who = plain(&held.who());
    let mut body = format!(
        "The directory user {who} has been contained since {}.\nIs that still right? adsteward does not release by \
         itself.\n\n",
        plain(&held.since)
    );
    facts(&mut body, record);
    body.push_str("\nTO KEEP THE USER CONTAINED\n  Do nothing.\n\n");
    undo(&mut body, held, links, release_state_machine);
    details(&mut body, record, links);
    Notice { subject: subject(&format!("[adsteward] {who} is still contained: keep or release?")), body }
}
