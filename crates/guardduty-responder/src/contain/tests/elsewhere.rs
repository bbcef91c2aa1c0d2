//! Findings of other accounts and Regions.

use super::*;
use crate::testing::{INSTANCE, MEMBER, MEMBER_NEIGHBOUR, MEMBER_REGION, WITH_MEMBERS, event_elsewhere};

const ADMINISTRATOR: &str = "333344445555";

/// A world whose stack looks after other accounts, of which one has a row.
fn wide() -> World {
    let world = world();
    world.state().settings.extend(WITH_MEMBERS);
    world.state().open.insert(MEMBER.to_owned());
    world
}

/// The calls that reach AWS beyond the stack's own table.
fn calls_out(world: &World) -> Vec<&'static str> {
    let state = world.state();
    state.operations.iter().filter(|name| !["GetItem", "PutItem"].contains(name)).copied().collect()
}

#[tokio::test]
async fn contains_the_user_behind_a_members_finding_on_the_members_instance() {
    let world = wide();
    assert_eq!(run(&world.responder(), &event_elsewhere(MEMBER), "arn:x:1").await.unwrap(), "Done");
    assert!(!world.enabled("alice"));
    let state = world.state();
    assert!(state.reached.len() > 3, "asked, answered, ended, reported");
    for place in &state.reached {
        let place = (place.account.as_str(), place.region.as_str(), place.instance.as_str());
        assert_eq!(place, (MEMBER, MEMBER_REGION, INSTANCE));
    }
    let [mail] = &state.mails[..] else { panic!("{:?}", state.mails) };
    for said in [
        format!("instance {INSTANCE}, account {MEMBER}, Region {MEMBER_REGION}"),
        format!("{MEMBER_NEIGHBOUR} ({MEMBER} {MEMBER_REGION})"),
        format!("outside of 111122223333 eu-west-1 and {MEMBER} {MEMBER_REGION}"),
    ] {
        assert!(mail.body.contains(&said), "{said}: {}", mail.body);
    }
}

#[tokio::test]
async fn the_copies_of_member_and_administrator_contain_once_and_tell_once() {
    for senders in [[MEMBER, ADMINISTRATOR], [ADMINISTRATOR, MEMBER]] {
        let world = wide();
        for (at, sender) in senders.into_iter().chain(senders).enumerate() {
            let mut event = event_elsewhere(sender);
            let arn = event["detail"]["arn"].as_str().unwrap().replace("/d1/", &format!("/of{sender}/"));
            event["detail"]["arn"] = json!(arn);
            run(&world.responder(), &event, &format!("arn:x:{at}")).await.unwrap();
        }
        let state = world.state();
        assert_eq!((state.disabled.len(), state.mails.len(), state.commands.len()), (1, 1, 1), "{senders:?}");
    }
}

#[tokio::test]
async fn a_mismatch_is_recorded_with_its_reason_and_costs_no_call() {
    let third = "444455556666";
    let mut mixed = event_elsewhere(MEMBER);
    mixed["detail"]["accountId"] = json!(third);
    let without_row: Value =
        serde_json::from_str(&event_elsewhere(third).to_string().replace(MEMBER, third)).unwrap();
    for (event, reason, asks_for_row) in [
        (event_elsewhere(third), "foreign-source", false),
        (mixed, "foreign-account", false),
        (without_row, "no-account-row", true),
    ] {
        let world = wide();
        assert_eq!(run(&world.responder(), &event, "arn:x:1").await.unwrap(), "Nothing to do");
        assert_eq!(world.reasons(), [reason]);
        let asked: &[&str] = if asks_for_row { &["GetItem of an account"] } else { &[] };
        assert_eq!(calls_out(&world), asked, "{reason}");
        assert!(world.enabled("alice") && world.state().mails.is_empty());
    }
}

#[tokio::test]
async fn a_row_that_does_not_fit_is_told_once_for_each_finding_within_the_hours_notices() {
    let world = wide();
    world.state().rows_unusable = true;
    world.state().settings.push(("HOURLY_NOTICES", "2"));
    for copy in 0..3 {
        let end = run(&world.responder(), &event_elsewhere(MEMBER), &format!("arn:x:{copy}")).await;
        assert_eq!(end.unwrap(), "Nothing to do");
    }
    let mail = world.state().mails[0].clone();
    assert!(mail.subject.contains("(row-unusable)"), "{}", mail.subject);
    for said in [&format!("account {MEMBER}"), "Until the row fits", "Join instances"] {
        assert!(mail.body.contains(said), "{said}: {}", mail.body);
    }
    assert_eq!(world.state().mails.len(), 1);
    for id in ["f2", "f3", "f4"] {
        let mut event = event_elsewhere(MEMBER);
        let arn = event["detail"]["arn"].as_str().unwrap().replace("/f1", &format!("/{id}"));
        event["detail"]["arn"] = json!(arn);
        run(&world.responder(), &event, &format!("arn:x:{id}")).await.unwrap();
    }
    let state = world.state();
    let subjects: Vec<&str> = state.mails.iter().map(|mail| mail.subject.as_str()).collect();
    assert_eq!(subjects.len(), 3, "the second, and one that the rest is only recorded: {subjects:?}");
    assert!(subjects[2].contains("too many findings") && state.disabled.is_empty(), "{subjects:?}");
}

#[tokio::test]
async fn only_a_finding_whose_detector_is_known_is_to_be_archived_before_a_release() {
    for (event, archive) in [(event(), true), (event_elsewhere(MEMBER), false)] {
        let world = wide();
        run(&world.responder(), &event, "arn:x:1").await.unwrap();
        let body = world.state().mails[0].body.clone();
        assert!(body.contains("HOW TO UNDO") && body.contains("\"override\":\"why"), "{body}");
        assert_eq!(body.contains("Archive the finding in GuardDuty first"), archive, "{body}");
    }
}

#[tokio::test]
async fn without_an_account_table_another_account_or_region_is_foreign() {
    let mut own = event_elsewhere("111122223333");
    let text = own.to_string().replace(MEMBER, "111122223333");
    own = serde_json::from_str(&text).unwrap();
    for (event, reason) in [(event_elsewhere(MEMBER), "foreign-account"), (own, "foreign-region")] {
        let world = world();
        run(&world.responder(), &event, "arn:x:1").await.unwrap();
        assert_eq!(world.reasons(), [reason]);
        assert_eq!(calls_out(&world), [""; 0]);
    }
}

#[tokio::test]
async fn a_finding_of_the_stacks_own_place_needs_no_row() {
    let world = wide();
    run(&world.responder(), &event(), "arn:x:1").await.unwrap();
    assert!(!world.enabled("alice"));
    assert!(!calls_out(&world).contains(&"GetItem of an account"));
    let body = world.state().mails[0].body.clone();
    assert!(body.contains("outside of 111122223333 eu-west-1:\n"), "{body}");
}
