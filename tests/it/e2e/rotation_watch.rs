//! The hourly look at rotations: what stands still rings, although nothing fails.

use crate::alarms::is_open;
use crate::doctor::visit::resource;
use crate::lab::{Journal, aws, lab};
use crate::stack::output;

/// As the rule has it each hour.
fn look() {
    let watcher = resource(|name, _| name == "RotationWatcherFunction");
    let answer = aws(&["lambda", "invoke", "--function-name", &watcher, "--payload", "{}", "/dev/null"]);
    assert_eq!(answer["StatusCode"], 200);
    assert!(answer.get("FunctionError").is_none(), "{answer}");
}

#[test]
fn a_rotation_that_never_came_rings_and_is_named() {
    let secret = output("RotatedSecretArn");
    lab(&["age-secret", secret, "38"]);
    let mail = Journal::from_now("mail");

    look();

    assert!(is_open("rotation-overdue"));
    assert!(crate::alarms::mails_of("rotation-overdue", &mail) > 0);
    let name = secret.rsplit(":secret:").next().unwrap().rsplit_once('-').unwrap().0;
    assert!(lab(&["logs", "rotation-watcher"]).contains(&format!("the rotation of {name} is overdue")));
    lab(&["rotate-due", secret]);
}
