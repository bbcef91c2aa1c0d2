//! Who it was: every spelling of the user is understood, and one field that does not fit stops everything.

use serde_json::Value;

use crate::directory::{create_user, is_enabled};
use crate::finding::finding;
use crate::lab::variable;
use crate::session::Session;
use crate::stack::{deliver, text};

fn check_spelling(user: &str, spelled: &str) {
    create_user(user);
    let session = Session::of(user);
    let outcome = deliver(&finding(&session, spelled));
    assert_eq!(outcome.decision(), ("contain", "identity-proved"), "{spelled}");
    assert_eq!((text(&outcome.record, "user"), outcome.count("DisableUser")), (user, 1), "{spelled}");
    assert!(!is_enabled(user), "{spelled}");
}

#[test]
fn a_name_with_its_domain_is_understood() {
    check_spelling("erin", &format!("erin@{}", variable("AD_DOMAIN")));
}

#[test]
fn a_name_behind_the_short_name_of_its_domain_is_understood() {
    check_spelling("fred", &format!("{}\\fred", variable("AD_NETBIOS")));
}

#[test]
fn one_field_that_does_not_fit_leaves_it_to_a_person() {
    type Change = fn(&mut Value);
    let cases: [(&str, Change); 5] = [
        ("user-name-mismatch", |process| process["user"] = "fred".into()),
        ("user-name-mismatch", |process| process["user"] = "gina@elsewhere.example.test".into()),
        ("uid-mismatch", |process| process["userId"] = (process["userId"].as_u64().unwrap() + 1).into()),
        ("pid-reused", |process| process["startTime"] = (process["startTime"].as_u64().unwrap() - 60).into()),
        ("process-gone", |process| {
            process["pid"] = 4_000_000.into();
            process["lineage"] = Value::Array(Vec::new());
        }),
    ];
    create_user("gina");
    let session = Session::of("gina");
    for (reason, change) in cases {
        let mut event = finding(&session, "gina");
        change(&mut event["detail"]["service"]["runtimeDetails"]["process"]);
        let outcome = deliver(&event);
        assert_eq!((outcome.decision(), outcome.count("DisableUser")), (("needs-person", reason), 0));
        assert_eq!(outcome.mail.len(), 1, "{reason}");
    }
    assert!(is_enabled("gina"));
}
