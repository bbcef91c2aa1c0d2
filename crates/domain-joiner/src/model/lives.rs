//! Instances that come and go, with nothing going wrong.

use crate::account::Mode;
use crate::member::State as Truth;
use crate::records::State;
use crate::testing::{Behaviour, World};

const ONE: &str = "i-00000000000000001";

#[test]
fn an_instance_joins_with_a_password_of_its_own_and_leaves() {
    let world = World::new(1, Mode::OneTime);
    world.launch(ONE, Behaviour::Works);
    world.play(Vec::new());
    assert_eq!(world.problems(), [""; 0], "{}", world.state().trace.join("\n"));
    assert_eq!(world.state().machines[ONE].joins, 1);
    world.play(vec![(10, ONE.to_owned(), Truth::Terminated)]);
    assert_eq!(world.problems(), [""; 0], "{}", world.state().trace.join("\n"));
    assert_eq!(world.item(ONE).unwrap().state, State::Left);
    assert_eq!(world.state().mails, []);
}
