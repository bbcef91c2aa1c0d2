//! Somebody makes findings by the dozen, about administrators or about everybody.

use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::json;

use crate::alarms::{is_open, mails_of};
use crate::batch::Batch;
use crate::directory::{add_to_group, create_user, create_users, enabled_users};
use crate::finding::{emit_all, finding};
use crate::lab::{Journal, aws};
use crate::session::Session;
use crate::stack::{Reconfigured, output, text};

/// About a protected user by list, and as many about one by group. The same with 1,000 is a test in memory.
const FINDINGS: usize = 30;
const NOTICES: usize = 3;

fn hour() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs() / 3600
}

/// Begins this hour's budgets again.
fn forget_spending() {
    for kind in ["budget", "notices"] {
        let key = json!({"pk": {"S": format!("budget#{}", hour())}, "sk": {"S": kind}}).to_string();
        aws(&["dynamodb", "delete-item", "--table-name", output("DecisionTableName"), "--key", &key]);
    }
}

#[test]
fn findings_naming_administrators_disable_nobody_and_open_the_budget_alarm_once() {
    create_user("vera");
    add_to_group("AWS Delegated Administrators", "vera");
    let sessions = [("Admin", Session::of("Admin")), ("vera", Session::of("vera"))];
    let events: Vec<_> = (0..FINDINGS)
        .flat_map(|_| sessions.iter().map(|(user, session)| finding(session, &user.to_lowercase())))
        .collect();
    let enabled = enabled_users();
    let _few_notices = Reconfigured::with(&[("HOURLY_NOTICES", Some(&NOTICES.to_string()))]);
    assert!(!is_open("budget-spent"), "an alarm is open that this test is to open");
    let (alarms, first_hour) = (Journal::from_now("mail"), hour());
    forget_spending();

    let batch = Batch::watch(events.len(), || {
        emit_all(&events);
        is_open("budget-spent");
    });

    assert_eq!((batch.count("DisableUser"), enabled_users()), (0, enabled));
    for reason in ["protected-user", "protected-group"] {
        let decided = batch.records.iter().filter(|record| text(record, "reason") == reason);
        assert_eq!(decided.count(), FINDINGS, "{reason}");
    }
    let hours = usize::try_from(hour() - first_hour + 1).unwrap();
    assert!((NOTICES + 1..=hours * (NOTICES + 1)).contains(&batch.mail.len()), "{:?}", batch.mail);
    assert!(is_open("budget-spent") && is_open("budget-spent"));
    assert_eq!(mails_of("budget-spent", &alarms), 1, "it opens once");
}

#[test]
fn of_findings_naming_many_users_the_budget_is_contained_and_the_rest_needs_a_person() {
    const BUDGET: usize = 3;
    let users: Vec<String> = (0..8).map(|number| format!("fern{number}")).collect();
    create_users(users.iter().map(String::as_str));
    let sessions: Vec<_> = users.iter().map(|user| (user, Session::of(user))).collect();
    let events: Vec<_> = sessions.iter().map(|(user, session)| finding(session, user)).collect();
    let budget = BUDGET.to_string();
    let _small_budget = Reconfigured::with(&[("HOURLY_BUDGET", Some(&budget))]);
    let first_hour = hour();
    forget_spending();

    let batch = Batch::deliver(&events);

    let contained = batch.disabled().len();
    let hours = usize::try_from(hour() - first_hour + 1).unwrap();
    assert!((BUDGET..=BUDGET * hours).contains(&contained), "{contained} were disabled");
    let rest = batch.records.iter().filter(|record| text(record, "reason") == "budget-spent");
    assert_eq!(rest.count(), users.len() - contained);
}
