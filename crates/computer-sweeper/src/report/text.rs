//! What the mail says. Every value passes [`plain`].

use std::fmt::Write;

use steward_core::notice::{Notice, plain, subject};

use super::Story;
use crate::decide::{Decision, Refusal};
use crate::find::{Found, Sort};
use crate::places::Named;

/// Places that a mail shows.
const PLACES: usize = 30;

/// Instances that it shows of each sort at a place.
const INSTANCES: usize = 10;

/// The mail.
pub fn mail(story: &Story<'_>) -> Notice {
    let mut body = String::new();
    let decision = story.decision;
    let _ = writeln!(body, "{}\n", headline(story));
    let _ = writeln!(body, "FOUND      {}", found(story));
    let _ = writeln!(body, "DONE       {}", done(decision));
    for (number, undone) in not_done(story).into_iter().enumerate() {
        let _ = writeln!(body, "{} {undone}", if number == 0 { "NOT DONE  " } else { "          " });
    }
    not_swept(&mut body, story);
    differences(&mut body, story);
    what_to_do(&mut body, story);
    let _ = writeln!(body, "\nDETAILS");
    let _ = writeln!(body, "  execution  {}", plain(story.execution));
    let _ = writeln!(
        body,
        "  others     {} computers in the OUs have no marker of adsteward; they are left alone",
        strangers(story)
    );
    Notice { subject: subject(&format!("[adsteward] {}", headline(story))), body }
}

fn headline(story: &Story<'_>) -> String {
    let Decision { totals, refusal, dry_run, .. } = story.decision;
    let missed = story.failed.len() + story.places.problems.len();
    let gone = totals.removals + totals.unconfirmed;
    let mut parts = Vec::new();
    if missed > 0 {
        parts.push(format!(
            "{missed} of {} places not swept",
            story.places.places.len() + story.places.problems.len()
        ));
    }
    if refusal.is_some() {
        parts.push(format!("{gone} removals held back"));
    } else if gone > 0 {
        parts.push(format!("{gone} to remove"));
    }
    if totals.looks > 0 {
        parts.push(format!("{} to join", totals.looks));
    }
    if parts.is_empty() {
        parts.push("computers without an account row".to_owned());
    }
    let title = if *dry_run { "sweep of computers (dry run)" } else { "sweep of computers" };
    format!("{title}: {}", parts.join(", "))
}

fn found(story: &Story<'_>) -> String {
    let totals = &story.decision.totals;
    format!(
        "{} that should be joined, {} whose instance is gone; {} computers are known in all",
        counted(totals.looks, "instance"),
        counted(totals.removals + totals.unconfirmed, "computer"),
        totals.known
    )
}

fn counted(count: u64, noun: &str) -> String {
    if count == 1 { format!("1 {noun}") } else { format!("{count} {noun}s") }
}

fn done(decision: &Decision) -> String {
    if decision.dry_run {
        return "nothing: this was a dry run".to_owned();
    }
    if !decision.sends() {
        return "nothing".to_owned();
    }
    let looks = (decision.totals.looks > 0)
        .then(|| format!("to look at {}", counted(decision.totals.looks, "instance")));
    let removals =
        (decision.removals > 0).then(|| format!("to remove {}", counted(decision.removals, "computer")));
    let asked: Vec<String> = looks.into_iter().chain(removals).collect();
    format!(
        "domain-joiner was asked {}. It asks EC2 again,\n           and removes only what it can prove to be the instance's own.",
        asked.join(" and ")
    )
}

fn not_done(story: &Story<'_>) -> Vec<String> {
    let Decision { totals, refusal, allowed, trusts_empty, .. } = story.decision;
    let mut undone = Vec::new();
    let gone = totals.removals + if *trusts_empty { totals.unconfirmed } else { 0 };
    match refusal {
        Some(Refusal::TooMany) => undone.push(format!(
            "no computer is removed: {gone} are more than the {allowed} that one sweep may remove (SweepMaxRemovals)"
        )),
        Some(Refusal::TooLargeAShare) => undone.push(format!(
            "no computer is removed: {gone} of {} are more than the share that one sweep may\n           remove (SweepMaxShare), which is {allowed}",
            totals.known
        )),
        Some(Refusal::MoreThanAllowed) => undone.push(format!(
            "no computer is removed: {gone} are more than the {allowed} of allowRemovals"
        )),
        None => {}
    }
    if !trusts_empty && totals.unconfirmed > 0 {
        undone.push(format!(
            "{} not removed: EC2 lists no instance at all there, which may be\n           a wrong answer",
            counted(totals.unconfirmed, "computer")
        ));
    }
    let more: u64 = story.found.iter().map(|(_, found)| found.more).sum();
    if more > 0 {
        undone.push(format!("{more} more differences wait for the next sweep"));
    }
    undone
}

fn not_swept(body: &mut String, story: &Story<'_>) {
    if story.is_incomplete() {
        let _ = writeln!(body, "\nNOT SWEPT (nothing is concluded about what is there)");
    }
    for (place, why) in story.failed.iter().take(PLACES) {
        let _ = writeln!(body, "  {}  {}", plain(&place.to_string()), plain(why));
    }
    for problem in story.places.problems.iter().take(PLACES) {
        let _ = writeln!(body, "  {}", plain(problem));
    }
    more(
        body,
        story.failed.len().saturating_sub(PLACES) + story.places.problems.len().saturating_sub(PLACES),
    );
    if !story.places.rowless.is_empty() {
        let _ =
            writeln!(body, "\nACCOUNTS WITH COMPUTERS AND WITHOUT A ROW (nobody removes these computers)");
        for (account, count) in story.places.rowless.iter().take(PLACES) {
            let _ = writeln!(body, "  {}  {count}", plain(account));
        }
        more(body, story.places.rowless.len().saturating_sub(PLACES));
    }
}

fn differences(body: &mut String, story: &Story<'_>) {
    let differ = |(_, found): &&(Named, Found)| !found.looks.is_empty() || !found.removals.is_empty();
    let places: Vec<_> = story.found.iter().filter(differ).collect();
    for (place, found) in places.iter().take(PLACES) {
        let _ = writeln!(body, "\n{}", plain(&place.to_string()));
        if found.listed_none {
            let _ = writeln!(body, "  EC2 lists no instance at all");
        }
        for sort in Sort::ALL {
            let all = found.looks.iter().chain(&found.removals).filter(|finding| finding.sort == sort);
            let shown: Vec<String> = all.take(INSTANCES).map(|finding| plain(&finding.instance)).collect();
            let count = found.count(sort);
            if count > 0 {
                let _ = writeln!(body, "  {:<44} {count:>4}  {}", words(sort), shown[0]);
                for instance in &shown[1..] {
                    let _ = writeln!(body, "  {:<44}       {instance}", "");
                }
                more(body, count.saturating_sub(INSTANCES));
            }
        }
    }
    more(body, places.len().saturating_sub(PLACES));
    let unplaced: u64 = story.found.iter().map(|(_, found)| found.unplaced).max().unwrap_or(0);
    if unplaced > 0 {
        let _ = writeln!(
            body,
            "\n{unplaced} computers have a marker of adsteward and no record that fits: look at them by hand."
        );
    }
}

fn words(sort: Sort) -> &'static str {
    match sort {
        Sort::Unjoined => "runs, and was never joined",
        Sort::Failed => "runs, and was given up (may pass)",
        Sort::Stuck => "runs, and its joining has stopped half-way",
        Sort::Stale => "is gone, and is still recorded",
        Sort::Orphan => "is gone, its computer has no record",
    }
}

fn more(body: &mut String, count: usize) {
    if count > 0 {
        let _ = writeln!(body, "  and {count} more");
    }
}

/// The same OU may be listed for several places.
fn strangers(story: &Story<'_>) -> u64 {
    story.found.iter().map(|(_, found)| found.strangers).max().unwrap_or(0)
}

fn what_to_do(body: &mut String, story: &Story<'_>) {
    let Decision { totals, refusal, dry_run, trusts_empty, .. } = story.decision;
    let gone = totals.removals + totals.unconfirmed;
    let held_back = refusal.is_some() || (!trusts_empty && totals.unconfirmed > 0);
    let _ = writeln!(body, "\nWHAT TO DO");
    if story.is_incomplete() {
        let _ = writeln!(
            body,
            "  Put right what keeps a place from being swept: the account's row (assumeRoleARN, externalId), its"
        );
        let _ = writeln!(
            body,
            "  role (stacks/member.yaml), the way to the directory. The next sweep looks there again."
        );
    }
    if !story.places.rowless.is_empty() {
        let _ = writeln!(body, "  Give these accounts their row back, or remove their computers by hand.");
    }
    if held_back {
        let _ = writeln!(
            body,
            "  See in EC2 whether the instances that are shown as gone really are. If so, have them removed:"
        );
        start(body, story.execution, &format!("{{\"dryRun\":false,\"allowRemovals\":{gone}}}"));
    } else if *dry_run && gone + totals.looks > 0 {
        let _ = writeln!(
            body,
            "  If this is right, have it done, now or each night (parameter SweepMode: repair):"
        );
        start(body, story.execution, "{\"dryRun\":false}");
    } else if !story.is_incomplete() && story.places.rowless.is_empty() {
        let _ = writeln!(
            body,
            "  Nothing. domain-joiner tells what it cannot do. If it is the same instances night after night,"
        );
        let _ = writeln!(body, "  look at the join queue and at domain-joiner's log.");
    }
}

fn start(body: &mut String, execution: &str, input: &str) {
    let _ = writeln!(
        body,
        "    aws stepfunctions start-execution --state-machine-arn {} \\",
        plain(&machine(execution))
    );
    let _ = writeln!(body, "      --input '{input}'");
}

/// An execution's machine.
fn machine(execution: &str) -> String {
    let machine = execution.rsplit_once(':').map_or(execution, |(machine, _)| machine);
    machine.replace(":execution:", ":stateMachine:")
}

#[cfg(test)]
mod tests;
