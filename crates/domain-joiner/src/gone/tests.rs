use crate::account::Mode;
use crate::event::{Told, ToldState};
use crate::member::State as Truth;
use crate::outcome::Outcome;
use crate::reason::Reason;
use crate::records::State;
use crate::testing::{Behaviour, World, place};

const ONE: &str = "i-00000000000000001";

/// A member of whose end EC2's events have not told.
fn member(ended: bool) -> World {
    let world = World::new(1, Mode::OneTime);
    world.launch(ONE, Behaviour::Works);
    world.play(Vec::new());
    world.state().silent = true;
    if ended {
        world.play(vec![(10, ONE.to_owned(), Truth::Terminated)]);
    }
    world
}

fn sweep(world: &World) -> Outcome {
    world.deliver(Told::Gone(place(ONE)), 0);
    world.play(Vec::new());
    let state = world.state();
    state.outcomes.iter().rev().find(|(told, _)| told.starts_with("Gone")).unwrap().1
}

#[test]
fn an_instance_that_ended_unheard_leaves_and_nothing_of_it_stays() {
    let world = member(true);
    assert_eq!(world.item(ONE).unwrap().state, State::Joined);
    assert_eq!(sweep(&world), Outcome::Left);
    assert!(world.state().objects.is_empty() && world.state().dns.is_empty());
    assert_eq!(sweep(&world), Outcome::Ignored(Reason::AlreadyLeft));
    assert_eq!(world.problems(), [""; 0]);
}

#[test]
fn an_instance_that_ec2_still_has_keeps_its_computer_whoever_says_that_it_is_gone() {
    let world = member(false);
    assert_eq!(sweep(&world), Outcome::Ignored(Reason::NotGone));
    assert_eq!(world.state().objects.len(), 1);
    assert_eq!(world.item(ONE).unwrap().state, State::Joined);
}

/// It is stopped, or on the way to its end.
#[test]
fn an_instance_that_is_not_terminated_keeps_its_computer_although_it_does_not_run() {
    let world = member(false);
    world.play(vec![(10, ONE.to_owned(), Truth::Between)]);
    assert_eq!(sweep(&world), Outcome::Ignored(Reason::NotGone));
    world.deliver(Told::State(place(ONE), ToldState::Terminated), 0);
    world.play(Vec::new());
    assert_eq!(world.state().dead_letters.len(), 1, "a person looks at it");
    assert_eq!(world.state().objects.len(), 1);
    assert_eq!(world.item(ONE).unwrap().state, State::Joined);
}

#[test]
fn a_computer_whose_record_was_lost_goes_with_its_instance() {
    let world = member(true);
    world.table.forget(ONE);
    assert_eq!(sweep(&world), Outcome::Left);
    assert!(world.state().objects.is_empty());
    assert_eq!(world.item(ONE).unwrap().state, State::Left);
}

#[test]
fn a_computer_of_the_name_whose_description_names_another_instance_or_place_is_never_removed() {
    for (from, to) in
        [("eu-central-1", "us-east-1"), ("111122223333", "222222222222"), (ONE, "i-00000000000000002")]
    {
        let world = member(true);
        world.table.forget(ONE);
        for object in &mut world.state().objects {
            let description = object.computer.description.take().unwrap();
            assert!(description.contains(from), "{description}");
            object.computer.description = Some(description.replace(from, to));
        }
        assert_eq!(sweep(&world), Outcome::Ignored(Reason::NeverJoined), "{to}");
        assert_eq!(world.state().objects.len(), 1, "{to}");
    }
}
