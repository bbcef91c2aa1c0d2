use steward_core::accounts::RowProblem;

use super::*;
use crate::items::State;
use crate::testing::{item, row};

fn own() -> Region {
    "eu-west-1".parse().unwrap()
}

fn texts(places: &Places) -> Vec<String> {
    places.places.iter().map(Named::to_string).collect()
}

#[test]
fn a_row_has_the_regions_that_it_names_and_those_with_computers() {
    let rows = [Ok(row("111122223333", &["us-east-1"]))];
    let found = places(&rows, &[item(1, State::Joined)], &own());
    assert_eq!(texts(&found), ["111122223333 eu-central-1", "111122223333 us-east-1"]);
    assert_eq!(texts(&places(&rows, &[item(1, State::Left)], &own())), ["111122223333 us-east-1"]);
}

#[test]
fn a_row_without_regions_has_the_functions_own() {
    let found = places(&[Ok(row("111122223333", &[]))], &[item(1, State::Joined)], &own());
    assert_eq!(texts(&found), ["111122223333 eu-central-1", "111122223333 eu-west-1"]);
}

#[test]
fn computers_of_an_account_without_a_row_are_counted_and_nobody_looks_there() {
    let found = places(&[], &[item(1, State::Joined), item(2, State::Joined), item(3, State::Left)], &own());
    assert_eq!((texts(&found).len(), found.rowless), (0, vec![("111122223333".to_owned(), 2)]));
}

#[test]
fn a_row_that_does_not_fit_is_told_once() {
    let account = "111122223333".parse().unwrap();
    let rows = [Err(RowProblem { account, problem: "dnsName is missing".to_owned() })];
    let found = places(&rows, &[item(1, State::Joined)], &own());
    assert_eq!((found.problems.len(), found.rowless.len()), (1, 0));
    assert!(found.problems[0].contains("dnsName is missing"), "{:?}", found.problems);
}
