//! The matrix of `contain-user`: a finding about a user's session, and the same finding again.

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::Value;

use crate::execution::Execution;
use crate::finding::finding_about;
use crate::flow::{Delivery, Flow, Observed};
use crate::instance::instance;
use crate::invariants::{Journals, UNTOLD, Violations, seconds, values};
use crate::lab::lab;
use crate::logins::Logins;
use crate::matrix;
use crate::table::item;
use crate::users::{create_users, is_enabled, user_key};

struct Contain {
    logins: Logins,
}

/// What is to be seen of a user after an execution.
#[derive(Debug)]
struct State {
    enabled: bool,
    /// The execution's decision record, the finding's item and the user's.
    record: Value,
    finding: Value,
    containment: Value,
    /// Whether a process of his runs on the instance, at the end.
    has_processes: bool,
}

impl Flow for Contain {
    /// The witness looks 15 seconds after the effect, on the lab.
    const AFTERMATH: Duration = Duration::from_secs(22);
    type Scene = Value;
    type State = State;

    fn name(&self) -> &'static str {
        "contain"
    }

    fn prepare(&self, users: &[String]) {
        create_users(users);
    }

    fn scene(&self, user: &str) -> Value {
        finding_about(instance(), self.logins.log_in(user))
    }

    fn play(&self, event: &Value, _: &str, name: &str) -> Execution {
        Execution::run("ContainStateMachineArn", name, event)
    }

    fn look(&self, event: &Value, user: &str, execution: &Execution) -> State {
        let text = |name: &str| event["detail"][name].as_str().unwrap();
        let key = format!("finding#{}", text("arn"));
        State {
            enabled: is_enabled(user),
            record: item(&key, &format!("decision#{}#{}", text("updatedAt"), execution.name())),
            finding: item(&key, "finding"),
            containment: item(&user_key(user), "containment"),
            has_processes: false,
        }
    }

    fn settle(&self, runs: &mut [Observed<State>]) {
        let listed =
            lab(&["instance", "exec", instance(), "--", "ps", "-e", "-o", "ruser:32=", "-o", "euser:32="]);
        let users: BTreeSet<_> = listed.split_whitespace().collect();
        for run in runs {
            run.second.state.has_processes = users.contains(run.run.subject.as_str());
        }
        assert!(is_enabled("martha.rivera") && is_enabled("mateo.jackson"), "they are not concerned");
    }

    fn violations(&self, run: &Observed<State>, journals: &Journals) -> Vec<String> {
        let mut wrong = Violations::default();
        wrong.of_the_end(run);
        wrong.of_failures(run, journals);
        for delivery in [&run.first, &run.second] {
            truth(delivery, &mut wrong);
        }
        let (first, second, user) = (&run.first, &run.second, run.run.subject.as_str());
        wrong.unless(
            second.execution.succeeded(),
            format!("the finding came again, and its execution is {}", second.execution.status),
        );
        let (end, held) = (&second.state, &second.state.finding["held_until"]["N"]);
        wrong.unless(!end.enabled, "he is not contained at the end");
        wrong.unless(held == "0", format!("the finding is held: {held}"));
        wrong.unless(end.containment["status"]["S"] == "contained", format!("his item: {}", end.containment));
        let tokens = values(&journals.effects("DisableUser", "SAMAccountName", user), "ClientToken");
        wrong.unless(tokens.len() == 1, format!("{} effects", tokens.len()));

        let ended = [first, second].into_iter().any(|delivery| delivery.has_ended_sessions());
        wrong.unless(!ended || !end.has_processes, "the record says that his sessions have ended");

        let disabled = format!("has disabled the directory user {user}");
        let mails = journals.mails(&[&disabled]);
        let (by_witness, own): (Vec<_>, Vec<_>) =
            mails.iter().partition(|mail| mail["body"].as_str().unwrap().contains("has not reported"));
        wrong.unless(!mails.is_empty(), UNTOLD);
        wrong.of_a_notice("tell of it", &own, run, journals);
        wrong.of_a_notice("are the witness's", &by_witness, run, journals);
        wrong.unless(run.run.fault.is_some() || by_witness.is_empty(), "the witness tells what is told");
        if first.execution.succeeded() && first.state.says_disabled() {
            let in_time = own.iter().any(|mail| seconds(mail) <= first.ended);
            wrong.unless(in_time, "the execution succeeded without a word");
        }
        let told_of_sessions = own.iter().any(|mail| mail["body"].as_str().unwrap().contains("NO SESSIONS"));
        wrong.unless(own.is_empty() || ended || told_of_sessions, "nobody was told that his sessions go on");
        wrong.0
    }
}

impl State {
    fn says_disabled(&self) -> bool {
        self.record["after"]["M"]["enabled"]["BOOL"] == false
    }
}

impl Delivery<State> {
    /// Whether its record says that sessions were ended.
    fn has_ended_sessions(&self) -> bool {
        self.state.record["sessions"]["M"]["ended"]["M"].is_object()
    }
}

/// What a record says and what is so.
fn truth(delivery: &Delivery<State>, wrong: &mut Violations) {
    let State { enabled, record, .. } = &delivery.state;
    let (disabled, succeeded) = (delivery.state.says_disabled(), delivery.execution.succeeded());
    let decision = record["decision"]["S"].as_str().unwrap_or("none");
    let contains = decision == "contain";
    let sessions = &record["sessions"]["M"];
    let accounted = sessions["not_ended"]["S"].is_string() || delivery.has_ended_sessions();
    for (holds, otherwise) in [
        (!disabled || !enabled, "the record says disabled, he is enabled"),
        (!disabled || contains, "disabled without a decision to contain"),
        (!succeeded || !contains || disabled, "contained without a word in the record"),
        (!succeeded || decision != "none", "succeeded without a record"),
        (!succeeded || !enabled || !contains, "contained in the record only"),
        (!succeeded || !contains || accounted, "no word in the record of his sessions"),
    ] {
        wrong.unless(holds, format!("{} ({})", otherwise, delivery.execution.name()));
    }
}

#[test]
fn whatever_fails_at_any_call_the_invariants_of_a_containment_hold() {
    matrix::check(&Contain { logins: Logins::open() });
}
