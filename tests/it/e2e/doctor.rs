//! `scripts/doctor`: a healthy lab passes, and each planted misconfiguration is found with its fix.

mod access;
mod onboarding;
mod planted;
mod rotation;
pub(crate) mod visit;

use crate::doctor::visit::{PROBLEM, UNKNOWN, Visit, empty_dead_letter_queues};

#[test]
fn a_healthy_lab_has_no_problems_and_nothing_stays_unchecked() {
    empty_dead_letter_queues();

    let visit = Visit::now(&[]);

    assert_eq!(visit.code, 0, "{:#?}", visit.checks);
    assert_eq!(visit.named(PROBLEM), [""; 0]);
    assert_eq!(visit.named(UNKNOWN), [""; 0]);
}

#[test]
fn every_problem_names_its_fix_and_what_doctor_prints_holds_no_control_bytes() {
    let missing = ["--directory", "d-0000000000", "--region", "us-east-1"];
    let printed = Visit::print(&missing);

    for check in &Visit::now(&missing).checks {
        assert!(check["verdict"] != PROBLEM || check["fix"] != "", "{check}");
    }
    assert!(printed.chars().all(|character| character == '\n' || !character.is_control()), "{printed:?}");
    assert!(printed.contains("problems with: directory"), "{printed}");
}
