//! What is told of an onboarding.

use std::fmt::Write;

use steward_core::notice::{Notice, plain, subject};

use super::{Told, accounts, kept_groups, row, titles, who};
use crate::eligibility::Refusal;
use crate::records::{AccountState, Run, UserItem};
use crate::services::Services;

/// The user has every account.
pub fn onboarded(item: &UserItem, run: &Run, told: &Told<'_>, services: &Services) -> Notice {
    let user = plain(&item.name);
    let names = titles(services, &run.services.iter().collect::<Vec<_>>());
    let (verb, back) = if item.epoch > 0 { ("is back", " again") } else { ("onboarded", "") };
    let mut body = match run.services.is_empty() {
        true if item.epoch > 0 => {
            format!("The directory user {user} is enabled again; he had no accounts.\n\n")
        }
        true => format!("The rules give the directory user {user} no account.\n\n"),
        false => format!("The directory user {user} can{back} use {names}.\n\n"),
    };
    facts(&mut body, item, run, told);
    accounts(&mut body, item, run, services);
    put_back(&mut body, item);
    let _ = writeln!(
        body,
        "\nIF THIS IS WRONG\n  Disable the user: adsteward suspends the accounts and says so.\n  \
         aws ds-data disable-user --region {} --directory-id {} --sam-account-name {user}",
        told.common.region, told.common.directory
    );
    told.details(&mut body, Some(&item.sid));
    let what = if run.services.is_empty() { "no accounts" } else { &names };
    Notice { subject: subject(&format!("[adsteward] {user} {verb}: {what}")), body }
}

/// The user has not got everything.
pub fn not_onboarded(item: &UserItem, run: &Run, told: &Told<'_>, services: &Services) -> Notice {
    let user = plain(&item.name);
    let ready = |service: &&String| {
        item.services.get(*service).is_some_and(|account| account.state == AccountState::Ready)
    };
    let (made, missing): (Vec<&String>, Vec<&String>) = run.services.iter().partition(ready);
    let stopped = missing.iter().all(|service| {
        item.services.get(*service).is_some_and(|account| account.state == AccountState::Refused)
    });
    let names = titles(services, &missing);
    let mut body = match (missing.is_empty(), stopped) {
        (true, _) => {
            format!("The directory user {user} has every account, but NOT EVERY GROUP is put back.\n")
        }
        (false, true) => {
            format!("The directory user {user} was disabled or deleted before he had every account.\n")
        }
        (false, false) => format!("The directory user {user} DID NOT GET: {names}.\n"),
    };
    let _ = match made.len() {
        0 if missing.is_empty() => Ok(()),
        0 => writeln!(body, "No account can be used."),
        _ => writeln!(body, "What can be used: {}.", titles(services, &made)),
    };
    body.push('\n');
    facts(&mut body, item, run, told);
    accounts(&mut body, item, run, services);
    put_back(&mut body, item);
    if stopped && !missing.is_empty() {
        let _ = writeln!(
            body,
            "\nWHAT TO DO\n  Nothing, if he is meant to stay disabled: what he has is suspended by the off-boarding\n  \
             of that event, which tells you. When he is enabled again, adsteward goes on by itself."
        );
    } else {
        let _ = writeln!(
            body,
            "\nWHAT TO DO\n  Put right what the service says above. Then start it again: what is there is not made\n  \
             a second time."
        );
    }
    told.onboard_again(&mut body, &item.name, Some(&item.sid));
    told.details(&mut body, Some(&item.sid));
    let what = if missing.is_empty() { "groups not put back".to_owned() } else { format!("without {names}") };
    let subject_text = if stopped && !missing.is_empty() {
        format!("[adsteward] {user} not onboarded: disabled meanwhile ({names})")
    } else {
        format!("[adsteward] {user} NOT fully onboarded: {what}")
    };
    Notice { subject: subject(&subject_text), body }
}

/// Nothing was made, for a reason that is the user's or the stack's.
pub fn nothing_given(run: &Run, told: &Told<'_>, waited: u64) -> Notice {
    let user = plain(&run.user);
    let reason = run.reason.as_deref().unwrap_or_default();
    let mut body =
        format!("adsteward has made no accounts for the directory user {user}.\n{}\n\n", why(reason, waited));
    who(&mut body, &run.user, run.sid.as_deref(), run.facts.as_ref().and_then(|facts| facts.upn.as_deref()));
    row(&mut body, "WHY", &told.event);
    row(&mut body, "WHEN", &run.at);
    row(&mut body, "DECISION", &format!("{} ({reason})", run.outcome));
    let _ = writeln!(body, "\nWHAT TO DO\n{}", advice(reason));
    told.onboard_again(&mut body, &run.user, run.sid.as_deref());
    told.details(&mut body, run.sid.as_deref());
    Notice { subject: subject(&format!("[adsteward] {user} not onboarded: {reason}")), body }
}

fn why(reason: &str, waited: u64) -> String {
    match (Refusal::of(reason), reason) {
        (Some(Refusal::OtherDirectory), _) => {
            "The input names another directory than this stack's.".to_owned()
        }
        (Some(Refusal::OtherDomain), _) => {
            "The user belongs to another domain than this directory's.".to_owned()
        }
        (Some(Refusal::ProtectedUser), _) => "The parameter ProtectedUsers names the user.".to_owned(),
        (Some(Refusal::ProtectedGroup), _) => {
            "The user is in the protected group (parameter ProtectedGroup).".to_owned()
        }
        (Some(Refusal::NotInAllowedOus), _) => "The user is in none of the allowed OUs.".to_owned(),
        (None, "not-visible") => format!("The directory has shown no such user for {}.", duration(waited)),
        (None, "disabled") => format!("The user has stayed disabled for {}.", duration(waited)),
        (None, "no-group") => {
            format!("The user was in no group that the rules name, for {}.", duration(waited))
        }
        (None, _) => "The account of the event is not the one that has the name now.".to_owned(),
    }
}

fn advice(reason: &str) -> &'static str {
    match reason {
        "disabled" => {
            "  Enabling the user is enough: adsteward then goes on by itself. Or, when he is enabled:"
        }
        "no-group" => "  Put the user into a group of the rules (parameter OnboardingRules). Then:",
        "not-visible" => "  If the user was renamed or made again, start it with his name of today:",
        "protected-user" | "protected-group" => {
            "  Privileged accounts get no desktop from here. If this one should not be privileged, take him\n  \
             out of the group. Then:"
        }
        "not-in-allowed-ous" => "  Move the user into an OU of the parameter AllowedOus. Then:",
        _ => "  Start it with the right user of this directory:",
    }
}

fn duration(seconds: u64) -> String {
    match seconds {
        0..7_200 => format!("{} minutes", seconds / 60),
        7_200..172_800 => format!("{} hours", seconds / 3_600),
        _ => format!("{} days", seconds / 86_400),
    }
}

fn facts(body: &mut String, item: &UserItem, run: &Run, told: &Told<'_>) {
    who(body, &item.name, Some(&item.sid), item.upn.as_deref());
    row(body, "WHY", &told.event);
    if let Some(rule) = &run.rule {
        let group =
            if rule.group == "*" { "everybody".to_owned() } else { format!("members of {}", rule.group) };
        row(body, "RULE", &format!("for {group}"));
    }
    row(body, "WHEN", &run.at);
}

fn put_back(body: &mut String, item: &UserItem) {
    let memberships = &item.memberships;
    if !memberships.done.is_empty() {
        let _ = writeln!(body, "\nGROUPS PUT BACK\n  {}", plain(&memberships.done.join(", ")));
    }
    if memberships.removed || !memberships.kept.is_empty() {
        let _ = writeln!(body, "\nGROUPS NOT PUT BACK");
        kept_groups(body, item);
        for group in memberships.due() {
            let _ = writeln!(body, "  - {}", plain(group));
        }
    }
}
