//! What a person does by hand: the commands of RUNBOOK.md.

use std::time::Instant;

use super::executions::Machine;
use super::log::{Unheard, events};
use super::newcomer::Newcomer;
use crate::lab::{Journal, lab};
use crate::operator::aws;
use crate::runbook::{run_named, run_with};
use crate::stack::{eventually, output};

/// Onboarding stopped for as long as the value lives.
struct Stopped;

impl Stopped {
    fn now() -> Self {
        run_named("stop-onboarding");
        Self
    }
}

impl Drop for Stopped {
    fn drop(&mut self) {
        let function = serde_json::json!({ "FunctionName": output("StarterFunctionName") });
        aws("lambda", "delete_function_concurrency", &function);
    }
}

#[test]
fn while_onboarding_is_stopped_nothing_is_started_and_nothing_is_lost() {
    let user = {
        let _stopped = Stopped::now();
        let user = Newcomer::enabled("hedda");
        eventually("the event", || (!events(&user, 4720).is_empty()).then_some(()));
        std::thread::sleep(std::time::Duration::from_secs(2));
        assert!(user.executions(Machine::Onboard).is_empty());
        user
    };
    user.becomes("onboarded");
    assert_eq!((user.workspaces().len(), user.agents().len()), (1, 1));
}

#[test]
fn users_whose_events_were_not_delivered_are_onboarded_and_off_boarded_by_hand() {
    let began = Instant::now();
    let (known, mail) = (Newcomer::onboarded("hanna"), Journal::from_now("mail"));
    let accounts = (known.workspace().0, known.agent());
    let unheard = Unheard::now();
    let missed = Newcomer::enabled("hugo");
    eventually("the event", || (!events(&missed, 4720).is_empty()).then_some(()));
    drop(unheard);
    // The runbook looks back for a day, in which a whole run of tests lies.
    let seconds = (began.elapsed().as_secs() + 2).to_string();

    run_with("onboard-missed", &[], &[("86400", &seconds)]);

    missed.becomes("onboarded");
    missed.told(&mail, 1);
    assert_eq!((missed.workspaces().len(), missed.agents().len()), (1, 1));

    let unheard = Unheard::now();
    // Past Directory Service Data, so that CloudTrail does not tell it either.
    lab(&["account", "set", "hugo", "disabled"]);
    eventually("the event", || (!events(&missed, 4725).is_empty()).then_some(()));
    drop(unheard);
    let seconds = (began.elapsed().as_secs() + 2).to_string();
    let leavers = [
        ("86400", seconds.as_str()),
        (">4720<", ">4725<"),
        (Machine::Onboard.output(), Machine::Offboard.output()),
        (r#"\"event\":{\"kind\":\"custom\"}"#, r#"\"event\":{\"kind\":\"security-log\",\"id\":4725}"#),
    ];

    run_with("onboard-missed", &[], &leavers);

    missed.becomes("suspended");
    missed.told(&mail, 2);
    assert!(missed.agents().is_empty());
    assert_eq!((known.workspace().0, known.agent()), accounts, "who has everything is left alone");
    assert_eq!(known.state().as_deref(), Some("onboarded"));
}
