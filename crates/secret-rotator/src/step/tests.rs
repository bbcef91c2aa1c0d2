//! What the steps do one by one; how they stand faults is in `model`.

use std::time::Duration;

use steward_core::directory::DirectoryKind;

use super::at_try;
use crate::event::Step;
use crate::handler::Outcome;
use crate::testing::{
    A, CURRENT, End, Fault, Faults, P, PENDING, PREVIOUS, T, World, Worldly, password_of, rotate, run,
    secret_text,
};

fn failed(name: &str, passes: bool) -> End {
    End::Failed(name.to_owned(), passes)
}

/// A rotation that has come to `step`.
fn at(kind: DirectoryKind, step: Step) -> (World, Worldly) {
    let world = World::of(kind);
    assert!(world.begin(T));
    let rotator = world.rotator();
    for done in Step::ALL.into_iter().take_while(|done| *done != step) {
        assert!(matches!(run(&rotator, T, done), End::Done(_)));
    }
    world.state().operations.clear();
    (world, rotator)
}

fn operations(world: &World) -> String {
    world.state().operations.join(" ")
}

fn set_by_somebody(world: &World) {
    world.change_account(|account| "somebody's".clone_into(&mut account.password));
}

#[test]
fn a_usual_rotation_asks_for_nothing_twice_and_tries_no_wrong_password() {
    let world = World::new();
    assert!(world.begin(T));
    assert_eq!(rotate(&world.rotator(), T, |_, _| {}), End::Done(Outcome::Rotated));
    let create = "DescribeSecret GetSecretValue GetSecretValue DescribeDirectories DescribeUser GetRandomPassword \
                  PutSecretValue";
    let set = "DescribeSecret GetSecretValue GetSecretValue DescribeDirectories AS-REQ DescribeUser ResetUserPassword \
               DescribeSecret";
    let test = "DescribeSecret GetSecretValue GetSecretValue DescribeDirectories AS-REQ";
    let finish = "DescribeSecret GetSecretValue GetSecretValue DescribeDirectories AS-REQ UpdateSecretVersionStage AS-REQ \
                  Publish";
    assert_eq!(operations(&world), [create, set, test, finish].join(" "));
    assert!(world.label_logs_in(CURRENT));
    assert_eq!(world.labelled(PREVIOUS).as_deref(), Some(A));
    assert_eq!(world.state().truth.wrong_passwords, 0);
    assert_eq!(world.state().truth.resets, 1);
}

#[test]
fn members_of_others_go_from_version_to_version() {
    let (world, _) = at(DirectoryKind::SimpleAd, Step::Set);
    assert!(world.state().versions[T].text.as_ref().unwrap().ends_with(r#","note":1}"#));
}

#[test]
fn simple_ad_is_not_asked_what_it_cannot_tell() {
    let world = World::of(DirectoryKind::SimpleAd);
    assert!(world.begin(T));
    assert_eq!(rotate(&world.rotator(), T, |_, _| {}), End::Done(Outcome::Rotated));
    assert!(!operations(&world).contains("DescribeUser"));
}

#[test]
fn a_secret_of_another_directory_is_refused_before_any_call_about_it() {
    let world = World::new();
    let foreign = secret_text(&password_of(A)).replace("d-9067012345", "d-9067099999");
    world.put(A, Some(foreign), &[CURRENT]);
    assert!(world.begin(T));
    assert_eq!(run(&world.rotator(), T, Step::Create), failed("ForeignDirectory", false));
    assert!(!operations(&world).contains("PutSecretValue"));
}

#[test]
fn tries_come_soon_at_first_and_the_last_when_the_patience_ends() {
    let seconds = |tries: u32| -> Vec<u64> {
        (1..tries).map(|rejected| at_try(rejected, tries, Duration::from_secs(60)).as_secs()).collect()
    };
    assert_eq!(seconds(2), [60]);
    assert_eq!(seconds(3), [15, 60]);
    assert_eq!(seconds(5), [3, 15, 33, 60]);
}

#[test]
fn waits_for_replication_and_never_undoes_what_is_only_on_its_way() {
    for (behind, expected) in [
        (10_000, End::Done(Outcome::Proved)),
        (59_000, End::Done(Outcome::Proved)),
        (90_000, failed("NotSet", true)),
    ] {
        let (world, rotator) = at(DirectoryKind::ManagedMicrosoftAd, Step::Test);
        let began = world.state().now;
        world.state().behind_until = began + behind;
        assert_eq!(run(&rotator, T, Step::Test), expected, "{behind} ms behind");
        assert!(world.state().now - began < 62_000, "a minute at most");
        assert!(!operations(&world).contains("ResetUserPassword"));
        assert_eq!(world.labelled(PENDING).as_deref(), Some(T));
    }
}

#[test]
fn undoes_a_rotation_whose_password_somebody_has_replaced() {
    let (world, rotator) = at(DirectoryKind::ManagedMicrosoftAd, Step::Test);
    set_by_somebody(&world);
    assert_eq!(run(&rotator, T, Step::Test), failed("Reverted", false));
    assert!(world.label_logs_in(CURRENT));
    assert_eq!((world.labelled(CURRENT).as_deref(), world.labelled(PENDING)), (Some(A), None));
    assert_eq!(world.state().truth.wrong_passwords, 4, "one less than would lock the account");
    assert!(world.state().mails[0].subject.contains("undone"));
}

#[test]
fn a_revert_without_an_answer_is_waited_for() {
    let (world, _) = at(DirectoryKind::ManagedMicrosoftAd, Step::Test);
    set_by_somebody(&world);
    world.state().threshold = 0;
    let rotator = world.rotator_with(&[("LOCKOUT_THRESHOLD", "0"), ("REPLICATION_SECONDS", "0")]);
    let calls_before_the_reset = 4 + 5 + 1 + 1 + 1 + 1;
    let reset = world.state().calls + calls_before_the_reset + 1;
    world.state().faults = Faults::At(reset, Fault::LateEffect);
    assert_eq!(run(&rotator, T, Step::Test), failed("Reverted", false));
    assert_eq!(world.state().truth.faults, 1);
    assert_eq!(world.state().truth.resets, 2, "one of setSecret, one that came late");
    assert!(world.label_logs_in(CURRENT));
}

#[test]
fn simple_ad_is_never_reset_blind_and_people_are_told_what_to_do() {
    let (world, rotator) = at(DirectoryKind::SimpleAd, Step::Test);
    set_by_somebody(&world);
    assert_eq!(run(&rotator, T, Step::Test), failed("Refused", false));
    assert!(!operations(&world).contains("ResetUserPassword"));
    assert!(world.state().mails[0].body.contains("aws ds reset-user-password"));
}

#[test]
fn a_domain_that_locks_soon_is_never_locked_and_nothing_is_undone_without_proof() {
    let world = World::new();
    world.state().threshold = 3;
    assert!(world.begin(T));
    let rotator = world.rotator_with(&[("LOCKOUT_THRESHOLD", "3")]);
    let end = rotate(&rotator, T, |world, step| {
        if step == Step::Test {
            set_by_somebody(world);
        }
    });
    assert_eq!(end, failed("NotProved", true));
    assert_eq!(world.state().truth.violations, [""; 0]);
    assert!(world.state().account.wrong.len() < 3);
}

#[test]
fn a_disabled_account_is_refused_in_the_same_run_and_stays_disabled() {
    for kind in [DirectoryKind::ManagedMicrosoftAd, DirectoryKind::SimpleAd] {
        let (world, rotator) = at(kind, Step::Set);
        world.change_account(|account| account.enabled = false);
        assert_eq!(run(&rotator, T, Step::Set), failed("Refused", false), "{kind:?}");
        assert!(!world.state().account.enabled);
        assert!(world.state().mails[0].subject.contains("refused"));
    }
    let world = World::new();
    world.change_account(|account| account.enabled = false);
    assert!(world.begin(T));
    assert_eq!(run(&world.rotator(), T, Step::Create), failed("Refused", false));
    assert!(world.state().versions[T].text.is_none(), "no password is made for it");
}

#[test]
fn a_password_that_the_policy_refuses_ends_the_rotation_at_once_and_the_next_one_makes_another() {
    let (world, rotator) = at(DirectoryKind::ManagedMicrosoftAd, Step::Set);
    world.state().shortest = 40;
    assert_eq!(run(&rotator, T, Step::Set), failed("PasswordRefused", false));
    assert_eq!((world.labelled(PENDING), world.label_logs_in(CURRENT)), (None, true));
    let longer = world.rotator_with(&[("PASSWORD_LENGTH", "40")]);
    assert!(world.begin(P));
    assert_eq!(rotate(&longer, P, |_, _| {}), End::Done(Outcome::Rotated));
}

#[test]
fn a_test_of_the_configuration_proves_the_way_to_the_directory_and_finishes_nothing() {
    let world = World::new();
    assert!(world.begin(T));
    let rotator = world.rotator();
    assert_eq!(run(&rotator, T, Step::Test), End::Done(Outcome::ConfigurationProved));
    assert_eq!(run(&rotator, T, Step::Finish), failed("NotCreated", true));
    set_by_somebody(&world);
    assert_eq!(run(&rotator, T, Step::Test), failed("NotCreated", true));
}

#[test]
fn people_are_told_of_each_end_and_of_nothing_that_passes() {
    let (world, rotator) = at(DirectoryKind::ManagedMicrosoftAd, Step::Finish);
    assert_eq!(run(&rotator, T, Step::Finish), End::Done(Outcome::Rotated));
    let mails = world.state().mails.clone();
    assert_eq!(mails.len(), 1);
    assert_eq!(mails[0].subject, "[adsteward] password rotated: join-Ab12Cd");
    assert!(mails[0].body.contains(T) && mails[0].body.contains("finishSecret"), "{}", mails[0].body);
    let (world, rotator) = at(DirectoryKind::ManagedMicrosoftAd, Step::Finish);
    set_by_somebody(&world);
    assert_eq!(run(&rotator, T, Step::Finish), failed("NotProved", true));
    assert!(world.state().mails.is_empty());
}
