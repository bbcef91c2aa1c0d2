//! Joining: optional as a whole, with one way to the domain controllers and one way to instances.

use serde_json::{Value, json};

use crate::template::{allowing, items, needs, properties, resources, target, template};

/// The beginnings of the names of what joining consists of.
const OURS: [&str; 10] = [
    "Account",
    "Computer",
    "DomainJoiner",
    "InstanceNotJoined",
    "InstanceState",
    "Join",
    "LeaveCommand",
    "Member",
    "StatusQueue",
    "Sweep",
];

#[test]
fn without_an_organizational_unit_the_stack_has_nothing_of_joining() {
    let template = template();
    let empty = json!([{"Fn::Equals": [{"Ref": "ComputerOu"}, ""]}]);
    assert_eq!(template["Conditions"]["Join"]["Fn::Not"], empty);
    assert_eq!(template["Parameters"]["ComputerOu"]["Default"], "");
    let mut optional = 0;
    for (id, resource) in template["Resources"].as_object().unwrap() {
        let ours = OURS.iter().any(|name| id.starts_with(name));
        let condition = resource["Condition"].as_str();
        let with_joining = condition.is_some_and(|name| needs(&template, name, "Join"));
        assert_eq!(ours, with_joining, "{id}: {condition:?}");
        optional += usize::from(with_joining);
    }
    assert!(optional > 35, "{optional}");
}

#[test]
fn an_organizational_unit_is_refused_without_a_way_to_the_directory() {
    let template = template();
    let rule = &template["Rules"]["JoiningIsToldItsDirectory"];
    assert_eq!(rule["RuleCondition"], json!({"Fn::Not": [{"Fn::Equals": [{"Ref": "ComputerOu"}, ""]}]}));
    let asserted = rule["Assertions"].to_string();
    for parameter in [
        "RotationVpcId",
        "DirectorySecurityGroupId",
        "JoinSecurityGroupId",
        "LdapsCaParameterName",
        "ComputerSecretArn",
    ] {
        assert!(asserted.contains(&format!(r#"{{"Ref":"{parameter}"}}"#)), "{parameter}");
    }
}

#[test]
fn what_talks_ldaps_reaches_domain_controllers_aws_by_https_and_nothing_else() {
    let template = template();
    let group = properties(&template, "LdapsSecurityGroup");
    assert!(group.get("SecurityGroupIngress").is_none());
    let ways: Vec<Value> = items(&group["SecurityGroupEgress"])
        .into_iter()
        .map(|way| {
            let mut way = way.clone();
            way.as_object_mut().unwrap().remove("Description").unwrap();
            way
        })
        .collect();
    let ldaps = json!({
        "IpProtocol": "tcp",
        "FromPort": 636,
        "ToPort": 636,
        "DestinationSecurityGroupId": {"Ref": "DirectorySecurityGroupId"},
    });
    let https =
        json!({"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "CidrIp": {"Ref": "RotationHttpsCidr"}});
    let theirs =
        json!({"IpProtocol": "tcp", "FromPort": 636, "ToPort": 636, "CidrIp": {"Ref": "TrustedForestCidr"}});
    assert_eq!(ways, [ldaps, theirs, https]);
    let network = &properties(&template, "DomainJoinerFunction")["VpcConfig"];
    assert_eq!(target(&network["SecurityGroupIds"][0]), "LdapsSecurityGroup");
    assert_eq!(target(&network["SubnetIds"]), "RotationSubnetIds");
}

#[test]
fn the_joiner_comes_to_instances_by_the_member_role_of_the_organization_and_in_no_other_way() {
    let template = template();
    for action in [
        "ec2:DescribeInstances",
        "ssm:SendCommand",
        "ssm:GetCommandInvocation",
        "ssm:DescribeInstanceInformation",
    ] {
        assert!(allowing(&template, "DomainJoinerRole", action).is_empty(), "{action}");
    }
    let [assume] = allowing(&template, "DomainJoinerRole", "sts:AssumeRole")[..] else {
        panic!("one statement lets roles be assumed")
    };
    assert_eq!(assume["Resource"]["Fn::Sub"], "arn:${AWS::Partition}:iam::*:role/${MemberRoleName}");
    assert_eq!(target(&assume["Condition"]["StringEquals"]["aws:ResourceOrgID"]), "OrganizationId");
}

#[test]
fn who_is_joined_to_what_is_only_read() {
    let template = template();
    let reach = |action: &str| -> Vec<String> {
        let allowed = allowing(&template, "DomainJoinerRole", action).into_iter();
        allowed.map(|statement| statement["Resource"].to_string()).collect()
    };
    let (read, written) = (reach("dynamodb:GetItem"), reach("dynamodb:PutItem"));
    assert!(read.iter().any(|table| table.contains("table/${DynamoDBTableName}")), "{read:?}");
    assert_eq!(written, [r#"{"Fn::GetAtt":["ComputerTable","Arn"]}"#]);
}

#[test]
fn instances_are_held_and_ends_of_commands_are_not() {
    let template = template();
    assert_eq!(target(&properties(&template, "JoinQueue")["DelaySeconds"]), "JoinHoldSeconds");
    assert!(properties(&template, "StatusQueue").get("DelaySeconds").is_none());
}

/// SQS Developer Guide, "Amazon SQS message quotas": a message is delayed by a quarter of an hour at most.
#[test]
fn no_delay_is_longer_than_sqs_takes_and_none_looks_like_a_queue_that_stands_still() {
    let template = template();
    let most = |parameter: &str| template["Parameters"][parameter]["MaxValue"].as_u64().unwrap();
    let patience = properties(&template, "JoinQueueAgeAlarm")["Threshold"].as_u64().unwrap();
    for parameter in ["JoinHoldSeconds", "JoinRetrySeconds", "JoinLookAgainSeconds"] {
        assert!(most(parameter) <= 900, "{parameter}");
        assert!(patience >= 2 * most(parameter), "{parameter}");
    }
}

#[test]
fn a_launch_of_many_instances_takes_no_more_than_a_few_of_the_accounts_functions() {
    let template = template();
    let mut together = 0;
    for (name, event) in properties(&template, "DomainJoinerFunction")["Events"].as_object().unwrap() {
        let source = &event["Properties"];
        assert!(source["BatchSize"].as_u64().unwrap() <= 10, "{name}");
        together += source["ScalingConfig"]["MaximumConcurrency"].as_u64().unwrap();
    }
    assert!((2..=20).contains(&together), "{together}");
}

#[test]
fn a_rule_of_the_bus_of_other_accounts_is_there_for_each_that_this_account_has() {
    let template = template();
    let mut of_others: Vec<_> = resources(&template, "AWS::Events::Rule")
        .into_iter()
        .filter(|(_, rule)| rule.get("EventBusName").is_some_and(|bus| target(bus) == "JoinBus"))
        .map(|(name, _)| name)
        .collect();
    of_others.sort_unstable();
    assert_eq!(of_others, ["MemberFindingRule", "MemberInstanceStateRule", "MemberJoinCommandRule"]);
    for name in of_others {
        assert_eq!(template["Resources"][name]["Condition"], "OtherAccounts", "{name}");
    }
}
