use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::testing::{report, uid};

const ALICE: u32 = 1104;

fn parse(line: &str) -> Result<Report, NotUnderstood> {
    Report::parse(line, uid(ALICE))
}

#[test]
fn reads_one_line_of_the_agreed_form() {
    let Report::Tried(evidence, ended) = parse(&format!("{}\n", report())).unwrap() else {
        panic!("refused")
    };
    assert_eq!((evidence.process_count, ended.ended, ended.log_in), (1, 3, LogIn::Refused));
    assert_eq!(ended.tickets_end, evidence.tickets_end);
}

#[test]
fn reads_why_the_instance_would_not() {
    let refusal =
        |code: &str| json!({"v": 1, "uid": uid(ALICE), "refused": code, "report": null}).to_string();
    assert_eq!(parse(&refusal("local-uid")), Ok(Report::Refused(NotEnded::LocalUid)));
    for code in ["", "kill-switch", "not-configured", "whatever"] {
        assert_eq!(parse(&refusal(code)), Err(NotUnderstood), "{code}: no word of the instance's");
    }
}

/// The standard report with one member changed.
fn changed(pointer: &str, value: Value) -> String {
    let mut line = report();
    *line.pointer_mut(pointer).unwrap() = value;
    line.to_string()
}

#[test]
fn refuses_everything_else() {
    let line = report().to_string();
    let process = &report()["report"]["evidence"]["processes"][0];
    let cases = [
        String::new(),
        "{}".to_owned(),
        "null".to_owned(),
        format!("{line}\n{line}\n"),
        format!("{line}\r\n"),
        format!("{line}{}", " ".repeat(24_000)),
        line.replace("\"v\":1", "\"v\":1,\"also\":true"),
        changed("/v", json!(2)),
        changed("/uid", json!(uid(1105))),
        changed("/refused", json!("local-uid")),
        changed("/report", Value::Null),
        changed("/report/log_in", json!("perhaps")),
        changed("/report/ended", json!(-1)),
        changed("/report/evidence/processes/0/name", json!("a\u{1b}[31m")).replace("\\u001b", "\u{1b}"),
        changed("/report/evidence/processes/0/name", json!("x".repeat(121))),
        changed("/report/evidence/processes", json!(vec![process; 61])),
        changed("/report/left", json!(vec![process; 61])),
        changed("/report/evidence/sessions", json!(vec!["x"; 61])),
        changed("/report/evidence/log_ins", json!(["x".repeat(121)])),
    ];
    for text in cases {
        assert_eq!(parse(&text), Err(NotUnderstood), "{}", text.escape_debug());
    }
}

proptest! {
    #[test]
    fn never_panics(text in "\\PC{0,400}", noise in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = parse(&text);
        let _ = parse(&String::from_utf8_lossy(&noise));
    }
}
