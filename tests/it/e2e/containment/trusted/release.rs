//! The way back, by the command of the mail.

use serde_json::{Value, json};

use crate::directory::{PASSWORD, can_log_in, is_enabled as is_enabled_here};
use crate::finding::{detector, finding};
use crate::lab::{aws, lab, variable};
use crate::mail::body;
use crate::onboarding::Fault;
use crate::person::Person;
use crate::runbook::run;
use crate::secrecy::{function_logs, lab_logs};
use crate::session::Session;
use crate::stack::{Outcome, deliver, output, wait_for};

use super::people::{create_namesakes, full, is_enabled, is_revoked, log_in};

/// Contains him, and archives the finding, as the mail asks.
fn contain(name: &str) -> Outcome {
    create_namesakes(name);
    let session = Session::of(&full(name));
    let event = finding(&session, &full(name));
    let outcome = deliver(&event);
    assert!(is_revoked(name), "{:?}", outcome.decision());
    let id = event["detail"]["id"].as_str().unwrap();
    aws(&["guardduty", "archive-findings", "--detector-id", detector(), "--finding-ids", id]);
    outcome
}

/// Runs the command of the mail as it stands there, and tells how its execution ended.
fn undo(outcome: &Outcome) -> String {
    let [mail] = &outcome.mail[..] else { panic!("one mail, not {:?}", outcome.mail) };
    let (_, after) = body(mail).split_once("HOW TO UNDO\n").unwrap();
    let (command, _) = after.split_once("\n  Archive").unwrap();
    let started: Value = serde_json::from_str(&run(command)).unwrap();
    wait_for(started["executionArn"].as_str().unwrap())
}

fn secret(id: &str) -> String {
    let kept = aws(&["secretsmanager", "get-secret-value", "--secret-id", id]);
    kept["SecretString"].as_str().unwrap().to_owned()
}

/// The password that was kept for him.
fn kept(name: &str) -> String {
    secret(&format!("{}/released/{}/{name}", variable("STACK_NAME"), variable("TRUSTED_AD_DOMAIN")))
}

#[test]
fn the_command_of_the_mail_lets_him_in_with_a_new_password_and_no_secret_stands_anywhere() {
    let outcome = contain("xandra");

    assert_eq!(undo(&outcome), "SUCCEEDED");

    let new = kept("xandra");
    assert!(is_enabled("xandra"));
    log_in("xandra", &new).unwrap();
    log_in("xandra", PASSWORD).unwrap_err();
    assert!(is_enabled_here("xandra") && can_log_in("xandra", PASSWORD));

    let told: Value = serde_json::from_str(&secret(variable("TRUSTED_FOREST_SECRET_ARN"))).unwrap();
    let table = aws(&["dynamodb", "scan", "--table-name", output("DecisionTableName"), "--consistent-read"]);
    for (place, text) in [
        ("the table", table.to_string()),
        ("mails", lab(&["mail"])),
        ("calls", lab(&["calls"])),
        ("logs of the functions", function_logs()),
        ("logs of the lab", lab_logs()),
    ] {
        assert!(!text.contains(&new), "the new password stands in {place}");
        assert!(
            !text.contains(told["password"].as_str().unwrap()),
            "the account's password stands in {place}"
        );
    }
}

#[test]
fn a_release_that_dies_between_the_new_password_and_enabling_is_finished() {
    let outcome = contain("xaviera");
    let dies = Fault::of("xaviera", &["ldap", "Modify", "kill-after", "1"]);

    assert_eq!(undo(&outcome), "SUCCEEDED");

    assert_eq!(dies.hits(), 1);
    assert!(is_enabled("xaviera"));
    log_in("xaviera", &kept("xaviera")).unwrap();
}

#[test]
fn nobody_is_released_in_a_domain_that_is_not_configured() {
    let input = json!({
        "version": 1, "user": "xandra", "domain": "elsewhere.example.test", "reason": "a test", "override": "a test",
    });
    let (status, cause) = Person::called("eve").start("ReleaseStateMachineArn", &input);
    assert_eq!(status, "FAILED");
    assert!(cause.contains("TrustedForestSecretArns") && cause.contains("elsewhere.example.test"), "{cause}");
}
