//! The ends of commands: the one that is waited for leads on, and one that has joined and whose id was lost. No other does.

use steward_core::store::memory::put;

use crate::account::Mode;
use crate::event::Told;
use crate::outcome::Outcome;
use crate::reason::Reason;
use crate::records::{Phase, State, key};
use crate::testing::{Behaviour, World, place};

const ONE: &str = "i-00000000000000001";

/// An instance that has joined at its second try, its record as if that was not confirmed yet, and its commands: one that
/// has failed, one that has made the key pair, one that has joined.
fn unconfirmed(phase: Phase) -> (World, [String; 3]) {
    let world = World::new(1, Mode::OneTime);
    world.launch(ONE, Behaviour::FailsOnce(13, "no-domain"));
    world.play(Vec::new());
    let commands: Vec<String> = world.state().commands.keys().cloned().collect();
    let [failed, prepared, joined] = commands.try_into().unwrap();
    let mut item = world.item(ONE).unwrap();
    item.state = State::Sent;
    item.phase = Some(phase);
    item.command = Some(if phase == Phase::Joining { &prepared } else { &joined }.clone());
    item.joined_at = None;
    put(&world.table, &key(&ONE.parse().unwrap()), &item);
    (world, [failed, prepared, joined])
}

fn end_of(world: &World, command: &str) -> Outcome {
    world.deliver(Told::Command(place(ONE), command.to_owned()), 0);
    world.play(Vec::new());
    world.state().outcomes.last().unwrap().1
}

#[test]
fn only_a_command_that_has_joined_is_taken_for_the_one_whose_id_was_lost() {
    let (world, [failed, _, joined]) = unconfirmed(Phase::Joining);
    let item = world.item(ONE);
    assert_eq!(end_of(&world, &failed), Outcome::Ignored(Reason::OtherCommand));
    assert_eq!(world.item(ONE), item);
    assert_eq!(end_of(&world, &joined), Outcome::Joined);
    assert_eq!(world.problems(), [""; 0]);
}

#[test]
fn the_end_of_a_command_that_is_not_waited_for_any_more_asks_nobody() {
    let (world, [failed, prepared, joined]) = unconfirmed(Phase::Join);
    let asked = world.count("GetCommandInvocation");
    for other in [&failed, &prepared] {
        assert_eq!(end_of(&world, other), Outcome::Ignored(Reason::OtherCommand));
    }
    assert_eq!(world.count("GetCommandInvocation"), asked);
    assert_eq!(end_of(&world, &joined), Outcome::Joined);
    assert_eq!(world.problems(), [""; 0]);
}
