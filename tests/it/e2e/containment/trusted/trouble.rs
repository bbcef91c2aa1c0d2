//! A forest that does not answer, and a secret that is of no use.

use serde_json::Value;

use crate::directory::{create_user, is_enabled as is_enabled_here};
use crate::finding::finding;
use crate::lab::{aws, lab, variable};
use crate::onboarding::Fault;
use crate::session::Session;
use crate::stack::{Reconfigured, deliver};

use super::people::{create, full, is_enabled};

/// Another value of the forest's secret for as long as it lives, and functions that have not read the one before.
struct Told {
    before: String,
    _fresh: Reconfigured,
}

impl Told {
    fn without(member: &str) -> Self {
        let arn = variable("TRUSTED_FOREST_SECRET_ARN");
        let kept = aws(&["secretsmanager", "get-secret-value", "--secret-id", arn]);
        let before = kept["SecretString"].as_str().unwrap().to_owned();
        let mut value: Value = serde_json::from_str(&before).unwrap();
        value.as_object_mut().unwrap().remove(member).unwrap();
        put(&value.to_string());
        Self { before, _fresh: Reconfigured::with(&[("FRESH", Some("yes"))]) }
    }
}

impl Drop for Told {
    fn drop(&mut self) {
        put(&self.before);
    }
}

fn put(value: &str) {
    let arn = variable("TRUSTED_FOREST_SECRET_ARN");
    aws(&["secretsmanager", "put-secret-value", "--secret-id", arn, "--secret-string", value]);
}

fn check_contained(name: &str, fault: &[&str]) {
    create(name);
    let session = Session::of(&full(name));
    let event = finding(&session, &full(name));
    let met = Fault::of(event["detail"]["id"].as_str().unwrap(), fault);
    let outcome = deliver(&event);
    assert!(met.hits() > 0, "no call met {fault:?}");
    assert_eq!((outcome.status.as_str(), outcome.decision()), ("SUCCEEDED", ("contain", "identity-proved")));
    assert!(!is_enabled(name));
}

#[test]
fn a_forest_that_refuses_connections_for_a_while_is_asked_again() {
    check_contained("xylia", &["ldap", "Connect", "error-before", "6"]);
}

#[test]
fn a_change_whose_answer_is_lost_is_found_to_be_done() {
    check_contained("xyla", &["ldap", "Modify", "lost-answer", "1"]);
}

#[test]
fn a_secret_that_cannot_be_used_fails_for_the_forests_users_only() {
    create("xeno");
    create_user("xena");
    let (guest, session) = (Session::of(&full("xeno")), Session::of("xena"));
    let _told = Told::without("password");

    let outcome = deliver(&finding(&guest, &full("xeno")));
    assert_eq!(outcome.status, "FAILED");
    assert!(is_enabled("xeno"));
    let told = format!("{} of TrustedForestSecretArns cannot be used", variable("TRUSTED_FOREST_SECRET_ARN"));
    assert!(lab(&["logs", "guardduty-responder"]).contains(&told));

    assert_eq!(deliver(&finding(&session, "xena")).decision(), ("contain", "identity-proved"));
    assert!(!is_enabled_here("xena"));
}
