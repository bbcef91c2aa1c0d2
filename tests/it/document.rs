//! The SSM documents: their parameters go into a shell script as text, so their patterns keep a shell from running them.

use regex::Regex;
use serde_json::Value;

use crate::template::{items, resources, template};

fn pattern(document: &str, parameter: &str) -> Regex {
    let content = template()["Resources"][document]["Properties"]["Content"].clone();
    Regex::new(content["parameters"][parameter]["allowedPattern"].as_str().unwrap()).unwrap()
}

fn chain_pattern() -> Regex {
    pattern("IdentifyUserDocument", "chain")
}

/// Every step of every document, with the document's name and content.
fn steps(template: &Value) -> Vec<(&str, &Value, &Value)> {
    let documents = resources(template, "AWS::SSM::Document").into_iter();
    let contents = documents.map(|(name, document)| (name, &document["Content"]));
    contents
        .flat_map(|(name, content)| {
            items(&content["mainSteps"]).into_iter().map(move |step| (name, content, step))
        })
        .collect()
}

#[test]
fn every_parameter_has_an_anchored_pattern_and_is_used() {
    for (name, document) in resources(&template(), "AWS::SSM::Document") {
        let content = &document["Content"];
        for (parameter, declared) in content["parameters"].as_object().unwrap() {
            let pattern = declared["allowedPattern"].as_str().unwrap();
            assert!(pattern.starts_with('^') && pattern.ends_with('$'), "{name}: {pattern}");
            assert!(content["mainSteps"].to_string().contains(&format!("{{{{ {parameter} }}}}")), "{name}");
        }
    }
}

#[test]
fn every_step_runs_on_linux_for_a_short_time() {
    for (_, _, step) in steps(&template()) {
        assert_eq!(step["action"], "aws:runShellScript");
        assert_eq!(step["precondition"]["StringEquals"], serde_json::json!(["platformType", "Linux"]));
        let seconds: u32 = step["inputs"]["timeoutSeconds"].as_str().unwrap().parse().unwrap();
        assert!(seconds <= 60);
    }
}

#[test]
fn every_use_of_a_parameter_is_quoted() {
    for (name, content, step) in steps(&template()) {
        let script = step["inputs"]["runCommand"].to_string();
        let parameters = content["parameters"].as_object().unwrap().keys();
        let quoted: usize =
            parameters.map(|name| script.matches(&format!("'{{{{ {name} }}}}'")).count()).sum();
        assert_eq!(script.matches("{{").count(), quoted, "{name}");
    }
}

#[test]
fn a_chain_of_processes_is_accepted() {
    let longest = ["4194304:4294967294:4102444800"; 17].join(",");
    for chain in ["1:0:0", "4242:731601104:1795253371", "4242:731601104:0,4100:0:1795253200", &longest] {
        assert!(chain_pattern().is_match(chain), "{chain}");
    }
}

#[test]
fn anything_that_a_shell_could_run_is_refused() {
    let too_long = ["1:0:0"; 18].join(",");
    for chain in [
        "",
        "0:0:0",
        "1:0",
        "1:0:0,",
        "1:0:0 ",
        "1:0:0\n",
        "1:0:0\nid",
        "-1:0:0",
        "12345678:0:0",
        "1:0:0;id",
        "1:0:0'; id; '",
        "$(id):0:0",
        "1:`id`:0",
        "1:0:0\u{0}",
        "١:0:0",
        "{{ chain }}",
        &too_long,
    ] {
        assert!(!chain_pattern().is_match(chain), "{chain:?}");
    }
}

/// What the document that ends sessions takes and what it refuses for a parameter.
fn check(parameter: &str, accepted: &[&str], refused: &[&str]) {
    let pattern = pattern("EndSessionsDocument", parameter);
    let shell = ["", "1;id", "1'; id; '", "$(id)", "`id`", "1\n", "1 ", "1\u{0}", "{{ uid }}", "١"];
    for text in accepted {
        assert!(pattern.is_match(text), "{parameter}: {text}");
    }
    for text in refused.iter().chain(&shell) {
        assert!(!pattern.is_match(text), "{parameter}: {text:?}");
    }
}

#[test]
fn sessions_are_ended_by_a_user_id_a_name_and_a_process_and_nothing_else() {
    check("uid", &["1000", "731601104", "4294967295"], &["0", "01000", "-1", "12345678901", "root"]);
    check(
        "user",
        &["alice", "martha.rivera", "svc_backup-2"],
        &["alice@corp", "CORP\\alice", "a name", "twenty-one-characters"],
    );
    check("process", &["4242:1795253371", "4194304:0"], &["0:0", "4242", "4242:", "12345678:0", "1:0,2:0"]);
}

#[test]
fn only_the_document_that_ends_sessions_kills() {
    for (name, _, step) in steps(&template()) {
        let script = step["inputs"]["runCommand"].to_string();
        assert_eq!(script.contains("kill -"), name == "EndSessionsDocument", "{name}");
    }
}
