//! The findings of these tests have GuardDuty's form.

use serde_json::Value;

use crate::finding::finding;
use crate::lab::aws;
use crate::session::{Session, Way};
use crate::stack::deliver;

/// Members that events have and the API's model has not.
const EVENTS_ONLY: [&str; 2] = ["threatListName", "agentDetails"];

/// Whether GuardDuty's answer has every member of the event's detail, with the same content but for times.
fn check(place: &str, emitted: &Value, answered: &Value) {
    match emitted {
        Value::Object(members) => {
            let told = members
                .iter()
                .filter(|(name, value)| !value.is_null() && !EVENTS_ONLY.contains(&name.as_str()));
            for (name, value) in told {
                let place = format!("{place}.{name}");
                let first = name[..1].to_uppercase();
                let answer = &answered[format!("{first}{}", &name[1..])];
                assert!(!answer.is_null(), "the API's model has no {place}, or another type");
                check(&place, value, answer);
            }
        }
        Value::Array(items) => {
            assert_eq!(items.len(), answered.as_array().unwrap().len(), "{place}");
            for (one, other) in items.iter().zip(answered.as_array().unwrap()) {
                check(place, one, other);
            }
        }
        _ if place.ends_with("startTime") => assert!(answered.is_string() || answered.is_number(), "{place}"),
        Value::Number(number) => assert_eq!(number.as_f64(), answered.as_f64(), "{place}"),
        other => assert_eq!(other, answered, "{place}"),
    }
}

#[test]
fn a_finding_of_these_tests_fits_guarddutys_model() {
    let session: Session = Way::service().shells(1).start();
    let event = finding(&session, "root");
    deliver(&event);

    let detectors = aws(&["guardduty", "list-detectors"]);
    let detector = detectors["DetectorIds"][0].as_str().unwrap();
    let id = event["detail"]["id"].as_str().unwrap();
    let got = aws(&["guardduty", "get-findings", "--detector-id", detector, "--finding-ids", id]);

    check("detail", &event["detail"], &got["Findings"][0]);
}
