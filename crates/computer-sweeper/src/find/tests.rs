use proptest::prelude::*;
use steward_core::member::State as Truth;

use super::*;
use crate::testing::{ACCOUNT, GRACE, NOW, REGION, item, listed, marker, object, sid};

fn spot() -> Spot {
    Spot { account: ACCOUNT.parse().unwrap(), region: REGION.parse().unwrap(), joins: true }
}

fn compared(listed: &[Listed], items: &[Item], objects: &[Object]) -> Found {
    find(Known { spot: &spot(), listed, items, objects }, NOW, GRACE)
}

/// The sorts of what is found about instance 1, while instance 9 runs as a member.
fn check(one: Option<Listed>, its: Option<Item>, object: Option<Object>, expected: &[Sort]) {
    let all: Vec<Listed> = one.into_iter().chain([listed(9, Truth::Running)]).collect();
    let items: Vec<Item> = its.into_iter().chain([item(9, State::Joined)]).collect();
    let objects: Vec<Object> = object.into_iter().collect();
    let found = compared(&all, &items, &objects);
    let sorts: Vec<Sort> = found.looks.iter().chain(&found.removals).map(|finding| finding.sort).collect();
    assert_eq!(sorts, expected, "{all:?} {items:?} {objects:?}");
}

#[test]
fn an_instance_that_runs_without_a_record_is_to_be_joined() {
    check(Some(listed(1, Truth::Running)), None, None, &[Sort::Unjoined]);
    check(Some(listed(1, Truth::Between)), None, None, &[]);
    check(Some(listed(1, Truth::Terminated)), None, None, &[]);
    check(Some(Listed { opted_out: true, ..listed(1, Truth::Running) }), None, None, &[]);
    check(Some(Listed { launched: NOW - GRACE, ..listed(1, Truth::Running) }), None, None, &[]);
}

#[test]
fn a_region_that_the_row_does_not_name_is_only_tidied_up() {
    let spot = Spot { joins: false, ..spot() };
    let listed = [listed(1, Truth::Running)];
    let items = [item(2, State::Joined)];
    let found = find(Known { spot: &spot, listed: &listed, items: &items, objects: &[] }, NOW, GRACE);
    assert_eq!((found.looks.len(), found.removals.len()), (0, 1));
}

#[test]
fn a_member_whose_instance_is_gone_is_stale_and_one_that_runs_or_stops_is_not() {
    for state in [State::Joined, State::Sent, State::Requested, State::Leaving] {
        check(None, Some(item(1, state)), None, &[Sort::Stale]);
        check(Some(listed(1, Truth::Terminated)), Some(item(1, state)), None, &[Sort::Stale]);
        check(Some(listed(1, Truth::Between)), Some(item(1, state)), None, &[]);
    }
    check(Some(listed(1, Truth::Running)), Some(item(1, State::Joined)), None, &[]);
    check(None, Some(item(1, State::Left)), None, &[]);
}

#[test]
fn what_has_failed_is_stale_only_if_it_may_have_a_computer() {
    check(None, Some(item(1, State::Failed)), None, &[Sort::Stale]);
    check(None, Some(Item { sid: None, ..item(1, State::Failed) }), None, &[]);
    check(None, Some(Item { sid: None, unsettled: true, ..item(1, State::Failed) }), None, &[Sort::Stale]);
}

#[test]
fn what_is_under_way_is_left_alone_for_a_while() {
    for state in [State::Requested, State::Sent, State::Leaving] {
        check(None, Some(Item { at: NOW - GRACE, ..item(1, state) }), None, &[]);
        check(None, Some(Item { look_at: NOW + 60, ..item(1, state) }), None, &[]);
    }
    let running = || Some(listed(1, Truth::Running));
    check(running(), Some(item(1, State::Sent)), None, &[Sort::Stuck]);
    check(running(), Some(item(1, State::Requested)), None, &[Sort::Stuck]);
    check(running(), Some(Item { look_at: NOW, ..item(1, State::Sent) }), None, &[]);
}

#[test]
fn what_has_failed_is_tried_again_where_the_reason_may_have_passed() {
    let failed = |reason: &str| Some(Item { reason: Some(reason.to_owned()), ..item(1, State::Failed) });
    let running = || Some(listed(1, Truth::Running));
    check(running(), failed("agent-absent"), None, &[Sort::Failed]);
    check(running(), failed("unsupported-distribution"), None, &[]);
    check(running(), failed("name-taken"), None, &[]);
}

#[test]
fn a_computer_of_ours_without_a_record_is_an_orphan_once_its_instance_is_gone() {
    check(None, None, Some(object(1)), &[Sort::Orphan]);
    check(Some(listed(1, Truth::Terminated)), None, Some(object(1)), &[Sort::Orphan]);
    check(Some(listed(1, Truth::Between)), None, Some(object(1)), &[]);
    // Its instance has left, and whose it is now nobody knows.
    let left = Item { sid: None, marker: "adsteward 0f0f".to_owned(), ..item(1, State::Left) };
    check(None, Some(left.clone()), Some(object(1)), &[]);
    assert_eq!(compared(&[], &[left], &[object(1)]).unplaced, 1);
    // Its record says what is to be done about it.
    check(Some(listed(1, Truth::Running)), Some(item(1, State::Joined)), Some(object(1)), &[]);
}

#[test]
fn a_computer_of_another_place_or_of_nobody_is_never_removed() {
    let other = |description: &str| Object { description: Some(description.to_owned()), ..object(1) };
    check(None, None, Some(other(&marker(1).replace(REGION, "us-east-1"))), &[]);
    check(None, None, Some(other(&marker(1).replace(ACCOUNT, "222222222222"))), &[]);
    check(None, None, Some(other("adsteward 0f0f")), &[]);
    check(None, None, Some(other("web server")), &[]);
    check(None, None, Some(Object { description: None, ..object(1) }), &[]);
    let found = compared(&[], &[], &[other("web server"), other("adsteward 0f0f")]);
    assert_eq!((found.strangers, found.unplaced, found.known), (1, 1, 0));
}

#[test]
fn a_computer_whose_sid_is_recorded_is_known_whatever_its_description() {
    let foreign = Object { sid: sid(9).parse().unwrap(), description: None };
    let found = compared(&[listed(9, Truth::Running)], &[item(9, State::Joined)], &[foreign]);
    assert_eq!((found.strangers, found.known), (0, 1));
}

#[test]
fn two_computers_of_one_instance_are_one_removal() {
    let second = Object { sid: sid(7).parse().unwrap(), ..object(1) };
    assert_eq!(compared(&[listed(9, Truth::Running)], &[], &[object(1), second]).removals.len(), 1);
}

fn any_truth() -> impl Strategy<Value = Truth> {
    prop_oneof![Just(Truth::Running), Just(Truth::Terminated), Just(Truth::Between)]
}

fn any_state() -> impl Strategy<Value = State> {
    prop_oneof![
        Just(State::Requested),
        Just(State::Sent),
        Just(State::Joined),
        Just(State::Failed),
        Just(State::Leaving),
        Just(State::Left),
    ]
}

proptest! {
    #[test]
    fn no_instance_is_removed_that_ec2_lists_as_anything_but_terminated(
        truths in proptest::collection::btree_map(0u64..12, any_truth(), 0..12),
        states in proptest::collection::btree_map(0u64..12, any_state(), 0..12),
        computers in proptest::collection::btree_set(0u64..12, 0..12),
    ) {
        let listed: Vec<_> = truths.iter().map(|(number, truth)| listed(*number, *truth)).collect();
        let items: Vec<_> = states.iter().map(|(number, state)| item(*number, *state)).collect();
        let objects: Vec<_> = computers.iter().map(|number| object(*number)).collect();
        let found = compared(&listed, &items, &objects);
        prop_assert_eq!(found.listed_none, truths.is_empty());
        for removal in &found.removals {
            let number = u64::from_str_radix(removal.instance.trim_start_matches("i-"), 16).unwrap();
            prop_assert!(matches!(truths.get(&number), None | Some(Truth::Terminated)));
            prop_assert!(states.contains_key(&number) || computers.contains(&number));
            prop_assert!(states.get(&number) != Some(&State::Left));
        }
        for look in &found.looks {
            let number = u64::from_str_radix(look.instance.trim_start_matches("i-"), 16).unwrap();
            prop_assert_eq!(truths.get(&number), Some(&Truth::Running));
        }
    }
}
