//! Every combination of the two services' outcomes ends in the true state and a true report.

use crate::records::{AccountState, State};
use crate::testing::{Behaviour, Schedule, World, block_on, check_at_rest, custom, hire, onboard};

const ALICE: u32 = 1104;

fn play(workspaces: Behaviour, connect: Behaviour) -> World {
    let world = World::new();
    if workspaces == Behaviour::Exists {
        world.put_desk("ALICE");
    }
    if connect == Behaviour::Exists {
        world.put_agent("alice", "alice");
    }
    world.state().behaviour = [("workspaces", workspaces), ("connect", connect)].into();
    let mut schedule = Schedule::new(&world);
    schedule.add(0, onboard(&world, hire("alice", ALICE), "hire"));
    block_on(schedule.run());
    world
}

/// What is wrong with one service's part in record, report and truth.
fn wrong(world: &World, service: &str, title: &str, behaviour: Behaviour) -> Option<String> {
    let account = world.item(ALICE).unwrap().services[service].clone();
    let expected = if behaviour.ends_well() { AccountState::Ready } else { AccountState::Failed };
    let there = match service {
        "workspaces" => world.desk("alice").is_some(),
        _ => world.agent("alice").is_some(),
    };
    let mail = world.state().mails[0].clone();
    let line = mail.body.lines().find(|line| line.trim_start().starts_with(title)).unwrap_or_default();
    let said = if behaviour.ends_well() { "ready" } else { "FAILED" };
    let words = match behaviour {
        Behaviour::OutOfQuota => "Service Quotas",
        Behaviour::Refuses => "InvalidParameter: no",
        Behaviour::Exists => "it was there before",
        Behaviour::LosesAnswer => "answer was lost",
        _ => "",
    };
    let in_subject = mail.subject.contains(title);
    let right = account.state == expected
        && there == behaviour.ends_well()
        && line.contains(said)
        && mail.body.contains(words)
        && (behaviour.ends_well() || in_subject);
    (!right).then(|| {
        format!("{service} {behaviour:?}: {account:?}, there: {there}\n{}\n{}", mail.subject, mail.body)
    })
}

#[test]
fn every_combination_of_two_services_ends_in_the_true_state_and_a_true_report() {
    for workspaces in Behaviour::ALL {
        for connect in Behaviour::ALL {
            let world = play(workspaces, connect);
            let all = workspaces.ends_well() && connect.ends_well();
            assert_eq!(world.state().mails.len(), 1, "{workspaces:?} {connect:?}: {:?}", world.subjects());
            let wrong = [
                wrong(&world, "workspaces", "Amazon WorkSpaces", workspaces),
                wrong(&world, "connect", "Amazon Connect", connect),
            ];
            assert_eq!(wrong, [None, None], "{workspaces:?} {connect:?}\n{}", world.state().trace.join("\n"));
            let state = if all { State::Onboarded } else { State::Failed };
            assert_eq!(world.item(ALICE).unwrap().state, state, "{workspaces:?} {connect:?}");
            let ended = world.state().ended["hire"].clone();
            assert_eq!(ended, if all { "Done" } else { "A service failed" }, "{workspaces:?} {connect:?}");
            let metric = if all { "Onboarded" } else { "OnboardingFailed" };
            assert_eq!(world.counted.count(metric), 1, "{workspaces:?} {connect:?}");
        }
    }
}

#[test]
fn when_the_cause_is_gone_the_next_run_adds_what_is_missing_and_nothing_else() {
    for workspaces in Behaviour::ALL {
        for connect in Behaviour::ALL {
            let world = play(workspaces, connect);
            let (desk, agent) = (world.desk("alice"), world.agent("alice"));
            world.state().behaviour.clear();
            let mut schedule = Schedule::new(&world);
            schedule.add(0, onboard(&world, custom("alice"), "again"));
            block_on(schedule.run());
            assert_eq!(check_at_rest(&world, "alice", ALICE, State::Onboarded), [""; 0]);
            if desk.is_some() {
                assert_eq!(world.desk("alice").map(|desk| desk.id), desk.map(|desk| desk.id));
            }
            if agent.is_some() {
                assert_eq!(world.agent("alice"), agent);
            }
            let desks = world.state().desks.len();
            let agents = world.state().agents.len();
            assert_eq!((desks, agents), (1, 1), "{workspaces:?} {connect:?}");
            let mails = if workspaces.ends_well() && connect.ends_well() { 1 } else { 2 };
            assert_eq!(world.state().mails.len(), mails, "the same result is told once");
        }
    }
}
