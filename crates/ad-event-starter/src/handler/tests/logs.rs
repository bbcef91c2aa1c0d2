//! What is logged, and what is not.

use super::*;
use crate::testing::Logs;

fn records() -> Vec<String> {
    let mut messages = xml(&[
        Record::created(1),
        Record::of(4722, 2),
        Record::of(4725, 3),
        Record { upn: "jane@other.com".to_owned(), ..Record::created(4) },
        Record { domain: "OTHER".to_owned(), ..Record::created(5) },
    ]);
    messages.push("<Event>Jane".to_owned());
    messages
}

#[tokio::test]
async fn each_record_is_logged_once_with_its_reason() {
    let logs = Logs::default();
    let guard = tracing::subscriber::set_default(logs.clone());
    World::default().log(&records()).await.unwrap();
    drop(guard);
    let lines = logs.lines();
    let about = |piece: &str| lines.iter().filter(|line| line.contains(piece)).count();
    assert_eq!(lines.len(), 7, "six records and the batch: {lines:#?}");
    for piece in [
        "user1.last",
        "user3.last",
        "nothing-to-put-back ",
        "foreign-upn ",
        "other-domain ",
        "malformed-xml ",
    ] {
        assert_eq!(about(piece), 1, "{piece}: {lines:#?}");
    }
    let words = ["record refused", "record not readable", "record ignored"];
    assert_eq!(words.map(about), [1, 1, 2], "RUNBOOK.md finds them by these: {lines:#?}");
    assert_eq!(
        lines.last().unwrap().split_once("reasons=").unwrap().1.trim(),
        "\"foreign-upn: 1, malformed-xml: 1, nothing-to-put-back: 1, other-domain: 1, started: 2\""
    );
}

#[tokio::test]
async fn nothing_of_a_person_is_logged_but_his_name_and_sid() {
    let logs = Logs::default();
    let guard = tracing::subscriber::set_default(logs.clone());
    let world = World::default();
    world.state().refused.insert(user(1));
    world.log(&records()).await.unwrap();
    drop(guard);
    let told = logs.lines().concat();
    for private in ["@", "Jane", "<", "WIN-DC1"] {
        assert!(!told.contains(private), "{private}: {told}");
    }
}
