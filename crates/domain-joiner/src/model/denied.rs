//! What will not pass by itself: written down, told once with what to do, and done once that was put right.

use crate::account::Mode;
use crate::member::State as Truth;
use crate::outcome::Outcome;
use crate::reason::Reason;
use crate::records::State;
use crate::testing::{Behaviour, World, join_user};

const ONE: &str = "i-00000000000000001";
const TWO: &str = "i-00000000000000002";

/// A join while nobody may call an operation.
fn deny(mode: Mode, operation: &'static str) -> World {
    let world = World::new(1, mode);
    world.state().denied.insert(operation);
    world.launch(ONE, Behaviour::Works);
    world.play(Vec::new());
    world
}

fn last(world: &World) -> Outcome {
    world.state().outcomes.last().unwrap().1
}

#[test]
fn a_join_that_is_not_allowed_is_told_with_what_to_do_and_is_done_after_that() {
    let denied = [
        ("AssumeRole", Reason::AccountRefuses),
        ("DescribeInstances", Reason::AccountRefuses),
        ("SendCommand", Reason::AccountRefuses),
        ("GetCommandInvocation", Reason::AccountRefuses),
        ("SearchByName", Reason::DirectoryRefuses),
        ("CreateComputer", Reason::DirectoryRefuses),
        ("SearchBySid", Reason::DirectoryRefuses),
        ("GetParameter", Reason::JoinPassword),
    ];
    for (operation, reason) in denied {
        let mode = if operation == "GetParameter" { join_user() } else { Mode::OneTime };
        let world = deny(mode, operation);
        let trace = || world.state().trace.join("\n");
        assert!(
            world.state().outcomes.iter().any(|(_, outcome)| *outcome == Outcome::Failed(reason)),
            "{operation}\n{}",
            trace()
        );
        assert_eq!(world.count(operation), world.count(operation).min(2), "{operation} is not tried again");
        assert_eq!(world.state().errors, [""; 0], "{operation}");
        let mails = world.state().mails.clone();
        assert_eq!(mails.len(), 1, "{operation}: {mails:?}");
        assert!(mails[0].body.contains(reason.advice()), "{mails:?}");
        assert!(mails[0].body.contains("by the test"), "{mails:?}");
        world.state().denied.clear();
        world.play(vec![(900, ONE.to_owned(), Truth::Between), (960, ONE.to_owned(), Truth::Running)]);
        assert_eq!(world.problems(), [""; 0], "{operation}\n{}", trace());
    }
}

#[test]
fn a_leave_that_is_not_allowed_is_told_and_stays_recorded_until_it_is_done() {
    for operation in ["AssumeRole", "DescribeInstances", "SearchBySid", "DeleteComputer"] {
        let world = World::new(1, Mode::OneTime);
        world.launch(ONE, Behaviour::Works);
        world.play(Vec::new());
        world.state().denied.insert(operation);
        world.play(vec![(10, ONE.to_owned(), Truth::Terminated)]);
        assert!(matches!(last(&world), Outcome::NotLeft(_)), "{operation}: {}", last(&world));
        assert_eq!(world.state().mails.len(), 1);
        assert!(world.item(ONE).unwrap().sid.is_some());
        world.state().denied.clear();
        let place = world.state().machines[ONE].place.clone();
        world.tell_state(&place, crate::event::ToldState::Terminated);
        world.play(Vec::new());
        assert_eq!(world.problems(), [""; 0], "{operation}\n{}", world.state().trace.join("\n"));
    }
}

/// No access is not "gone", and an account whose role is broken does not mean that its instances have left.
#[test]
fn an_instance_that_cannot_be_looked_at_is_not_taken_for_gone() {
    let world = World::new(1, Mode::OneTime);
    world.launch(ONE, Behaviour::Works);
    world.play(Vec::new());
    let objects = world.state().objects.clone();
    world.state().denied.insert("DescribeInstances");
    let place = world.state().machines[ONE].place.clone();
    world.tell_state(&place, crate::event::ToldState::Terminated);
    world.play(Vec::new());
    assert_eq!(world.state().objects, objects);
    assert_eq!(world.item(ONE).unwrap().state, State::Joined);
}

#[test]
fn a_dns_record_that_may_not_be_removed_does_not_keep_the_object() {
    let world = World::new(1, Mode::OneTime);
    world.launch(ONE, Behaviour::Works);
    world.play(Vec::new());
    world.state().denied.insert("DeleteRecord");
    world.play(vec![(10, ONE.to_owned(), Truth::Terminated)]);
    assert_eq!(last(&world), Outcome::Left);
    assert!(world.state().objects.is_empty());
}

#[test]
fn a_row_that_does_not_fit_is_refused_once_for_all_instances_of_the_account() {
    let world = World::new(1, Mode::OneTime);
    world.state().denied.insert("row");
    world.launch(ONE, Behaviour::Works);
    world.launch(TWO, Behaviour::Works);
    world.play(Vec::new());
    let refused = Outcome::Refused(Reason::RowUnusable);
    assert!(world.state().outcomes.iter().all(|(_, outcome)| *outcome == refused));
    let mails = world.state().mails.clone();
    assert!(mails.len() == 1 && mails[0].body.contains("dnsIP1 is 10.0.0.300"), "{mails:?}");
    assert_eq!(world.count("AssumeRole") + world.count("SendCommand"), 0);
}
