//! The matrix of `release-user`: a contained user is released, and released again.

use std::collections::BTreeSet;
use std::io::Write;
use std::process::Stdio;
use std::time::Duration;

use serde_json::{Value, json};

use crate::execution::Execution;
use crate::finding::{detector, finding};
use crate::flow::{Delivery, Flow, Observed};
use crate::invariants::{Journals, UNTOLD, Violations, seconds};
use crate::lab::{command, variable};
use crate::matrix;
use crate::operator::{aws, try_aws};
use crate::session::Session;
use crate::stack::deliver;
use crate::table::{item, put};
use crate::users::{create_disabled_users, create_users, is_enabled, sids, user_key};

/// Reads names and passwords, and prints the names of those who can log in.
const LOG_IN: &str = r#"
while read -r user password; do
  printf '%s\n' "$password" | kinit -c MEMORY:faults "$user" >/dev/null 2>&1 && echo "$user"
done
"#;

struct Release {
    /// The item in the table of a user who was contained by a finding that is archived since.
    contained: Value,
}

/// What is to be seen of a user after an execution.
#[derive(Debug)]
struct State {
    enabled: bool,
    /// The execution's record, and the user's item.
    record: Value,
    containment: Value,
    /// His password, as far as the secret knows.
    password: Option<String>,
    /// Whether the directory takes it, at the end.
    can_log_in: bool,
}

impl Release {
    fn new() -> Self {
        let user = "contained";
        create_users(&[user.to_owned()]);
        let session = Session::of(user);
        let event = finding(&session, user);
        assert_eq!(deliver(&event).decision().0, "contain");
        let archived = json!({"DetectorId": detector(), "FindingIds": [event["detail"]["id"]]});
        aws("guardduty", "archive_findings", &archived);
        impatient();
        Self { contained: item(&user_key(user), "containment") }
    }
}

impl Flow for Release {
    const AFTERMATH: Duration = Duration::from_secs(3);
    type Scene = ();
    type State = State;

    fn name(&self) -> &'static str {
        "release"
    }

    /// To contain each of them by a finding of his own would take longer than all the rest.
    fn prepare(&self, users: &[String]) {
        create_disabled_users(users);
        let (sids, text) = (sids(), |name: &str| self.contained[name]["S"].as_str().unwrap());
        for user in users {
            let mut item = self.contained.clone();
            let (cause, sid) = (text("cause").replace(text("sid"), &sids[user]), &sids[user]);
            for (name, value) in [("pk", &user_key(user)), ("user", user), ("sid", sid), ("cause", &cause)] {
                item[name] = json!({ "S": value });
            }
            put(&item);
        }
    }

    fn scene(&self, _: &str) {}

    fn play(&self, (): &(), user: &str, name: &str) -> Execution {
        let input = json!({"version": 1, "user": user, "reason": "a false positive"});
        Execution::run("ReleaseStateMachineArn", name, &input)
    }

    fn look(&self, (): &(), user: &str, execution: &Execution) -> State {
        let key = user_key(user);
        let secret = json!({"SecretId": format!("{}/released/{user}", variable("STACK_NAME"))});
        let kept = try_aws("secretsmanager", "get_secret_value", &secret);
        State {
            enabled: is_enabled(user),
            record: item(&key, &format!("release#{}", execution.arn)),
            containment: item(&key, "containment"),
            password: kept.ok().map(|kept| kept["SecretString"].as_str().unwrap().to_owned()),
            can_log_in: false,
        }
    }

    fn settle(&self, runs: &mut [Observed<State>]) {
        let mut trying = command(&["exec", "--", "sh", "-c", LOG_IN])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut names = trying.stdin.take().unwrap();
        for run in &*runs {
            let password = run.second.state.password.as_deref().unwrap_or_default();
            writeln!(names, "{} {password}", run.run.subject).unwrap();
        }
        drop(names);
        let admitted = String::from_utf8(trying.wait_with_output().unwrap().stdout).unwrap();
        let admitted: BTreeSet<_> = admitted.lines().collect();
        for run in runs {
            run.second.state.can_log_in = admitted.contains(run.run.subject.as_str());
        }
    }

    fn violations(&self, run: &Observed<State>, journals: &Journals) -> Vec<String> {
        let mut wrong = Violations::default();
        wrong.of_the_end(run);
        wrong.of_failures(run, journals);
        let (first, second, user) = (&run.first, &run.second, run.run.subject.as_str());
        for delivery in [first, second] {
            truth(delivery, &mut wrong);
            told(delivery, run, journals, &mut wrong);
        }
        // A release that was done is refused when it is asked for again; one that was not, is done then.
        let refused = !second.execution.succeeded();
        wrong.unless(
            refused == (first.state.status() == "released"),
            format!("he is {}, and another release is {}", first.state.status(), second.execution.status),
        );
        let end = &second.state;
        wrong.unless(end.enabled, "he is disabled at the end");
        wrong.unless(end.status() == "released", format!("his item: {}", end.containment));
        wrong.unless(end.can_log_in, "the secret's password is not the directory's");
        let resets = journals.effects("ResetUserPassword", "UserName", user).len();
        let most = if run.run.fault.is_none() { 1 } else { usize::MAX };
        wrong.unless((1..=most).contains(&resets), format!("{resets} resets"));
        let disabled = journals.effects("DisableUser", "SAMAccountName", user);
        wrong.unless(disabled.is_empty(), "somebody disables him");
        let shown = end.password.as_deref().is_some_and(|password| !journals.mails(&[password]).is_empty());
        wrong.unless(!shown, "a mail shows his password");
        wrong.0
    }
}

impl State {
    fn status(&self) -> &str {
        self.containment["status"]["S"].as_str().unwrap()
    }
}

/// What the records say and what is so.
fn truth(delivery: &Delivery<State>, wrong: &mut Violations) {
    let State { enabled, record, .. } = &delivery.state;
    let (status, succeeded) = (delivery.state.status(), delivery.execution.succeeded());
    let says = |name: &str| record[name]["S"].is_string();
    for (holds, otherwise) in [
        (!says("released_at") || *enabled, "the record says released, he is disabled"),
        (status != "released" || *enabled, "his item says released, he is disabled"),
        (status != "contained" || !enabled, "his item says contained, he is enabled"),
        (!succeeded || says("released_at"), "released without a word in the record"),
        (!succeeded || says("caller"), "released for somebody unknown"),
        (!says("released_at") || says("secret"), "released with a password that is lost"),
    ] {
        wrong.unless(holds, format!("{otherwise} ({})", delivery.execution.name()));
    }
}

/// Who was released is told by the execution that did it; one that fails is told by the state machine.
fn told(delivery: &Delivery<State>, run: &Observed<State>, journals: &Journals, wrong: &mut Violations) {
    let execution = &delivery.execution;
    let mails = journals.mails(&["has released the directory user", &format!("{}\n", execution.arn)]);
    wrong.of_a_notice("tell of a release", &mails, run, journals);
    let in_time = mails.iter().any(|mail| seconds(mail) <= delivery.ended);
    wrong.unless(!execution.succeeded() || in_time, UNTOLD);
}

/// A witness that dies takes a whole batch of records with it, those of other runs too. They come again after the queue's
/// visibility time-out, in which the lab's releases, unlike the template's, would not wait for who asked.
fn impatient() {
    let queue = json!({"StackName": variable("STACK_NAME"), "LogicalResourceId": "CallerQueue"});
    let queue = aws("cloudformation", "describe_stack_resource", &queue);
    let url = &queue["StackResourceDetail"]["PhysicalResourceId"];
    aws("sqs", "set_queue_attributes", &json!({"QueueUrl": url, "Attributes": {"VisibilityTimeout": "10"}}));
}

#[test]
fn whatever_fails_at_any_call_the_invariants_of_a_release_hold() {
    matrix::check(&Release::new());
}
