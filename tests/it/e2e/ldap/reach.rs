use std::process::Command;
use std::time::{Duration, Instant};

use super::{Asker, CONTROLLERS};
use crate::lab::variable;

/// Nobody has it in the lab's network.
const NOBODY: &str = "10.98.0.99,10.98.0.11";

#[test]
fn a_controller_that_does_not_answer_costs_seconds_and_no_answer() {
    let began = Instant::now();
    let found = Asker { controllers: NOBODY, ..Asker::leaver() }.asks(&["named", "dc1"]);
    assert!(found.starts_with("Some("), "{found}");
    assert!(began.elapsed() < Duration::from_secs(15), "{:?}", began.elapsed());
    let none = Asker { controllers: "10.98.0.99,10.98.0.98", ..Asker::leaver() }.asks(&["named", "dc1"]);
    assert!(
        none.starts_with("Transient: ") && none.contains("10.98.0.99: ") && none.contains("10.98.0.98: "),
        "{none}"
    );
}

#[test]
fn nothing_is_told_to_whoever_has_no_certificate_of_the_domain() {
    let another = Asker { authority: another_authority(), ..Asker::leaver() }.asks(&["named", "dc1"]);
    assert!(another.starts_with("Permanent: ") && another.contains("UnknownIssuer"), "{another}");
    let domain = variable("SIMPLE_AD_DOMAIN");
    let other = Asker { domain, controllers: CONTROLLERS, ..Asker::leaver() }.asks(&["named", "dc1"]);
    assert!(other.starts_with("Permanent: ") && other.contains("not valid for name"), "{other}");
}

#[test]
fn a_wrong_password_is_tried_once_and_never_shown() {
    let refused = Asker { password: "Wrong-One-1".to_owned(), ..Asker::leaver() }.asks(&["named", "dc1"]);
    assert!(refused.starts_with("Permanent: the directory refuses svc-leave@"), "{refused}");
    assert!(refused.contains("invalidCredentials (49)"), "{refused}");
}

/// The file of an authority that has issued nothing.
fn another_authority() -> String {
    let file = concat!(env!("CARGO_TARGET_TMPDIR"), "/another-authority.pem");
    let request =
        ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=another", "-keyout", "/dev/null"];
    let made = Command::new("openssl").args(request).args(["-out", file]).output().unwrap();
    assert!(made.status.success(), "{made:?}");
    file.to_owned()
}
