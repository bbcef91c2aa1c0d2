//! A thousand instances of twenty accounts that are launched at once, within what AWS takes.

use std::collections::{BTreeMap, BTreeSet};

use steward_core::ids::InstanceId;

use crate::account::{Account, Mode};
use crate::place::Place;
use crate::records::State;
use crate::testing::{BEGIN, Behaviour, HOLD, Limit, Mapping, Pace, Random, World, account};

const ACCOUNTS: u64 = 20;
const INSTANCES: u64 = 1000;

/// What AWS publishes.
///
/// Sources: EC2 Developer Guide, "Request throttling for the Amazon EC2 API": describing takes 100 at once and 20 a second of
/// an account; IAM User Guide, "IAM and AWS STS quotas": 600 a second of the account that assumes; DynamoDB Developer Guide,
/// "Best practices for designing and using partition keys": 3,000 reads of 4 KB and 1,000 writes of 1 KB a second of a
/// partition. Here all items are in one partition, and each takes 2 KB.
const PUBLISHED: [(&str, Limit); 4] = [
    ("DescribeInstances", Limit { burst: 100, a_second: 20, of_the_member: true }),
    ("AssumeRole", Limit { burst: 600, a_second: 600, of_the_member: false }),
    ("GetItem", Limit { burst: 3000, a_second: 3000, of_the_member: false }),
    ("PutItem", Limit { burst: 500, a_second: 500, of_the_member: false }),
];

/// What no page of AWS states, although calls that are too many are refused: what this flow may ask of Systems Manager and
/// of Directory Service, assumed with caution.
const ASSUMED: [(&str, Limit); 3] = [
    ("SendCommand", Limit { burst: 10, a_second: 5, of_the_member: true }),
    ("GetCommandInvocation", Limit { burst: 10, a_second: 5, of_the_member: true }),
    ("CreateComputer", Limit { burst: 20, a_second: 20, of_the_member: false }),
];

/// How long a call takes, in milliseconds and up to twice that: quicker than most are, for slow calls need no limit.
const TAKES: [(&str, u64); 10] = [
    ("GetItem", 5),
    ("PutItem", 5),
    ("SendMessage", 10),
    ("AssumeRole", 40),
    ("DescribeInstances", 60),
    ("SendCommand", 60),
    ("GetCommandInvocation", 40),
    ("CreateComputer", 150),
    ("SearchByName", 20),
    ("SearchBySid", 20),
];

/// Calls that an instance needs to join.
const NEEDED: [(&str, u64); 6] = [
    ("AssumeRole", 3),
    ("DescribeInstances", 2),
    ("SendCommand", 2),
    ("GetCommandInvocation", 2),
    ("CreateComputer", 1),
    ("SendMessage", 2),
];

fn id(number: u64) -> InstanceId {
    format!("i-{number:017x}").parse().unwrap()
}

/// How the template has Lambda read the queues.
fn mapping() -> Mapping {
    let template = include_str!("../../../../template.yaml");
    let (_, function) = template.split_once("\n  DomainJoinerFunction:").unwrap();
    let all = |name: &str| -> Vec<usize> {
        let (function, _) = function.split_once("\n  # ").unwrap();
        let after = function.split(name).skip(1);
        after.map(|rest| rest.split(|c: char| !c.is_ascii_digit()).next().unwrap().parse().unwrap()).collect()
    };
    let (batches, at_once) = (all("BatchSize: "), all("MaximumConcurrency: "));
    assert!(batches.len() == 2 && batches[0] == batches[1] && at_once.len() == 2 && at_once[0] == at_once[1]);
    Mapping { batch: batches[0], at_once: at_once[0] }
}

/// In the order in which the messages come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Come {
    /// In any, as SQS gives them.
    Mixed,
    /// Account after account: that asks most of each.
    ByAccount,
}

fn launch(limits: &[(&'static str, Limit)], come: Come) -> World {
    let world = World::new(11, Mode::OneTime);
    let pace = Pace::new(BTreeMap::from(TAKES), limits.iter().copied().collect());
    world.state().pace = Some(pace);
    let mut numbers: Vec<u64> = (0..INSTANCES).collect();
    if come == Come::Mixed {
        let mut random = Random::new(5);
        numbers.sort_by_cached_key(|_| random.below(u64::MAX));
    }
    for number in numbers {
        let owner = format!("{:012}", 200_000_000_000 + number / (INSTANCES / ACCOUNTS));
        let row = Account { id: owner.parse().unwrap(), ..account(Mode::OneTime) };
        world.state().rows.insert(owner.clone(), row);
        let place = Place {
            account: owner.parse().unwrap(),
            region: "eu-central-1".parse().unwrap(),
            instance: id(number),
        };
        world.launch_in(&place, Behaviour::Works);
    }
    world
}

/// What each operation took in all, and what the account took in its busiest second that was asked most.
fn report(world: &World, longest: u64) {
    let mut all: BTreeMap<&str, (u32, u32, usize)> = BTreeMap::new();
    for ((operation, _), meter) in &world.state().pace.as_ref().unwrap().meters {
        let (calls, refused, peak) = all.entry(operation).or_default();
        (*calls, *refused) = (*calls + meter.calls, *refused + meter.refused);
        *peak = (*peak).max(meter.peak);
    }
    for (operation, (calls, refused, peak)) in all {
        println!("{operation:<22} {calls:>5} calls, {refused:>4} refused, {peak:>3} in the busiest second");
    }
    let joined = (0..INSTANCES).filter_map(|number| world.item(id(number).as_str())).map(|item| item.at);
    let seconds = joined.max().unwrap_or_default() - BEGIN - HOLD;
    println!(
        "the last one has joined {seconds} s after the first was looked at; an invocation takes {longest} ms at most"
    );
}

fn assert_all_joined(world: &World) {
    let items: Vec<_> = (0..INSTANCES).filter_map(|number| world.item(id(number).as_str())).collect();
    assert_eq!(items.iter().filter(|item| item.state == State::Joined).count() as u64, INSTANCES);
    let state = world.state();
    assert!(
        state.violations.is_empty() && state.mails.is_empty(),
        "{:?} {:?}",
        state.violations,
        state.mails
    );
    let members: BTreeSet<_> =
        state.machines.values().filter_map(|machine| machine.member.as_ref()).collect();
    let recorded: BTreeSet<_> =
        items.iter().filter_map(|item| item.sid.as_ref().map(ToString::to_string)).collect();
    let objects: BTreeSet<_> = state.objects.iter().map(|object| object.computer.sid.to_string()).collect();
    assert_eq!((members.len() as u64, objects.len() as u64), (INSTANCES, INSTANCES));
    assert_eq!(recorded, objects);
}

/// Calls of an operation, of which so many were refused.
fn made(world: &World, operation: &str) -> (u64, u64) {
    let state = world.state();
    let meters = &state.pace.as_ref().unwrap().meters;
    let meters = meters.iter().filter(|((called, _), _)| *called == operation);
    meters.fold((0, 0), |(calls, refused), (_, meter)| {
        (calls + u64::from(meter.calls), refused + u64::from(meter.refused))
    })
}

/// Whether the calls of an instance are at most so many per mille of those that it needs.
fn assert_economy(world: &World, operations: &[(&str, u64)], per_mille: u64) {
    for (operation, needed) in operations {
        let (calls, _) = made(world, operation);
        let needed = needed * INSTANCES;
        assert!(
            (needed..=needed * per_mille / 1000).contains(&calls),
            "{operation}: {calls}, {needed} needed"
        );
    }
}

fn assert_within(world: &World, limits: &[(&str, Limit)]) {
    for (operation, limit) in limits {
        let (calls, refused) = made(world, operation);
        assert!(calls > 0 && refused == 0, "{operation}: {refused} of {calls} were more than {limit:?}");
    }
}

#[test]
fn a_thousand_instances_of_twenty_accounts_join_within_what_aws_takes() {
    let limits = [&PUBLISHED[..], &ASSUMED].concat();
    let world = launch(&limits, Come::Mixed);
    let longest = world.invoke(mapping());
    report(&world, longest);
    assert_all_joined(&world);
    assert_within(&world, &limits);
    assert_economy(&world, &NEEDED, 1300);
    assert!(longest < 30_000, "a fifth of the time-out is left, by far");
}

#[test]
fn calls_that_are_refused_where_one_account_comes_after_the_other_cost_nobody_anything() {
    let world = launch(&[&PUBLISHED[..], &ASSUMED].concat(), Come::ByAccount);
    let longest = world.invoke(mapping());
    report(&world, longest);
    assert_all_joined(&world);
    assert_within(&world, &PUBLISHED);
    assert!(made(&world, "SendCommand").1 > 0, "nothing was refused, and this shows nothing");
    assert_economy(&world, &NEEDED, 1500);
}
