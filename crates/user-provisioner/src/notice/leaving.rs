//! What is told of an off-boarding.

use std::fmt::Write;

use steward_core::notice::{Notice, plain, subject};

use super::{Told, accounts, kept_groups, row, title, titles, who};
use crate::records::{Account, AccountState, Run, UserItem};
use crate::services::{Leaving, Services};

/// What is left when accounts are suspended.
#[derive(Debug, Clone)]
pub struct Left<'a> {
    /// Why he leaves.
    pub kind: Leaving,
    /// Whether something could not be done.
    pub is_unfinished: bool,
    /// Until when suspended accounts are kept; none is for ever.
    pub until: Option<String>,
    /// What releases a contained user.
    pub release_state_machine: &'a str,
}

/// Accounts are suspended, groups left.
pub fn suspended(
    item: &UserItem,
    run: &Run,
    told: &Told<'_>,
    services: &Services,
    left: &Left<'_>,
) -> Notice {
    let user = plain(&item.name);
    let failed: Vec<&String> =
        run.services.iter().filter(|name| is(item, name, AccountState::Failed)).collect();
    let event = match left.kind {
        Leaving::Disabled => "is disabled",
        Leaving::Deleted => "is deleted",
        Leaving::Contained => "is contained by adsteward",
    };
    let unfinished = left.is_unfinished;
    let mut body = format!("The directory user {user} {event}: his accounts are put out of use.\n");
    if unfinished {
        let _ = writeln!(body, "NOT DONE: {}.", what_failed(services, &failed));
    }
    let kept: Vec<&String> = run.services.iter().filter(|name| is(item, name, AccountState::Kept)).collect();
    if !kept.is_empty() {
        let _ = writeln!(body, "LEFT AS IT IS: {}, see below.", titles(services, &kept));
    }
    let doubtful: Vec<&String> = run
        .services
        .iter()
        .filter(|name| kept.contains(name) || is(item, name, AccountState::Unknown))
        .collect();
    body.push('\n');
    facts(&mut body, item, run, told);
    accounts(&mut body, item, run, services);
    groups(&mut body, item, left.kind);
    remains(&mut body, item, run, services, left.kind);
    let _ = writeln!(body, "\nWHAT TO DO");
    if !unfinished && doubtful.is_empty() {
        let _ = writeln!(body, "  Nothing. {}", keeping(item, run, left));
    } else if !unfinished {
        let _ = writeln!(
            body,
            "  Read what is said of {} above, and decide whether that is enough.\n  {}",
            titles(services, &doubtful),
            keeping(item, run, left)
        );
    } else {
        let _ = writeln!(
            body,
            "  Put right what the service says above, or do it there by hand. Then start this execution's\n  \
             input again (New execution in the console): what is done is not done again. Until then\n  \
             nothing is removed for good.\n  {}",
            plain(told.execution)
        );
    }
    undo(&mut body, &user, item, told, left);
    told.details(&mut body, Some(&item.sid));
    let text = if unfinished {
        format!("[adsteward] {user} {event}: NOT DONE: {}", what_failed(services, &failed))
    } else {
        let but =
            if kept.is_empty() { String::new() } else { format!(", not in {}", titles(services, &kept)) };
        format!("[adsteward] {user} {event}: accounts suspended{but}")
    };
    Notice { subject: subject(&text), body }
}

/// What was kept is removed.
pub fn off_boarded(item: &UserItem, run: &Run, told: &Told<'_>, services: &Services) -> Notice {
    let user = plain(&item.name);
    let failed: Vec<&String> =
        run.services.iter().filter(|name| is(item, name, AccountState::Failed)).collect();
    let mut body =
        format!("The accounts of the directory user {user} were kept for a while and are removed now.\n");
    if !failed.is_empty() {
        let _ = writeln!(body, "NOT REMOVED: {}.", titles(services, &failed));
    }
    body.push('\n');
    facts(&mut body, item, run, told);
    accounts(&mut body, item, run, services);
    let _ = writeln!(
        body,
        "\nHOW TO UNDO\n  What is removed is gone for good, the files on a WorkSpace too. If the user is enabled\n  \
         again, adsteward makes new accounts and puts back the groups."
    );
    told.details(&mut body, Some(&item.sid));
    let text = if failed.is_empty() {
        format!("[adsteward] {user} off-boarded: accounts removed")
    } else {
        format!("[adsteward] {user} NOT fully off-boarded: {}", titles(services, &failed))
    };
    Notice { subject: subject(&text), body }
}

/// Somebody wanted the user back half-way, or he is contained by now.
pub fn overtaken(item: &UserItem, run: &Run, told: &Told<'_>, services: &Services, why: &str) -> Notice {
    let user = plain(&item.name);
    let (what, rest) = match why {
        "contained" => ("is contained by now", "Nothing of a contained user is removed."),
        _ => ("was enabled again while his accounts were taken away", "Nothing more is taken away."),
    };
    let mut body = format!("The directory user {user} {what}.\n{rest}\n\n");
    facts(&mut body, item, run, told);
    accounts(&mut body, item, run, services);
    groups(&mut body, item, Leaving::Disabled);
    let _ = writeln!(
        body,
        "\nWHAT TO DO\n  Nothing: the event of enabling puts back what was taken away, and you are told. If that has\n  \
         not come within an hour:"
    );
    told.onboard_again(&mut body, &item.name, Some(&item.sid));
    told.details(&mut body, Some(&item.sid));
    Notice { subject: subject(&format!("[adsteward] {user} {what}")), body }
}

/// A protected user was disabled or deleted.
pub fn left_alone(run: &Run, told: &Told<'_>) -> Notice {
    let user = plain(&run.user);
    let mut body = format!(
        "The protected directory user {user} was disabled or deleted.\nadsteward has taken nothing away from him.\n\n"
    );
    who(&mut body, &run.user, run.sid.as_deref(), None);
    row(&mut body, "WHY", &told.event);
    row(&mut body, "WHEN", &run.at);
    row(&mut body, "DECISION", &format!("refused ({})", run.reason.as_deref().unwrap_or_default()));
    let _ = writeln!(
        body,
        "\nWHAT TO DO\n  If nobody you know did this, look into it: the event names who did. If the user has left,\n  \
         remove the accounts in other services by hand."
    );
    told.details(&mut body, run.sid.as_deref());
    Notice { subject: subject(&format!("[adsteward] protected user {user} was disabled or deleted")), body }
}

fn is(item: &UserItem, name: &str, state: AccountState) -> bool {
    item.services.get(name).is_some_and(|account| account.state == state)
}

fn facts(body: &mut String, item: &UserItem, run: &Run, told: &Told<'_>) {
    who(body, &item.name, Some(&item.sid), item.upn.as_deref());
    row(body, "WHY", &told.event);
    row(body, "WHEN", &run.at);
}

fn groups(body: &mut String, item: &UserItem, kind: Leaving) {
    let memberships = &item.memberships;
    if kind == Leaving::Contained {
        let _ = writeln!(body, "\nGROUPS\n  as they were: a contained user stays a member");
        return;
    }
    if !memberships.done.is_empty() {
        let _ = writeln!(body, "\nGROUPS LEFT (saved)\n  {}", plain(&memberships.done.join(", ")));
    }
    if kind == Leaving::Deleted && !memberships.saved.is_empty() {
        let seen = memberships.at.as_deref().unwrap_or("?");
        let _ = writeln!(
            body,
            "\nGROUPS (gone with the user; as adsteward saw them at {})\n  {}",
            plain(seen),
            plain(&memberships.saved.join(", "))
        );
    }
    let due: Vec<&str> = memberships.due().map(String::as_str).collect();
    if !memberships.kept.is_empty() || (kind == Leaving::Disabled && !due.is_empty()) {
        let _ = writeln!(body, "\nGROUPS NOT LEFT");
        kept_groups(body, item);
        for group in due {
            let _ = writeln!(body, "  - {}", plain(group));
        }
    }
    if memberships.unknown {
        let _ = writeln!(
            body,
            "\nNOT KNOWN\n  Which groups the user was in: he was deleted before adsteward had seen them."
        );
    }
}

/// What could not be done: an account, or else a group.
fn what_failed(services: &Services, failed: &[&String]) -> String {
    if failed.is_empty() { "leaving groups".to_owned() } else { titles(services, failed) }
}

/// What access may remain although the accounts are out of use.
fn remains(body: &mut String, item: &UserItem, run: &Run, services: &Services, kind: Leaving) {
    let _ = writeln!(body, "\nWHAT ACCESS MAY REMAIN");
    for name in &run.services {
        let open = [AccountState::Kept, AccountState::Failed, AccountState::Unknown];
        if open.into_iter().any(|state| is(item, name, state)) {
            let _ = writeln!(body, "  - the account in {}: see above", title(services, name));
        }
    }
    if kind == Leaving::Contained {
        let _ = writeln!(body, "  - what the notice of the containment says");
    }
    let _ = writeln!(body, "  - services that adsteward does not know, and what he holds copies of");
}

fn keeping(item: &UserItem, run: &Run, left: &Left<'_>) -> String {
    let unsuspended = |account: &Account| account.is_left() && account.state == AccountState::Kept;
    let more = run.services.iter().any(|name| item.services.get(name).is_some_and(unsuspended));
    match (&left.until, left.kind) {
        (Some(until), _) if more => format!(
            "Suspended accounts, and those that could not be suspended, are kept until\n  {until}, then removed for good; you are told."
        ),
        (Some(until), _) => {
            format!("Suspended accounts are kept until {until}, then\n  removed for good; you are told.")
        }
        (None, Leaving::Contained) => {
            "Suspended accounts are kept until somebody releases the user.".to_owned()
        }
        (None, _) => "Nothing is kept.".to_owned(),
    }
}

fn undo(body: &mut String, user: &str, item: &UserItem, told: &Told<'_>, left: &Left<'_>) {
    let region = &told.common.region;
    let directory = &told.common.directory;
    match left.kind {
        Leaving::Contained => {
            let _ = writeln!(
                body,
                "\nHOW TO UNDO\n  Release the user; adsteward then starts the accounts again by itself.\n  \
                 aws stepfunctions start-execution --region {region} \\\n    --state-machine-arn {} \\\n    \
                 --input '{{\"version\":1,\"user\":\"{user}\",\"reason\":\"why you release the user\"}}'",
                left.release_state_machine
            );
        }
        Leaving::Disabled => {
            let _ = writeln!(
                body,
                "\nHOW TO UNDO\n  Enable the user (a new password does): adsteward then puts back accounts and groups by itself.\n  \
                 aws ds reset-user-password --region {region} --directory-id {directory} \\\n    \
                 --user-name {user} --new-password ...\n  If that does not happen within an hour:"
            );
            told.onboard_again(body, user, Some(&item.sid));
        }
        Leaving::Deleted => {
            let _ = writeln!(
                body,
                "\nHOW TO UNDO\n  A deleted user does not come back: make him again. He is another account then, and gets\n  \
                 accounts of his own; a WorkSpace that is kept stays where it is until it is removed."
            );
        }
    }
}
