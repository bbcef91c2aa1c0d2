//! Queues: whatever is delivered without a caller waiting can fail into a dead-letter queue that somebody may fill.

use serde_json::Value;

use crate::template::{allowing, items, resources, target, template};

const FOURTEEN_DAYS: u64 = 1_209_600;

fn assert_keeps_dead_letters(template: &Value, queue: &Value, whose: &str) {
    let dead = &template["Resources"][target(queue)]["Properties"];
    assert_eq!(dead["MessageRetentionPeriod"], FOURTEEN_DAYS, "dead letters of {whose}");
}

/// The statements of the queue policies that let a service send to this queue.
fn senders<'a>(template: &'a Value, queue: &str) -> Vec<&'a Value> {
    resources(template, "AWS::SQS::QueuePolicy")
        .into_iter()
        .filter(|(_, policy)| items(&policy["Queues"]).into_iter().any(|id| target(id) == queue))
        .flat_map(|(_, policy)| items(&policy["PolicyDocument"]["Statement"]))
        .collect()
}

fn may_send(template: &Value, rule: &str, queue: &str) -> bool {
    senders(template, queue).into_iter().any(|statement| {
        let sources = &statement["Condition"]["ArnEquals"]["aws:SourceArn"];
        statement["Action"] == "sqs:SendMessage" && items(sources).into_iter().any(|arn| target(arn) == rule)
    })
}

fn may_invoke(template: &Value, rule: &str, function: &str) -> bool {
    resources(template, "AWS::Lambda::Permission").into_iter().any(|(_, permission)| {
        target(&permission["FunctionName"]) == function
            && permission["Principal"] == "events.amazonaws.com"
            && permission.get("SourceArn").is_some_and(|source| target(source) == rule)
    })
}

#[test]
fn every_rule_target_retries_and_then_leaves_a_dead_letter() {
    let template = template();
    for (rule, properties) in resources(&template, "AWS::Events::Rule") {
        for destination in items(&properties["Targets"]) {
            assert!(destination["RetryPolicy"]["MaximumRetryAttempts"].as_u64().unwrap() > 0, "{rule}");
            let dead = &destination["DeadLetterConfig"]["Arn"];
            assert_keeps_dead_letters(&template, dead, rule);
            assert!(may_send(&template, rule, target(dead)), "{rule} may not send to its dead-letter queue");
        }
    }
}

#[test]
fn every_rule_may_reach_its_targets() {
    let template = template();
    for (rule, properties) in resources(&template, "AWS::Events::Rule") {
        for destination in items(&properties["Targets"]) {
            let id = target(&destination["Arn"]);
            match template["Resources"][id]["Type"].as_str().unwrap() {
                "AWS::SQS::Queue" => assert!(may_send(&template, rule, id), "{rule} may not send to {id}"),
                "AWS::Serverless::StateMachine" => {
                    let role = &template["Resources"][target(&destination["RoleArn"])]["Properties"];
                    let statement = &role["Policies"][0]["PolicyDocument"]["Statement"][0];
                    assert_eq!(statement["Action"], "states:StartExecution", "{rule}");
                    assert_eq!(target(&statement["Resource"]), id, "{rule}");
                }
                "AWS::Serverless::Function" => {
                    assert!(may_invoke(&template, rule, id), "{rule} may not invoke {id}")
                }
                other => panic!("{rule} has a target of the unforeseen type {other}"),
            }
        }
    }
}

#[test]
fn no_service_may_send_to_a_queue_without_a_source() {
    for (name, policy) in resources(&template(), "AWS::SQS::QueuePolicy") {
        for statement in items(&policy["PolicyDocument"]["Statement"]) {
            let sources = ["ArnEquals", "ArnLike"].map(|operator| &statement["Condition"][operator]);
            let named = sources.into_iter().filter_map(|condition| condition.get("aws:SourceArn"));
            assert_eq!(named.count(), 1, "{name}");
        }
    }
}

#[test]
fn a_function_that_nobody_waits_for_may_leave_a_dead_letter() {
    let template = template();
    for (filter, properties) in resources(&template, "AWS::Logs::SubscriptionFilter") {
        let id = target(&properties["DestinationArn"]);
        let function = &template["Resources"][id]["Properties"];
        let dead = &function["DeadLetterQueue"];
        assert_eq!(dead["Type"], "SQS", "{filter}");
        assert_keeps_dead_letters(&template, &dead["TargetArn"], id);
        let sends = allowing(&template, target(&function["Role"]), "sqs:SendMessage");
        let may = sends.into_iter().flat_map(|statement| items(&statement["Resource"]));
        assert!(may.map(target).any(|queue| queue == target(&dead["TargetArn"])), "{id}");
    }
}

#[test]
fn every_consumed_queue_reports_single_failures_and_outlasts_its_function() {
    let template = template();
    let mut consumed = 0;
    for (function, properties) in resources(&template, "AWS::Serverless::Function") {
        let events = properties.get("Events").and_then(Value::as_object);
        for source in
            events.into_iter().flat_map(|events| events.values()).filter(|event| event["Type"] == "SQS")
        {
            consumed += 1;
            let source = &source["Properties"];
            assert_eq!(
                source["FunctionResponseTypes"],
                serde_json::json!(["ReportBatchItemFailures"]),
                "{function}"
            );
            let id = target(&source["Queue"]);
            let queue = &template["Resources"][id]["Properties"];
            let globals = &template["Globals"]["Function"];
            let timeout = properties.get("Timeout").unwrap_or(&globals["Timeout"]).as_u64().unwrap();
            assert!(queue["VisibilityTimeout"].as_u64().unwrap() >= 6 * timeout, "{id}");
            assert_keeps_dead_letters(&template, &queue["RedrivePolicy"]["deadLetterTargetArn"], id);
            assert!(queue["RedrivePolicy"]["maxReceiveCount"].as_u64().unwrap() >= 3, "{id}");
        }
    }
    assert!(consumed > 0, "no function consumes a queue");
}
