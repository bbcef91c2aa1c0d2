//! Misconfigurations, planted one at a time by plain AWS calls, and taken out again by the fix that doctor names.

use crate::doctor::visit::{PROBLEM, TAG, UNKNOWN, Visit, empty_dead_letter_queues, resource, sqs};
use crate::lab::{aws, lab, variable};
use crate::stack::{KillSwitch, Reconfigured, eventually, output};

const WARNING: &str = "warning";

/// A misconfiguration for as long as the value lives.
pub(super) struct Planted<'a> {
    undo: &'a [&'a str],
}

impl<'a> Planted<'a> {
    pub(super) fn by(plant: &[&str], undo: &'a [&'a str]) -> Self {
        let planted = Self { undo };
        aws(plant);
        planted
    }

    /// Doctor finds it in this check alone; its fix, as it stands, puts it right.
    fn is_found_and_mended(&self, check: &str, words: &str) {
        let fix = found(check, PROBLEM, words);
        lab(&["exec", "--", "bash", "-c", &fix]);
        is_healthy(check);
    }
}

impl Drop for Planted<'_> {
    fn drop(&mut self) {
        let _ = std::panic::catch_unwind(|| aws(self.undo));
    }
}

/// Doctor answers so in this check, with these words in the fix, and finds no other problem. Returns the fix.
pub(super) fn found(check: &str, verdict: &str, words: &str) -> String {
    let visit = Visit::now(&[]);
    let answers = visit.of(check);
    let answer = answers.iter().find(|answer| answer["verdict"] == verdict);
    let answer = answer.unwrap_or_else(|| panic!("{check} has no {verdict}: {:#?}", visit.checks));
    let fix = answer["fix"].as_str().unwrap();
    assert!(fix.contains(words), "{fix}");
    assert!(visit.problems().into_iter().all(|name| name == check), "{:#?}", visit.checks);
    assert_eq!(visit.code, i32::from(!visit.named(PROBLEM).is_empty()));
    fix.to_owned()
}

/// A change may take a moment.
pub(super) fn is_healthy(check: &str) {
    eventually(&format!("{check} in order again"), || {
        let visit = Visit::now(&[]);
        let unwell = [PROBLEM, UNKNOWN, WARNING].iter().any(|verdict| visit.named(verdict).contains(&check));
        (!unwell).then_some(())
    });
}

#[test]
fn finds_that_directory_data_access_is_disabled() {
    let undo = ["ds", "enable-directory-data-access", "--directory-id", variable("DIRECTORY_ID")];
    let plant = ["ds", "disable-directory-data-access", "--directory-id", variable("DIRECTORY_ID")];
    Planted::by(&plant, &undo).is_found_and_mended("data access", "aws ds enable-directory-data-access");
}

#[test]
fn finds_that_the_trail_does_not_log() {
    let undo = ["cloudtrail", "start-logging", "--name", "lab-trail"];
    Planted::by(&["cloudtrail", "stop-logging", "--name", "lab-trail"], &undo)
        .is_found_and_mended("trail", "aws cloudtrail start-logging");
}

#[test]
fn finds_that_the_trail_does_not_log_writes() {
    let select = |kind| format!(r#"[{{"ReadWriteType":"{kind}","IncludeManagementEvents":true}}]"#);
    let (reads, all) = (select("ReadOnly"), select("All"));
    let put = ["cloudtrail", "put-event-selectors", "--trail-name", "lab-trail", "--event-selectors"];
    Planted::by(&[&put[..], &[&reads]].concat(), &[&put[..], &[&all]].concat())
        .is_found_and_mended("trail", "aws cloudtrail put-event-selectors");
}

#[test]
fn finds_that_guardduty_does_not_watch_what_runs() {
    let detectors = aws(&["guardduty", "list-detectors"]);
    let update =
        ["guardduty", "update-detector", "--detector-id", detectors["DetectorIds"][0].as_str().unwrap()];
    let features = |status| format!("Name=RUNTIME_MONITORING,Status={status}");
    let (off, on) = (features("DISABLED"), features("ENABLED"));
    Planted::by(
        &[&update[..], &["--features", &off]].concat(),
        &[&update[..], &["--features", &on]].concat(),
    )
    .is_found_and_mended("GuardDuty", "aws guardduty update-detector");
}

#[test]
fn finds_that_a_rule_is_disabled() {
    let rule = resource(|_, kind| kind == "AWS::Events::Rule");
    let undo = ["events", "enable-rule", "--name", &rule];
    let fix = format!("aws events enable-rule --name {rule}");
    Planted::by(&["events", "disable-rule", "--name", &rule], &undo).is_found_and_mended("event rules", &fix);
}

#[test]
fn finds_that_a_queue_is_not_read() {
    let mapping = resource(|_, kind| kind == "AWS::Lambda::EventSourceMapping");
    let update = ["lambda", "update-event-source-mapping", "--uuid", &mapping];
    Planted::by(&[&update[..], &["--no-enabled"]].concat(), &[&update[..], &["--enabled"]].concat())
        .is_found_and_mended("event sources", &mapping);
}

#[test]
fn finds_that_a_subscription_is_not_confirmed() {
    let topic = output("NotificationTopicArn");
    let subscribe = ["sns", "subscribe", "--topic-arn", topic, "--protocol", "email"];
    let plant = ["--notification-endpoint", "night+unread@corp.example.test", "--return-subscription-arn"];
    let planted = aws(&[&subscribe[..], &plant[..]].concat());
    let undo = ["sns", "unsubscribe", "--subscription-arn", planted["SubscriptionArn"].as_str().unwrap()];
    let _planted = Planted { undo: &undo };

    found("notices", PROBLEM, "night+unread@corp.example.test and follow its link");
}

#[test]
fn finds_that_the_subscription_was_deleted() {
    let topic = output("NotificationTopicArn");
    let listed = aws(&["sns", "list-subscriptions-by-topic", "--topic-arn", topic]);
    let subscription = &listed["Subscriptions"][0];
    let (arn, endpoint) = (subscription["SubscriptionArn"].as_str(), subscription["Endpoint"].as_str());
    let subscribe = ["sns", "subscribe", "--topic-arn", topic, "--protocol", "email"];
    let undo = [&subscribe[..], &["--notification-endpoint", endpoint.unwrap()]].concat();
    Planted::by(&["sns", "unsubscribe", "--subscription-arn", arn.unwrap()], &undo)
        .is_found_and_mended("notices", "aws sns subscribe");
}

#[test]
fn warns_that_the_kill_switch_is_on() {
    let _switch = KillSwitch::on();

    let fix = found("kill switch", WARNING, output("KillSwitchParameterName"));

    lab(&["exec", "--", "bash", "-c", &fix]);
    is_healthy("kill switch");
}

#[test]
fn finds_that_an_instance_has_no_agent_and_warns_of_no_other_instance() {
    let start = |delay| {
        lab(&["instance", "run", "--tag", TAG, "--tag", "autoadjoin=false", "--agent-delay", delay])
            .trim()
            .to_owned()
    };
    let (silent, answering) = (start("86400"), start("0"));
    let undo = ["ec2", "terminate-instances", "--instance-ids", &silent, &answering];
    let _planted = Planted { undo: &undo };

    found("instances", PROBLEM, &silent);

    let visit = Visit::now(&[]);
    let said = |verdict| visit.of("instances").iter().filter(|answer| answer["verdict"] == verdict).count();
    assert_eq!((said(PROBLEM), said("ok")), (1, 1));
    for instance in [&silent, &answering] {
        lab(&["instance", "terminate", instance]);
    }
    is_healthy("instances");
}

#[test]
fn finds_that_the_protected_group_does_not_exist_and_names_the_one_that_is_meant() {
    let _other = Reconfigured::with(&[("PROTECTED_GROUP", Some("AWS Delegated Administrator"))]);

    let visit = Visit::now(&[]);

    assert_eq!(visit.problems(), ["drift", "protected group"]);
    let fix = visit.of("protected group")[0]["fix"].as_str().unwrap();
    assert!(fix.ends_with("ProtectedGroup='AWS Delegated Administrators'"), "{fix}");
}

#[test]
fn finds_that_the_responder_was_changed_by_hand_and_mends_it() {
    let other = Reconfigured::with(&[("HOURLY_BUDGET", Some("7"))]);

    let fix = found("drift", PROBLEM, "aws lambda update-function-configuration");

    lab(&["exec", "--", "bash", "-c", &fix]);
    is_healthy("drift");
    drop(other);
}

#[test]
fn finds_that_an_event_lies_in_a_dead_letter_queue() {
    empty_dead_letter_queues();
    let queue = resource(|name, _| name == "ContainDeadLetterQueue");
    sqs("send-message", &queue, &["--message-body", "{}"]);

    let visit = Visit::now(&[]);
    sqs("purge-queue", &queue, &[]);

    let answer = visit.of("dead letters")[0];
    assert_eq!(answer["verdict"], PROBLEM, "{answer}");
    assert!(answer["fix"].as_str().unwrap().contains(&queue), "{answer}");
    assert_eq!(visit.code, 1);
    is_healthy("dead letters");
}

#[test]
fn finds_that_the_directory_is_not_in_this_region() {
    let visit = Visit::now(&["--region", "us-east-1", "--directory", variable("DIRECTORY_ID")]);

    assert_eq!(visit.problems(), ["directory"]);
    assert!(visit.of("directory")[0]["fix"].as_str().unwrap().contains("--region"));
    assert_eq!(visit.code, 1);
}

#[test]
fn finds_that_the_stack_has_another_directory_and_that_the_one_named_does_not_exist() {
    let visit = Visit::now(&["--directory", "d-0000000000"]);

    assert_eq!(visit.problems(), ["WorkSpaces", "directory", "stack"]);
    let there = visit.of("directory")[0]["sentence"].as_str().unwrap();
    assert!(there.contains(variable("DIRECTORY_ID")), "{there}");
}
