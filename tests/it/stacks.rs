//! `stacks/simple-ad-test.yaml`: the article's set-up to try rotation out, with the product's function and no more rights.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::template::{items, read, target, template, template_at};

const SIMPLE_AD: &str = "stacks/simple-ad-test.yaml";

fn function(template: &Value) -> &Value {
    &template["Resources"]["SecretRotatorFunction"]["Properties"]
}

fn statements(template: &Value) -> Vec<&Value> {
    let role = &template["Resources"]["SecretRotatorRole"]["Properties"];
    items(&role["Policies"][0]["PolicyDocument"]["Statement"])
}

/// Each action with its effect.
fn actions(template: &Value) -> BTreeSet<(String, String)> {
    let of = |statement: &Value| -> Vec<(String, String)> {
        let effect = statement["Effect"].as_str().unwrap().to_owned();
        let words = items(&statement["Action"]).into_iter().map(|action| action.as_str().unwrap().to_owned());
        words.map(|action| (effect.clone(), action)).collect()
    };
    statements(template).into_iter().flat_map(of).collect()
}

#[test]
fn the_test_stack_runs_the_function_that_the_product_runs() {
    let (product, trial) = (template(), template_at(SIMPLE_AD));
    let (expected, given) = (function(&product), function(&trial));
    let globals = &product["Globals"]["Function"];
    for (setting, value) in [
        ("Runtime", &globals["Runtime"]),
        ("Architectures", &globals["Architectures"]),
        ("MemorySize", &globals["MemorySize"]),
        ("Handler", &globals["Handler"]),
        ("Timeout", &expected["Timeout"]),
    ] {
        assert_eq!(given[setting], *value, "{setting}");
    }
    assert_eq!(given["CodeUri"], "../.aws-sam/build/SecretRotatorFunction", "as sam build names it");
    let names = |function: &Value| -> BTreeSet<String> {
        function["Environment"]["Variables"].as_object().unwrap().keys().cloned().collect()
    };
    assert_eq!(names(given), names(expected));
}

#[test]
fn the_test_stacks_function_may_no_more_than_the_products() {
    let (product, trial) = (actions(&template()), actions(&template_at(SIMPLE_AD)));
    let more: Vec<_> = trial.difference(&product).collect();
    assert!(more.is_empty(), "{more:?}");
    assert!(trial.contains(&("Allow".to_owned(), "ds:ResetUserPassword".to_owned())));
    assert!(!trial.iter().any(|(_, action)| action.starts_with("ds-data:")), "Simple AD has no ds-data");
}

#[test]
fn the_test_stacks_function_may_everything_only_where_the_product_may() {
    let everywhere = |template: &Value| -> BTreeSet<String> {
        let wide = statements(template)
            .into_iter()
            .filter(|statement| statement["Effect"] == "Allow" && statement["Resource"] == "*");
        wide.flat_map(|statement| items(&statement["Action"])).map(Value::to_string).collect()
    };
    let trial = template_at(SIMPLE_AD);
    assert!(everywhere(&trial).is_subset(&everywhere(&template())));
    let text = read(SIMPLE_AD);
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    for (index, _) in lines.iter().enumerate().filter(|(_, line)| line.starts_with("Resource: \"*\"")) {
        assert!(lines[index - 1].starts_with("# "), "line {}: why?", index + 1);
    }
}

#[test]
fn the_simple_ad_begins_with_the_password_that_the_secret_holds() {
    let trial = template_at(SIMPLE_AD);
    let resources = &trial["Resources"];
    let reference = "{{resolve:secretsmanager:${FirstPassword}:SecretString}}";
    assert_eq!(resources["Directory"]["Properties"]["Password"]["Fn::Sub"], reference);
    let text = resources["AdministratorSecret"]["Properties"]["SecretString"]["Fn::Sub"].as_str().unwrap();
    let secret: Value = serde_json::from_str(text).unwrap();
    let expected =
        json!({"Directory ID": "${Directory}", "UserName": "Administrator", "Password": reference});
    assert_eq!(secret, expected);
    let excluded = &resources["FirstPassword"]["Properties"]["GenerateSecretString"]["ExcludeCharacters"];
    for character in ['"', '\\'] {
        assert!(excluded.as_str().unwrap().contains(character), "{character} would break the JSON around it");
    }
}

#[test]
fn the_two_private_subnets_lead_to_aws_by_nat_or_by_endpoints_for_all_that_the_function_calls() {
    let trial = template_at(SIMPLE_AD);
    let resources = trial["Resources"].as_object().unwrap();
    assert_eq!(resources["PrivateRoute"]["Condition"], "Nat");
    assert_eq!(target(&resources["PrivateRoute"]["Properties"]["NatGatewayId"]), "NatGateway");
    let endpoints: BTreeSet<&str> = resources
        .values()
        .filter(|resource| resource["Type"] == "AWS::EC2::VPCEndpoint")
        .inspect(|endpoint| assert_eq!(endpoint["Condition"], "Endpoints"))
        .map(|endpoint| endpoint["Properties"]["ServiceName"]["Fn::Sub"].as_str().unwrap())
        .map(|name| name.rsplit('.').next().unwrap())
        .collect();
    let called: BTreeSet<String> = actions(&trial)
        .into_iter()
        .filter(|(effect, _)| effect == "Allow")
        .map(|(_, action)| action.split(':').next().unwrap().to_owned())
        // Lambda itself writes logs and makes interfaces; Secrets Manager uses the key.
        .filter(|service| !["logs", "ec2", "kms"].contains(&service.as_str()))
        .collect();
    assert_eq!(endpoints, called.iter().map(String::as_str).collect());
}
