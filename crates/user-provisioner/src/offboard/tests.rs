//! The steps of `offboard-user`, one by one.

mod whose;

use serde_json::{Value, json};
use steward_core::store::memory::put;

use super::*;
use crate::records::{AccountState, Flow, State, note_name, note_owner, user_key, write_run};
use crate::testing::{
    DeskState, Schedule, World, block_on, contain, delete, disable, enable, hire, offboard, onboard, person,
    release, sid,
};

const ALICE: u32 = 1104;

fn play(world: &World, add: impl FnOnce(&mut Schedule)) {
    let mut schedule = Schedule::new(world);
    add(&mut schedule);
    block_on(schedule.run());
}

fn on_board() -> World {
    let world = World::new();
    play(&world, |schedule| schedule.add(0, onboard(&world, hire("alice", ALICE), "hire")));
    world.state().now += 3_600_000;
    world
}

/// One step of an execution that began this long ago.
async fn step_after(world: &World, ago: u64, input: Value, step: &str) -> (String, String) {
    let request = json!({
        "step": step, "execution": "e-1", "started_at": clock::iso(clock::now() - ago), "input": input,
        "service": "workspaces",
    });
    let outcome = world.offboarder().handle(serde_json::from_value(request).unwrap()).await.unwrap();
    (outcome.outcome.to_owned(), outcome.reason.or(outcome.state).unwrap_or_default())
}

fn pair(outcome: &str, reason: &str) -> (String, String) {
    (outcome.to_owned(), reason.to_owned())
}

#[test]
fn a_protected_user_keeps_everything_and_people_are_told() {
    let world = World::new();
    let admin = disable(&world, "admin", 1106);
    world.state().members.insert("bob".to_owned(), ["AWS Delegated Administrators".to_owned()].into());
    let bob = disable(&world, "bob", 1105);
    play(&world, |schedule| schedule.add(0, offboard(&world, admin, "e-1")));
    play(&world, |schedule| schedule.add(0, offboard(&world, bob, "e-2")));
    let subjects = world.subjects();
    assert_eq!(subjects.len(), 2, "{subjects:?}");
    assert!(subjects.iter().all(|subject| subject.contains("protected user")), "{subjects:?}");
    assert!(!world.groups("bob").is_empty() && !world.groups("admin").is_empty());
    assert_eq!(world.state().violations, [""; 0]);
}

#[tokio::test]
async fn an_enabled_user_is_looked_at_for_a_minute_and_then_left_alone() {
    let world = World::new();
    let mut input = hire("alice", ALICE);
    input["event"] = json!({"kind": "security-log", "id": 4725});
    assert_eq!(step_after(&world, 0, input.clone(), "begin").await, pair("waiting", "replication"));
    assert_eq!(step_after(&world, 60, input, "begin").await, pair("ignored", "enabled-again"));
    assert!(world.item(ALICE).is_none());
}

#[test]
fn a_contained_user_is_suspended_at_once_and_nothing_of_his_is_deleted() {
    let world = on_board();
    let begun = world.state().now;
    let input = contain(&world, "alice", ALICE);
    play(&world, |schedule| schedule.add(0, offboard(&world, input, "contain")));
    assert!(world.state().now < begun + 60_000, "there is no grace for him");
    assert_eq!(world.desk("alice").unwrap().state, DeskState::Stopped);
    assert!(world.agent("alice").is_some());
    assert_eq!(world.groups("alice").len(), 2);
    let mail = world.state().mails.last().unwrap().clone();
    assert!(mail.subject.contains("is contained by adsteward"), "{}", mail.subject);
    for words in
        ["release-user", "as they were", "nothing of a contained user is deleted", "until somebody releases"]
    {
        assert!(mail.body.contains(words), "{words}: {}", mail.body);
    }
    let back = release(&world, "alice", ALICE);
    play(&world, |schedule| schedule.add(0, onboard(&world, back, "back")));
    assert_eq!(world.desk("alice").unwrap().state, DeskState::Running);
}

#[test]
fn a_desk_that_was_just_made_and_is_not_shown_yet_is_suspended_all_the_same() {
    let world = on_board();
    let now = world.state().now;
    let mut item = world.item(ALICE).unwrap();
    item.services.get_mut("workspaces").unwrap().since = now / 1000;
    put(&world.table, &user_key(&"d-9067012345".parse().unwrap(), &item.sid), &item);
    world.state().desks_hidden_until = now + 20_000;
    let input = contain(&world, "alice", ALICE);
    play(&world, |schedule| schedule.add(0, offboard(&world, input, "contain")));
    assert_eq!(world.desk("alice").unwrap().state, DeskState::Stopped);
}

/// However long the grace period is: it may be longer than the time after it.
#[test]
fn a_desk_is_kept_for_the_whole_time_after_the_grace_period() {
    let world = on_board();
    let config = &world.offboarder().config;
    let (grace, keep) = (config.grace_seconds * 1000, config.keep_seconds * 1000);
    let input = disable(&world, "alice", ALICE);
    let (before, after) = (world.clone(), world.clone());
    play(&world, |schedule| {
        schedule.add(0, offboard(&world, input, "leave"));
        schedule.add(keep + grace / 2, async move {
            assert_eq!(before.desk("alice").unwrap().state, DeskState::Stopped);
        });
        schedule.add(keep + 2 * grace, async move {
            assert!(after.desk("alice").is_none_or(|desk| desk.state != DeskState::Stopped));
        });
    });
}

/// Flow 1 contains a leaver whose desk is kept: from then on it is evidence.
#[test]
fn who_is_contained_while_his_desk_is_kept_loses_nothing_more() {
    let world = on_board();
    let input = disable(&world, "alice", ALICE);
    let later = world.clone();
    play(&world, |schedule| {
        schedule.add(0, offboard(&world, input, "leave"));
        schedule.add(86_400_000, async move {
            contain(&later, "alice", ALICE);
        });
    });
    assert_eq!(world.desk("alice").unwrap().state, DeskState::Stopped);
    assert!(world.subjects().last().unwrap().contains("is contained by now"));
}

#[test]
fn a_deleted_users_groups_are_told_as_they_were_seen_and_what_is_unknown_is_said() {
    let world = on_board();
    let alice = delete(&world, "alice", ALICE);
    play(&world, |schedule| schedule.add(0, offboard(&world, alice, "alice")));
    let mail = world.state().mails[1].clone();
    assert!(
        mail.body.contains("Engineering, Staff") && mail.body.contains("gone with the user"),
        "{}",
        mail.body
    );
    assert_eq!(world.item(ALICE).unwrap().state, State::OffBoarded);
    // Nobody has seen bob before he was deleted; somebody has made him a desk by hand.
    let desk = world.put_desk("bob");
    let bob = delete(&world, "bob", 1105);
    play(&world, |schedule| schedule.add(0, offboard(&world, bob, "bob")));
    let mail =
        world.state().mails.iter().find(|mail| mail.subject.contains("bob is deleted")).unwrap().clone();
    assert!(mail.body.contains("NOT KNOWN") && mail.body.contains(&desk), "{}", mail.body);
    let one_line = mail.body.split_whitespace().collect::<Vec<_>>().join(" ");
    for words in [
        "it has looked for bob@corp.example.test, which is not there, and for no other",
        "Read what is said of Amazon Connect above",
        "the account in Amazon Connect: see above",
    ] {
        assert!(one_line.contains(words), "{words}: {}", mail.body);
    }
}

#[test]
fn what_belongs_to_another_account_of_the_name_is_left_alone() {
    let world = on_board();
    let input = delete(&world, "alice", ALICE);
    // The name is given to somebody new before the off-boarding acts.
    let later = world.clone();
    let new = world.clone();
    play(&world, |schedule| {
        schedule.add(0, offboard(&world, input, "leave"));
        schedule.add(120_000, async move {
            later.state().users.insert("alice".to_owned(), person("alice", 2000));
            let agent = later.agent("alice").unwrap().id;
            // Her own agent, made by hand under the freed name.
            for agent in later.state().agents.iter_mut() {
                agent.gone = true;
            }
            assert!(!agent.is_empty());
            let hers = later.put_agent("alice", "alice");
            let sid = sid(2000).parse().unwrap();
            note_owner(&later, "connect", &hers, &sid, "alice", true).await.unwrap();
        });
    });
    assert!(new.agent("alice").is_some(), "the new alice's agent");
    assert_eq!(world.item(ALICE).unwrap().services["connect"].state, AccountState::Removed);
}

#[test]
fn a_user_who_had_nothing_is_nobodys_news() {
    let world = World::new();
    world.state().members.remove("alice");
    let input = disable(&world, "alice", ALICE);
    play(&world, |schedule| schedule.add(0, offboard(&world, input, "leave")));
    assert_eq!(world.subjects(), [""; 0]);
    assert_eq!(world.item(ALICE).unwrap().state, State::Untouched);
}

/// His event of enabling is lost, or starts nothing since nothing was taken away yet.
#[test]
fn who_is_enabled_again_in_the_grace_period_loses_nothing_and_is_nobodys_news() {
    let world = on_board();
    let input = disable(&world, "alice", ALICE);
    let later = world.clone();
    play(&world, |schedule| {
        schedule.add(0, offboard(&world, input, "leave"));
        schedule.add(300_000, async move {
            enable(&later, "alice", ALICE);
        });
    });
    assert_eq!(world.desk("alice").unwrap().state, DeskState::Running);
    assert!(world.agent("alice").is_some());
    assert_eq!(world.groups("alice").len(), 2);
    let item = world.item(ALICE).unwrap();
    assert_eq!((item.state, item.holder), (State::Onboarded, None));
    assert_eq!(world.state().mails.len(), 1, "{:?}", world.subjects());
}

#[test]
fn a_group_out_of_reach_costs_no_other_and_is_told() {
    let world = on_board();
    world.state().members.get_mut("alice").unwrap().insert("Out of Reach".to_owned());
    let input = disable(&world, "alice", ALICE);
    play(&world, |schedule| schedule.add(0, offboard(&world, input, "leave")));
    assert_eq!(world.groups("alice"), ["Out of Reach".to_owned()].into());
    let mail = world.state().mails[1].clone();
    assert!(
        mail.body.contains("GROUPS NOT LEFT") && mail.body.contains("Out of Reach: RemoveGroupMember"),
        "{}",
        mail.body
    );
    // She has never left it, so that nothing of it is put back.
    let back = enable(&world, "alice", ALICE);
    play(&world, |schedule| schedule.add(0, onboard(&world, back, "back")));
    let mail = world.state().mails.last().unwrap().clone();
    assert!(mail.subject.contains("alice is back") && !mail.body.contains("NOT PUT BACK"), "{}", mail.body);
    assert_eq!(world.groups("alice").len(), 3);
}

#[test]
fn an_event_that_comes_again_does_nothing_more() {
    let world = on_board();
    let input = disable(&world, "alice", ALICE);
    play(&world, |schedule| {
        schedule.add(0, offboard(&world, input.clone(), "log"));
        schedule.add(30_000, offboard(&world, input.clone(), "cloudtrail"));
        schedule.add(40 * 86_400_000, offboard(&world, input, "late"));
    });
    let ended = world.state().ended.clone();
    assert_eq!((ended["cloudtrail"].as_str(), ended["late"].as_str()), ("Nothing to do", "Nothing to do"));
    assert_eq!(world.state().mails.len(), 3, "onboarded, suspended, removed: {:?}", world.subjects());
    let terminated = world.state().operations.iter().filter(|call| **call == "TerminateWorkspaces").count();
    assert_eq!(terminated, 1);
}

/// As with onboarding; `CloudTrail` tells no SID, and who is deleted is known by his name only.
#[tokio::test]
async fn a_user_is_let_go_of_although_the_decision_about_him_was_never_written_down() {
    let world = World::new();
    let directory = world.offboarder().config.common.directory;
    let mut input = delete(&world, "alice", ALICE);
    input["event"] = json!({"kind": "cloudtrail", "id": "DeleteUser"});
    input["sid"] = Value::Null;
    note_name(&world, &directory, &"alice".parse().unwrap(), &sid(ALICE).parse().unwrap()).await.unwrap();
    let mut item = UserItem { name: "alice".to_owned(), sid: sid(ALICE), ..UserItem::default() };
    item.hold("e-1", Flow::Offboard, clock::now() + LEASE_SECONDS);
    put(&world.table, &user_key(&directory, &item.sid), &item);
    assert_eq!(step_after(&world, 0, input, "abandon").await.0, "abandoned");
    assert_eq!(world.item(ALICE).unwrap().holder, None);
}

/// The function may have failed before it came to note that it removes anything.
#[tokio::test]
async fn a_removal_that_never_began_is_told_as_one_that_failed() {
    let world = World::new();
    let directory = world.offboarder().config.common.directory;
    let input = disable(&world, "alice", ALICE);
    let mut item = UserItem { name: "alice".to_owned(), sid: sid(ALICE), ..UserItem::default() };
    item.state = State::Suspended;
    let account = item.services.entry("workspaces".to_owned()).or_default();
    (account.state, account.id, account.suspended) = (AccountState::Suspended, Some("ws-1".to_owned()), true);
    item.hold("e-1", Flow::Offboard, clock::now() + LEASE_SECONDS);
    put(&world.table, &user_key(&directory, &item.sid), &item);
    let run = Run {
        user: "alice".to_owned(),
        sid: Some(sid(ALICE)),
        outcome: "leaving".to_owned(),
        services: vec!["workspaces".to_owned()],
        kind: Some("disabled".to_owned()),
        reported: Some("suspended".to_owned()),
        ..Run::default()
    };
    write_run(&world, "e-1", &run).await.unwrap();
    step_after(&world, 0, input.clone(), "note-failure").await;
    assert_eq!(step_after(&world, 0, input, "tell").await, pair("told", "gone"));
    assert_eq!(world.subjects(), ["[adsteward] alice NOT fully off-boarded: Amazon WorkSpaces"]);
    assert_eq!(world.item(ALICE).unwrap().state, State::Suspended);
}
