//! The notices as the person on call reads them.

use proptest::prelude::*;
use steward_core::notice::{LONGEST_SUBJECT, Notice};

use super::*;
use crate::records::{AccountState, Memberships, State};
use crate::services::Leaving;
use crate::testing::{Schedule, World, block_on, disable, facts, hire, offboard, onboard, onboarding_config};

const ALICE: u32 = 1104;

/// An item and a run in which every text is this one.
fn told_of(text: &str) -> (UserItem, Run) {
    let account = Account {
        state: AccountState::Failed,
        id: Some(text.to_owned()),
        detail: Some(text.to_owned()),
        reason: Some(text.to_owned()),
        ..Account::default()
    };
    let item = UserItem {
        name: text.to_owned(),
        upn: Some(text.to_owned()),
        sid: text.to_owned(),
        state: State::Failed,
        services: [("workspaces".to_owned(), account)].into(),
        memberships: Memberships {
            saved: vec![text.to_owned(), "a".to_owned()],
            done: vec![text.to_owned()],
            kept: [(text.to_owned(), text.to_owned())].into(),
            at: Some(text.to_owned()),
            removed: true,
            ..Memberships::default()
        },
        ..UserItem::default()
    };
    let mut known = facts("alice", ALICE);
    known.upn = Some(text.to_owned());
    let run = Run {
        user: text.to_owned(),
        sid: Some(text.to_owned()),
        outcome: text.to_owned(),
        reason: Some(text.to_owned()),
        services: vec!["workspaces".to_owned(), text.to_owned()],
        facts: Some(known),
        at: text.to_owned(),
        ..Run::default()
    };
    (item, run)
}

fn every_notice(text: &str) -> Vec<Notice> {
    let common = onboarding_config(&[]).common;
    let (item, run) = told_of(text);
    let services = Services::default();
    let told = Told { execution: text, event: text.to_owned(), common: &common };
    let mut notices = vec![
        onboarded(&item, &run, &told, &services),
        not_onboarded(&item, &run, &told, &services),
        nothing_given(&run, &told, 3600),
        left_alone(&run, &told),
        off_boarded(&item, &run, &told, &services),
        overtaken(&item, &run, &told, &services, text),
    ];
    for kind in [Leaving::Disabled, Leaving::Deleted, Leaving::Contained] {
        let left =
            Left { kind, is_unfinished: true, until: Some(text.to_owned()), release_state_machine: "arn" };
        notices.push(suspended(&item, &run, &told, &services, &left));
    }
    notices
}

proptest! {
    /// RISKS 31.
    #[test]
    fn no_value_brings_markup_or_control_bytes(text in any::<String>()) {
        for notice in every_notice(&text) {
            prop_assert!(!notice.body.contains(['<', '>']), "{}", notice.body);
            prop_assert!(notice.body.chars().all(|c| c == '\n' || !c.is_control()));
            prop_assert!(notice.subject.chars().count() <= LONGEST_SUBJECT);
            prop_assert!(notice.subject.chars().all(|c| c == ' ' || c.is_ascii_graphic()));
        }
    }
}

/// A life in which Connect has no room, and alice leaves.
fn mails() -> Vec<Notice> {
    let world = World::new();
    world.state().behaviour = [("connect", crate::testing::Behaviour::OutOfQuota)].into();
    let mut schedule = Schedule::new(&world);
    schedule.add(0, onboard(&world, hire("alice", ALICE), "arn:onboard"));
    block_on(schedule.run());
    let left = disable(&world, "alice", ALICE);
    schedule = Schedule::new(&world);
    schedule.add(0, offboard(&world, left, "arn:offboard"));
    block_on(schedule.run());
    world.state().mails.clone()
}

/// Of a contained user Connect's account stays.
#[test]
fn what_is_left_as_it_is_is_not_called_suspended() {
    let common = onboarding_config(&[]).common;
    let why = "Connect cannot suspend a user";
    let kept = Account { state: AccountState::Kept, reason: Some(why.to_owned()), ..Account::default() };
    let stopped = Account { state: AccountState::Suspended, ..Account::default() };
    let names = ["workspaces", "connect"].map(str::to_owned);
    let item = UserItem {
        name: "alice".to_owned(),
        services: names.clone().into_iter().zip([stopped, kept]).collect(),
        ..UserItem::default()
    };
    let run = Run { user: "alice".to_owned(), services: names.into(), ..Run::default() };
    let told = Told { execution: "arn", event: String::new(), common: &common };
    let services = World::new().services();
    let left =
        Left { kind: Leaving::Contained, is_unfinished: false, until: None, release_state_machine: "arn" };
    let Notice { subject, body } = suspended(&item, &run, &told, &services, &left);
    assert_eq!(
        subject,
        "[adsteward] alice is contained by adsteward: accounts suspended, not in Amazon Connect"
    );
    for words in [
        "his accounts are put out of use.\nLEFT AS IT IS: Amazon Connect, see below.\n",
        "    Connect cannot suspend a user\n",
        "  - the account in Amazon Connect: see above\n",
        "WHAT TO DO\n  Read what is said of Amazon Connect above, and decide whether that is enough.\n  Suspended",
    ] {
        assert!(body.contains(words), "{words}\n---\n{body}");
    }
}

#[test]
fn what_will_be_removed_is_said_and_another_persons_account_is_not_part_of_it() {
    let common = onboarding_config(&[]).common;
    let run = Run { user: "alice".to_owned(), services: vec!["workspaces".to_owned()], ..Run::default() };
    let told = Told { execution: "arn", event: String::new(), common: &common };
    let until = Some("2026-12-21T09:30:41Z".to_owned());
    let left = Left { kind: Leaving::Disabled, is_unfinished: false, until, release_state_machine: "arn" };
    for (id, words) in [
        (
            Some("ws-1".to_owned()),
            "  Suspended accounts, and those that could not be suspended, are kept until\n",
        ),
        (None, "  Suspended accounts are kept until 2026-12-21T09:30:41Z, then\n"),
    ] {
        let kept = Account { state: AccountState::Kept, id, ..Account::default() };
        let services = [("workspaces".to_owned(), kept)].into();
        let item = UserItem { name: "alice".to_owned(), services, ..UserItem::default() };
        let Notice { body, .. } = suspended(&item, &run, &told, &World::new().services(), &left);
        assert!(body.contains(words), "{words}\n---\n{body}");
    }
}

#[test]
fn each_notice_says_who_what_became_of_each_service_why_and_what_to_do() {
    let mails = mails();
    let [failed, suspended, removed] = mails.as_slice() else { panic!("{mails:#?}") };
    assert_eq!(failed.subject, "[adsteward] alice NOT fully onboarded: without Amazon Connect");
    for words in [
        "The directory user alice DID NOT GET: Amazon Connect.\nWhat can be used: Amazon WorkSpaces.\n",
        "WHO       alice (S-1-5-21-1-2-3-1104)\n          alice@corp.example.test\n",
        "WHY       event 4720 in the directory's security log\n",
        "  Amazon WorkSpaces  ready      ws-1\n",
        "  Amazon Connect     FAILED\n    CreateUser is refused, a quota is used up: LimitExceeded: no more. Have\n",
        "(Service Quotas)",
        "\"user\":\"alice\",\"sid\":\"S-1-5-21-1-2-3-1104\",\"event\":{\"kind\":\"custom\"}}'\n",
        "  execution  arn:onboard\n  record     table users, key user#d-9067012345#S-1-5-21-1-2-3-1104\n",
    ] {
        assert!(failed.body.contains(words), "{words}\n---\n{}", failed.body);
    }
    assert_eq!(suspended.subject, "[adsteward] alice is disabled: accounts suspended");
    for words in [
        "  Amazon WorkSpaces  suspended  ws-1\n",
        "GROUPS LEFT (saved)\n  Engineering, Staff\n",
        "Suspended accounts are kept until 2025-12-21T",
        "HOW TO UNDO\n  Enable the user",
        "aws ds reset-user-password --region eu-west-1 --directory-id d-9067012345",
    ] {
        assert!(suspended.body.contains(words), "{words}\n---\n{}", suspended.body);
    }
    assert_eq!(removed.subject, "[adsteward] alice off-boarded: accounts removed");
    assert!(
        removed.body.contains("gone for good") && removed.body.contains("removed    ws-1"),
        "{}",
        removed.body
    );
    for mail in &mails {
        println!(
            "{}\n\n{}\n------------------------------------------------------------",
            mail.subject, mail.body
        );
        let longest =
            mail.body.lines().filter(|line| !line.contains("--input")).map(|line| line.chars().count());
        assert!(longest.max().unwrap() <= 110, "{}", mail.body);
    }
}
