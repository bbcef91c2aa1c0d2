//! What must hold whatever fails.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::fault::Kind;
use crate::flow::{Delivery, Observed};

/// All that was called and mailed while the runs went on.
#[derive(Clone, Copy)]
pub(crate) struct Journals<'a> {
    pub(crate) calls: &'a [Value],
    pub(crate) mail: &'a [Value],
}

/// The violation that may still mend itself.
pub(crate) const UNTOLD: &str = "nobody was told";

/// What is wrong with a run.
pub(crate) fn violations(run: &Observed, journals: &Journals<'_>) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut must = |holds: bool, otherwise: String| {
        if !holds {
            wrong.push(otherwise);
        }
    };
    for delivery in [&run.first, &run.second] {
        for (holds, otherwise) in truth(delivery) {
            must(holds, format!("{otherwise} ({})", delivery.execution));
        }
    }
    let ended = ["SUCCEEDED", "FAILED"].contains(&run.first.status.as_str());
    must(ended, format!("the first delivery is {}", run.first.status));
    must(run.second.status == "SUCCEEDED", format!("the second delivery is {}", run.second.status));
    must(!run.second.enabled, "he is not contained at the end".to_owned());
    let (finding, containment) = &run.items;
    must(finding["held_until"]["N"] == "0", format!("the finding is held: {}", finding["held_until"]));
    must(containment["status"]["S"] == "contained", format!("his item says {}", containment["status"]));

    let tokens = journals.tokens(&run.run.user);
    must(tokens.len() == 1, format!("{} effects", tokens.len()));

    let told: Vec<_> = journals.mail.iter().filter(|mail| names(mail, &run.run.user)).collect();
    // One that did not fail has told somebody itself; of one that failed, the witness may tell minutes later.
    let early = told.iter().filter(|mail| seconds(mail) <= run.first.ended).count();
    let in_time = if run.first.status == "SUCCEEDED" { early } else { told.len() };
    must(in_time > 0, UNTOLD.to_owned());
    let most = most_mail(run, journals);
    must(told.len() <= most, format!("{} mails, at most {most}", told.len()));
    wrong
}

/// What a record says and what is so.
fn truth(delivery: &Delivery) -> Vec<(bool, &'static str)> {
    let record = &delivery.record;
    let decision = record["decision"]["S"].as_str().unwrap_or("none");
    let says_disabled = record["after"]["M"]["enabled"]["BOOL"] == false;
    let succeeded = delivery.status == "SUCCEEDED";
    vec![
        (!says_disabled || !delivery.enabled, "the record says disabled, he is enabled"),
        (!says_disabled || decision == "contain", "disabled without a decision to contain"),
        (!succeeded || decision != "contain" || says_disabled, "contained without a word in the record"),
        (!succeeded || decision != "none", "succeeded without a record"),
        (!succeeded || !delivery.enabled || decision != "contain", "contained in the record only"),
    ]
}

/// One without a fault. With one, two; one more for each answer of Publish that was lost, and for a failure that was told.
fn most_mail(run: &Observed, journals: &Journals<'_>) -> usize {
    let lost = journals.lost_publishes(&run.run.user);
    match &run.run.fault {
        None => 1,
        Some(_) => 2.max(1 + lost) + usize::from(run.first.status != "SUCCEEDED"),
    }
}

fn names(mail: &Value, user: &str) -> bool {
    mail["body"].as_str().unwrap().contains(user)
}

/// The moment of a line of a journal, in seconds since 1970.
fn seconds(line: &Value) -> f64 {
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

impl Journals<'_> {
    fn calls<'a>(&'a self, operation: &'a str) -> impl Iterator<Item = &'a Value> {
        self.calls.iter().filter(move |call| call["operation"] == operation)
    }

    /// The tokens of the effects on a user.
    fn tokens(&self, user: &str) -> BTreeSet<String> {
        let effects = self.calls("DisableUser").filter(|call| call["error"].is_null());
        let ours = effects.filter(|call| call["parameters"]["SAMAccountName"] == user);
        ours.map(|call| call["parameters"]["ClientToken"].to_string()).collect()
    }

    /// How often a mail about a user went out without its sender knowing.
    fn lost_publishes(&self, user: &str) -> usize {
        let kinds = [Kind::LostAnswer, Kind::LateEffect(0), Kind::KillAfter, Kind::Delay(0)].map(Kind::word);
        let lost = self.calls("Publish").filter(|call| kinds.contains(&call["fault"].as_str().unwrap_or("")));
        lost.filter(|call| call["parameters"]["Message"].as_str().is_some_and(|text| text.contains(user)))
            .count()
    }
}

#[test]
fn a_journals_time_is_read_as_seconds() {
    let line = serde_json::json!({"time": "2026-11-21T06:31:08.731068Z"});
    assert!((seconds(&line) - 1_795_242_668.731_068).abs() < 0.001);
}
