//! `stacks/member.yaml`: the same template in each place, which becomes what that place needs, and names what it shares
//! with `template.yaml` as that does.

mod places;

use std::collections::BTreeSet;

use regex::Regex;
use serde_json::Value;

use crate::template::{items, properties, read, resources, target, template, template_at};

use places::{HOME, MEMBER, MEMBER_FAR, Place, RELAY, deployed};

const MEMBER_STACK: &str = "stacks/member.yaml";

fn stack() -> Value {
    template_at(MEMBER_STACK)
}

/// What is deployed of a type in a place.
fn there(place: &Place, kind: &str) -> BTreeSet<String> {
    let stack = stack();
    let all = resources(&stack, kind).into_iter().map(|(id, _)| id);
    all.filter(|id| deployed(&stack, id, place)).map(str::to_owned).collect()
}

fn set(ids: &[&str]) -> BTreeSet<String> {
    ids.iter().map(|id| (*id).to_owned()).collect()
}

#[test]
fn an_event_takes_one_way_from_each_place() {
    let rules = "AWS::Events::Rule";
    assert_eq!(there(&HOME, rules), set(&[]), "template.yaml's own rules are there");
    let forwarding = set(&["ForwardCommandsRule", "ForwardFindingsRule", "ForwardInstancesRule"]);
    assert_eq!(there(&MEMBER, rules), forwarding);
    assert_eq!(there(&MEMBER_FAR, rules), forwarding);
    let relaying = set(&[
        "ForwardFindingsRule",
        "RelayCommandsRule",
        "RelayInstancesRule",
        "RelayMemberCommandsRule",
        "RelayMemberInstancesRule",
    ]);
    assert_eq!(there(&RELAY, rules), relaying);
    for (place, buses) in [(HOME, 0), (MEMBER, 0), (MEMBER_FAR, 0), (RELAY, 1)] {
        assert_eq!(there(&place, "AWS::Events::EventBus").len(), buses, "{place:?}");
        assert_eq!(
            there(&place, "AWS::SNS::Subscription").len(),
            if buses == 0 { usize::from(place != HOME) } else { 3 }
        );
    }
}

#[test]
fn without_an_organization_other_accounts_neither_trust_it_nor_are_heard() {
    let alone = Place { organization: "", ..RELAY };
    assert!(there(&alone, "AWS::Events::EventBus").is_empty());
    assert_eq!(there(&alone, "AWS::Events::Rule"), set(&["RelayCommandsRule", "RelayInstancesRule"]));
}

#[test]
fn roles_are_made_once_in_an_account_and_known_by_their_names_elsewhere() {
    let stack = stack();
    let roles = set(&["ForwarderRole", "InstanceRole", "MemberRole"]);
    for (place, expected) in [(HOME, &roles), (MEMBER, &roles), (MEMBER_FAR, &set(&[])), (RELAY, &set(&[]))] {
        assert_eq!(there(&place, "AWS::IAM::Role"), *expected, "{place:?}");
    }
    for (name, role) in resources(&stack, "AWS::IAM::Role") {
        assert!(role.get("RoleName").is_some(), "{name}");
    }
    let forwarder = &properties(&stack, "ForwarderRole")["RoleName"]["Fn::Sub"];
    for (name, rule) in resources(&stack, "AWS::Events::Rule") {
        for destination in items(&rule["Targets"]).iter().filter(|target| target.get("RoleArn").is_some()) {
            let role = destination["RoleArn"]["Fn::Sub"].as_str().unwrap();
            assert!(role.ends_with(&format!(":role/{}", forwarder.as_str().unwrap())), "{name}: {role}");
        }
    }
}

#[test]
fn documents_are_everywhere_and_once() {
    let joining = set(&["JoinLinuxDocument", "JoinWindowsDocument"]);
    let mut at_home = joining.clone();
    at_home.extend(set(&["LeaveDocument"]));
    assert_eq!(there(&HOME, "AWS::SSM::Document"), at_home, "template.yaml has the others there");
    for place in [MEMBER, MEMBER_FAR, RELAY] {
        let mut expected = joining.clone();
        expected.extend(set(&["EndSessionsDocument", "IdentifyUserDocument"]));
        assert_eq!(there(&place, "AWS::SSM::Document"), expected, "{place:?}");
    }
}

#[test]
fn what_looks_at_users_and_ends_sessions_is_the_same_in_all_accounts() {
    let (product, stack) = (template(), stack());
    for id in ["IdentifyUserDocument", "EndSessionsDocument"] {
        let (here, there) = (properties(&product, id), properties(&stack, id));
        for (property, value) in here.as_object().unwrap() {
            if property == "Name" {
                let name = value["Fn::Sub"].as_str().unwrap().replace("AWS::StackName", "DocumentPrefix");
                assert_eq!(there[property]["Fn::Sub"], name, "{id}");
            } else {
                assert_eq!(there[property], *value, "{id}: {property}");
            }
        }
        assert_eq!(there.as_object().unwrap().len(), here.as_object().unwrap().len(), "{id}");
    }
}

#[test]
fn the_member_role_runs_our_documents_and_no_others() {
    let stack = stack();
    let statements = &properties(&stack, "MemberRole")["Policies"][0]["PolicyDocument"]["Statement"];
    let documents: BTreeSet<String> = items(statements)
        .into_iter()
        .filter(|statement| statement["Action"] == "ssm:SendCommand")
        .flat_map(|statement| items(&statement["Resource"]))
        .filter_map(|resource| resource["Fn::Sub"].as_str().unwrap().split_once(":document/"))
        .map(|(_, name)| name.to_owned())
        .collect();
    let product = template();
    let variables = &properties(&product, "DomainJoinerFunction")["Environment"]["Variables"];
    let mut expected: BTreeSet<String> = ["LINUX_DOCUMENT", "WINDOWS_DOCUMENT"]
        .map(|variable| {
            variables[variable]["Fn::Sub"].as_str().unwrap().replace("JoinDocumentPrefix", "DocumentPrefix")
        })
        .into();
    let in_members = |id: &str| deployed(&stack, id, &MEMBER);
    for (_, document) in resources(&stack, "AWS::SSM::Document").into_iter().filter(|(id, _)| in_members(id))
    {
        expected.insert(document["Name"]["Fn::Sub"].as_str().unwrap().to_owned());
    }
    assert_eq!(documents, expected);
}

/// A text of the template, as it is in the other one.
fn in_product(text: &Value) -> String {
    let text = text["Fn::Sub"].as_str().unwrap();
    text.replace("${AutomationStackName}", "${AWS::StackName}")
        .replace("${DocumentPrefix}", "${JoinDocumentPrefix}")
}

#[test]
fn bus_and_queues_have_the_names_by_which_other_places_send_to_them() {
    let (product, stack) = (template(), stack());
    let bus = properties(&product, "JoinBus")["Name"]["Fn::Sub"].as_str().unwrap();
    assert_eq!(in_product(&properties(&stack, "RelayBus")["Name"]), bus);
    for rule in ["ForwardInstancesRule", "ForwardCommandsRule", "ForwardFindingsRule"] {
        let arn = in_product(&properties(&stack, rule)["Targets"][0]["Arn"]);
        assert!(arn.ends_with(&format!(":event-bus/{bus}")), "{rule}: {arn}");
    }
    for (queue, topic) in [("JoinQueue", "InstancesTopic"), ("StatusQueue", "CommandsTopic")] {
        let name = properties(&product, queue)["QueueName"]["Fn::Sub"].as_str().unwrap();
        let endpoint = in_product(&properties(&stack, &format!("{topic}Subscription"))["Endpoint"]);
        assert!(
            endpoint.ends_with(&format!(":sqs:${{DirectoryRegion}}:${{DirectoryAccountId}}:{name}")),
            "{endpoint}"
        );
        let topic = in_product(&properties(&stack, topic)["TopicName"]);
        let policy = properties(&product, &format!("{queue}Policy")).to_string();
        assert!(policy.contains(&format!(":sns:*:${{AWS::AccountId}}:{topic}\"")), "{queue}: {policy}");
    }
}

#[test]
fn the_same_events_go_on_their_way_in_each_place() {
    let (product, stack) = (template(), stack());
    let text = |template: &Value, rule: &str| {
        let pattern = properties(template, rule)["EventPattern"].to_string();
        pattern.replace("${DocumentPrefix}", "${JoinDocumentPrefix}")
    };
    for (central, others) in [
        ("InstanceStateRule", vec!["ForwardInstancesRule", "RelayInstancesRule", "RelayMemberInstancesRule"]),
        ("JoinCommandRule", vec!["ForwardCommandsRule", "RelayCommandsRule", "RelayMemberCommandsRule"]),
        ("GuarddutyFindingRule", vec!["ForwardFindingsRule"]),
    ] {
        for other in others {
            assert_eq!(text(&stack, other), text(&product, central), "{other}");
        }
    }
}

#[test]
fn whatever_is_not_forwarded_is_kept_and_told() {
    let stack = stack();
    let watched: String = resources(&stack, "AWS::CloudWatch::Alarm")
        .into_iter()
        .map(|(_, alarm)| format!("{} {}\n", alarm["MetricName"], alarm["Dimensions"]))
        .collect();
    for (name, rule) in resources(&stack, "AWS::Events::Rule") {
        for destination in items(&rule["Targets"]) {
            assert_eq!(target(&destination["DeadLetterConfig"]["Arn"]), "DeadLetterQueue", "{name}");
            assert!(destination["RetryPolicy"]["MaximumRetryAttempts"].as_u64().unwrap() > 0, "{name}");
        }
        // A rule of a bus of our own is named by neither of CloudFormation's references.
        let dimension = match rule.get("EventBusName") {
            Some(_) => format!(r#""Name":"RuleName","Value":{}"#, rule["Name"]),
            None => format!(r#"[{{"Name":"RuleName","Value":{{"Ref":"{name}"}}}}]"#),
        };
        assert!(watched.contains(&dimension), "no alarm watches {name}");
    }
    for (name, subscription) in resources(&stack, "AWS::SNS::Subscription") {
        if subscription["Protocol"] == "sqs" {
            let dead = &subscription["RedrivePolicy"]["deadLetterTargetArn"];
            assert_eq!(target(dead), "DeadLetterQueue", "{name}");
            assert_eq!(subscription["RawMessageDelivery"], true, "{name}: as EventBridge sends it");
        }
    }
    for (name, _) in resources(&stack, "AWS::SNS::Topic") {
        assert!(
            watched.contains(&format!(r#""Fn::GetAtt":["{name}","TopicName"]"#)),
            "no alarm watches {name}"
        );
    }
    assert!(watched.contains(r#""Fn::GetAtt":["DeadLetterQueue","QueueName"]"#));
    for (name, alarm) in resources(&stack, "AWS::CloudWatch::Alarm") {
        assert_eq!(target(&alarm["AlarmActions"][0]), "NotificationTopic", "{name}");
    }
}

#[test]
fn the_template_names_no_account_partition_or_region() {
    let text = read(MEMBER_STACK);
    let literal =
        Regex::new(r"\barn:aws:|\b[0-9]{12}\b|\b(eu|us|ap)-(west|east|central|southeast)-[0-9]\b").unwrap();
    for line in text.lines().filter(|line| !line.contains("Constraint") && !line.contains("AllowedPattern")) {
        assert!(!literal.is_match(line), "{line}");
    }
}

#[test]
fn every_resource_that_is_everything_says_why() {
    let text = read(MEMBER_STACK);
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    for (index, _) in lines.iter().enumerate().filter(|(_, line)| line.starts_with("Resource: \"*\"")) {
        assert!(
            lines[index - 1].starts_with("# ") && lines[index - 1].contains("no resource level"),
            "line {}: why?",
            index + 1
        );
    }
}
