//! Accounts that must not be enabled by a rotation, and passwords that the domain does not take.

use super::account::{Account, Directory, LeastLength};
use super::secret::{Rotation, Secret, Shape};
use super::{FIRST, effects, half_an_hour_later, mails};
use crate::alarms::open_alarms;
use crate::lab::{Journal, lab};

/// A rotation of a secret, and what it must not have done.
fn is_refused(secret: &Secret, rotate: impl FnOnce() -> Rotation) -> Rotation {
    let (calls, mail) = (Journal::from_now("calls"), Journal::from_now("mail"));
    let before = secret.current();
    let rotation = rotate();
    assert!(!rotation.succeeded(), "{rotation:?}");
    assert!(rotation.errors().iter().all(|error| error.starts_with("RotationRefused")), "{rotation:?}");
    assert!(!secret.account.is_enabled(), "the rotation has enabled {:?}", secret.account);
    assert_eq!(effects(&calls, "ResetUserPassword"), 0);
    assert_eq!(secret.current(), before);
    let told = mails(&mail, "password rotation refused");
    assert!(
        told.iter().any(|text| text.contains(secret.account.user)),
        "nobody was told in the same run: {told:?}"
    );
    rotation
}

#[test]
fn a_disabled_user_is_refused_and_stays_disabled_and_people_are_told_in_the_same_run() {
    for account in [Account::managed("rot-disabled"), Account::simple("rot-disabled")] {
        let secret = Secret::of(account.create(FIRST), Shape::Article, FIRST);
        assert!(secret.turn_on().succeeded());
        account.set("disabled");
        is_refused(&secret, || secret.rotate());
        assert!(open_alarms().contains(&"secret-rotator-errors".to_owned()));

        account.set("enabled");
        half_an_hour_later();
        secret.start_again();
        assert!(secret.settled().succeeded());
        secret.is_proved();
    }
}

#[test]
fn a_user_who_is_disabled_while_the_rotation_is_under_way_is_refused_and_stays_disabled() {
    for account in [Account::managed("rot-contained"), Account::simple("rot-contained")] {
        let secret = Secret::of(account.create(FIRST), Shape::SeamlessJoin, FIRST);
        assert!(secret.turn_on().succeeded());
        secret.delay_step(2);
        let rotation = is_refused(&secret, || {
            secret.start(&[]);
            secret.wait_for_step("setSecret");
            account.set("disabled");
            secret.settled()
        });
        assert_eq!(rotation.steps()[..2], ["createSecret", "setSecret"]);
    }
}

#[test]
fn a_password_that_the_policy_refuses_ends_the_rotation_for_good_in_one_step() {
    for directory in [Directory::ManagedMicrosoftAd, Directory::SimpleAd] {
        let account = Account { directory, user: "rot-policy" }.create(FIRST);
        let secret = Secret::of(account, Shape::Article, FIRST);
        assert!(secret.turn_on().succeeded());
        let (before, mail) = (secret.current(), Journal::from_now("mail"));
        let strict = LeastLength::of(directory, 40);

        let rotation = secret.rotate();
        assert_eq!(rotation.steps(), ["createSecret", "setSecret"], "{rotation:?}");
        assert!(rotation.errors()[0].contains("policy refuses"), "{rotation:?}");
        let told = mails(&mail, "password rotation failed");
        assert_eq!(told.len(), 1, "{told:?}");
        assert!(told[0].contains("PasswordLength"), "{told:?}");
        assert_eq!(secret.current(), before);
        assert!(!secret.is_pending() && account.logs_in(&before.password));

        drop(strict);
        assert!(secret.rotate().succeeded());
        secret.is_proved();
    }
}

/// A domain controller that does not answer is none that refuses.
#[test]
fn while_no_domain_controller_answers_nothing_is_set_and_the_next_rotation_ends_well() {
    let account = Account::managed("rot-silent").create(FIRST);
    let secret = Secret::of(account, Shape::Article, FIRST);
    assert!(secret.turn_on().succeeded());
    let (before, calls) = (secret.current(), Journal::from_now("calls"));
    lab(&["fault", "kerberos", "Exchange", "error-before", "999", "--for", &secret.arn]);

    let rotation = secret.rotate();
    assert!(!rotation.succeeded());
    assert!(
        rotation.errors().iter().all(|error| error.contains("10.98.0.11") && error.contains("10.98.0.12"))
    );
    assert_eq!(effects(&calls, "ResetUserPassword"), 0);
    assert!(secret.current() == before && account.logs_in(&before.password));

    lab(&["fault", "--clear", "--for", &secret.arn]);
    secret.start_again();
    assert!(secret.settled().succeeded());
    secret.is_proved();
}
