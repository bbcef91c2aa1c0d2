//! A person decides about a user of a trusted forest, and says of which domain he is.

use serde_json::{Value, json};

use crate::approval::ask;
use crate::directory::is_enabled as is_enabled_here;
use crate::finding::finding;
use crate::lab::variable;
use crate::mail::body;
use crate::person::Person;
use crate::session::Session;
use crate::stack::{Reconfigured, text};

use super::people::{create_namesakes, full, is_enabled, is_revoked};

fn approve(id: &str, user: &str, domain: Option<&str>) -> (String, String) {
    let mut answer: Value = json!({"version": 1, "approval": id, "answer": "approve", "user": user, "reason": "seen on the host"});
    if let Some(domain) = domain {
        answer["domain"] = domain.into();
    }
    Person::called("eve").answer(&answer)
}

#[test]
fn an_approval_of_his_namesake_is_none_of_his() {
    create_namesakes("xyra");
    let session = Session::of(&full("xyra"));
    let _mode = Reconfigured::with(&[("MODE", Some("approve")), ("APPROVAL_SECONDS", Some("60"))]);
    let (record, mail) = ask(&finding(&session, &full("xyra")), |id| {
        let (status, cause) = approve(id, "xyra", None);
        assert_eq!(status, "FAILED", "the one here is somebody else");
        assert!(cause.contains(&full("xyra")), "{cause}");
        assert!(is_enabled("xyra"), "nothing happens before the answer");
        assert_eq!(approve(id, "xyra", Some(variable("TRUSTED_AD_DOMAIN"))).0, "SUCCEEDED");
    });
    assert_eq!((text(&record, "decision"), text(&record, "reason")), ("contain", "approved-by-person"));
    assert!(is_revoked("xyra") && is_enabled_here("xyra"));
    let named = format!(r#""user":"xyra","domain":"{}""#, variable("TRUSTED_AD_DOMAIN"));
    assert!(body(&mail[0]).contains(&named), "{}", body(&mail[0]));
}
