//! Redrive: an execution that was stopped half-way goes on, and makes what was missing.

use serde_json::json;

use super::Fault;
use super::executions::Machine;
use super::newcomer::Newcomer;
use crate::lab::Journal;
use crate::operator::aws;
use crate::stack::{eventually, wait_for};

#[test]
fn an_execution_stopped_while_a_service_throttles_adds_exactly_the_missing_account_when_it_is_redriven() {
    let (user, mail) = (Newcomer::created("rupert"), Journal::from_now("mail"));
    let throttled = Fault::of(&user.sid, &["connect", "CreateUser", "throttle", "1000"]);
    user.enable();
    eventually("the WorkSpace", || {
        (user.item()["services"]["M"]["workspaces"]["M"]["state"]["S"] == "ready").then_some(())
    });
    let (workspace, _) = user.workspace();
    let [execution] = &user.executions(Machine::Onboard).into_keys().collect::<Vec<_>>()[..] else {
        panic!()
    };
    eventually("a refusal", || (throttled.hits() > 0).then_some(()));
    aws("stepfunctions", "stop_execution", &json!({ "executionArn": execution }));
    assert_eq!(wait_for(execution), "ABORTED");
    assert_eq!((user.agents(), throttled.hits() < 1000), (vec![], true));
    drop(throttled);

    aws("stepfunctions", "redrive_execution", &json!({ "executionArn": execution }));

    assert_eq!(wait_for(execution), "SUCCEEDED");
    assert_eq!((user.workspace().0, user.agents().len()), (workspace, 1));
    assert_eq!(user.state().as_deref(), Some("onboarded"));
    user.told(&mail, 1);
}
