//! Rotation: optional as a whole, with one way to the directory, and with no way to a password that nobody has stored.

use serde_json::{Value, json};

use crate::template::{allowing, items, needs, properties, resources, target, template};

#[test]
fn without_a_vpc_the_stack_has_nothing_of_rotation() {
    let template = template();
    let empty = json!([{"Fn::Equals": [{"Ref": "RotationVpcId"}, ""]}]);
    assert_eq!(template["Conditions"]["Rotation"]["Fn::Not"], empty);
    assert_eq!(template["Parameters"]["RotationVpcId"]["Default"], "");
    let mut optional = 0;
    for (id, resource) in template["Resources"].as_object().unwrap() {
        let about_rotation = ["SecretRotator", "Rotated", "Rotation"].iter().any(|name| id.starts_with(name));
        let condition = resource["Condition"].as_str();
        let optional_with_rotation = condition.is_some_and(|name| needs(&template, name, "Rotation"));
        assert_eq!(about_rotation, optional_with_rotation, "{id}: {condition:?}");
        optional += usize::from(optional_with_rotation);
    }
    assert!(optional > 15, "{optional}");
}

#[test]
fn a_vpc_is_refused_without_subnets_or_without_a_way_to_the_domain_controllers() {
    let template = template();
    let rule = &template["Rules"]["RotationIsToldItsNetwork"];
    let given = json!({"Fn::Not": [{"Fn::Equals": [{"Ref": "RotationVpcId"}, ""]}]});
    assert_eq!(rule["RuleCondition"], given);
    let asserted = rule["Assertions"].to_string();
    for parameter in
        ["RotationSubnetIds", "DirectorySecurityGroupId", "RotationSecurityGroupId", "RotatedSecretArn"]
    {
        assert!(asserted.contains(parameter), "{parameter}");
    }
}

#[test]
fn the_rotator_reaches_domain_controllers_by_kerberos_aws_by_https_and_nothing_else() {
    let template = template();
    let group = properties(&template, "SecretRotatorSecurityGroup");
    assert!(group.get("SecurityGroupIngress").is_none());
    let ways: Vec<Value> = items(&group["SecurityGroupEgress"])
        .into_iter()
        .map(|way| {
            let mut way = way.clone();
            way.as_object_mut().unwrap().remove("Description").unwrap();
            way
        })
        .collect();
    let kerberos = |group: &str| {
        json!({
            "IpProtocol": "tcp", "FromPort": 88, "ToPort": 88, "DestinationSecurityGroupId": {"Ref": group},
        })
    };
    let controllers = [kerberos("DirectorySecurityGroupId"), kerberos("SimpleDirectorySecurityGroupId")];
    let https =
        json!({"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "CidrIp": {"Ref": "RotationHttpsCidr"}});
    assert_eq!(ways, [&controllers[..], &[https]].concat());
    let network = &properties(&template, "SecretRotatorFunction")["VpcConfig"];
    assert_eq!(target(&network["SecurityGroupIds"][0]), "SecretRotatorSecurityGroup");
    assert_eq!(target(&network["SubnetIds"]), "RotationSubnetIds");
}

#[test]
fn the_rotator_outlasts_the_longest_replication() {
    let template = template();
    let patience = template["Parameters"]["ReplicationSeconds"]["MaxValue"].as_u64().unwrap();
    let timeout = properties(&template, "SecretRotatorFunction")["Timeout"].as_u64().unwrap();
    assert!(timeout >= patience + 60, "{timeout} s, of which {patience} s are for waiting");
}

#[test]
fn only_secrets_manager_invokes_the_rotator_and_only_for_this_account() {
    let template = template();
    let permissions: Vec<_> = resources(&template, "AWS::Lambda::Permission")
        .into_iter()
        .filter(|(_, permission)| target(&permission["FunctionName"]) == "SecretRotatorFunction")
        .collect();
    let [(_, permission)] = permissions[..] else { panic!("one permission, not {}", permissions.len()) };
    assert_eq!(permission["Principal"], "secretsmanager.amazonaws.com");
    assert_eq!(target(&permission["SourceAccount"]), "AWS::AccountId");
    let schedule = &template["Resources"]["RotatedSecretSchedule"];
    assert_eq!(
        schedule["DependsOn"], "SecretRotatorPermission",
        "a schedule without the permission is refused"
    );
}

#[test]
fn every_value_of_a_secret_is_named_and_every_key_works_through_named_services_only() {
    let template = template();
    for (name, _) in resources(&template, "AWS::IAM::Role") {
        let services: &[_] = match name {
            "UserProvisionerRole" => &["workspaces"],
            "ComputerSweeperRole" | "DomainJoinerRole" => &["secretsmanager", "ssm"],
            _ => &["secretsmanager"],
        };
        for action in ["secretsmanager:GetSecretValue", "secretsmanager:PutSecretValue"] {
            for statement in allowing(&template, name, action) {
                assert_ne!(statement["Resource"], "*", "{name}: {action}");
            }
        }
        for action in ["kms:Decrypt", "kms:GenerateDataKey"] {
            for statement in allowing(&template, name, action) {
                for through in items(&statement["Condition"]["StringEquals"]["kms:ViaService"]) {
                    let service =
                        through["Fn::Sub"].as_str().unwrap().strip_suffix(".${AWS::Region}.amazonaws.com");
                    assert!(service.is_some_and(|service| services.contains(&service)), "{name}: {through}");
                }
            }
        }
    }
    let uses: Vec<&Value> = items(&properties(&template, "RotationKey")["KeyPolicy"]["Statement"])
        .into_iter()
        .filter(|statement| statement["Action"].to_string().contains("kms:Decrypt"))
        .collect();
    let [usage] = uses[..] else { panic!("one statement uses the key, not {}", uses.len()) };
    let conditions = &usage["Condition"]["StringEquals"];
    assert_eq!(target(&conditions["kms:CallerAccount"]), "AWS::AccountId");
    assert!(conditions.get("kms:ViaService").is_some());
}

/// `CloudFormation` makes a new current value when any of these changes: the directory would not have it.
#[test]
fn no_later_deployment_gives_the_secret_another_value() {
    let template = template();
    let secret = properties(&template, "RotatedSecret");
    let generated = secret["GenerateSecretString"].as_object().unwrap();
    let name = secret["Name"]["Fn::Sub"].as_str().unwrap();
    for (member, value) in generated {
        match value["Fn::Sub"].as_str() {
            None => assert!(!value.is_object(), "{member} depends on a parameter"),
            Some(text) => {
                for parameter in ["${DirectoryId}", "${RotatedUser}"] {
                    assert!(text.contains(parameter) && name.contains(parameter), "{member}: {parameter}");
                }
                assert_eq!(text.matches("${").count(), 2, "{member}: {text}");
            }
        }
    }
}

#[test]
fn a_password_outlives_the_stack_with_its_key() {
    let template = template();
    for id in ["RotatedSecret", "RotationKey"] {
        for policy in ["DeletionPolicy", "UpdateReplacePolicy"] {
            assert_eq!(template["Resources"][id][policy], "Retain", "{id}: {policy}");
        }
    }
}

#[test]
fn an_overdue_rotation_is_counted_several_times_in_the_period_of_its_alarm() {
    let template = template();
    assert_eq!(properties(&template, "RotationWatchRule")["ScheduleExpression"], "rate(1 hour)");
    let alarm = properties(&template, "RotationOverdueAlarm");
    let period = alarm["Period"].as_u64().unwrap();
    assert!((2 * 3600..=7 * 86400).contains(&period), "{period}");
}

#[test]
fn the_watcher_does_not_need_the_network_that_it_watches() {
    assert!(properties(&template(), "RotationWatcherFunction").get("VpcConfig").is_none());
}
