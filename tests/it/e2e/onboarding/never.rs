//! Who gets nothing.

use super::executions::Machine;
use super::log::{Unheard, events, has_logged, put};
use super::newcomer::Newcomer;
use super::{Fault, provisioner};
use crate::alarms::is_open;
use crate::lab::{Journal, lab};
use crate::mail::{of_onboarding, subject};
use crate::runbook::{run_named, run_with};
use crate::stack::{Reconfigured, eventually, wait_for};
use crate::users::{Place, create_users};

/// Nobody is waited for longer than this, for as long as the value lives.
fn soon() -> Reconfigured {
    provisioner(&[("WAIT_SECONDS", Some("8"))])
}

#[test]
fn a_user_deleted_before_he_was_ever_enabled_gets_nothing() {
    let (_soon, mail) = (soon(), Journal::from_now("mail"));
    let user = Newcomer::created("nadia");
    has_logged(&["execution started", &user.sid], 1);
    user.delete();
    assert_eq!(user.ended(Machine::Onboard, 1), ["SUCCEEDED"]);
    user.has_nothing();
    assert!(subject(&user.told(&mail, 1)).ends_with("nadia not onboarded: not-visible"));
}

#[test]
fn a_user_who_stays_disabled_gets_nothing_until_he_is_enabled() {
    let mail = Journal::from_now("mail");
    let user = {
        let _soon = soon();
        let user = Newcomer::created("nils");
        assert_eq!(user.ended(Machine::Onboard, 1), ["SUCCEEDED"]);
        user
    };
    user.has_nothing();
    assert!(subject(&user.told(&mail, 1)).ends_with("nils not onboarded: disabled"));
    assert_eq!(user.state().as_deref(), Some("given-up"));

    user.enable();
    user.becomes("onboarded");
    user.workspace();
    user.agent();
}

/// Plays a user to whom something happens after the look-up, which finds him enabled, and before the services are asked.
fn between_look_up_and_services(name: &str, happens: impl FnOnce(&Newcomer)) -> Newcomer {
    let user = Newcomer::created(name);
    let [execution] = &eventually("the execution", || {
        Some(user.executions(Machine::Onboard).into_keys().collect::<Vec<_>>())
            .filter(|found| !found.is_empty())
    })[..] else {
        panic!("not one execution for {name}")
    };
    let step = format!(r#""step": "create", "execution": "{execution}""#);
    let late = Fault::of(&step, &["lambda", "Invoke", "delay", "2", "--delay-ms", "14000"]);
    user.enable();
    eventually("the services' turn", || (late.hits() == 2).then_some(()));
    happens(&user);
    assert_eq!(wait_for(execution), "SUCCEEDED");
    user.has_nothing();
    user
}

#[test]
fn a_user_disabled_after_the_look_up_of_whom_no_event_tells_gets_nothing() {
    let mail = Journal::from_now("mail");
    let mut unheard = None;
    let user = between_look_up_and_services("norbert", |user| {
        unheard = Some(Unheard::now());
        drop(lab(&["account", "set", &user.name, "disabled"]));
    });
    drop(unheard);
    let told = user.told(&mail, 1);
    assert!(subject(&told).contains("norbert not onboarded: disabled meanwhile"), "{told:#}");
}

#[test]
fn a_user_deleted_after_the_look_up_gets_nothing() {
    let mail = Journal::from_now("mail");
    let user = between_look_up_and_services("nicola", Newcomer::delete);
    user.becomes("off-boarded");
    user.has_nothing();
    assert!(of_onboarding(&mail, "nicola").is_empty(), "nothing was given, and nothing taken");
}

#[test]
fn a_protected_user_gets_nothing_and_people_are_told() {
    let mail = Journal::from_now("mail");
    let user = Newcomer::created("norman");
    user.join("AWS Delegated Administrators");
    user.enable();
    assert_eq!(user.ended(Machine::Onboard, 1), ["SUCCEEDED"]);
    user.has_nothing();
    assert!(subject(&user.told(&mail, 1)).ends_with("norman not onboarded: protected-group"));
}

#[test]
fn an_account_that_hides_behind_a_dollar_gets_nothing() {
    create_users(&["nora$".to_owned()]);
    has_logged(&["record ignored", "nora$", "not-a-person"], 2);
    let hidden = Newcomer { name: "nora$".to_owned(), sid: String::new() };
    assert!(hidden.executions(Machine::Onboard).is_empty());
    // Directory Service Data has no such names: nobody could list the users any more.
    let place = Place::managed();
    place.change("ldapdelete", &format!("CN=nora$,{}\n", place.unit));
}

#[test]
fn a_foreign_principal_name_starts_nothing_and_an_alarm_says_where_to_read_why() {
    let user = Newcomer::onboarded("nestor");
    let created = events(&user, 4720).remove(0);
    put(&[created.replace(&user.upn(), "nestor@elsewhere.example")]);
    has_logged(&["record refused", "nestor", "foreign-upn"], 1);
    assert!(is_open("record-refused"));
    let told = run_named("refused");
    assert!(told.lines().any(|line| line.contains("nestor") && line.contains("foreign-upn")), "{told}");
    assert_eq!(user.executions(Machine::Onboard).len(), 1);

    run_with("onboard-refused", &[("user", "nestor")], &[]);
    assert_eq!(user.ended(Machine::Onboard, 2), ["SUCCEEDED"; 2]);
    assert_eq!((user.workspaces().len(), user.agents().len()), (1, 1));
}
