//! The steps of `onboard-user`, one by one.

use serde_json::{Value, json};
use steward_core::store::{Claim, claim_notice, memory::put};

use super::*;
use crate::records::{AccountState, Flow, State, note_owner, user_key};
use crate::testing::{
    Schedule, World, block_on, custom, delete, disable, enable, hire, offboard, onboard, onboarding_config,
    person, sid,
};

const ALICE: u32 = 1104;

/// One step of an execution that began this long ago, with these settings.
async fn step_after(
    world: &World,
    settings: &[(&str, &str)],
    ago: u64,
    input: Value,
    step: &str,
) -> Result<Outcome, Error> {
    let execution = format!("e-{}-{}", input["user"].as_str().unwrap(), input["event"]["kind"]);
    let request = json!({
        "step": step, "execution": execution, "started_at": clock::iso(clock::now() - ago), "input": input,
        "service": "workspaces", "looked_up_at": clock::iso(clock::now() - ago),
    });
    world.provisioner_with(onboarding_config(settings)).handle(serde_json::from_value(request).unwrap()).await
}

async fn look_up(world: &World, settings: &[(&str, &str)], ago: u64, input: Value) -> (String, String) {
    let outcome = step_after(world, settings, ago, input, "look-up").await.unwrap();
    (outcome.outcome.to_owned(), outcome.reason.unwrap_or_default())
}

fn pair(outcome: &str, reason: &str) -> (String, String) {
    (outcome.to_owned(), reason.to_owned())
}

#[tokio::test]
async fn waits_for_a_user_who_is_not_there_yet_and_gives_up_in_the_end() {
    let world = World::new();
    let rule = [("ONBOARDING_RULES", r#"[{"group":"Agents","services":["connect"]}]"#)];
    assert_eq!(look_up(&world, &[], 0, hire("dave", 1108)).await, pair("waiting", "not-visible"));
    assert_eq!(look_up(&world, &rule, 0, hire("alice", ALICE)).await, pair("waiting", "no-group"));
    disable(&world, "alice", ALICE);
    assert_eq!(look_up(&world, &[], 0, hire("alice", ALICE)).await, pair("waiting", "disabled"));
    assert!(world.item(ALICE).is_none(), "who only waits is nobody's yet");
    for (input, reason) in [(hire("alice", ALICE), "disabled"), (hire("dave", 1108), "not-visible")] {
        let user = input["user"].as_str().unwrap().to_owned();
        assert_eq!(look_up(&world, &[], 3600, input.clone()).await, pair("gave-up", reason));
        step_after(&world, &[], 3600, input, "report").await.unwrap();
        let mail = world.state().mails.pop().unwrap();
        assert!(mail.subject.contains(&user) && mail.subject.contains(reason), "{}", mail.subject);
        assert!(mail.body.contains("60 minutes") && mail.body.contains("start-execution"), "{}", mail.body);
    }
    assert_eq!(world.item(ALICE).unwrap().state, State::GivenUp, "4722 goes on with him");
    assert!(world.state().desks.is_empty() && world.state().agents.is_empty());
}

#[tokio::test]
async fn refuses_who_is_not_to_be_onboarded_and_tells_who_asked() {
    let world = World::new();
    let ous = [("ALLOWED_OUS", "OU=Elsewhere,DC=corp,DC=example,DC=test")];
    let mut foreign = hire("alice", ALICE);
    foreign["directoryId"] = json!("d-1111111111");
    world.state().nested.insert("engineering".to_owned(), vec!["aws delegated administrators".to_owned()]);
    world.state().members.remove("bob");
    let elsewhere = look_up(&world, &ous, 0, hire("bob", 1105)).await;
    assert_eq!(elsewhere, pair("refused", "not-in-allowed-ous"));
    assert_eq!(look_up(&world, &[], 0, foreign).await, pair("refused", "other-directory"));
    assert_eq!(look_up(&world, &[], 0, hire("Admin", 1106)).await, pair("refused", "protected-user"));
    assert_eq!(look_up(&world, &[], 0, hire("alice", ALICE)).await, pair("refused", "protected-group"));
    step_after(&world, &[], 0, hire("alice", ALICE), "report").await.unwrap();
    assert_eq!(world.subjects(), ["[adsteward] alice not onboarded: protected-group"]);
    assert_eq!(look_up(&world, &ous, 0, custom("bob")).await.0, "refused");
    step_after(&world, &ous, 0, custom("bob"), "report").await.unwrap();
    step_after(&world, &ous, 0, hire("bob", 1105), "report").await.unwrap();
    assert_eq!(
        world.state().mails.len(),
        2,
        "an OU that is not meant is nobody's news, unless somebody has asked"
    );
    assert!(world.state().desks.is_empty() && world.item(1106).is_none());
}

#[tokio::test]
async fn a_name_that_is_another_accounts_by_now_is_left_to_that_accounts_own_event() {
    let world = World::new();
    assert_eq!(look_up(&world, &[], 5, hire("alice", 9999)).await, pair("waiting", "another-account"));
    assert_eq!(look_up(&world, &[], 120, hire("alice", 9999)).await, pair("ignored", "another-account"));
    assert!(world.item(9999).is_none() && world.item(ALICE).is_none());
    // Nobody else's event tells who has asked.
    let mut asked = custom("alice");
    asked["sid"] = json!(sid(9999));
    assert_eq!(look_up(&world, &[], 120, asked.clone()).await, pair("refused", "another-account"));
    step_after(&world, &[], 120, asked, "report").await.unwrap();
    assert_eq!(world.subjects(), ["[adsteward] alice not onboarded: another-account"]);
}

#[tokio::test]
async fn of_two_executions_for_one_user_one_goes_on() {
    let world = World::new();
    assert_eq!(look_up(&world, &[], 0, hire("alice", ALICE)).await.0, "ready");
    let request = json!({
        "step": "look-up", "execution": "e-2", "started_at": clock::iso(clock::now()), "input": custom("alice"),
    });
    let other = world.provisioner().handle(serde_json::from_value(request).unwrap()).await.unwrap();
    assert_eq!((other.outcome, other.reason.as_deref()), ("ignored", Some("another-execution")));
    let item = world.item(ALICE).unwrap();
    assert_eq!((item.holder.as_deref(), item.flow), (Some("e-alice-\"security-log\""), Some(Flow::Onboard)));
}

/// RISKS 28.
#[tokio::test]
async fn who_is_disabled_or_deleted_before_his_account_is_made_gets_nothing() {
    for gone in [disable, delete] {
        let world = World::new();
        step_after(&world, &[], 30, hire("alice", ALICE), "look-up").await.unwrap();
        gone(&world, "alice", ALICE);
        let doubted = step_after(&world, &[], 30, hire("alice", ALICE), "create").await.unwrap();
        assert_eq!(doubted.outcome, "waiting", "one domain controller may lag behind");
        clock::simulated::set(Some(clock::now() + 61));
        let refused = step_after(&world, &[], 91, hire("alice", ALICE), "status").await.unwrap();
        clock::simulated::set(None);
        assert_eq!(refused.outcome, "refused");
        step_after(&world, &[], 30, hire("alice", ALICE), "report").await.unwrap();
        assert!(world.state().desks.is_empty() && world.state().agents.is_empty());
        assert_eq!(world.item(ALICE).unwrap().state, State::Failed, "the other service was never asked");
    }
}

#[test]
fn an_account_of_an_earlier_bearer_of_the_name_is_not_his() {
    let world = World::new();
    let desk = world.put_desk("alice");
    world.put_agent("alice", "Somebody");
    let before: Sid = sid(1001).parse().unwrap();
    block_on(note_owner(&world, "workspaces", &desk, &before, "alice", true)).unwrap();
    let mut schedule = Schedule::new(&world);
    schedule.add(0, onboard(&world, hire("alice", ALICE), "hire"));
    block_on(schedule.run());
    let item = world.item(ALICE).unwrap();
    assert_eq!(item.state, State::Failed);
    for service in ["workspaces", "connect"] {
        assert_eq!(item.services[service].state, AccountState::Failed);
    }
    let mail = world.state().mails[0].clone();
    assert!(mail.body.contains(&sid(1001)) && mail.body.contains("Somebody"), "{}", mail.body);
    assert!(mail.body.contains("Find out whose it is"), "{}", mail.body);
}

#[test]
fn what_one_invocation_cannot_put_back_the_next_one_does_and_a_group_that_is_gone_costs_no_other() {
    let world = World::new();
    let groups = (0..45).map(|number| format!("Group {number:02}")).chain(["Gone".to_owned()]);
    world.state().members.insert("alice".to_owned(), groups.collect());
    let play = |add: &dyn Fn(&mut Schedule)| {
        let mut schedule = Schedule::new(&world);
        add(&mut schedule);
        block_on(schedule.run());
    };
    play(&|schedule| schedule.add(0, onboard(&world, hire("alice", ALICE), "hire")));
    let left = disable(&world, "alice", ALICE);
    let later = world.clone();
    let mut schedule = Schedule::new(&world);
    schedule.add(0, offboard(&world, left, "leave"));
    schedule.add(7_200_000, async move {
        assert!(later.groups("alice").is_empty());
        let back = enable(&later, "alice", ALICE);
        onboard(&later, back, "back").await;
    });
    block_on(schedule.run());
    assert_eq!(world.groups("alice").len(), 45);
    let mail = world.state().mails.last().unwrap().clone();
    assert!(mail.subject.contains("alice is back"), "{}", mail.subject);
    assert!(
        mail.body.contains("GROUPS NOT PUT BACK") && mail.body.contains("Gone: there is no group"),
        "{}",
        mail.body
    );
}

#[tokio::test]
async fn a_step_without_its_first_one_says_which_one_is_missing() {
    let world = World::new();
    for step in ["create", "restore", "report"] {
        let error = step_after(&world, &[], 0, hire("alice", ALICE), step).await.unwrap_err();
        assert_eq!(error.kind(), steward_core::error::Kind::Permanent);
        assert!(error.to_string().contains("first step"), "{error}");
    }
    let error =
        step_after(&world, &[], 0, json!({"version": 9, "directoryId": "x", "user": "y"}), "look-up").await;
    assert!(error.unwrap_err().to_string().contains("version is 9"));
}

#[test]
fn a_user_without_a_principal_name_still_gets_his_desk() {
    let world = World::new();
    let mut dave = person("dave", 1108);
    dave.upn = None;
    world.state().users.insert("dave".to_owned(), dave);
    let mut schedule = Schedule::new(&world);
    schedule.add(0, onboard(&world, hire("dave", 1108), "hire"));
    block_on(schedule.run());
    assert_eq!(world.item(1108).unwrap().services["workspaces"].state, AccountState::Ready);
}

/// The table may fail between taking him and writing down for whom the execution is: nobody else could begin for as long
/// as he would be held.
#[tokio::test]
async fn a_user_is_let_go_of_although_the_decision_about_him_was_never_written_down() {
    for input in [hire("alice", ALICE), custom("alice")] {
        let world = World::new();
        let execution = format!("e-alice-{}", input["event"]["kind"]);
        let mut item = UserItem { name: "alice".to_owned(), sid: sid(ALICE), ..UserItem::default() };
        let key = user_key(&onboarding_config(&[]).common.directory, &item.sid);
        for (holder, state) in [("another", State::Onboarding), (execution.as_str(), State::Failed)] {
            item.hold(holder, Flow::Onboard, clock::now() + LEASE_SECONDS);
            put(&world.table, &key, &item);
            step_after(&world, &[], 0, input.clone(), "abandon").await.unwrap();
            let left = world.item(ALICE).unwrap();
            assert_eq!((left.holder.is_none(), left.state), (state == State::Failed, state), "{input}");
        }
    }
}

/// The topic fails for longer than the execution tries; the next one must not wait for a sender who has given up.
#[tokio::test]
async fn what_an_execution_could_not_tell_the_next_one_tells_at_once() {
    let world = World::new();
    let ready = look_up(&world, &[], 0, hire("alice", ALICE)).await;
    assert_eq!(ready.0, "ready");
    let item = world.item(ALICE).unwrap();
    let execution = item.holder.clone().unwrap();
    let run = records::read_run(&*world.table, &execution).await.unwrap().unwrap();
    let cause = report::cause_of_onboarded(&item, &run);
    let claim = async |sender: &str| claim_notice(&*world.table, &cause, sender, clock::now()).await.unwrap();
    assert_eq!(claim(&execution).await, Claim::Send);
    assert_eq!(claim("the next").await, Claim::BeingSent);
    step_after(&world, &[], 0, hire("alice", ALICE), "abandon").await.unwrap();
    assert_eq!(claim("the next").await, Claim::Send);
}
