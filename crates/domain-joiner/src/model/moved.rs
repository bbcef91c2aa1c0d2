//! An account whose row names another domain than the one in which its instances' objects are.

use crate::account::Mode;
use crate::member::State as Truth;
use crate::outcome::Outcome;
use crate::reason::Reason;
use crate::records::State;
use crate::testing::{Behaviour, DOMAIN, World, join_user};

const ONE: &str = "i-00000000000000001";
const ACCOUNT: &str = "111122223333";

fn name_domain(world: &World, domain: &str) {
    domain.clone_into(&mut world.state().rows.get_mut(ACCOUNT).unwrap().domain);
}

fn told(world: &World) {
    let mails = world.state().mails.clone();
    assert_eq!(mails.len(), 1, "{mails:?}");
    assert!(mails[0].body.contains(DOMAIN) && mails[0].body.contains("new.example.test"), "{mails:?}");
}

#[test]
fn an_object_in_the_former_domain_is_not_taken_for_gone() {
    for mode in [Mode::OneTime, join_user()] {
        let world = World::new(1, mode);
        world.launch(ONE, Behaviour::Works);
        world.play(Vec::new());
        name_domain(&world, "new.example.test");
        world.play(vec![(10, ONE.to_owned(), Truth::Terminated)]);
        assert_eq!(world.state().outcomes.last().unwrap().1, Outcome::NotLeft(Reason::DirectoryRefuses));
        assert_eq!(world.item(ONE).unwrap().state, State::Leaving);
        told(&world);
        name_domain(&world, DOMAIN);
        let place = world.state().machines[ONE].place.clone();
        world.tell_state(&place, crate::event::ToldState::Terminated);
        world.play(Vec::new());
        assert_eq!(world.problems(), [""; 0], "{}", world.state().trace.join("\n"));
    }
}

#[test]
fn an_object_that_was_made_in_vain_in_the_former_domain_is_not_forgotten() {
    let world = World::new(1, Mode::OneTime);
    world.state().denied.insert("DeleteComputer");
    world.launch(ONE, Behaviour::HalfJoins);
    world.play(Vec::new());
    let (objects, sid) = (world.state().objects.clone(), world.item(ONE).unwrap().sid);
    assert!(objects.len() == 1 && sid == Some(objects[0].computer.sid.clone()));
    world.state().denied.clear();
    world.state().mails.clear();
    name_domain(&world, "new.example.test");
    world.play(vec![(900, ONE.to_owned(), Truth::Between), (960, ONE.to_owned(), Truth::Running)]);
    assert_eq!((&world.state().objects, &world.item(ONE).unwrap().sid), (&objects, &sid));
    told(&world);
}
