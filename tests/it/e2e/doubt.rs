//! What a person has to look at: nobody is disabled, people are told, and the record says why.

use serde_json::{Value, json};

use crate::batch::Batch;
use crate::directory::{create_user, create_users, is_enabled};
use crate::finding::finding;
use crate::instance::{LOCAL_ACCOUNT, instance_without_agent};
use crate::session::{Session, Way};
use crate::stack::{Reconfigured, deliver};

const USER: &str = "dolly";
const OTHER: &str = "dirk";

/// A finding whose flagged process has no known parents.
fn without_lineage(session: &Session, user: &str) -> Value {
    let mut event = finding(session, user);
    event["detail"]["service"]["runtimeDetails"]["process"]["lineage"] = json!([]);
    event
}

#[test]
fn what_proves_no_user_is_left_to_a_person() {
    create_users([USER, OTHER]);
    let absent = Way::log_in(USER).on(instance_without_agent()).start();
    let container = Way::log_in(USER).container(USER).start();
    let deep = Way::log_in(USER).shells(16).start();
    let local = Way::log_in(LOCAL_ACCOUNT).sudo().su(USER).start();
    let hidden = Way::log_in(OTHER).sudo_as(USER).start();
    let over = finding(&Session::of(USER), USER);
    let cases = [
        ("agent-absent", finding(&absent, USER)),
        ("container-process", finding(&container, USER)),
        ("lineage-too-long", finding(&deep, USER)),
        ("local-login", finding(&local, USER)),
        ("login-user-not-in-finding", without_lineage(&hidden, USER)),
        ("process-gone", over),
    ];

    let batch = Batch::deliver(&cases.clone().map(|(_, event)| event));

    for (reason, event) in &cases {
        assert_eq!(batch.decision(event), ("needs-person", *reason));
    }
    assert_eq!((batch.count("DisableUser"), batch.mail.len()), (0, cases.len()));
    assert!(is_enabled(USER) && is_enabled(OTHER));
}

#[test]
fn a_spent_budget_leaves_it_to_a_person() {
    create_user("bud");
    let session = Session::of("bud");
    let _spent = Reconfigured::with(&[("HOURLY_BUDGET", Some("0"))]);
    let outcome = deliver(&finding(&session, "bud"));
    assert_eq!(outcome.decision(), ("needs-person", "budget-spent"));
    assert_eq!((outcome.count("DisableUser"), outcome.mail.len()), (0, 1));
    assert!(is_enabled("bud"));
}
