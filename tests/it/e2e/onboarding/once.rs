//! Creating a user is enough: he has his accounts, each once, however often it is told.

use serde_json::{Value, json};

use super::executions::Machine;
use super::log::{events, has_logged, put};
use super::newcomer::{Newcomer, directory};
use crate::directory::create_group;
use crate::finding::emit;
use crate::lab::{Journal, lab};
use crate::mail::subject;
use crate::operator::{aws, lab as ask_lab};
use crate::stack::eventually;
use crate::users::create_users;

/// Exactly what a new user is to have.
fn has_everything_once(user: &Newcomer, mail: &Journal) {
    user.becomes("onboarded");
    let executions: Vec<_> = user.ended(Machine::Onboard, 1);
    assert_eq!(executions, ["SUCCEEDED"]);
    assert!(["AVAILABLE", "STOPPED"].contains(&user.workspace().1.as_str()), "{:?}", user.workspace());
    user.agent();
    let told = user.told(mail, 1);
    let wanted = format!("[adsteward] {} onboarded: Amazon WorkSpaces, Amazon Connect", user.name);
    assert_eq!(subject(&told), wanted);
}

#[test]
fn a_new_user_gets_a_workspace_and_an_agent_once_and_people_are_told_once() {
    let mail = Journal::from_now("mail");
    let user = Newcomer::enabled("olga.first");
    has_everything_once(&user, &mail);
    let [agent] = &user.agents()[..] else { panic!() };
    let described = json!({"InstanceId": crate::lab::variable("CONNECT_INSTANCE_ID"), "UserId": agent["Id"]});
    let agent = aws("connect", "describe_user", &described)["User"].clone();
    let names =
        ["FirstName", "LastName"].map(|name| agent["IdentityInfo"][name].as_str().unwrap().to_owned());
    assert_eq!(names, ["Nora", "van olga.first"], "the directory's names, not those between dots");
}

#[test]
fn a_user_who_is_made_now_and_enabled_later_is_waited_for() {
    let mail = Journal::from_now("mail");
    let user = Newcomer::created("oda");
    has_logged(&["execution started", "oda", &user.sid], 1);
    eventually("the first look", || {
        let looked = lab(&["logs", "user-provisioner"]);
        looked.lines().any(|line| line.contains("\"oda\"") && line.contains("disabled")).then_some(())
    });
    user.has_nothing();
    user.enable();
    has_everything_once(&user, &mail);
}

#[test]
fn members_of_a_group_get_what_its_rule_says() {
    create_group("Supervisors");
    create_group("Designers");
    let (designer, supervisor) = (Newcomer::created("otto"), Newcomer::created("orla"));
    designer.join("Designers");
    supervisor.join("Supervisors");
    for user in [&designer, &supervisor] {
        user.enable();
        user.becomes("onboarded");
    }
    assert_eq!((designer.workspaces().len(), designer.agents().len()), (1, 0));
    assert_eq!((supervisor.workspaces().len(), supervisor.agents().len()), (0, 1));
}

/// How log events are delivered for as long as the value lives.
pub(super) struct Delivery;

impl Delivery {
    pub(super) fn of(options: &[&str]) -> Self {
        lab(&[&["delivery"], options].concat());
        Self
    }
}

impl Drop for Delivery {
    fn drop(&mut self) {
        lab(&["delivery", "--copies", "1", "--batch", "1000", "--in-order"]);
    }
}

#[test]
fn copies_in_any_order_start_nothing_more() {
    let (names, mail) = (["ona", "oni", "onu"], Journal::from_now("mail"));
    let _worst = Delivery::of(&["--copies", "3", "--batch", "1", "--reorder"]);
    create_users(&names.map(str::to_owned));
    let users = names.map(|name| {
        let request = json!({"DirectoryId": directory(), "SAMAccountName": name});
        let sid = aws("ds-data", "describe_user", &request)["SID"].as_str().unwrap().to_owned();
        Newcomer { name: name.to_owned(), sid }
    });
    for user in &users {
        has_everything_once(user, &mail);
    }
    // Once more each, told by another domain controller and another record.
    for user in &users {
        let copies: Vec<_> = events(user, 4720)
            .iter()
            .map(|event| event.replace("DC1.", "DC2.").replace("<EventRecordID>", "<EventRecordID>9"))
            .collect();
        assert_eq!(copies.len(), 1);
        put(&copies);
        has_logged(&["execution was there", &user.sid], 1);
    }
    for user in &users {
        has_everything_once(user, &mail);
    }
    assert_eq!(ask_lab("delivery", &json!({}))["delivered"]["refused"], 0);
}

#[test]
fn an_event_of_another_system_onboards_a_user_once() {
    // He was there before anybody looked at the security log.
    let request = json!({"DirectoryId": directory(), "SAMAccountName": "mateo.jackson"});
    let sid = aws("ds-data", "describe_user", &request)["SID"].as_str().unwrap().to_owned();
    let user = Newcomer { name: "mateo.jackson".to_owned(), sid };
    let (mail, before) = (Journal::from_now("mail"), user.executions(Machine::Onboard));
    let requested = include_str!("../../../fixtures/onboarding/requested.json");
    let mut event: Value = serde_json::from_str(requested).unwrap();
    event["id"] = "6d1f8c3a-7e2b-4f6d-9a10-2c4b6d8e0f22".into();
    event["detail"] = json!({"version": 1, "directoryId": directory(), "user": user.name});
    (0..3).for_each(|_| emit(&event));
    assert_eq!(user.ended_since(&before, Machine::Onboard, 1), ["SUCCEEDED"]);
    emit(&event);
    has_logged(&["execution was there", "mateo.jackson"], 1);
    assert!(subject(&user.told(&mail, 1)).contains("mateo.jackson onboarded: "));
    assert_eq!(
        (user.workspaces().len(), user.agents().len(), user.executions(Machine::Onboard).len()),
        (1, 1, 1)
    );
}
