//! The document that joins Linux hosts: what it takes, and what it does on each distribution.

mod distributions;
mod dns;
mod document;
mod injection;
mod options;
mod sandbox;
mod seal;

use std::collections::BTreeSet;

use regex::Regex;

use crate::template::items;
use document::{Document, content};

#[test]
fn every_parameter_is_put_once_into_single_quotes_and_nowhere_else() {
    let document = Document::read();
    let used = Regex::new(r"(?m)^[a-z_]+='\{\{ ([A-Za-z]+) \}\}'( #.*)?$").unwrap();
    let names: Vec<&str> =
        used.captures_iter(&document.script).map(|found| found.get(1).unwrap().as_str()).collect();
    assert_eq!(names.len(), document.script.matches("{{").count(), "every use is such a line");
    assert_eq!(names.iter().copied().collect::<BTreeSet<_>>().len(), names.len());
    assert_eq!(names.len(), document.parameters.len());
}

#[test]
fn every_pattern_is_anchored_and_lets_no_quote_through() {
    for (name, pattern) in Document::read().patterns {
        let text = pattern.as_str();
        assert!(text.starts_with("^(") || text.starts_with("^["), "{name}");
        assert!(
            text.ends_with('$') && !text.contains('|') || text.contains('('),
            "{name}: an open alternative"
        );
        for wrong in ["'", "a'b", "true\n", "\n", "a\u{0}", "{{ Action }}", "$(id)", "`id`", "ä", " ", "a;b"]
        {
            assert!(!pattern.is_match(wrong), "{name}: {wrong:?}");
        }
    }
}

#[test]
fn the_document_runs_once_on_linux_and_ends_in_time() {
    let content = content();
    let [step] = items(&content["mainSteps"])[..] else { panic!("one step") };
    assert_eq!(content["schemaVersion"], "2.2");
    assert_eq!(step["action"], "aws:runShellScript");
    assert_eq!(step["precondition"]["StringEquals"], serde_json::json!(["platformType", "Linux"]));
    assert_eq!(step["inputs"]["timeoutSeconds"], "900");
}

#[test]
fn the_script_never_has_the_password_but_in_a_pipe() {
    let script = Document::read().script;
    assert_eq!(
        script.matches("decrypt").count(),
        4,
        "its definition and openssl's option, the trial, the pipe"
    );
    assert!(script.contains("  decrypt | timeout -k 5 120 adcli join "));
    assert!(script.contains("  decrypt 3>&- 9>&- >/dev/null || fail no-key "));
    for word in ["set -x", "xtrace", "--one-time-password", "--show-password", "-W", "$(decrypt"] {
        assert!(!script.contains(word), "{word}");
    }
}

#[test]
fn values_as_the_domain_joiner_sends_them_are_taken() {
    let document = Document::read();
    for (name, values) in [
        ("Domain", &["corp.example.test", "AD.Example.com"][..]),
        ("Ou", &["", "OU=Computers,OU=CORP,DC=corp,DC=example,DC=test"]),
        ("ComputerName", &["ec2-abcdefghijk", "ec2-234567abcde"]),
        ("DnsServers", &["", "10.0.0.10", "10.0.0.10,10.0.1.10"]),
        ("Groups", &["", "Linux Admins", "Engineering,ops_1.eu-west"]),
        ("JoinUser", &["", "svc-join", "adJoin_1"]),
    ] {
        for value in values {
            assert!(document.patterns[name].is_match(value), "{name}: {value}");
        }
    }
    let longest = "a".repeat(16);
    assert!(!document.patterns["ComputerName"].is_match(&longest));
}
