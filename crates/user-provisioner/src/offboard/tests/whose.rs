//! Whose an account is, and who is to lose his.

use super::*;

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
