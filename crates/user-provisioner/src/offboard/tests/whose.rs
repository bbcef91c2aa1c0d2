//! Whose an account is, and who is to lose his.

use super::*;
use crate::testing::{Desk, offboarding_config};

/// Off-boarding has met the agent and left it alone: nobody must take it for hers on her way back.
#[test]
fn what_was_left_alone_as_another_persons_never_becomes_the_users() {
    let world = World::new();
    world.put_agent("alice", "Somebody");
    play(&world, |schedule| schedule.add(0, onboard(&world, hire("alice", ALICE), "hire")));
    for stay in ["first", "second"] {
        let input = disable(&world, "alice", ALICE);
        play(&world, |schedule| schedule.add(0, offboard(&world, input, &format!("leave-{stay}"))));
        assert!(world.agent("alice").is_some(), "somebody's agent is deleted with the {stay} leave");
        let mails = world.state().mails.clone();
        let told = mails.iter().rfind(|mail| mail.subject.contains("not in Amazon Connect")).unwrap();
        assert!(told.body.contains("agent-") && told.body.contains("Somebody"), "{}", told.body);
        let back = enable(&world, "alice", ALICE);
        play(&world, |schedule| schedule.add(0, onboard(&world, back, &format!("back-{stay}"))));
        assert_eq!(world.item(ALICE).unwrap().services["connect"].state, AccountState::Failed);
    }
}

/// The user was there before adsteward: of his deletion his name and SID are told, and Connect goes by another name.
#[test]
fn an_agent_whom_a_deleted_user_probably_had_is_left_alone_and_people_are_told() {
    let world = World::new();
    let agent = world.put_agent("alice", "alice");
    let input = delete(&world, "alice", ALICE);
    play(&world, |schedule| schedule.add(0, offboard(&world, input, "leave")));
    assert!(world.agent("alice").is_some(), "deleted by a guess");
    let account = world.item(ALICE).unwrap().services["connect"].clone();
    assert_eq!((account.state, account.id), (AccountState::Kept, None), "it is not known to be hers");
    let mails = world.state().mails.clone();
    let [mail] = &mails[..] else { panic!("{:?}", world.subjects()) };
    assert_eq!(mail.subject, "[adsteward] alice is deleted: accounts suspended, not in Amazon Connect");
    let one_line = mail.body.split_whitespace().collect::<Vec<_>>().join(" ");
    for words in [
        &format!("{agent} is called alice@corp.example.test, as the user probably was"),
        "never saw his user principal name",
        "delete it by hand if it is his",
    ] {
        assert!(one_line.contains(words), "{words}: {}", mail.body);
    }
}

#[test]
fn what_was_not_looked_for_is_on_record_and_alone_nobodys_news() {
    let world = World::new();
    world.put_agent_called("a.example@elsewhere.test", "alice");
    let input = delete(&world, "alice", ALICE);
    play(&world, |schedule| schedule.add(0, offboard(&world, input, "leave")));
    let item = world.item(ALICE).unwrap();
    assert_eq!(item.state, State::Untouched);
    assert_eq!(item.services["workspaces"].state, AccountState::Absent);
    let connect = &item.services["connect"];
    assert_eq!(connect.state, AccountState::Unknown, "nobody has looked for it");
    let reason = connect.reason.as_deref().unwrap();
    assert!(reason.contains("alice@corp.example.test, which is not there, and for no other"), "{reason}");
    assert_eq!(world.subjects(), [""; 0]);
}

/// The record of her is gone, and that of the account is not.
#[test]
fn an_agent_that_is_on_record_as_the_deleted_users_is_deleted_and_anothers_is_left() {
    for (owner, state) in [(ALICE, AccountState::Removed), (2000, AccountState::Kept)] {
        let world = World::new();
        let agent = world.put_agent("alice", "alice");
        let owner = sid(owner).parse().unwrap();
        block_on(note_owner(&world, "connect", &agent, &owner, "alice", true)).unwrap();
        let input = delete(&world, "alice", ALICE);
        play(&world, |schedule| schedule.add(0, offboard(&world, input, "leave")));
        assert_eq!(world.item(ALICE).unwrap().services["connect"].state, state, "{owner}");
        assert_eq!(world.agent("alice").is_some(), state == AccountState::Kept, "{owner}");
    }
}

/// Only who is gone cannot be asked: the directory says that this one has no principal name, and so no agent.
#[test]
fn a_disabled_user_without_a_principal_name_has_no_agent() {
    let world = World::new();
    world.put_agent("alice", "alice");
    let input = disable(&world, "alice", ALICE);
    world.state().users.get_mut("alice").unwrap().upn = None;
    play(&world, |schedule| schedule.add(0, offboard(&world, input, "leave")));
    assert_eq!(world.item(ALICE).unwrap().services["connect"].state, AccountState::Absent);
}

/// `AllowedOus` says who is onboarded; leavers are moved to an OU of their own before or after they are disabled.
#[tokio::test]
async fn who_was_given_accounts_loses_them_although_he_was_moved_out_of_the_allowed_ous() {
    let world = World::new();
    let config = offboarding_config(&[("ALLOWED_OUS", "OU=Staff,DC=corp,DC=example,DC=test")]);
    let mut item = UserItem { name: "alice".to_owned(), sid: sid(ALICE), ..UserItem::default() };
    item.services.entry("workspaces".to_owned()).or_default().state = AccountState::Ready;
    put(&world.table, &user_key(&config.common.directory, &item.sid), &item);
    let outside = ("ignored", Some("not-in-allowed-ous"));
    for (user, input, expected) in [
        ("alice", disable(&world, "alice", ALICE), ("leaving", None)),
        ("bob", disable(&world, "bob", 1105), outside),
        // Where he was, nobody knows any more.
        ("bob", delete(&world, "bob", 1105), outside),
    ] {
        let request = json!({
            "step": "begin", "execution": user, "started_at": clock::iso(clock::now()), "input": input,
        });
        let offboarder = world.offboarder_with(config.clone());
        let begun = offboarder.handle(serde_json::from_value(request).unwrap()).await.unwrap();
        assert_eq!((begun.outcome, begun.reason.as_deref()), expected, "{user}");
    }
}

/// It costs money every hour, and nobody uses it any more.
#[test]
fn a_desk_that_cannot_be_stopped_is_removed_with_the_others_and_a_contained_users_is_not() {
    for (leave, left) in [(disable as fn(&World, &str, u32) -> Value, false), (contain, true)] {
        let world = on_board();
        world.state().desks_never_stop = true;
        let begun = world.state().now;
        let input = leave(&world, "alice", ALICE);
        play(&world, |schedule| schedule.add(0, offboard(&world, input, "leave")));
        let mail = world.state().mails[1].clone();
        assert!(mail.subject.contains("not in Amazon WorkSpaces"), "{}", mail.subject);
        assert!(mail.body.contains("it runs ALWAYS_ON"), "{}", mail.body);
        assert_eq!(
            mail.body.contains("those that could not be suspended, are kept until\n  20"),
            !left,
            "{}",
            mail.body
        );
        assert_eq!(world.desk("alice").is_some(), left);
        assert_eq!(world.state().now > begun + 30 * 86_400_000, !left);
        let state = if left { State::Suspended } else { State::OffBoarded };
        assert_eq!(world.item(ALICE).unwrap().state, state);
    }
}

/// Somebody was there before adsteward, and is contained or disabled for a while: his return is no reason to give him
/// accounts that he never had, however often it happens.
#[test]
fn who_was_never_onboarded_gets_back_what_was_taken_and_nothing_else() {
    for (has_desk, is_contained) in [(false, false), (false, true), (true, false), (true, true)] {
        let world = World::new();
        if has_desk {
            world.put_desk("alice");
        }
        let groups = world.groups("alice");
        for round in ["first", "second"] {
            let input =
                if is_contained { contain(&world, "alice", ALICE) } else { disable(&world, "alice", ALICE) };
            play(&world, |schedule| schedule.add(0, offboard(&world, input, &format!("leave-{round}"))));
            let runs = |desk: &Desk| desk.state == DeskState::Running;
            assert!(!world.desk("alice").as_ref().is_some_and(runs), "he cannot use a desk");
            let back =
                if is_contained { release(&world, "alice", ALICE) } else { enable(&world, "alice", ALICE) };
            play(&world, |schedule| schedule.add(0, onboard(&world, back, &format!("back-{round}"))));
            let running = world.desk("alice").as_ref().map(runs);
            assert_eq!(running, has_desk.then_some(true), "contained: {is_contained}, {round}");
            assert!(world.agent("alice").is_none(), "he never had one");
            assert_eq!(world.groups("alice"), groups);
        }
    }
}

/// He is made, disabled before anybody could give him anything, and enabled when nobody waits for him any more.
#[test]
fn a_new_user_whom_only_his_leaving_was_known_of_is_onboarded_when_he_is_enabled() {
    let world = World::new();
    world.state().members.remove("alice");
    let leave = disable(&world, "alice", ALICE);
    play(&world, |schedule| schedule.add(0, offboard(&world, leave, "leave")));
    assert_eq!(world.item(ALICE).unwrap().state, State::Untouched);
    play(&world, |schedule| schedule.add(0, onboard(&world, hire("alice", ALICE), "hire")));
    assert_eq!(world.item(ALICE).unwrap().state, State::GivenUp, "waited for in vain");
    let back = enable(&world, "alice", ALICE);
    play(&world, |schedule| schedule.add(0, onboard(&world, back, "back")));
    assert!(world.desk("alice").is_some() && world.agent("alice").is_some());
}
