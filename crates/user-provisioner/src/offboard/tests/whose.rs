//! Whose an account is, and who is to lose his.

use super::*;
use crate::testing::offboarding_config;

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

/// `AllowedOus` says who is onboarded; leavers are moved to an OU of their own before or after they are disabled.
#[tokio::test]
async fn who_was_given_accounts_loses_them_although_he_was_moved_out_of_the_allowed_ous() {
    let world = World::new();
    let config = offboarding_config(&[("ALLOWED_OUS", "OU=Staff,DC=corp,DC=example,DC=test")]);
    let mut item = UserItem { name: "alice".to_owned(), sid: sid(ALICE), ..UserItem::default() };
    item.services.entry("workspaces".to_owned()).or_default().state = AccountState::Ready;
    put(&world.table, &user_key(&config.common.directory, &item.sid), &item);
    for (user, relative_id, expected) in
        [("alice", ALICE, ("leaving", None)), ("bob", 1105, ("ignored", Some("not-in-allowed-ous")))]
    {
        let request = json!({
            "step": "begin", "execution": user, "started_at": clock::iso(clock::now()),
            "input": disable(&world, user, relative_id),
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
