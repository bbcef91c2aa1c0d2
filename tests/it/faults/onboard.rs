//! The matrix of `onboard-user`: a new user, and the same event again; and a user who is not to get anything.

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::{Value, json};

use crate::accounts::{Accounts, Person, SERVICES, plan, telling};
use crate::execution::Execution;
use crate::fault::Kind;
use crate::flow::{Flow, Observed};
use crate::invariants::{Journals, Violations};
use crate::lab::variable;
use crate::matrix;
use crate::points::Point;
use crate::retries::QuickRetries;
use crate::stack::Reconfigured;
use crate::users::{create_disabled_users, create_users};

/// A user who is there and enabled.
struct Onboard {
    _retries: QuickRetries,
}

/// One who is disabled, or not there at all.
struct Nobody {
    _waits_briefly: Reconfigured,
    _retries: QuickRetries,
}

fn play(input: &Value, name: &str) -> Execution {
    Execution::run("OnboardStateMachineArn", name, input)
}

impl Flow for Onboard {
    const AFTERMATH: Duration = Duration::ZERO;
    type Scene = Person;
    type State = Accounts;

    fn name(&self) -> &'static str {
        "onboard"
    }

    fn faults(&self, point: &Point) -> Vec<(Kind, u32)> {
        plan::most(point)
    }

    fn prepare(&self, users: &[String]) {
        create_users(users);
    }

    fn scene(&self, user: &str) -> Person {
        Person::found(user)
    }

    fn play(&self, person: &Person, _: &str, name: &str) -> Execution {
        play(&person.input(4720), name)
    }

    fn look(&self, person: &Person, _: &str, _: &Execution) -> Accounts {
        person.accounts()
    }

    fn settle(&self, _: &mut [Observed<Accounts>]) {}

    fn violations(&self, run: &Observed<Accounts>, journals: &Journals) -> Vec<String> {
        let mut wrong = Violations::default();
        wrong.of_the_end(run);
        telling::violations(run, journals, &mut wrong);
        for delivery in [&run.first, &run.second] {
            let (execution, state) = (&delivery.execution, &delivery.state);
            state.truth(execution.name(), &mut wrong);
            let says = state.state() == "onboarded";
            wrong.unless(
                execution.succeeded() == says,
                format!("{} is {}, he is {}", execution.name(), execution.status, state.state()),
            );
            for (service, title) in SERVICES {
                let is_ready = state.account(service).0 == "ready";
                wrong.unless(!says || is_ready, format!("onboarded without {title}"));
            }
            wrong.unless(state.holder().is_none(), format!("he is held by {:?}", state.holder()));
        }
        wrong.of_mended_faults(run);
        of_the_other_service(run, &mut wrong);
        let (first, end, user) = (&run.first.state, &run.second.state, &run.run.subject);
        wrong.unless(run.second.execution.succeeded(), "without a fault, he is not onboarded");
        wrong.unless(
            (end.workspaces.len(), end.agents.len()) == (1, 1),
            format!("at the end he has {:?} and {:?}", end.workspaces, end.agents),
        );
        // What the first has left is not made anew.
        let ids = |accounts: &Accounts| accounts.workspaces.keys().cloned().collect::<BTreeSet<_>>();
        let stays = ids(first).is_subset(&ids(end)) && first.agents.is_subset(&end.agents);
        wrong.unless(stays, format!("he had {first:?}, and has {end:?}"));
        let mails = journals
            .mails(&[&format!("The directory user {user} can use Amazon WorkSpaces, Amazon Connect.")]);
        wrong.unless(!mails.is_empty(), "nobody was told that he is onboarded");
        wrong.of_a_notice("tell of it", &mails, run, journals);
        wrong.0
    }
}

/// A fault of one service costs the other nothing.
fn of_the_other_service(run: &Observed<Accounts>, wrong: &mut Violations) {
    let Some((point, ..)) = &run.run.fault else { return };
    let state = &run.first.state;
    for (other, title) in SERVICES.iter().filter(|(service, _)| *service != point.service) {
        if SERVICES.iter().any(|(service, _)| *service == point.service) {
            let ready = state.account(other).0 == "ready" && state.there(other).len() == 1;
            wrong.unless(ready, format!("{} failed, and he has nothing in {title}", point.service));
        }
    }
}

impl Nobody {
    fn is_there(user: &str) -> bool {
        user.ends_with(['0', '2', '4', '6', '8'])
    }
}

impl Flow for Nobody {
    const AFTERMATH: Duration = Duration::ZERO;
    type Scene = Value;
    type State = Accounts;

    fn name(&self) -> &'static str {
        "nobody"
    }

    fn faults(&self, point: &Point) -> Vec<(Kind, u32)> {
        // For one who is disabled, and for one who is not there: so their numbers go.
        [plan::few(point), plan::few(point)].concat()
    }

    fn prepare(&self, users: &[String]) {
        create_disabled_users(&users.iter().filter(|user| Self::is_there(user)).cloned().collect::<Vec<_>>());
    }

    /// Another system may ask for somebody who is not there.
    fn scene(&self, user: &str) -> Value {
        if Self::is_there(user) {
            Person::found(user).input(4720)
        } else {
            let directory = variable("DIRECTORY_ID");
            json!({"version": 1, "directoryId": directory, "user": user, "event": {"kind": "custom"}})
        }
    }

    fn play(&self, input: &Value, _: &str, name: &str) -> Execution {
        play(input, name)
    }

    fn look(&self, input: &Value, user: &str, _: &Execution) -> Accounts {
        let sid = input["sid"].as_str().unwrap_or_default().to_owned();
        Person { name: user.to_owned(), sid }.accounts()
    }

    fn settle(&self, _: &mut [Observed<Accounts>]) {}

    fn violations(&self, run: &Observed<Accounts>, journals: &Journals) -> Vec<String> {
        let mut wrong = Violations::default();
        wrong.of_the_end(run);
        telling::violations(run, journals, &mut wrong);
        wrong.of_mended_faults(run);
        wrong.unless(run.second.execution.succeeded(), "without a fault, the second execution failed");
        for delivery in [&run.first, &run.second] {
            let (execution, state) = (&delivery.execution, &delivery.state);
            wrong.unless(
                state.workspaces.is_empty() && state.agents.is_empty(),
                format!("he has {:?} and {:?}", state.workspaces, state.agents),
            );
            wrong.unless(["none", "given-up"].contains(&state.state()), format!("he is {}", state.state()));
            let mails = telling::told(delivery, journals);
            wrong.unless(
                !execution.succeeded() || !mails.is_empty(),
                format!("nobody was told that {} made nothing", execution.name()),
            );
            wrong.of_a_notice("tell that nothing was made", &mails, run, journals);
        }
        wrong.0
    }
}

#[test]
fn whatever_fails_at_any_call_a_user_gets_each_account_once() {
    matrix::check(&Onboard { _retries: QuickRetries::now() });
}

#[test]
fn whatever_fails_at_any_call_nobody_disabled_or_gone_gets_anything() {
    let provisioner = format!("{}-user-provisioner", variable("STACK_NAME"));
    let waits_briefly = Reconfigured::of(&provisioner, &[("WAIT_SECONDS", Some("6"))]);
    matrix::check(&Nobody { _waits_briefly: waits_briefly, _retries: QuickRetries::now() });
}
