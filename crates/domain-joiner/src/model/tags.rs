//! What the account's row and the instance's tags and platform say, and what follows from them.

use super::lives::{ONE, failed, joins, play, terminate};
use crate::account::Mode;
use crate::event::Told;
use crate::member::{Platform, State as Truth};
use crate::outcome::Outcome;
use crate::reason::Reason;
use crate::records::State;
use crate::testing::{Behaviour, World, place};

#[test]
fn a_tag_keeps_an_instance_out() {
    let world = World::new(1, Mode::OneTime);
    world.launch(ONE, Behaviour::Works);
    let tag = (" AutoAdJoin".to_owned(), "FALSE ".to_owned());
    world.state().machines.get_mut(ONE).unwrap().tags.extend([tag]);
    world.play(Vec::new());
    assert_eq!(world.count("SendCommand") + world.count("PutItem"), 0);
    assert_eq!(world.state().outcomes.last().unwrap().1, Outcome::Ignored(Reason::OptedOut));
}

#[test]
fn an_instance_is_never_joined_open_to_all_because_its_group_cannot_be_read() {
    let world = play(Mode::OneTime, Behaviour::NoAgent, |world| {
        let tag = ("adGroupName".to_owned(), "ops$(id)".to_owned());
        world.state().machines.get_mut(ONE).unwrap().tags.extend([tag]);
    });
    failed(&world, Reason::GroupUnusable);
    assert_eq!(world.count("SendCommand"), 0);
}

#[test]
fn the_groups_of_the_tag_replace_those_of_the_row() {
    for (tag, groups) in [(None, "Staff,Linux Users"), (Some(" ops"), "ops")] {
        let world = play(Mode::OneTime, Behaviour::Works, |world| {
            let mut state = world.state();
            let row = state.rows.values_mut().next().unwrap();
            row.groups = ["Staff", "Linux Users"].map(|name| name.parse().unwrap()).to_vec();
            let tag = tag.map(|tag| ("adGroupName".to_owned(), tag.to_owned()));
            state.machines.get_mut(ONE).unwrap().tags.extend(tag);
        });
        let state = world.state();
        assert!(state.commands.values().all(|command| command.parameters["Groups"] == groups), "{tag:?}");
    }
}

#[test]
fn windows_is_told_of_as_long_as_there_is_no_document_for_it() {
    let world = play(Mode::OneTime, Behaviour::NoAgent, |world| {
        world.state().machines.get_mut(ONE).unwrap().platform = Platform::Windows;
    });
    failed(&world, Reason::PlatformUnsupported);
}

#[test]
fn windows_is_joined_by_the_document_for_it() {
    let mut settings = crate::testing::settings();
    settings.windows_document = Some("adsteward-join-windows".to_owned());
    let world = play(Mode::OneTime, Behaviour::Works, |world| {
        world.state().settings = Some(settings);
        world.state().machines.get_mut(ONE).unwrap().platform = Platform::Windows;
    });
    assert_eq!(joins(&world), 1);
    assert!(world.state().commands.values().all(|command| command.document == "adsteward-join-windows"));
}

#[test]
fn an_account_without_a_row_and_a_region_that_its_row_does_not_name_are_left_alone() {
    for remove in [true, false] {
        let world = World::new(1, Mode::OneTime);
        world.launch(ONE, Behaviour::Works);
        if remove {
            world.state().rows.clear();
        } else {
            let regions = vec!["eu-west-1".parse().unwrap()];
            world.state().rows.values_mut().next().unwrap().regions = regions;
        }
        world.play(Vec::new());
        let reason = if remove { Reason::NoAccountRow } else { Reason::OtherRegion };
        assert_eq!(world.state().outcomes.last().unwrap().1, Outcome::Ignored(reason));
        assert_eq!(world.count("AssumeRole") + world.count("PutItem"), 0);
    }
}

/// The Region is taken out of the row while instances of it are members.
#[test]
fn an_instance_leaves_even_if_its_region_is_not_joined_any_more() {
    let world = play(Mode::OneTime, Behaviour::Works, |_| {});
    let regions = vec!["eu-west-1".parse().unwrap()];
    world.state().rows.values_mut().next().unwrap().regions = regions;
    terminate(&world);
}

#[test]
fn people_are_told_when_the_row_of_a_member_is_gone() {
    let world = play(Mode::OneTime, Behaviour::Works, |_| {});
    let rows = std::mem::take(&mut world.state().rows);
    world.play(vec![(10, ONE.to_owned(), Truth::Terminated)]);
    assert_eq!(world.state().outcomes.last().unwrap().1, Outcome::NotLeft(Reason::NoAccountRow));
    assert_eq!(world.state().mails.len(), 1);
    world.state().rows = rows;
    let place = world.state().machines[ONE].place.clone();
    world.tell_state(&place, crate::event::ToldState::Terminated);
    world.play(Vec::new());
    assert_eq!(world.problems(), [""; 0]);
}

#[test]
fn people_are_told_when_the_row_of_an_instance_that_is_leaving_is_gone() {
    let world = play(Mode::OneTime, Behaviour::Works, |_| {});
    world.state().denied.insert("DeleteComputer");
    world.play(vec![(10, ONE.to_owned(), Truth::Terminated)]);
    assert_eq!(world.item(ONE).unwrap().state, State::Leaving);
    world.state().rows.clear();
    world.deliver(Told::Again(place(ONE), 0), 0);
    world.play(Vec::new());
    assert_eq!(world.state().outcomes.last().unwrap().1, Outcome::NotLeft(Reason::NoAccountRow));
    assert_eq!(world.state().mails.len(), 2);
}

/// The tag has a typing error: the instance is closed to everybody, and nobody would know why.
#[test]
fn people_are_told_of_a_group_that_the_directory_does_not_have() {
    let world = play(Mode::OneTime, Behaviour::Works, |world| {
        let tag = ("adGroupName".to_owned(), "Lniux Admins".to_owned());
        world.state().machines.get_mut(ONE).unwrap().tags.extend([tag]);
    });
    assert_eq!(joins(&world), 1);
    let mails = world.state().mails.clone();
    assert!(mails.len() == 1 && mails[0].body.contains("called Lniux Admins"), "{mails:?}");
    let tag = ("adGroupName".to_owned(), "Linux Admins".to_owned());
    world.state().machines.get_mut(ONE).unwrap().tags.extend([tag]);
    world.play(vec![(900, ONE.to_owned(), Truth::Between), (960, ONE.to_owned(), Truth::Running)]);
    assert_eq!(world.problems(), [""; 0]);
    assert_eq!((joins(&world), world.state().mails.len()), (1, 1));
    let item = world.item(ONE).unwrap();
    assert_eq!((item.state, item.reason), (State::Joined, None));
    terminate(&world);
}

/// It is a member, and only its groups were to be put right: its object is in use.
#[test]
fn what_goes_wrong_with_a_member_does_not_cost_it_its_object() {
    let world = play(Mode::OneTime, Behaviour::Works, |world| {
        let tag = ("adGroupName".to_owned(), "Lniux Admins".to_owned());
        world.state().machines.get_mut(ONE).unwrap().tags.extend([tag]);
    });
    world.state().machines.get_mut(ONE).unwrap().behaviour = Behaviour::Fails(19, "not-verified");
    world.play(vec![(900, ONE.to_owned(), Truth::Between), (960, ONE.to_owned(), Truth::Running)]);
    let item = world.item(ONE).unwrap();
    assert_eq!((item.state, world.state().objects.len()), (State::Failed, 1));
    terminate(&world);
}
