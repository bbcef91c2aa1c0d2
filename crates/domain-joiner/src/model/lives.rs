//! Instances that come and go, each in its way, with no call going wrong.

use crate::account::Mode;
use crate::member::State as Truth;
use crate::outcome::Outcome;
use crate::reason::Reason;
use crate::records::State;
use crate::testing::{Behaviour, World, join_user};

pub(super) const ONE: &str = "i-00000000000000001";
const TWO: &str = "i-00000000000000002";

pub(super) fn play(mode: Mode, behaviour: Behaviour, prepare: impl FnOnce(&World)) -> World {
    let world = World::new(1, mode);
    world.launch(ONE, behaviour);
    prepare(&world);
    world.play(Vec::new());
    let problems = world.problems();
    assert_eq!(problems, [""; 0], "{}", world.state().trace.join("\n"));
    world
}

pub(super) fn terminate(world: &World) {
    world.play(vec![(10, ONE.to_owned(), Truth::Terminated)]);
    assert_eq!(world.problems(), [""; 0], "{}", world.state().trace.join("\n"));
}

pub(super) fn joins(world: &World) -> u32 {
    world.state().machines[ONE].joins
}

pub(super) fn failed(world: &World, reason: Reason) {
    assert_eq!(world.item(ONE).unwrap().reason.as_deref(), Some(reason.code()));
    assert_eq!(world.state().mails.len(), 1, "{:?}", world.state().mails);
    assert!(world.state().outcomes.iter().any(|(_, outcome)| *outcome == Outcome::Failed(reason)));
}

#[test]
fn an_instance_joins_once_in_either_mode_and_leaves_nothing_behind() {
    for mode in [Mode::OneTime, join_user()] {
        let world = play(mode, Behaviour::Works, |_| {});
        assert_eq!((joins(&world), world.count("SendCommand")), (1, 2));
        assert_eq!(world.state().dns.len(), 1);
        terminate(&world);
        assert_eq!(world.item(ONE).unwrap().state, State::Left);
        assert_eq!(world.state().mails, []);
        assert!(world.state().dns.is_empty() && world.state().objects.is_empty());
    }
}

/// A host may call itself what it likes, and have the address of another one.
#[test]
fn of_the_records_of_an_address_only_that_of_the_computers_own_name_is_removed() {
    let world = play(Mode::OneTime, Behaviour::Works, |_| {});
    let address = world.state().machines[ONE].address;
    world.state().dns.insert("www.corp.example.test".to_owned(), address);
    terminate(&world);
    assert_eq!(world.state().dns.keys().collect::<Vec<_>>(), ["www.corp.example.test"]);
}

#[test]
fn nothing_is_asked_of_anybody_for_an_instance_that_has_joined_and_starts_again() {
    let world = play(Mode::OneTime, Behaviour::Works, |_| {});
    let before = world.state().calls;
    world.play(vec![(10, ONE.to_owned(), Truth::Between), (60, ONE.to_owned(), Truth::Running)]);
    assert_eq!(world.state().calls - before, 1, "one read of the item");
    assert_eq!(joins(&world), 1);
}

#[test]
fn an_instance_that_has_never_begun_leaves_without_a_call_to_anybody() {
    let world = World::new(1, Mode::OneTime);
    world.launch(ONE, Behaviour::Works);
    world.play(vec![(1, ONE.to_owned(), Truth::Terminated)]);
    assert_eq!(world.problems(), [""; 0]);
    assert_eq!(world.count("SendCommand") + world.count("CreateComputer") + world.count("PutItem"), 0);
}

#[test]
fn an_agent_that_comes_late_is_waited_for() {
    let world = play(Mode::OneTime, Behaviour::Works, |world| {
        world.state().machines.get_mut(ONE).unwrap().agent_at += 1500;
    });
    assert_eq!(joins(&world), 1);
    assert!((2..=6).contains(&world.item(ONE).unwrap().absent));
}

#[test]
fn an_agent_that_never_comes_is_not_waited_for_for_ever() {
    let world = play(Mode::OneTime, Behaviour::NoAgent, |_| {});
    failed(&world, Reason::AgentAbsent);
    assert_eq!(world.count("SendCommand"), 13);
    assert_eq!(world.count("CreateComputer"), 0);
}

#[test]
fn a_status_event_that_never_arrives_costs_nothing_but_time() {
    let world = play(Mode::OneTime, Behaviour::LosesEvents, |_| {});
    assert_eq!((joins(&world), world.count("SendCommand")), (1, 2));
}

#[test]
fn a_command_that_never_ends_is_not_looked_at_for_ever() {
    let world = play(Mode::OneTime, Behaviour::Hangs, |_| {});
    failed(&world, Reason::NoAnswer);
    assert_eq!((world.count("SendCommand"), world.count("GetCommandInvocation")), (3, 27));
}

#[test]
fn a_command_that_is_lost_is_no_success_and_is_sent_again() {
    let world = play(Mode::OneTime, Behaviour::LosesCommand, |_| {});
    assert_eq!((joins(&world), world.count("SendCommand"), world.state().mails.len()), (1, 3, 0));
}

#[test]
fn what_may_pass_is_tried_again_and_what_may_not_is_not() {
    let codes = [
        (10, Reason::UnusableParameter, 1),
        (11, Reason::UnsupportedDistribution, 1),
        (12, Reason::Packages, 3),
        (13, Reason::NoDomain, 3),
        (14, Reason::NoConnection, 3),
        (15, Reason::NoKey, 3),
        (16, Reason::BadCredentials, 3),
        (17, Reason::NoPermission, 3),
        (18, Reason::OtherDomain, 1),
        (19, Reason::NotVerified, 3),
        (20, Reason::Locked, 3),
        (21, Reason::NameTaken, 1),
    ];
    for (code, reason, runs) in codes {
        let world = play(Mode::OneTime, Behaviour::Fails(code, reason.code()), |_| {});
        failed(&world, reason);
        assert_eq!(world.state().machines[ONE].runs, runs, "{reason}");
        if runs > 1 {
            let world = play(Mode::OneTime, Behaviour::FailsOnce(code, reason.code()), |_| {});
            assert_eq!((joins(&world), world.state().mails.len()), (1, 0), "{reason}");
        }
    }
}

/// An account that is refused again and again is locked, for every other instance too.
#[test]
fn a_join_account_that_is_refused_is_not_tried_again() {
    let world = play(join_user(), Behaviour::Fails(16, "bad-credentials"), |_| {});
    failed(&world, Reason::BadCredentials);
    assert_eq!(world.state().machines[ONE].runs, 1);
}

#[test]
fn what_an_instance_prints_or_claims_is_not_believed() {
    for behaviour in [Behaviour::Garbles, Behaviour::MistakesAttempt] {
        let world = play(Mode::OneTime, behaviour, |_| {});
        failed(&world, Reason::NotUnderstood);
        assert_eq!((world.count("SendCommand"), world.count("CreateComputer")), (1, 0));
    }
    failed(&play(Mode::OneTime, Behaviour::Lies, |_| {}), Reason::NotInDirectory);
    let world = play(join_user(), Behaviour::Lies, |_| {});
    failed(&world, Reason::NotInDirectory);
}

#[test]
fn an_instance_that_claims_somebody_elses_computer_gets_nothing_of_it() {
    for mode in [Mode::OneTime, join_user()] {
        for behaviour in [Behaviour::Works, Behaviour::Lies] {
            let world = World::new(1, mode.clone());
            world.launch(ONE, behaviour);
            let name = world.state().machines[ONE].computer.clone();
            let sid = world.add_foreign(&name);
            let before = world.state().objects.clone();
            world.play(Vec::new());
            failed(&world, Reason::NameTaken);
            assert_eq!(world.count("SendCommand"), 1, "none that joins");
            terminate(&world);
            assert_eq!(world.state().objects, before, "{behaviour:?}");
            assert_eq!(world.item(ONE).unwrap().sid, None, "{sid}");
        }
    }
}

/// Somebody has removed a member's computer by hand, and made one of its own of that name.
#[test]
fn a_computer_that_has_taken_a_members_name_is_not_removed_with_the_member() {
    let world = play(Mode::OneTime, Behaviour::Works, |_| {});
    let name = world.state().machines[ONE].computer.clone();
    world.state().objects.clear();
    let foreign = world.add_foreign(&name);
    world.play(vec![(10, ONE.to_owned(), Truth::Terminated)]);
    assert_eq!(world.item(ONE).unwrap().state, State::Left);
    assert_eq!(world.state().objects.iter().map(|o| o.computer.sid.clone()).collect::<Vec<_>>(), [foreign]);
    assert_eq!(world.state().violations, [""; 0]);
}

#[test]
fn what_was_made_in_vain_goes_and_is_not_recorded_any_more() {
    let world = play(Mode::OneTime, Behaviour::HalfJoins, |_| {});
    failed(&world, Reason::NotVerified);
    assert!(world.count("CreateComputer") > 0 && world.state().objects.is_empty());
    assert!(!world.item(ONE).unwrap().may_have_object(), "{:?}", world.item(ONE));
}

#[test]
fn a_new_instance_with_the_address_of_one_that_has_left_joins() {
    let world = play(Mode::OneTime, Behaviour::Works, |_| {});
    let address = world.state().machines[ONE].address;
    world.launch(TWO, Behaviour::Works);
    world.state().machines.get_mut(TWO).unwrap().address = address;
    terminate(&world);
    assert_eq!(world.state().machines[TWO].joins, 1);
    assert_eq!(world.state().dns.len(), 1, "the record of the one that is there stays");
}

#[test]
fn whoever_restarts_an_instance_after_a_failure_has_it_tried_again() {
    let world = play(Mode::OneTime, Behaviour::Fails(11, "unsupported-distribution"), |_| {});
    world.state().machines.get_mut(ONE).unwrap().behaviour = Behaviour::Works;
    world.play(vec![(900, ONE.to_owned(), Truth::Between), (960, ONE.to_owned(), Truth::Running)]);
    assert_eq!(world.problems(), [""; 0]);
    assert_eq!(joins(&world), 1);
}

#[test]
fn a_hundred_failures_of_an_account_in_an_hour_are_eight_mails() {
    let world = World::new(1, Mode::OneTime);
    for number in 0..100 {
        world.launch(&format!("i-{number:017x}"), Behaviour::Garbles);
    }
    world.play(Vec::new());
    assert_eq!(world.state().mails.len(), 8);
    let failed = |item: &crate::records::Computer| item.state == State::Failed;
    assert!((0..100).all(|number| world.item(&format!("i-{number:017x}")).is_some_and(|item| failed(&item))));
}

/// The document has made an object with the join account, and cannot verify it.
#[test]
fn what_a_join_account_has_made_in_vain_is_removed_if_it_is_proved_to_be_the_instances() {
    for describes in [true, false] {
        let world = World::new(1, join_user());
        world.launch(ONE, Behaviour::HalfJoins);
        world.state().machines.get_mut(ONE).unwrap().describes = describes;
        world.play(Vec::new());
        failed(&world, Reason::NotVerified);
        assert_eq!(world.state().objects.is_empty(), describes);
        // It is not forgotten, so that whoever looks finds out whose it is.
        assert_eq!(world.item(ONE).unwrap().claimed, !describes);
        world.play(vec![(10, ONE.to_owned(), Truth::Terminated)]);
        let end = if describes { Outcome::Left } else { Outcome::NotLeft(Reason::NotProved) };
        assert_eq!(world.state().outcomes.last().unwrap().1, end);
        assert_eq!(world.state().objects.is_empty(), describes);
    }
}
