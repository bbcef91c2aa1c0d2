//! The independent witness: what nobody else has told.

use crate::directory::{create_user, disable, is_enabled};
use crate::finding::finding;
use crate::lab::Journal;
use crate::mail::about;
use crate::session::Session;
use crate::stack::{Detour, deliver, eventually};

/// Waits for a mail that names the user; no other may come with it.
fn told_once(mail: &Journal, user: &str) {
    eventually("the witness's mail", || (!about(mail, user).is_empty()).then_some(()));
    assert_eq!(about(mail, user).len(), 1);
}

#[test]
fn a_user_disabled_by_somebody_else_is_told_once() {
    create_user("wim");
    let mail = Journal::from_now("mail");
    disable("wim");
    told_once(&mail, "wim");
}

#[test]
fn a_containment_that_was_not_told_is_told_by_the_witness() {
    create_user("wanda");
    let session = Session::of("wanda");
    let _silent = Detour::with("Disable the user", "Done");
    let mail = Journal::from_now("mail");
    let outcome = deliver(&finding(&session, "wanda"));
    assert_eq!(outcome.decision(), ("contain", "identity-proved"));
    assert!(!is_enabled("wanda"));
    told_once(&mail, "wanda");
}
