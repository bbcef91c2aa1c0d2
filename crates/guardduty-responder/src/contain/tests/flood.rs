//! Somebody makes findings: by the thousand, about administrators or about everybody.

use steward_core::directory::User;

use super::*;
use crate::testing::{DOMAIN, sid, uid};

const FINDINGS: usize = 1000;
/// As `testing::scene` configures.
const HOURLY_NOTICES: usize = 20;
const HOURLY_BUDGET: usize = 5;

/// Repeats what has crossed the end of an hour: there, budgets begin again.
async fn within_one_hour<F: Future<Output = World>>(scene: impl Fn() -> F) -> World {
    loop {
        let hour = clock::now() / 3600;
        let world = scene().await;
        if clock::now() / 3600 == hour {
            return world;
        }
    }
}

fn numbered(mut event: Value, number: usize) -> Value {
    event["detail"]["arn"] =
        json!(format!("arn:aws:guardduty:eu-west-1:111122223333:detector/d1/finding/{number}"));
    event
}

fn subjects(world: &World) -> Vec<String> {
    world.state().mails.iter().map(|mail| mail.subject.clone()).collect()
}

async fn about_an_administrator(changes: &[(&str, &str)], group: Option<&str>) -> World {
    let world = world();
    let groups = group.map(str::to_owned).into_iter().collect();
    world.state().groups.insert("alice".to_owned(), groups);
    let responder = world.responder_with(changes);
    for number in 0..FINDINGS {
        run(&responder, &numbered(event(), number), &format!("arn:x:{number}")).await.unwrap();
    }
    world
}

fn check_administrator(world: &World, reason: &str) {
    assert!(world.state().disabled.is_empty() && world.enabled("alice"), "{reason}");
    assert_eq!(world.reasons(), vec![reason; FINDINGS]);
    let subjects = subjects(world);
    assert_eq!(
        subjects.len(),
        HOURLY_NOTICES + 1,
        "{reason}: the notices and one that says that there are more"
    );
    assert!(subjects[HOURLY_NOTICES].contains("only recorded"), "{subjects:?}");
    assert_eq!(world.counted.count("Refused"), FINDINGS);
    assert_eq!(world.counted.count("BudgetSpent"), FINDINGS - HOURLY_NOTICES, "{reason}");
}

#[tokio::test]
async fn a_thousand_findings_naming_an_administrator_by_list_disable_nobody_and_mail_little() {
    let changes = [("PROTECTED_USERS", "krbtgt,ALICE")];
    let world = within_one_hour(|| about_an_administrator(&changes, None)).await;
    check_administrator(&world, "protected-user");
}

#[tokio::test]
async fn a_thousand_findings_naming_an_administrator_by_group_disable_nobody_and_mail_little() {
    let group = Some("aws delegated administrators");
    let world = within_one_hour(|| about_an_administrator(&[], group)).await;
    check_administrator(&world, "protected-group");
}

/// Rewrites what was said of alice for another user.
fn about(value: &Value, number: u32) -> Value {
    let relative_id = 5000 + number;
    let text = value
        .to_string()
        .replace(&sid(1104), &sid(relative_id))
        .replace(&uid(1104).to_string(), &uid(relative_id).to_string())
        .replace("alice", &format!("user{number}"));
    serde_json::from_str(&text).unwrap()
}

async fn about_everybody() -> World {
    let world = World::new();
    let responder = world.responder();
    for number in 0..u32::try_from(FINDINGS).unwrap() {
        let name = format!("user{number}");
        let user = User {
            name: name.parse().unwrap(),
            sid: sid(5000 + number).parse().unwrap(),
            domain: DOMAIN.to_owned(),
            enabled: true,
        };
        world.state().users.insert(name, user);
        world.answers(&about(&answer(), number));
        let event = about(&numbered(event(), number as usize), number);
        run(&responder, &event, &format!("arn:x:{number}")).await.unwrap();
    }
    world
}

#[tokio::test]
async fn of_a_thousand_findings_naming_a_thousand_users_the_budget_is_contained_and_the_rest_needs_a_person()
{
    let world = within_one_hour(about_everybody).await;
    assert_eq!(world.state().disabled.len(), HOURLY_BUDGET);
    let (contained, rest): (Vec<_>, Vec<_>) =
        world.reasons().into_iter().partition(|reason| reason == "identity-proved");
    assert_eq!(
        (contained.len(), rest),
        (HOURLY_BUDGET, vec!["budget-spent".to_owned(); FINDINGS - HOURLY_BUDGET])
    );
    assert_eq!(subjects(&world).len(), HOURLY_BUDGET + HOURLY_NOTICES + 1);
    assert_eq!(world.counted.count("Contained"), HOURLY_BUDGET);
    assert_eq!(world.counted.count("NeedsPerson"), FINDINGS - HOURLY_BUDGET);
    assert!(world.counted.count("BudgetSpent") >= FINDINGS - HOURLY_BUDGET);
}

#[tokio::test]
async fn a_containment_is_told_whatever_was_told_before() {
    let world = world();
    let responder = world.responder_with(&[("HOURLY_NOTICES", "0")]);
    run(&responder, &event(), "arn:x:1").await.unwrap();
    assert!(subjects(&world)[0].contains("alice disabled"));
}

#[tokio::test]
async fn what_was_held_back_is_told_with_the_next_finding_of_a_later_hour() {
    let world = world();
    world.state().kill_switch = true;
    run(&world.responder_with(&[("HOURLY_NOTICES", "0")]), &event(), "arn:x:1").await.unwrap();
    assert!(subjects(&world)[0].contains("only recorded"));
    world.table.forget("budget#");
    run(&world.responder(), &updated(30), "arn:x:2").await.unwrap();
    assert!(subjects(&world)[1].contains("kill-switch"), "{:?}", subjects(&world));
}

#[tokio::test]
async fn every_outcome_is_counted_once_however_often_its_steps_are_repeated() {
    let calls = calls_of_one_run().await;
    for call in 1..=calls {
        let (world, result) = run_with_fault(call, false).await;
        result.unwrap();
        assert_eq!(world.counted.all(), [("Contained".to_owned(), 1)].into(), "call {call}");
    }
}

#[tokio::test]
async fn a_metric_names_nobody() {
    let world = within_one_hour(|| about_an_administrator(&[("HOURLY_NOTICES", "1")], Some("x"))).await;
    let text = world.counted.text();
    assert!(!text.is_empty());
    for secret in ["alice", &sid(1104), &uid(1104).to_string(), "arn:aws", "finding/"] {
        assert!(!text.contains(secret), "a metric holds {secret}");
    }
}
