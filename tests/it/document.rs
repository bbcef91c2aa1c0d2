//! The SSM document: its parameter goes into a shell script as text, so its pattern is what keeps a shell from running it.

use regex::Regex;
use serde_json::Value;

use crate::template::{items, resources, template};

fn content() -> Value {
    resources(&template(), "AWS::SSM::Document")[0].1["Content"].clone()
}

fn chain_pattern() -> Regex {
    let content = content();
    Regex::new(content["parameters"]["chain"]["allowedPattern"].as_str().unwrap()).unwrap()
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
    for step in items(&content()["mainSteps"]) {
        assert_eq!(step["action"], "aws:runShellScript");
        assert_eq!(step["precondition"]["StringEquals"], serde_json::json!(["platformType", "Linux"]));
        let seconds: u32 = step["inputs"]["timeoutSeconds"].as_str().unwrap().parse().unwrap();
        assert!(seconds <= 60);
    }
}

#[test]
fn every_use_of_a_parameter_is_quoted() {
    for step in items(&content()["mainSteps"]) {
        let script = step["inputs"]["runCommand"].to_string();
        assert_eq!(script.matches("{{").count(), script.matches("'{{ chain }}'").count());
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
