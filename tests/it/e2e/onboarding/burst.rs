//! Hundreds of users at once, told one to three times and in any order, with every quota: each gets everything once.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::executions::{Machine, all, input};
use super::newcomer::directory;
use super::once::Delivery;
use crate::lab::{Journal, in_parallel, lab, variable};
use crate::operator::{Failure, aws, lab as ask_lab, try_aws};
use crate::stack::eventually;
use crate::users::create_users;

/// `ADSTEWARD_BURST`: how many users; 500 is what the product promises, within [`PROMISED`].
fn count() -> usize {
    #[expect(clippy::disallowed_methods, reason = "a test's own setting; no product code reads it")]
    let given = std::env::var("ADSTEWARD_BURST");
    given.map_or(60, |count| count.parse().unwrap())
}

const PROMISED: Duration = Duration::from_secs(15 * 60);

/// The directory's and the services' quotas for as long as the value lives.
struct Quotas;

impl Quotas {
    /// The flow is to keep to them by itself: that they hold, calls of ours find out.
    fn on() -> Self {
        lab(&["quota", "on"]);
        let user = json!({"DirectoryId": directory(), "SAMAccountName": "nobody"});
        let instance = json!({"InstanceId": variable("CONNECT_INSTANCE_ID")});
        for (service, method, request) in
            [("ds-data", "describe_user", user), ("connect", "list_users", instance)]
        {
            eventually("a call too many", || {
                let answers = in_parallel(vec![(); 24], |()| try_aws(service, method, &request));
                let refused = |answer: &Result<_, Failure>| matches!(answer, Err(error) if error.code == "ThrottlingException");
                answers.iter().any(refused).then_some(())
            });
        }
        Self
    }
}

impl Drop for Quotas {
    fn drop(&mut self) {
        lab(&["quota", "off"]);
    }
}

/// How often each user has something.
fn each(found: impl Iterator<Item = String>) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for user in found.filter(|user| user.starts_with("burst")) {
        *counts.entry(user).or_default() += 1;
    }
    counts
}

/// Every item of a list in pages.
fn pages(service: &str, method: &str, mut request: Value, list: &str) -> Vec<Value> {
    let mut items = Vec::new();
    loop {
        let page = aws(service, method, &request);
        items.extend(page[list].as_array().unwrap().iter().cloned());
        match page["NextToken"].as_str() {
            Some(next) => request["NextToken"] = next.into(),
            None => return items,
        }
    }
}

fn workspaces() -> BTreeMap<String, usize> {
    let found = pages("workspaces", "describe_workspaces", json!({"DirectoryId": directory()}), "Workspaces");
    each(found.iter().map(|workspace| workspace["UserName"].as_str().unwrap().to_owned()))
}

fn agents() -> BTreeMap<String, usize> {
    let request = json!({"InstanceId": variable("CONNECT_INSTANCE_ID"), "MaxResults": 100});
    let found = pages("connect", "list_users", request, "UserSummaryList");
    each(found.iter().map(|user| user["Username"].as_str().unwrap().split('@').next().unwrap().to_owned()))
}

/// The executions for the burst's users, by user: how each stands.
fn executions(before: &BTreeMap<String, String>) -> BTreeMap<String, Vec<String>> {
    let mut found = BTreeMap::<String, Vec<String>>::new();
    for (execution, status) in all(Machine::Onboard) {
        if !before.contains_key(&execution) {
            let user = input(&execution)["user"].as_str().unwrap().to_owned();
            found.entry(user).or_default().push(status);
        }
    }
    found.retain(|user, _| user.starts_with("burst"));
    found
}

#[test]
fn a_burst_of_users_told_thrice_and_mixed_gives_each_everything_once() {
    let users: Vec<String> = (0..count()).map(|number| format!("burst{number:03}")).collect();
    let (before, mail, calls) =
        (all(Machine::Onboard), Journal::from_now("mail"), Journal::from_now("calls"));
    let _worst = Delivery::of(&["--copies", "3", "--batch", "20", "--reorder"]);
    let quotas = Quotas::on();
    let began = Instant::now();

    users.chunks(50).for_each(create_users);
    let created = began.elapsed();
    let ended = loop {
        let executions = executions(&before);
        let ended = executions.values().flatten().filter(|status| *status != "RUNNING").count();
        if ended >= users.len() {
            break executions;
        }
        assert!(began.elapsed() < PROMISED, "{ended} of {} have ended after {PROMISED:?}", users.len());
        std::thread::sleep(Duration::from_secs(2));
    };
    let all_ended = began.elapsed();
    drop(quotas);

    println!("{} users: made after {created:.0?}, everything after {all_ended:.0?}", users.len());
    let once: BTreeMap<_, _> = users.iter().map(|user| (user.clone(), 1)).collect();
    let succeeded: BTreeMap<_, _> =
        users.iter().map(|user| (user.clone(), vec!["SUCCEEDED".to_owned()])).collect();
    assert_eq!(ended, succeeded);
    assert_eq!((workspaces(), agents()), (once.clone(), once.clone()));
    let told = mail.read();
    let onboarded = told.iter().filter_map(|mail| mail["subject"].as_str()?.split_once(" onboarded: "));
    let told = each(onboarded.map(|(user, _)| user.trim_start_matches("[adsteward] ").to_owned()));
    assert_eq!(told, once);
    let calls = calls.read();
    let refused = ["ds-data", "connect"].map(|service| throttled(&calls, service));
    let delivered = ask_lab("delivery", &json!({}))["delivered"].clone();
    println!("throttled by the directory and Connect: {refused:?}; log events: {delivered}");
    assert!(
        delivered["invocations"].as_u64() > delivered["batches"].as_u64(),
        "nothing came twice: {delivered}"
    );
    keeps_to_the_directorys_quotas(&calls);
}

fn throttled(calls: &[Value], service: &str) -> usize {
    let refused = |call: &&Value| call["service"] == service && call["error"] == "ThrottlingException";
    calls.iter().filter(refused).count()
}

/// In the Standard edition: 8 reads a second, and nothing is written.
fn keeps_to_the_directorys_quotas(calls: &[Value]) {
    let served = calls.iter().filter(|call| call["service"] == "ds-data" && call["error"].is_null());
    let mut seconds = BTreeMap::<&str, usize>::new();
    for call in served.filter(|call| call["parameters"].to_string().contains("burst")) {
        assert!(
            ["DescribeUser", "ListGroupsForMember"].contains(&call["operation"].as_str().unwrap()),
            "{call}"
        );
        *seconds.entry(&call["time"].as_str().unwrap()[.."2026-11-21T13:16:46".len()]).or_default() += 1;
    }
    // A second of the clock may hold parts of two of the quota's.
    assert!(!seconds.is_empty() && seconds.values().all(|count| *count <= 2 * 8), "{seconds:?}");
}
