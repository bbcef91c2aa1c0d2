//! Releases of users of a trusted domain, where a new password does not enable.

use super::*;
use crate::testing::{PARTNER, of_partner};

const THEIRS: &str = "alice@partner.example.test";

/// A world in which the trusted domain's alice is contained.
async fn their_alice_contained() -> World {
    let world = World::new();
    world.trust();
    world.answers(&of_partner(&answer(), 1104));
    let event = of_partner(&event(), 1104);
    run(&world.responder(), &event, "arn:x:1").await.unwrap();
    assert!(!world.enabled(THEIRS) && world.enabled("alice"));
    world.state().mails.clear();
    world.state().calls = 0;
    world
}

#[tokio::test]
async fn sets_a_kept_password_and_then_enables_and_tells_the_domain() {
    let world = their_alice_contained().await;
    world.state().operations.clear();
    release_of(&world, Some("Partner.Example.Test"), "arn:r:1").await.unwrap();
    assert!(world.enabled(THEIRS));
    let state = world.state();
    let at = |operation| state.operations.iter().position(|known| *known == operation).unwrap();
    assert!(at("PutSecretValue") < at("ResetUserPassword") && at("ResetUserPassword") < at("EnableUser"));
    assert_eq!(state.passwords[THEIRS], state.secrets["arn:r:1"]);
    assert!(!state.passwords.contains_key("alice"), "his namesake keeps his password");
    let [mail] = &state.mails[..] else { panic!("{:?}", state.mails) };
    assert_eq!(mail.subject, "[adsteward] alice@partner.example.test released");
    assert!(
        mail.body.contains("Disable-ADAccount -Identity alice -Server partner.example.test"),
        "{}",
        mail.body
    );
    assert!(!mail.body.contains("ds-data"), "{}", mail.body);
}

#[tokio::test]
async fn without_his_domain_it_is_his_namesake_whom_nobody_holds() {
    let world = their_alice_contained().await;
    let error = release(&world, "arn:r:1").await.unwrap_err();
    assert!(error.to_string().contains("does not hold alice contained"), "{error}");
    assert!(!world.enabled(THEIRS));
}

#[tokio::test]
async fn a_domain_that_is_not_configured_or_no_domain_is_refused_by_name() {
    let world = their_alice_contained().await;
    for domain in ["other.example.test", "corp.example.test"] {
        let error = release_of(&world, Some(domain), "arn:r:1").await.unwrap_err();
        assert!(matches!(error, Error::ReleaseRefused(_)), "{error}");
        assert!(error.to_string().contains(domain), "{error}");
        assert!(error.to_string().contains("TrustedForestSecretArns"), "{error}");
    }
    for domain in ["partner", "a b.test", "..", "", "partner.example.test#x"] {
        let error = release_of(&world, Some(domain), "arn:r:1").await.unwrap_err();
        assert!(matches!(error, Error::Input(_)), "{domain}: {error}");
    }
    assert!(!world.enabled(THEIRS));
}

#[tokio::test]
async fn any_call_may_fail_once_and_he_is_let_in_with_the_kept_password() {
    let calls = {
        let world = their_alice_contained().await;
        release_of(&world, Some(PARTNER), "arn:r:1").await.unwrap();
        world.state().calls
    };
    for call in 1..=calls {
        for lost_answer in [false, true] {
            let world = their_alice_contained().await;
            world.state().faults = Faults::once(call, lost_answer);
            release_of(&world, Some(PARTNER), "arn:r:1").await.unwrap();
            assert!(world.enabled(THEIRS), "call {call}");
            let state = world.state();
            assert_eq!(state.passwords[THEIRS], state.secrets["arn:r:1"], "call {call}");
        }
    }
}

/// One step of an execution whose caller is known.
async fn step(world: &World, step: Step, execution: &str) -> Result<Outcome, Error> {
    let input = json!({"version": 1, "user": "alice", "domain": PARTNER, "reason": "x"});
    let request =
        Request { step, execution: execution.to_owned(), started_at: clock::iso(clock::now()), input };
    world.releaser().handle(request).await
}

#[tokio::test]
async fn a_release_that_died_anywhere_is_finished_by_the_next_one() {
    let mut died_before_enabling = 0;
    for call in 1.. {
        let world = their_alice_contained().await;
        testing::know_who_asks(&world, "arn:r:1", "arn:aws:iam::111122223333:user/eve");
        step(&world, Step::Check, "arn:r:1").await.unwrap();
        step(&world, Step::LearnCaller, "arn:r:1").await.unwrap();
        let before = world.state().calls;
        world.state().faults = Faults::once(before + call, false);
        if step(&world, Step::Reset, "arn:r:1").await.is_ok() {
            break;
        }
        if world.state().operations.last() == Some(&"EnableUser") {
            assert!(world.state().passwords.contains_key(THEIRS) && !world.enabled(THEIRS));
            died_before_enabling += 1;
        }
        world.state().faults = Faults::None;
        step(&world, Step::Abandon, "arn:r:1").await.unwrap();
        release_of(&world, Some(PARTNER), "arn:r:2").await.unwrap();
        assert!(world.enabled(THEIRS), "call {call}");
        let state = world.state();
        assert_eq!(state.passwords[THEIRS], state.secrets["arn:r:2"], "call {call}");
    }
    assert_eq!(died_before_enabling, 1);
}
