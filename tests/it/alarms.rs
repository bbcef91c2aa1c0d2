//! Alarms: every failure path has one, and each tells a person what it means and where to read on.

use std::collections::BTreeSet;

use regex::Regex;
use serde_json::Value;

use crate::template::{items, read, resources, target, template, template_at};

fn alarms(template: &Value) -> Vec<(&str, &Value)> {
    resources(template, "AWS::CloudWatch::Alarm")
}

/// Fails unless an alarm watches this metric of this resource.
fn assert_watched(template: &Value, namespace: &str, metric: &str, resource: &str) {
    let is_watched = alarms(template).into_iter().any(|(_, alarm)| {
        alarm["Namespace"] == namespace
            && alarm["MetricName"] == metric
            && watched(template, alarm) == Some(resource)
    });
    assert!(is_watched, "no alarm watches {namespace} {metric} of {resource}");
}

/// The resource that the dimensions of an alarm name. A table may have its name from a parameter; a rule of a bus of our own
/// has two dimensions, and is named by neither of `CloudFormation`'s references.
fn watched<'a>(template: &'a Value, alarm: &'a Value) -> Option<&'a str> {
    match items(&alarm["Dimensions"])[..] {
        [one] => {
            let id = target(&one["Value"]);
            let mut tables = resources(template, "AWS::DynamoDB::Table").into_iter();
            let named = tables.find(|(_, table)| table["TableName"]["Ref"] == id);
            Some(named.map_or(id, |(table, _)| table))
        }
        [bus, name] if bus["Name"] == "EventBusName" && name["Name"] == "RuleName" => {
            let mut rules = resources(template, "AWS::Events::Rule").into_iter();
            let found =
                rules.find(|(_, rule)| rule["EventBusName"] == bus["Value"] && rule["Name"] == name["Value"]);
            found.map(|(rule, _)| rule)
        }
        _ => None,
    }
}

fn names<'a>(template: &'a Value, kind: &str) -> Vec<&'a str> {
    resources(template, kind).into_iter().map(|(name, _)| name).collect()
}

#[test]
fn every_function_has_alarms_for_errors_and_throttles() {
    let template = template();
    for function in names(&template, "AWS::Serverless::Function") {
        assert_watched(&template, "AWS/Lambda", "Errors", function);
        assert_watched(&template, "AWS/Lambda", "Throttles", function);
    }
}

#[test]
fn every_state_machine_has_alarms_for_all_bad_ends() {
    let template = template();
    for machine in names(&template, "AWS::Serverless::StateMachine") {
        for metric in ["ExecutionsFailed", "ExecutionsTimedOut", "ExecutionsAborted"] {
            assert_watched(&template, "AWS/States", metric, machine);
        }
    }
}

/// The queues that others put their dead letters into.
fn dead_letter_queues(template: &Value) -> BTreeSet<&str> {
    let of_queues = resources(template, "AWS::SQS::Queue")
        .into_iter()
        .filter_map(|(_, queue)| queue.get("RedrivePolicy"))
        .map(|policy| target(&policy["deadLetterTargetArn"]));
    let of_rules = resources(template, "AWS::Events::Rule")
        .into_iter()
        .flat_map(|(_, rule)| items(&rule["Targets"]))
        .map(|destination| target(&destination["DeadLetterConfig"]["Arn"]));
    let of_functions = resources(template, "AWS::Serverless::Function")
        .into_iter()
        .filter_map(|(_, function)| function.get("DeadLetterQueue"))
        .map(|queue| target(&queue["TargetArn"]));
    of_queues.chain(of_rules).chain(of_functions).collect()
}

#[test]
fn every_asynchronous_edge_has_a_dead_letter_queue_with_an_alarm() {
    let template = template();
    let dead = dead_letter_queues(&template);
    for queue in names(&template, "AWS::SQS::Queue") {
        if dead.contains(queue) {
            assert_watched(&template, "AWS/SQS", "ApproximateNumberOfMessagesVisible", queue);
        } else {
            assert!(template["Resources"][queue]["Properties"].get("RedrivePolicy").is_some(), "{queue}");
            assert_watched(&template, "AWS/SQS", "ApproximateAgeOfOldestMessage", queue);
        }
    }
    for rule in names(&template, "AWS::Events::Rule") {
        assert_watched(&template, "AWS/Events", "FailedInvocations", rule);
    }
    for (filter, properties) in resources(&template, "AWS::Logs::SubscriptionFilter") {
        let function = target(&properties["DestinationArn"]);
        assert!(template["Resources"][function]["Properties"].get("DeadLetterQueue").is_some(), "{function}");
        assert_watched(&template, "AWS/Lambda", "DeadLetterErrors", function);
        assert!(
            alarms(&template).into_iter().any(|(_, alarm)| watches_filter(alarm, properties)),
            "{filter}"
        );
    }
}

/// The CloudWatch Logs User Guide, "Monitoring with CloudWatch metrics": the dimensions of a subscription filter's metrics.
fn watches_filter(alarm: &Value, filter: &Value) -> bool {
    let expected = serde_json::json!([
        {"Name": "LogGroupName", "Value": filter["LogGroupName"]},
        {"Name": "DestinationType", "Value": "Lambda"},
        {"Name": "FilterName", "Value": filter["FilterName"]},
    ]);
    alarm["Namespace"] == "AWS/Logs"
        && alarm["MetricName"] == "DeliveryErrors"
        && alarm["Dimensions"] == expected
}

#[test]
fn what_is_shared_and_what_the_functions_count_has_alarms() {
    let template = template();
    for topic in names(&template, "AWS::SNS::Topic") {
        assert_watched(&template, "AWS/SNS", "NumberOfNotificationsFailed", topic);
    }
    for table in names(&template, "AWS::DynamoDB::Table") {
        assert_watched(&template, "AWS/DynamoDB", "ReadThrottleEvents", table);
        assert_watched(&template, "AWS/DynamoDB", "WriteThrottleEvents", table);
    }
    assert_watched(&template, "adsteward", "BudgetSpent", "GuarddutyResponderFunction");
    assert_watched(&template, "adsteward", "Unreported", "DisableWitnessFunction");
    assert_watched(&template, "adsteward", "RotationOverdue", "RotationWatcherFunction");
    assert_watched(&template, "adsteward", "Undecodable", "AdEventStarterFunction");
    assert_watched(&template, "adsteward", "Refused", "AdEventStarterFunction");
    for metric in ["JoinFailed", "JoinRefused", "LeaveFailed"] {
        assert_watched(&template, "adsteward", metric, "DomainJoinerFunction");
    }
}

/// The dimension by which AWS publishes a namespace's metrics, and the type of the resource.
fn dimension(namespace: &str) -> (&'static str, &'static str) {
    match namespace {
        "AWS/Lambda" | "adsteward" => ("FunctionName", "AWS::Serverless::Function"),
        "AWS/States" => ("StateMachineArn", "AWS::Serverless::StateMachine"),
        "AWS/SQS" => ("QueueName", "AWS::SQS::Queue"),
        "AWS/Events" => ("RuleName", "AWS::Events::Rule"),
        "AWS/SNS" => ("TopicName", "AWS::SNS::Topic"),
        "AWS/DynamoDB" => ("TableName", "AWS::DynamoDB::Table"),
        other => panic!("which dimension has {other}?"),
    }
}

#[test]
fn every_alarm_watches_something_that_exists_by_its_right_name() {
    let template = template();
    let of_resources = alarms(&template).into_iter().filter(|(_, alarm)| alarm["Namespace"] != "AWS/Logs");
    for (name, alarm) in of_resources {
        let (dimension, kind) = dimension(alarm["Namespace"].as_str().unwrap());
        let resource = &template["Resources"][watched(&template, alarm).unwrap()];
        assert_eq!(resource["Type"], kind, "{name}");
        let given = items(&alarm["Dimensions"]);
        let on_our_bus = resource["Properties"].get("EventBusName").is_some();
        assert_eq!(given.len(), if on_our_bus { 2 } else { 1 }, "{name}");
        let given = given[given.len() - 1];
        assert_eq!(given["Name"], dimension, "{name}");
        let by_attribute = given["Value"].get("Fn::GetAtt").map(|path| path[1].clone());
        let expected = matches!(dimension, "QueueName" | "TopicName").then(|| Value::from(dimension));
        assert_eq!(by_attribute, expected, "{name}: a Ref of a queue or topic is its URL or ARN");
    }
}

#[test]
fn every_alarm_tells_people_and_says_what_no_data_means() {
    let template = template();
    for (name, alarm) in alarms(&template) {
        assert_eq!(target(&alarm["AlarmActions"][0]), "NotificationTopic", "{name}");
        assert_eq!(alarm["TreatMissingData"], "notBreaching", "{name}: no failures, no data");
        assert_eq!(alarm["ComparisonOperator"], "GreaterThanThreshold", "{name}");
        assert!(alarm["AlarmName"]["Fn::Sub"].as_str().unwrap().starts_with("${AWS::StackName}-"), "{name}");
    }
}

/// A heading's anchor, as GitHub makes it.
fn anchor(heading: &str) -> String {
    heading.to_lowercase().replace(' ', "-")
}

#[test]
fn every_alarm_says_what_it_means_and_names_a_section_of_the_runbook() {
    let runbook = read("RUNBOOK.md");
    let sections: BTreeSet<String> =
        runbook.lines().filter_map(|line| line.strip_prefix("## ")).map(anchor).collect();
    let form = Regex::new(r"^[A-Za-z][^.]+\. Runbook: RUNBOOK\.md#([a-z-]+)$").unwrap();
    let mut named = BTreeSet::new();
    for template in [template(), template_at("stacks/member.yaml")] {
        for (name, alarm) in alarms(&template) {
            let text = alarm["AlarmDescription"].as_str().unwrap().to_owned();
            let found = form.captures(&text).unwrap_or_else(|| panic!("{name}: {text}"));
            named.insert(found[1].to_owned());
        }
    }
    assert_eq!(named, sections, "named by alarms (left), in RUNBOOK.md (right)");
}

#[test]
fn every_section_of_the_runbook_says_what_it_means_where_to_look_and_what_to_do() {
    let runbook = read("RUNBOOK.md");
    let links = Regex::new(r"\]\(#([a-z-]+)\)").unwrap();
    for section in runbook.split("\n## ").skip(1) {
        let title = section.lines().next().unwrap();
        for part in ["**Means:**", "**Look at**", "**Do:**"] {
            assert!(section.contains(part), "{title} has no {part}");
        }
        for link in links.captures_iter(section) {
            assert!(
                runbook.lines().any(|line| line.starts_with("## ") && anchor(&line[3..]) == link[1]),
                "{title}: {}",
                &link[1]
            );
        }
    }
}

/// The dashboard's widgets; names of resources stand for their values.
fn widgets(template: &Value) -> Vec<Value> {
    let [(_, dashboard)] = resources(template, "AWS::CloudWatch::Dashboard")[..] else {
        panic!("one dashboard")
    };
    let [text, parts] = &items(&dashboard["DashboardBody"]["Fn::Sub"])[..] else {
        panic!("a text and what is put into it")
    };
    let mut text = text.as_str().unwrap().to_owned();
    put_in(&mut text, parts);
    let body: Value = serde_json::from_str(&text).unwrap();
    body["widgets"].as_array().unwrap().clone()
}

/// Puts parts into a text, each of which may have parts of its own.
fn put_in(text: &mut String, parts: &Value) {
    for (name, part) in parts.as_object().unwrap() {
        let part = match &items(&part["Fn::Sub"])[..] {
            [part] => part.as_str().unwrap().to_owned(),
            [part, inner] => {
                let mut part = part.as_str().unwrap().to_owned();
                put_in(&mut part, inner);
                part
            }
            _ => panic!("{name}: a text, perhaps with parts"),
        };
        *text = text.replace(&format!("${{{name}}}"), &part);
    }
}

#[test]
fn the_dashboard_has_eight_rows_the_first_of_which_shows_every_alarm() {
    let template = template();
    let widgets = widgets(&template);
    let rows: BTreeSet<u64> = widgets.iter().map(|widget| widget["y"].as_u64().unwrap()).collect();
    assert_eq!(rows.len(), 8);
    for y in rows {
        let width: u64 =
            widgets.iter().filter(|widget| widget["y"] == y).map(|w| w["width"].as_u64().unwrap()).sum();
        assert_eq!(width, 24, "the row at {y}");
    }
    let shown: BTreeSet<_> = items(&widgets[0]["properties"]["alarms"])
        .into_iter()
        .map(|arn| arn.as_str().unwrap().to_owned())
        .collect();
    let all: BTreeSet<_> =
        alarms(&template).into_iter().map(|(name, _)| format!("${{{name}.Arn}}")).collect();
    assert_eq!(shown, all, "on the dashboard (left), in the template (right)");
}

#[test]
fn every_metric_with_an_alarm_is_on_the_dashboard() {
    let template = template();
    let widgets = Value::from(widgets(&template)).to_string();
    for (name, alarm) in alarms(&template) {
        let start = format!("[{},{}", alarm["Namespace"], alarm["MetricName"]);
        let dimensions: Vec<String> = match items(&alarm["Dimensions"])[..] {
            [bus, rule] => {
                vec![format!("\"${{{}}}\"", target(&bus["Value"])), rule["Value"]["Fn::Sub"].to_string()]
            }
            ref others => vec![format!("${{{}", target(&others[0]["Value"]))],
        };
        let found = widgets.split(&start).skip(1).any(|rest| {
            let metric = rest.split(']').next().unwrap_or_default();
            dimensions.iter().all(|dimension| metric.contains(dimension))
        });
        assert!(found, "the dashboard does not show the metric of {name}");
    }
}

/// The metrics that README.md explains, with their functions. A unit test of each crate holds them to the code.
fn metrics() -> Vec<(String, String)> {
    let readme = read("README.md");
    let table = readme.split("### Metrics\n").nth(1).unwrap().split("\n#").next().unwrap();
    let row = Regex::new(r"(?m)^\| (?:`([a-z-]+)` )?\| (`[^|]+) \|").unwrap();
    let name = Regex::new("`([A-Za-z]+)`").unwrap();
    let (mut function, mut metrics) = (String::new(), Vec::new());
    for row in row.captures_iter(table) {
        // A row without one goes on with the function above.
        if let Some(named) = row.get(1) {
            named.as_str().clone_into(&mut function);
        }
        metrics.extend(name.captures_iter(&row[2]).map(|metric| (function.clone(), metric[1].to_owned())));
    }
    metrics
}

#[test]
fn every_metric_of_our_functions_is_on_the_dashboard() {
    let template = template();
    let widgets = Value::from(widgets(&template)).to_string();
    let metrics = metrics();
    assert!(metrics.len() > 20, "{metrics:?}");
    for (function, metric) in metrics {
        let resource: String = function.split('-').map(capitalized).collect();
        let shown = format!(r#"["adsteward","{metric}","FunctionName","${{{resource}Function}}""#);
        assert!(widgets.contains(&shown), "the dashboard does not show {metric} of {function}");
    }
}

fn capitalized(word: &str) -> String {
    let (first, rest) = word.split_at(1);
    first.to_uppercase() + rest
}
