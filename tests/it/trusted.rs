//! Containing users of trusted forests: only where secrets are named, and then by these secrets and from that network alone.

use serde_json::{Value, json};

use crate::template::{items, properties, read, target, template};

const FUNCTIONS: [(&str, &str, &str); 2] = [
    ("GuarddutyResponderFunction", "GuarddutyResponderRole", "guardduty-responder"),
    ("UserReleaserFunction", "UserReleaserRole", "user-releaser"),
];

#[test]
fn without_secrets_no_function_of_flow_1_is_in_a_network_or_may_read_secrets_of_others() {
    let template = template();
    let secrets = json!([{"Fn::Equals": [{"Fn::Join": ["", {"Ref": "TrustedForestSecretArns"}]}, ""]}]);
    assert_eq!(template["Conditions"]["TrustedForests"]["Fn::Not"], secrets);
    assert_eq!(template["Parameters"]["TrustedForestSecretArns"]["Default"], "");
    let text = read("template.yaml");
    for only_then in [
        "      VpcConfig:\n        Fn::If:\n          - TrustedForests\n          - SubnetIds:",
        "        - !If\n          - TrustedForests\n          - PolicyName: reach-trusted-forests\n",
    ] {
        assert_eq!(text.matches(only_then).count(), FUNCTIONS.len(), "{only_then}");
    }
}

#[test]
fn secrets_are_refused_without_a_network() {
    let rule = &template()["Rules"]["TrustedForestsAreReached"];
    let named = json!({"Fn::Not": [{"Fn::EachMemberEquals": [{"Ref": "TrustedForestSecretArns"}, ""]}]});
    assert_eq!(rule["RuleCondition"], named);
    assert!(rule["Assertions"].to_string().contains(r#"{"Ref":"RotationVpcId"}"#));
}

#[test]
fn both_functions_come_to_the_domains_by_ldaps_with_the_named_secrets_and_no_others() {
    let template = template();
    for (function, role, name) in FUNCTIONS {
        let function = properties(&template, function);
        let network = &function["VpcConfig"];
        assert_eq!(target(&network["SecurityGroupIds"][0]), "LdapsSecurityGroup", "{name}");
        assert_eq!(target(&network["SubnetIds"]), "RotationSubnetIds", "{name}");
        let secrets = &function["Environment"]["Variables"]["TRUSTED_FOREST_SECRETS"];
        assert_eq!(*secrets, json!({"Fn::Join": [",", {"Ref": "TrustedForestSecretArns"}]}), "{name}");

        let policies = items(&properties(&template, role)["Policies"]);
        let policy = policies.iter().find(|policy| policy["PolicyName"] == "reach-trusted-forests").unwrap();
        let statements = items(&policy["PolicyDocument"]["Statement"]);
        let of = |action: &str| -> Vec<&Value> {
            let has = |statement: &&&Value| items(&statement["Action"]).iter().any(|one| **one == action);
            statements.iter().filter(has).copied().collect()
        };
        let [read] = of("secretsmanager:GetSecretValue")[..] else { panic!("{name}: one statement") };
        assert_eq!(target(&read["Resource"]), "TrustedForestSecretArns", "{name}");
        let [allow, deny] = of("ec2:CreateNetworkInterface")[..] else { panic!("{name}: two statements") };
        assert_eq!((&allow["Effect"], &deny["Effect"]), (&json!("Allow"), &json!("Deny")));
        let own_code = deny["Condition"]["ArnEquals"]["lambda:SourceFunctionArn"].to_string();
        assert!(own_code.contains(&format!("-{name}\"")), "{own_code}");
    }
}

#[test]
fn a_function_of_flow_1_ends_before_its_state_gives_it_up() {
    let template = template();
    for (machine, (function, ..)) in ["contain-user", "release-user"].iter().zip(FUNCTIONS) {
        let seconds = properties(&template, function)["Timeout"].as_u64().unwrap();
        let machine: Value =
            serde_json::from_str(&read(format!("statemachines/{machine}.asl.json"))).unwrap();
        for (state, definition) in machine["States"].as_object().unwrap() {
            let invokes = definition["Resource"] == "arn:aws:states:::lambda:invoke";
            if let Some(given) = definition["TimeoutSeconds"].as_u64().filter(|_| invokes) {
                assert!(given > seconds, "{state}");
            }
        }
    }
}
