//! The button of the console, again and again.

use std::thread::scope;

use super::account::Account;
use super::secret::{Rotation, Secret, Shape};
use super::{FIRST, mails};
use crate::lab::{Journal, variable};

const TIMES: usize = 10;
const STEPS: [&str; 4] = ["createSecret", "setSecret", "testSecret", "finishSecret"];

/// An administrator whose password is the lab's own again when the test ends.
struct Lent(Account, &'static str);

impl Drop for Lent {
    fn drop(&mut self) {
        self.0.reset(self.1);
    }
}

fn done_at_once(rotation: &Rotation) {
    assert!(rotation.succeeded() && rotation.steps() == STEPS, "{rotation:?}");
}

/// Returns the password at the end.
fn rotates_ten_times(account: Account, shape: Shape, password: &str) -> String {
    let secret = Secret::of(account, shape, password);
    let first = secret.current();
    let mut seen = vec![first.password];
    for time in 0..TIMES {
        done_at_once(&if time == 0 { secret.turn_on() } else { secret.rotate() });
        secret.is_proved();
        let current = secret.current();
        assert_eq!(current.others, first.others, "something else than the password changed");
        assert!(!seen.contains(&current.password), "a password comes again");
        seen.push(current.password);
    }
    seen.pop().unwrap()
}

#[test]
fn the_button_rotates_admin_and_two_service_accounts_ten_times_in_a_row() {
    let admin = Lent(Account::managed("Admin"), variable("AD_ADMIN_PASSWORD"));
    let services = ["rot-backup", "rot-report"].map(|name| Account::managed(name).create(FIRST));
    let mail = Journal::from_now("mail");
    scope(|scope| {
        scope.spawn(|| rotates_ten_times(admin.0, Shape::SeamlessJoin, admin.1));
        scope.spawn(|| rotates_ten_times(services[0], Shape::Article, FIRST));
        scope.spawn(|| rotates_ten_times(services[1], Shape::SeamlessJoin, FIRST));
    });
    assert_eq!(mails(&mail, "password rotated").len(), 3 * TIMES, "each is told of once");
    assert_eq!(mails(&mail, "password rotation").len(), 0);
}

#[test]
fn the_button_rotates_a_simple_ads_administrator_in_either_shape_ten_times_in_a_row() {
    let administrator = Lent(Account::simple("Administrator"), variable("SIMPLE_AD_ADMIN_PASSWORD"));
    let password = rotates_ten_times(administrator.0, Shape::Article, administrator.1);
    rotates_ten_times(administrator.0, Shape::SeamlessJoin, &password);
}

#[test]
fn while_one_rotation_is_under_way_another_gets_the_error_of_aws() {
    let account = Account::managed("rot-twice").create(FIRST);
    let secret = Secret::of(account, Shape::Article, FIRST);
    done_at_once(&secret.turn_on());
    crate::lab::lab(&[
        "fault",
        "secretsmanager",
        "PutSecretValue",
        "delay",
        "--delay-ms",
        "4000",
        "--for",
        &secret.arn,
    ]);
    secret.start(&[]);
    let refusals = [secret.refusal(), secret.refusal()];
    for refusal in refusals {
        assert!(refusal.contains("InvalidRequestException"), "{refusal}");
        assert!(
            refusal.contains("A previous rotation isn't complete. That rotation will be reattempted."),
            "{refusal}"
        );
    }
    done_at_once(&secret.settled());
    secret.is_proved();
}
