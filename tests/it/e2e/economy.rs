//! Calls: hardly more than needed, and none again that cannot succeed.

use serde_json::Value;

use crate::directory::{create_user, create_users, is_enabled};
use crate::finding::{emit, finding};
use crate::lab::{Journal, aws, in_parallel, lab, variable};
use crate::session::Session;
use crate::stack::{deliver, eventually, executions, wait_for};

/// The quota of the directory on for as long as the value lives.
struct Quota;

impl Quota {
    fn on() -> Self {
        lab(&["quota", "on"]);
        Self
    }
}

impl Drop for Quota {
    fn drop(&mut self) {
        lab(&["quota", "off"]);
    }
}

/// Directory data access off for as long as the value lives.
struct NoDataAccess;

impl NoDataAccess {
    fn now() -> Self {
        switch("disable-directory-data-access");
        Self
    }
}

impl Drop for NoDataAccess {
    fn drop(&mut self) {
        switch("enable-directory-data-access");
        let describe = ["ds", "describe-directory-data-access", "--directory-id", variable("DIRECTORY_ID")];
        eventually("directory data access", || {
            (aws(&describe)["DataAccessStatus"] == "Enabled").then_some(())
        });
    }
}

fn switch(command: &str) {
    aws(&["ds", command, "--directory-id", variable("DIRECTORY_ID")]);
}

/// Without what is asked for the accounts of the same users.
pub(crate) fn by_the_responder(calls: &[Value]) -> Vec<&Value> {
    let its = |call: &&Value| {
        call["principal"].as_str().is_some_and(|who| who.contains("-GuarddutyResponderRole-"))
    };
    calls.iter().filter(its).collect()
}

#[test]
fn many_findings_within_the_directorys_quota_need_few_calls_again() {
    let users = ["evan", "edda", "egon", "elma", "erik", "esme"];
    create_users(users);
    let sessions = in_parallel(users.to_vec(), |user| (Session::of(user), user));
    let _quota = Quota::on();
    let (journal, before) = (Journal::from_now("calls"), executions());
    sessions.iter().for_each(|(session, user)| emit(&finding(session, user)));
    let started = eventually("all executions", || {
        let started: Vec<_> = executions().difference(&before).cloned().collect();
        (started.len() == users.len()).then_some(started)
    });
    for execution in started {
        assert_eq!(wait_for(&execution), "SUCCEEDED");
    }
    for user in users {
        assert!(!is_enabled(user), "{user}");
    }
    let calls = journal.read();
    let calls = by_the_responder(&calls);
    let succeeded = calls.iter().filter(|call| call["error"].is_null()).count();
    let ratio = calls.len() as f64 / succeeded as f64;
    assert!(ratio <= 1.3, "{} calls for {succeeded} successes: {ratio:.2}", calls.len());
}

#[test]
fn what_is_denied_is_asked_once() {
    create_user("elsa");
    let session = Session::of("elsa");
    let outcome = {
        let _off = NoDataAccess::now();
        deliver(&finding(&session, "elsa"))
    };
    assert_eq!(outcome.status, "FAILED");
    let denied: Vec<_> = by_the_responder(&outcome.calls)
        .into_iter()
        .filter(|call| call["service"] == "ds-data")
        .cloned()
        .collect();
    assert_eq!(denied.len(), 1, "{denied:?}");
    let [mail] = &outcome.mail[..] else { panic!("{:?}", outcome.mail) };
    assert!(mail["body"].as_str().unwrap().contains("Directory data access is off"), "{mail}");
    assert!(is_enabled("elsa"));
}
