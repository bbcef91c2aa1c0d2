//! Who is disabled or deleted loses his accounts, and who comes back finds them.

use std::collections::BTreeSet;

use serde_json::Value;

use super::executions::Machine;
use super::newcomer::Newcomer;
use super::offboarder;
use crate::directory::{add_to_group, create_group};
use crate::lab::Journal;
use crate::mail::{body, subject};
use crate::stack::eventually;

fn groups<const N: usize>(names: [&str; N]) -> BTreeSet<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

/// A user with accounts, in two groups of which one is in the other.
fn member(name: &str) -> Newcomer {
    let (direct, above) = (format!("{name}-desk"), format!("{name}-floor"));
    create_group(&direct);
    create_group(&above);
    add_to_group(&above, &direct);
    let user = Newcomer::created(name);
    user.join(&direct);
    user.enable();
    user.becomes("onboarded");
    user
}

#[test]
fn a_disabled_user_is_suspended_and_gets_everything_back_when_he_is_enabled() {
    let user = member("lars");
    let ((workspace, _), agent, mail) = (user.workspace(), user.agent(), Journal::from_now("mail"));

    user.disable();
    user.becomes("suspended");

    user.has_workspace(&workspace, "STOPPED");
    assert_eq!((user.agents(), user.groups()), (vec![], groups([])), "Connect cannot suspend");
    let told = user.told(&mail, 1);
    assert_eq!(subject(&told), "[adsteward] lars is disabled: accounts suspended");
    assert!(body(&told).contains("GROUPS LEFT (saved)\n  lars-desk"), "{told:#}");

    user.enable();
    user.becomes("onboarded");

    user.has_workspace(&workspace, "AVAILABLE");
    assert_ne!(user.agent(), agent, "it is a new one");
    assert_eq!(user.groups(), groups(["lars-desk"]));
    let told = user.told(&mail, 2);
    assert!(subject(&told).starts_with("[adsteward] lars is back: "), "{told:#}");
    assert!(body(&told).contains("GROUPS PUT BACK\n  lars-desk"), "{told:#}");
}

#[test]
fn within_the_grace_a_user_who_is_enabled_again_loses_nothing() {
    let user = Newcomer::onboarded("lena");
    let (accounts, mail) = ((user.workspace().0, user.agent()), Journal::from_now("mail"));
    let _grace = offboarder(&[("GRACE_SECONDS", Some("12"))]);
    user.disable();
    user.becomes("leaving");
    user.enable();
    // What one domain controller says is believed after a minute.
    eventually("the end of the off-boarding", || (user.state()? == "onboarded").then_some(()));
    assert_eq!((user.workspace().0, user.agent()), accounts);
    let told = crate::mail::of_onboarding(&mail, "lena");
    assert!(told.iter().all(|mail| !subject(mail).contains("suspended")), "{told:#?}");
}

#[test]
fn a_deleted_users_accounts_are_suspended_and_terminated_after_the_second_time() {
    let user = member("leif");
    let ((workspace, _), mail) = (user.workspace(), Journal::from_now("mail"));
    let before = user.executions(Machine::Offboard);
    let _short = offboarder(&[("KEEP_DAYS", Some("0.0003"))]);

    user.delete();
    let told = user.told(&mail, 1);
    assert_eq!(subject(&told), "[adsteward] leif is deleted: accounts suspended");
    assert!(body(&told).contains("gone with the user") && body(&told).contains("leif-desk"), "{told:#}");
    assert!(user.agents().is_empty());
    assert!(["STOPPING", "STOPPED"].contains(&user.workspace().1.as_str()), "nothing is gone yet");
    assert_eq!(user.workspace().0, workspace);

    user.becomes("off-boarded");
    eventually("the end of the WorkSpace", || user.workspaces().is_empty().then_some(()));
    assert!(subject(&user.told(&mail, 2)).ends_with("leif off-boarded: accounts removed"));
    // The security log and CloudTrail have both told it.
    assert_eq!(user.ended_since(&before, Machine::Offboard, 2), ["SUCCEEDED"; 2]);
}

#[test]
fn a_user_who_comes_back_in_the_second_time_keeps_his_workspace() {
    let user = Newcomer::onboarded("lisa");
    let (workspace, _) = user.workspace();
    let _short = offboarder(&[("KEEP_DAYS", Some("0.0003"))]);
    let before = user.executions(Machine::Offboard);
    user.disable();
    user.becomes("suspended");
    user.enable();
    user.becomes("onboarded");
    user.ended_since(&before, Machine::Offboard, 2);
    assert_eq!(user.workspace().0, workspace);
    user.agent();
}

#[test]
fn of_a_protected_user_nothing_is_taken_and_people_are_told() {
    let user = Newcomer::onboarded("linus");
    let (accounts, mail) = ((user.workspace().0, user.agent()), Journal::from_now("mail"));
    let before = user.executions(Machine::Offboard);
    user.join("AWS Delegated Administrators");
    user.disable();
    user.ended_since(&before, Machine::Offboard, 2);
    assert_eq!((user.workspace().0, user.agent()), accounts);
    assert_eq!(user.groups(), groups(["AWS Delegated Administrators"]));
    let told = crate::mail::of_onboarding(&mail, "linus");
    let about = |mail: &Value| subject(mail) == "[adsteward] protected user linus was disabled or deleted";
    assert!(!told.is_empty() && told.iter().all(about), "{told:#?}");
}
