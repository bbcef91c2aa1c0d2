//! A rotation that cannot end well is undone.

use super::account::Account;
use super::secret::{Secret, Shape};
use super::{FIRST, half_an_hour_later, mails};
use crate::lab::Journal;

const OTHER: &str = "Some-Other-8-Battery";

#[test]
fn a_new_password_that_is_proved_wrong_is_taken_back_and_people_are_told() {
    let account = Account::managed("rot-undone").create(FIRST);
    let secret = Secret::of(account, Shape::Article, FIRST);
    assert!(secret.turn_on().succeeded());
    let (before, mail) = (secret.current(), Journal::from_now("mail"));
    secret.delay_step(3);
    secret.start(&[]);
    secret.wait_for_step("testSecret");
    account.reset(OTHER);

    let rotation = secret.settled();
    assert!(!rotation.succeeded());
    assert_eq!(rotation.steps(), ["createSecret", "setSecret", "testSecret"], "it is not tried again");
    assert!(rotation.errors()[0].starts_with("RotationReverted"), "{rotation:?}");
    assert!(account.logs_in(&before.password), "AWSCURRENT does not log in");
    assert!(!account.logs_in(OTHER));
    assert!(secret.current() == before && !secret.is_pending());
    assert_eq!(mails(&mail, "password rotation undone").len(), 1);

    half_an_hour_later();
    assert!(secret.rotate().succeeded());
    secret.is_proved();
}

/// Who cannot be seen to be enabled is not touched: a Simple AD tells nothing but whether a password logs in.
#[test]
fn in_a_simple_ad_nothing_is_taken_back_from_an_account_that_may_be_disabled() {
    let account = Account::simple("rot-undone").create(FIRST);
    let secret = Secret::of(account, Shape::Article, FIRST);
    assert!(secret.turn_on().succeeded());
    let (before, mail) = (secret.current(), Journal::from_now("mail"));
    secret.delay_step(3);
    secret.start(&[]);
    secret.wait_for_step("testSecret");
    account.reset(OTHER);

    assert!(!secret.settled().succeeded());
    assert!(account.logs_in(OTHER), "a password was set blind");
    assert_eq!(secret.current(), before);
    assert!(!mails(&mail, "password rotation refused").is_empty());

    account.reset(&before.password);
    half_an_hour_later();
    secret.start_again();
    assert!(secret.settled().succeeded());
    secret.is_proved();
}
