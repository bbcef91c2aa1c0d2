//! Proves that the suite can fail: plants known bugs in a copy of the crates, and expects the test that must notice each.
//!
//! All bugs are built at once, each behind a switch, so that the copy is compiled once; the switch is the environment
//! variable `ADSTEWARD_PLANTED` of the copy's tests. A piece of source that is not found exactly once is an error: it has
//! moved on, and so must the bug.
#![expect(clippy::unwrap_used, reason = "what is not as expected fails the test")]

mod bugs;
mod copy;
mod elsewhere;
mod joining;
mod ldap;
mod leaving;
mod provisioning;
mod rotation;
mod starting;
mod sweeping;
mod trusted;

use std::collections::BTreeSet;
use std::process::Command;
use std::time::Instant;

use bugs::{Bug, CONTAIN};
use elsewhere::ELSEWHERE;
use joining::JOIN;
use ldap::LDAP;
use leaving::LEAVE;
use provisioning::PROVISION;
use rotation::ROTATE;
use starting::START;
use sweeping::SWEEP;
use trusted::TRUSTED;

/// Runs one test of the copy with a bug, or with none; whether it failed, and what it said.
fn fails(tests: &std::path::Path, package: &str, bug: &str, test: &str) -> (bool, String) {
    let output = Command::new(tests)
        .args([test, "--exact"])
        .env("ADSTEWARD_PLANTED", bug)
        .env("ADSTEWARD_SEEDS", "100")
        .env("RUST_BACKTRACE", "0")
        .current_dir(copy::root().join("crates").join(package))
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(said.contains("running 1 test"), "there is no test {test}: {said}");
    (said.contains(&format!("test {test} ... FAILED")), said)
}

#[test]
fn each_planted_bug_turns_the_suite_red() {
    let began = Instant::now();
    let flows = [CONTAIN, ELSEWHERE, TRUSTED, ROTATE, START, PROVISION, JOIN, LEAVE, SWEEP, LDAP];
    let bugs: Vec<&Bug> = flows.into_iter().flatten().collect();
    let tests = copy::build(&bugs);
    println!("built with {} bugs in {} s", bugs.len(), began.elapsed().as_secs());
    for (package, test) in bugs.iter().map(|bug| bug.noticed_by()).collect::<BTreeSet<_>>() {
        let (failed, said) = fails(&tests[package], package, "", test);
        assert!(!failed, "{test} fails without any bug: {said}");
    }
    let mut unnoticed = Vec::new();
    for bug in &bugs {
        let (package, test) = bug.noticed_by();
        let (noticed, _) = fails(&tests[package], package, bug.name, test);
        println!("{:<36} {:<9} {test}", bug.name, if noticed { "noticed" } else { "UNNOTICED" });
        if !noticed {
            unnoticed.push(bug.name);
        }
    }
    println!("{} bugs in {} s", bugs.len(), began.elapsed().as_secs());
    assert!(unnoticed.is_empty(), "no test notices {unnoticed:?}");
}

#[test]
fn a_piece_that_is_not_there_exactly_once_is_an_error() {
    for (source, problem) in [("a b", "0 times"), ("piece piece", "2 times")] {
        let error = copy::plant(source, "piece", "bug", "name").unwrap_err();
        assert!(error.contains(problem), "{error}");
    }
    assert_eq!(
        copy::plant("a piece", "piece", "if PLANTED { x } else { piece }", "n").unwrap(),
        "a if crate::planted(\"n\") { x } else { piece }"
    );
}
