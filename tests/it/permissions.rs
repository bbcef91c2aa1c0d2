//! Permissions: every action named, every resource named unless the API has no resource level.

use serde_json::{Value, json};

use crate::template::{items, read, resources, target, template};

fn statements<'a>(role: &'a Value) -> Vec<&'a Value> {
    let document = |policy: &'a Value| match &policy["PolicyDocument"]["Fn::Sub"] {
        // As text, where a condition's name needs a parameter.
        Value::String(text) => &*Box::leak(Box::new(serde_json::from_str::<Value>(text).unwrap())),
        _ => &policy["PolicyDocument"],
    };
    items(&role["Policies"]).into_iter().flat_map(|policy| items(&document(policy)["Statement"])).collect()
}

fn actions(statement: &Value) -> Vec<&str> {
    items(&statement["Action"]).iter().map(|action| action.as_str().unwrap()).collect()
}

/// Everything that a role allows.
fn allowed(role: &str) -> Vec<String> {
    let template = template();
    let role = &template["Resources"][role]["Properties"];
    let allows = statements(role).into_iter().filter(|statement| statement["Effect"] == "Allow");
    allows.flat_map(actions).map(str::to_owned).collect()
}

#[test]
fn no_statement_has_a_wildcard_action_or_grants_what_it_does_not_name() {
    for (name, role) in resources(&template(), "AWS::IAM::Role") {
        assert!(role.get("ManagedPolicyArns").is_none(), "{name} has a managed policy");
        for statement in statements(role) {
            assert!(actions(statement).iter().all(|action| !action.contains('*')), "{name}: {statement}");
            for inverse in ["NotAction", "NotResource", "NotPrincipal"] {
                assert!(statement.get(inverse).is_none(), "{name}: {statement}");
            }
        }
    }
}

#[test]
fn every_resource_that_is_everything_says_why() {
    let text = read("template.yaml");
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    for (index, line) in lines.iter().enumerate().filter(|(_, line)| line.starts_with("Resource: \"*\"")) {
        let why = lines[index - 1];
        let reasons = ["no resource level", "In a key's policy this is the key."];
        assert!(
            why.starts_with("# ") && reasons.iter().any(|reason| why.contains(reason)),
            "line {}: {line}",
            index + 1
        );
    }
}

#[test]
fn only_actions_without_a_resource_level_are_allowed_on_everything() {
    const WITHOUT_RESOURCE_LEVEL: [&str; 22] = [
        "ds:DescribeDirectories",
        "ec2:DescribeNetworkInterfaces",
        "ec2:DescribeSubnets",
        "guardduty:GetFindings",
        "logs:CreateLogDelivery",
        "logs:DeleteLogDelivery",
        "logs:DescribeLogGroups",
        "logs:DescribeResourcePolicies",
        "logs:GetLogDelivery",
        "logs:ListLogDeliveries",
        "logs:PutResourcePolicy",
        "logs:UpdateLogDelivery",
        "secretsmanager:GetRandomPassword",
        "secretsmanager:ListSecrets",
        "states:SendTaskSuccess",
        "ssm:DescribeInstanceInformation",
        "ssm:GetCommandInvocation",
        "workspaces:DescribeWorkspaces",
        "xray:GetSamplingRules",
        "xray:GetSamplingTargets",
        "xray:PutTelemetryRecords",
        "xray:PutTraceSegments",
    ];
    for (name, role) in resources(&template(), "AWS::IAM::Role") {
        let everywhere = |statement: &&Value| statement["Effect"] == "Allow" && statement["Resource"] == "*";
        for statement in statements(role).into_iter().filter(everywhere) {
            for action in actions(statement) {
                assert!(WITHOUT_RESOURCE_LEVEL.contains(&action), "{name}: {action} has a resource level");
            }
        }
    }
}

#[test]
fn every_role_is_assumed_by_one_service_of_this_account() {
    let template = template();
    for (name, role) in resources(&template, "AWS::IAM::Role") {
        let [statement] = items(&role["AssumeRolePolicyDocument"]["Statement"])[..] else {
            panic!("{name} is assumed in more than one way");
        };
        let service = statement["Principal"]["Service"].as_str().unwrap();
        // A function's role is passed to Lambda by whoever deploys; the other services act for callers.
        if service != "lambda.amazonaws.com" {
            let condition = &statement["Condition"];
            assert_eq!(target(&condition["StringEquals"]["aws:SourceAccount"]), "AWS::AccountId", "{name}");
            assert!(condition["ArnEquals"].get("aws:SourceArn").is_some(), "{name}");
        }
    }
}

#[test]
fn only_the_responder_disables_only_the_releaser_and_the_rotator_reset_and_no_function_both_gives_and_takes()
{
    let cases = [
        ("ds-data:DisableUser", vec!["GuarddutyResponderRole"]),
        ("ds:ResetUserPassword", vec!["SecretRotatorRole", "UserReleaserRole"]),
        ("ds-data:AddGroupMember", vec!["UserProvisionerRole"]),
        ("ds-data:RemoveGroupMember", vec!["UserOffboarderRole"]),
        ("workspaces:CreateWorkspaces", vec!["UserProvisionerRole"]),
        ("workspaces:StartWorkspaces", vec!["UserProvisionerRole"]),
        ("workspaces:StopWorkspaces", vec!["UserOffboarderRole"]),
        ("workspaces:TerminateWorkspaces", vec!["UserOffboarderRole"]),
        ("connect:CreateUser", vec!["UserProvisionerRole"]),
        ("connect:DeleteUser", vec!["UserOffboarderRole"]),
    ];
    for (action, only) in cases {
        for (name, _) in resources(&template(), "AWS::IAM::Role") {
            assert_eq!(
                allowed(name).iter().any(|allowed| allowed == action),
                only.contains(&name),
                "{name}: {action}"
            );
        }
    }
}

#[test]
fn protected_users_are_denied_to_the_responder_whatever_its_code_does() {
    let template = template();
    let role = &template["Resources"]["GuarddutyResponderRole"]["Properties"];
    let denied: Vec<_> = statements(role)
        .into_iter()
        .filter(|statement| statement["Effect"] == "Deny" && actions(statement) == ["ds-data:DisableUser"])
        .collect();
    let [deny] = denied[..] else { panic!("one Deny, not {}", denied.len()) };
    assert_eq!(
        target(&deny["Condition"]["StringEqualsIgnoreCase"]["ds-data:SAMAccountName"]),
        "ProtectedUsers"
    );
}

#[test]
fn the_groups_of_protected_users_and_the_protected_group_are_denied_to_who_gives_and_who_takes() {
    let template = template();
    for (role, action) in [
        ("UserProvisionerRole", "ds-data:AddGroupMember"),
        ("UserOffboarderRole", "ds-data:RemoveGroupMember"),
    ] {
        let role = &template["Resources"][role]["Properties"];
        let denied = statements(role).into_iter().filter(|statement| statement["Effect"] == "Deny");
        let conditions: Vec<_> = denied
            .inspect(|statement| assert_eq!(actions(statement), [action]))
            .map(|statement| statement["Condition"]["StringEqualsIgnoreCase"].clone())
            .collect();
        let expected = [
            json!({"ds-data:MemberName": {"Ref": "ProtectedUsers"}}),
            json!({"ds-data:SAMAccountName": {"Ref": "ProtectedGroup"}}),
        ];
        assert_eq!(conditions, expected, "{action}");
    }
}

#[test]
fn a_command_needs_both_one_of_our_documents_and_an_instance_of_this_account() {
    let template = template();
    let role = &template["Resources"]["GuarddutyResponderRole"]["Properties"];
    let resources: Vec<String> = statements(role)
        .into_iter()
        .filter(|statement| actions(statement).contains(&"ssm:SendCommand"))
        .flat_map(|statement| items(&statement["Resource"]))
        .map(|resource| resource["Fn::Sub"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(
        resources,
        [
            "arn:${AWS::Partition}:ssm:${AWS::Region}:${AWS::AccountId}:document/${IdentifyUserDocument}",
            "arn:${AWS::Partition}:ssm:${AWS::Region}:${AWS::AccountId}:document/${EndSessionsDocument}",
            "arn:${AWS::Partition}:ec2:${AWS::Region}:${AWS::AccountId}:instance/*",
        ]
    );
}
