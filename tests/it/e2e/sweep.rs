//! What events have missed is found by looking: `sweep-computers` compares EC2, the computer table and the directory.

use std::thread::sleep;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::join::launched::Launched;
use crate::join::object::named;
use crate::lab::{Journal, in_parallel, variable};
use crate::mail::{body, subject};
use crate::operator::aws;
use crate::stack::{Reconfigured, eventually, output, wait_for};

const DRY_RUN: &str = r#"{"dryRun":true}"#;
const REPAIR: &str = r#"{"dryRun":false}"#;

/// What EC2 tells reaches nobody for as long as the value lives.
struct Unheard;

impl Unheard {
    fn from_now() -> Self {
        aws("events", "disable_rule", &json!({"Name": rule()}));
        Self
    }
}

impl Drop for Unheard {
    fn drop(&mut self) {
        aws("events", "enable_rule", &json!({"Name": rule()}));
    }
}

fn rule() -> String {
    format!("{}-instance-state", variable("STACK_NAME"))
}

/// How a sweep ended, and its mails.
struct Sweep {
    status: String,
    mails: Vec<Value>,
}

impl Sweep {
    fn with(input: &str) -> Self {
        let mail = Journal::from_now("mail");
        let request = json!({"stateMachineArn": output("SweepStateMachineArn"), "input": input});
        let started = aws("stepfunctions", "start_execution", &request);
        let execution = started["executionArn"].as_str().unwrap();
        let status = wait_for(execution);
        let mut mails = mail.read();
        mails.retain(|mail| body(mail).contains(execution));
        Self { status, mails }
    }

    /// What its one mail says.
    fn told(&self) -> &str {
        let [mail] = &self.mails[..] else { panic!("one mail, not {:?}", self.mails) };
        assert!(subject(mail).starts_with("[adsteward] sweep of computers"), "{mail}");
        body(mail)
    }
}

/// Terminates instances of whose end nobody hears.
fn end_unheard(instances: &[&Launched]) {
    let _unheard = Unheard::from_now();
    for instance in instances {
        instance.terminate();
    }
}

#[test]
fn instances_that_started_and_ended_unheard_join_and_leave_by_one_sweep_and_a_dry_run_changes_nothing() {
    // Ten starts and ends each in all, of which one of each is not heard.
    let mut stay = in_parallel((0..9).collect(), |_: usize| Launched::with(&[]));
    stay.iter().for_each(|one| drop(one.until("joined")));
    let ended = stay.pop().unwrap();
    let (item, name) = (ended.item(), ended.name());
    let missed = {
        let _unheard = Unheard::from_now();
        ended.terminate();
        Launched::with(&[])
    };
    sleep(Duration::from_secs(3));
    ended.rest();

    let dry = Sweep::with(DRY_RUN);
    assert_eq!(dry.status, "SUCCEEDED");
    assert!(dry.told().contains(&missed.id) && dry.told().contains(&ended.id), "{}", dry.told());
    assert!(dry.told().contains("nothing: this was a dry run"), "{}", dry.told());
    ended.rest();
    assert_eq!((ended.item(), missed.item(), named(&name).len()), (item, Value::Null, 1));

    let sweep = Sweep::with(REPAIR);
    assert_eq!(sweep.status, "SUCCEEDED");
    assert!(sweep.told().contains("domain-joiner was asked"), "{}", sweep.told());
    ended.until("left");
    missed.until("joined");
    assert!(named(&name).is_empty());
    assert!(stay.iter().chain([&missed]).all(|one| named(&one.name()).len() == 1));

    let again = Sweep::with(REPAIR);
    assert_eq!((again.status.as_str(), again.mails.len()), ("SUCCEEDED", 0), "{:?}", again.mails);
}

#[test]
fn past_the_threshold_no_computer_is_removed_until_a_person_allows_that_many() {
    let instances = [Launched::joined(&[]), Launched::joined(&[]), Launched::joined(&[])];
    end_unheard(&[&instances[0], &instances[1]]);

    let refused = {
        let sweeper = format!("{}-computer-sweeper", variable("STACK_NAME"));
        let _strict = Reconfigured::of(&sweeper, &[("MAX_REMOVALS", Some("1"))]);
        Sweep::with(REPAIR)
    };
    assert_eq!(refused.status, "SUCCEEDED");
    assert!(refused.told().contains("no computer is removed"), "{}", refused.told());
    instances[2].rest();
    for instance in &instances {
        assert_eq!((instance.item()["state"].as_str(), named(&instance.name()).len()), (Some("joined"), 1));
    }

    // As a person goes on who has read the mail.
    let (_, input) = refused.told().split_once("--input '").unwrap();
    let input = input.split_once('\'').unwrap().0;
    assert!(input.contains(r#""allowRemovals":2"#), "{input}");
    let allowed = Sweep::with(input);
    assert!(allowed.told().contains("to remove 2 computers"), "{}", allowed.told());
    for instance in &instances[..2] {
        instance.until("left");
        assert!(named(&instance.name()).is_empty());
    }
    assert_eq!(instances[2].item()["state"], "joined");
}

/// Another external id in an account's row, for as long as the value lives.
struct Locked(Value);

impl Locked {
    fn account(id: &str) -> Self {
        let request = json!({"TableName": output("AccountTableName"), "Key": {"accountId": {"S": id}}});
        let row = aws("dynamodb", "get_item", &request)["Item"].clone();
        let mut other = row.clone();
        other["externalId"] = json!({"S": "another-guess"});
        put(&other);
        Self(row)
    }
}

impl Drop for Locked {
    fn drop(&mut self) {
        put(&self.0);
    }
}

fn put(row: &Value) {
    aws("dynamodb", "put_item", &json!({"TableName": output("AccountTableName"), "Item": row}));
}

#[test]
fn an_account_that_does_not_let_us_in_concludes_nothing_is_told_and_costs_no_other_its_sweep() {
    let account = variable("MEMBER_ACCOUNT_ID");
    let theirs = Launched::joined(&["--account", account, "--region", variable("MEMBER_REGION")]);
    let ours = Launched::joined(&[]);
    end_unheard(&[&ours]);
    let name = theirs.name();

    let sweep = {
        let _locked = Locked::account(account);
        Sweep::with(REPAIR)
    };

    assert_eq!(sweep.status, "FAILED", "a place that was not swept is no success");
    let told = sweep.told();
    assert!(told.contains("NOT SWEPT") && told.contains(account) && told.contains("AccessDenied"), "{told}");
    assert!(!told.contains("another-guess") && !told.contains(&theirs.id), "{told}");
    ours.until("left");
    theirs.rest();
    assert_eq!((theirs.item()["state"].as_str(), named(&name).len()), (Some("joined"), 1));
    eventually("a sweep of all", || (Sweep::with(DRY_RUN).status == "SUCCEEDED").then_some(()));
}

#[test]
fn a_computer_whose_record_was_lost_is_known_by_its_own_word_and_goes_with_its_instance() {
    let other = Launched::joined(&[]);
    let instance = Launched::joined(&[]);
    let name = instance.name();
    end_unheard(&[&instance]);
    instance.rest();
    let key = json!({"pk": {"S": instance.id}, "sk": {"S": "computer"}});
    aws("dynamodb", "delete_item", &json!({"TableName": output("ComputerTableName"), "Key": key}));

    let sweep = Sweep::with(REPAIR);

    assert_eq!(sweep.status, "SUCCEEDED");
    assert!(sweep.told().contains("is gone, its computer has no record"), "{}", sweep.told());
    instance.until("left");
    assert_eq!((named(&name).len(), named(&other.name()).len()), (0, 1));
}

/// Another schedule for as long as the value lives.
struct Hurried(Value);

impl Hurried {
    fn to(schedule: &str) -> Self {
        let name = format!("{}-sweep", variable("STACK_NAME"));
        let before = aws("events", "describe_rule", &json!({ "Name": name }));
        schedule_rule(&before, schedule);
        Self(before)
    }
}

impl Drop for Hurried {
    fn drop(&mut self) {
        schedule_rule(&self.0, self.0["ScheduleExpression"].as_str().unwrap());
    }
}

fn schedule_rule(rule: &Value, schedule: &str) {
    let (name, description) = (&rule["Name"], &rule["Description"]);
    aws(
        "events",
        "put_rule",
        &json!({"Name": name, "Description": description, "ScheduleExpression": schedule}),
    );
}

#[test]
fn by_its_schedule_a_first_deployment_only_reports() {
    let request = json!({"stateMachineArn": output("SweepStateMachineArn"), "maxResults": 100});
    let all = || aws("stepfunctions", "list_executions", &request)["executions"].as_array().unwrap().clone();
    let before = all();
    let _hurried = Hurried::to("rate(1 minute)");
    let began = Instant::now();
    let started = loop {
        if let Some(started) = all().into_iter().find(|execution| !before.contains(execution)) {
            break started["executionArn"].as_str().unwrap().to_owned();
        }
        assert!(began.elapsed() < Duration::from_secs(120), "the schedule has started nothing");
        sleep(Duration::from_secs(1));
    };
    let described = aws("stepfunctions", "describe_execution", &json!({ "executionArn": started }));
    assert_eq!(described["input"].as_str(), Some(DRY_RUN));
    assert_eq!(wait_for(&started), "SUCCEEDED");
}

#[test]
fn a_sweep_that_breaks_is_told_and_fails() {
    let sweeper = format!("{}-computer-sweeper", variable("STACK_NAME"));
    let _broken = Reconfigured::of(&sweeper, &[("COMPUTER_TABLE", None)]);

    let sweep = Sweep::with(DRY_RUN);

    assert_eq!(sweep.status, "FAILED");
    let [told] = &sweep.mails[..] else { panic!("one mail, not {:?}", sweep.mails) };
    assert_eq!(subject(told), "[adsteward] sweep-computers could not finish");
    assert!(
        body(told).contains("COMPUTER_TABLE") && body(told).contains("start-execution"),
        "{}",
        body(told)
    );
}
