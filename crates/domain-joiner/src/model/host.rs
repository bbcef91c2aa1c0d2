//! Leaving by a host with the AD tools.

use crate::account::Mode;
use crate::event::{Told, ToldState};
use crate::member::State as Truth;
use crate::outcome::Outcome;
use crate::reason::Reason;
use crate::records::State;
use crate::testing::{Behaviour, Faults, Host, Random, World, join_user, place, settings};

const ID: &str = "i-00000000000000001";

fn world(seed: u64, mode: Mode, host: Host) -> World {
    let world = World::new(seed, mode);
    let mut state = world.state();
    let mut settings = settings();
    settings.by_tools_host = true;
    state.settings = Some(settings);
    state.host = host;
    drop(state);
    world
}

/// One that has joined, and ends.
fn life(host: Host) -> World {
    let world = world(3, Mode::OneTime, host);
    world.launch(ID, Behaviour::Works);
    world.play(Vec::new());
    assert_eq!(world.item(ID).unwrap().state, State::Joined);
    world.play(vec![(10, ID.to_owned(), Truth::Terminated)]);
    world
}

fn mails_of(world: &World, reason: Reason) -> usize {
    world.state().mails.iter().filter(|mail| mail.body.contains(reason.code())).count()
}

#[test]
fn the_object_of_a_terminated_instance_goes_by_the_host_and_by_nobody_else() {
    for host in [Host::Works, Host::TellsNothing] {
        let world = life(host);
        assert_eq!(world.problems(), [""; 0]);
        assert_eq!((world.count("OrderRemoval"), world.count("DeleteComputer")), (1, 0), "{host:?}");
    }
}

#[test]
fn another_object_that_has_taken_the_name_stays() {
    let world = world(5, Mode::OneTime, Host::Works);
    world.launch(ID, Behaviour::Works);
    world.play(Vec::new());
    let name = world.state().machines[ID].computer.clone();
    world.state().objects.clear();
    let foreign = world.add_foreign(&name);
    world.play(vec![(10, ID.to_owned(), Truth::Terminated)]);
    assert_eq!(world.item(ID).unwrap().state, State::Left);
    assert_eq!(world.state().objects.iter().map(|o| o.computer.sid.clone()).collect::<Vec<_>>(), [foreign]);
    assert_eq!(world.state().violations, [""; 0]);
}

#[test]
fn people_are_told_once_of_a_host_that_does_not_remove_and_the_object_goes_when_it_does() {
    for (host, reason) in [
        (Host::Absent, Reason::ToolsHost),
        (Host::Fails(14, "no-connection"), Reason::NoConnection),
        (Host::Fails(17, "no-permission"), Reason::NoPermission),
        (Host::LosesCommands, Reason::CommandLost),
        (Host::Hangs, Reason::NoAnswer),
        (Host::Garbles, Reason::NotUnderstood),
    ] {
        let world = life(host);
        let item = world.item(ID).unwrap();
        assert_eq!((item.state, item.reason.as_deref()), (State::Leaving, Some(reason.code())), "{host:?}");
        assert_eq!(mails_of(&world, reason), 1, "{host:?}");
        let names_the_command = item.detail.as_deref().is_some_and(|detail| detail.contains("(command "));
        assert_eq!(names_the_command, host != Host::Absent, "{host:?}: {:?}", item.detail);
        assert!(world.state().outcomes.iter().any(|(_, outcome)| *outcome == Outcome::NotLeft(reason)));
        assert!(world.count("OrderRemoval") <= 3, "{host:?}");
        assert_eq!(world.state().objects.len(), 1, "{host:?}");
        world.state().host = Host::Works;
        world.deliver(Told::Gone(place(ID)), 1);
        world.play(Vec::new());
        assert_eq!(world.problems(), [""; 0], "{host:?}");
    }
}

#[test]
fn a_termination_at_any_moment_of_a_join_leaves_nothing_behind() {
    for second in 250..700 {
        let world = world(second, Mode::OneTime, Host::Works);
        world.state().silent = true;
        world.launch(ID, Behaviour::Works);
        world.deliver(Told::State(place(ID), ToldState::Running), 300);
        world.deliver(Told::State(place(ID), ToldState::Terminated), second + 30);
        world.play(vec![(second, ID.to_owned(), Truth::Terminated)]);
        assert_eq!(world.problems(), [""; 0], "{second}\n{}", world.state().trace.join("\n"));
    }
}

#[test]
fn nothing_is_left_whatever_goes_wrong_on_the_way() {
    for seed in 0..600 {
        let mut random = Random::new(seed ^ 0x4057);
        let mode = if random.chance(300) { join_user() } else { Mode::OneTime };
        let world = world(seed, mode, *random.pick(&[Host::Works, Host::Works, Host::TellsNothing]));
        world.state().copies = *random.pick(&[0, 300]);
        world.state().faults = Faults::Random { per_mille: 40, left: 12 };
        world.launch(ID, *random.pick(&[Behaviour::Works, Behaviour::HalfJoins]));
        world.play(vec![(100 + random.below(4000), ID.to_owned(), Truth::Terminated)]);
        world.come_to_rest();
        assert_eq!(world.problems(), [""; 0], "seed {seed}\n{}", world.state().trace.join("\n"));
    }
}
