//! What must hold of every flow whatever fails, and the journals that show it.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::fault::Kind;
use crate::flow::Observed;

/// Effects and mails while the runs went on.
pub(crate) struct Journals {
    pub(crate) calls: Vec<Value>,
    pub(crate) mail: Vec<Value>,
}

/// The violation that may still mend itself.
pub(crate) const UNTOLD: &str = "nobody was told";

/// What does not hold.
#[derive(Debug, Default)]
pub(crate) struct Violations(pub(crate) Vec<String>);

impl Violations {
    pub(crate) fn unless(&mut self, holds: bool, otherwise: impl Into<String>) {
        if !holds {
            self.0.push(otherwise.into());
        }
    }

    /// The first execution ends, whatever it meets.
    pub(crate) fn of_the_end<S>(&mut self, run: &Observed<S>) {
        let first = &run.first.execution;
        self.unless(first.has_ended(), format!("the first execution is {}", first.status));
    }

    /// What the SDK and the state try again for long enough costs no execution.
    pub(crate) fn of_mended_faults<S>(&mut self, run: &Observed<S>) {
        let is_mended = run.run.fault.as_ref().is_none_or(|(_, _, count)| *count <= 3);
        self.unless(
            !is_mended || run.first.execution.succeeded(),
            "it is tried again, and the execution failed",
        );
    }

    /// People are told once. With a fault perhaps twice, and once more for each answer of Publish that was lost.
    pub(crate) fn of_a_notice<S>(
        &mut self,
        what: &str,
        mails: &[&Value],
        run: &Observed<S>,
        journals: &Journals,
    ) {
        let most = match &run.run.fault {
            None => 1,
            Some(_) => 2.max(1 + journals.lost_publishes(&run.text)),
        };
        self.unless(mails.len() <= most, format!("{} mails that {what}, at most {most}", mails.len()));
    }

    /// The state machine tells of an execution that failed, and of no other.
    pub(crate) fn of_failures<S>(&mut self, run: &Observed<S>, journals: &Journals) {
        for delivery in [&run.first, &run.second] {
            let execution = &delivery.execution;
            let mails = journals.mails(&["could not finish", &format!("{}\n", execution.arn)]);
            let what = format!("{} could not finish", execution.name());
            if execution.succeeded() {
                self.unless(mails.is_empty(), format!("a mail says that {what}"));
            } else {
                self.unless(!mails.is_empty(), format!("no mail says that {what}"));
                self.of_a_notice(&format!("say that {what}"), &mails, run, journals);
            }
        }
    }
}

impl Journals {
    /// The calls of some operations only: who reads them for each of hundreds of runs has no time for the others.
    pub(crate) fn new(calls: &[Value], mail: Vec<Value>, operations: &[&str]) -> Self {
        let asked_for = |call: &&Value| operations.contains(&call["operation"].as_str().unwrap_or_default());
        Self { calls: calls.iter().filter(asked_for).cloned().collect(), mail }
    }

    /// The calls of an operation that had an effect on a user, who is named by a parameter.
    pub(crate) fn effects(&self, operation: &str, parameter: &str, user: &str) -> Vec<&Value> {
        let effects =
            self.calls.iter().filter(|call| call["operation"] == operation && call["error"].is_null());
        effects.filter(|call| call["parameters"][parameter] == user).collect()
    }

    /// The accounts in services that were removed: by which operation, and their ids.
    pub(crate) fn removals(&self) -> Vec<(&'static str, String)> {
        let id = |value: &Value| value.as_str().map(str::to_owned);
        let done = self.calls.iter().filter(|call| call["error"].is_null());
        done.flat_map(|call| match (call["service"].as_str(), call["operation"].as_str()) {
            (Some("connect"), Some("DeleteUser")) => {
                id(&call["parameters"]["UserId"]).map(|id| ("DeleteUser", id)).into_iter().collect()
            }
            (Some("workspaces"), Some("TerminateWorkspaces")) => {
                let requests =
                    call["parameters"]["TerminateWorkspaceRequests"].as_array().into_iter().flatten();
                requests
                    .filter_map(|request| Some(("TerminateWorkspaces", id(&request["WorkspaceId"])?)))
                    .collect()
            }
            _ => Vec::new(),
        })
        .collect()
    }

    /// The mails that contain all these texts.
    pub(crate) fn mails(&self, texts: &[&str]) -> Vec<&Value> {
        let has_all = |mail: &&Value| texts.iter().all(|text| mail["body"].as_str().unwrap().contains(text));
        self.mail.iter().filter(has_all).collect()
    }

    /// How often a mail about a subject went out without its sender knowing.
    fn lost_publishes(&self, subject: &str) -> usize {
        let kinds = [Kind::LostAnswer, Kind::LateEffect(0), Kind::KillAfter, Kind::Delay(0)].map(Kind::word);
        let publishes = self.calls.iter().filter(|call| call["operation"] == "Publish");
        let lost = publishes.filter(|call| kinds.contains(&call["fault"].as_str().unwrap_or_default()));
        lost.filter(|call| call["parameters"]["Message"].as_str().is_some_and(|text| text.contains(subject)))
            .count()
    }
}

/// The different values of a parameter of calls.
pub(crate) fn values(calls: &[&Value], parameter: &str) -> BTreeSet<String> {
    calls.iter().map(|call| call["parameters"][parameter].to_string()).collect()
}

/// The moment of a line of a journal, in seconds since 1970.
pub(crate) fn seconds(line: &Value) -> f64 {
    let time = line["time"].as_str().unwrap();
    let number = |from: usize, to: usize| time[from..to].parse::<f64>().unwrap();
    let (year, month, day) = (number(0, 4), number(5, 7), number(8, 10));
    // Days from the civil calendar: https://howardhinnant.github.io/date_algorithms.html
    let (year, month) = if month <= 2.0 { (year - 1.0, month + 9.0) } else { (year, month - 3.0) };
    let century = (year / 100.0).floor();
    let days =
        (year * 365.25).floor() - century + (century / 4.0).floor() + (month * 30.6 + 0.4).floor() + day;
    (days - 719_469.0) * 86_400.0 + number(11, 13) * 3600.0 + number(14, 16) * 60.0 + number(17, 26)
}

#[test]
fn a_journals_time_is_read_as_seconds() {
    let line = serde_json::json!({"time": "2026-11-21T06:31:08.731068Z"});
    assert!((seconds(&line) - 1_795_242_668.731_068).abs() < 0.001);
}
