//! One service fails: it is told, the execution fails, the other's account stays, and starting again adds only what was
//! missing.

use serde_json::json;

use super::Fault;
use super::executions::{Machine, start_again};
use super::newcomer::Newcomer;
use crate::lab::{Journal, lab};
use crate::mail::{body, subject};
use crate::operator::aws;
use crate::stack::wait_for;

/// Creates a user for whom a service fails; what the mail says, and the execution.
fn fails(user: &Newcomer, mail: &Journal) -> (String, String) {
    user.enable();
    user.becomes("failed");
    assert_eq!(user.ended(Machine::Onboard, 1), ["FAILED"]);
    let told = user.told(mail, 1);
    assert!(
        subject(&told).starts_with(&format!("[adsteward] {} NOT fully onboarded: ", user.name)),
        "{told:#}"
    );
    let execution = user.executions(Machine::Onboard).into_keys().next().unwrap();
    (body(&told).to_owned(), execution)
}

#[test]
fn a_workspace_that_cannot_be_made_is_told_and_the_agent_stays() {
    let mail = Journal::from_now("mail");
    let user = Newcomer::created("fred");
    let limit = ["workspaces", "--outcome", "ResourceNotFound.Bundle", "--count", "1", "--for", "fred"];
    lab(&limit);
    let (told, execution) = fails(&user, &mail);
    assert!(
        told.contains("DID NOT GET: Amazon WorkSpaces") && told.contains("ResourceNotFound.Bundle"),
        "{told}"
    );
    let agent = user.agent();

    redrive(&execution);
    assert_eq!((user.workspaces().len(), user.agent()), (0, agent.clone()), "a redrive adds nothing");

    assert_eq!(start_again(Machine::Onboard, &execution), "SUCCEEDED");
    user.becomes("onboarded");
    assert_eq!((user.workspaces().len(), user.agent()), (1, agent));
    user.told(&mail, 2);
}

#[test]
fn an_agent_that_cannot_be_made_is_told_and_the_workspace_stays() {
    let mail = Journal::from_now("mail");
    let user = Newcomer::created("fritz");
    let (told, execution) = {
        let _full = Full::now();
        fails(&user, &mail)
    };
    assert!(told.contains("DID NOT GET: Amazon Connect") && told.contains("LimitExceeded"), "{told}");
    let (workspace, _) = user.workspace();

    redrive(&execution);
    assert_eq!((user.workspace().0, user.agents()), (workspace.clone(), vec![]), "a redrive adds nothing");

    assert_eq!(start_again(Machine::Onboard, &execution), "SUCCEEDED");
    user.becomes("onboarded");
    assert_eq!((user.workspace().0, user.agents().len()), (workspace, 1));
    user.told(&mail, 2);
}

#[test]
fn a_lost_answer_of_either_service_is_no_second_account() {
    let user = Newcomer::created("franka");
    let _agent = Fault::of(&user.sid, &["connect", "CreateUser", "lost-answer"]);
    let both = Fault::of(&user.sid, &["workspaces", "CreateWorkspaces", "lost-answer"]);
    user.enable();
    user.becomes("onboarded");
    assert_eq!(both.hits(), 2);
    assert_eq!((user.workspaces().len(), user.agents().len()), (1, 1));
}

/// An instance of Connect that has as many users as it may have, for as long as the value lives.
struct Full;

impl Full {
    fn now() -> Self {
        lab(&["connect", "--user-limit", "0"]);
        Self
    }
}

impl Drop for Full {
    fn drop(&mut self) {
        lab(&["connect", "--user-limit", "1000"]);
    }
}

/// As in the console: `Redrive`.
fn redrive(execution: &str) {
    aws("stepfunctions", "redrive_execution", &json!({ "executionArn": execution }));
    assert_eq!(wait_for(execution), "FAILED");
}
