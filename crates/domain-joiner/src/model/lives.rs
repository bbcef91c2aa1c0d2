//! Instances that come and go, each in its way, with no call going wrong.

use crate::account::Mode;
use crate::member::{Platform, State as Truth};
use crate::outcome::Outcome;
use crate::reason::Reason;
use crate::records::State;
use crate::testing::{Behaviour, World, join_user};

const ONE: &str = "i-00000000000000001";
const TWO: &str = "i-00000000000000002";

fn play(mode: Mode, behaviour: Behaviour, prepare: impl FnOnce(&World)) -> World {
    let world = World::new(1, mode);
    world.launch(ONE, behaviour);
    prepare(&world);
    world.play(Vec::new());
    let problems = world.problems();
    assert_eq!(problems, [""; 0], "{}", world.state().trace.join("\n"));
    world
}

fn terminate(world: &World) {
    world.play(vec![(10, ONE.to_owned(), Truth::Terminated)]);
    assert_eq!(world.problems(), [""; 0], "{}", world.state().trace.join("\n"));
}

fn joins(world: &World) -> u32 {
    world.state().machines[ONE].joins
}

fn failed(world: &World, reason: Reason) {
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
    failed(&play(Mode::OneTime, Behaviour::Garbles, |_| {}), Reason::NotUnderstood);
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
fn a_hundred_failures_in_an_hour_are_ten_mails() {
    let world = World::new(1, Mode::OneTime);
    for number in 0..100 {
        world.launch(&format!("i-{number:017x}"), Behaviour::Garbles);
    }
    world.play(Vec::new());
    assert_eq!(world.state().mails.len(), 10);
    let failed = |item: &crate::records::Computer| item.state == State::Failed;
    assert!((0..100).all(|number| world.item(&format!("i-{number:017x}")).is_some_and(|item| failed(&item))));
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
