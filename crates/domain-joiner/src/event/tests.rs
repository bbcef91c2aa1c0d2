use proptest::prelude::*;
use serde_json::json;

use super::*;

const INSTANCE: &str = "i-0123456789abcdef0";
const COMMAND: &str = "e8d3c0e4-71f7-4491-898f-c9b35bee5f3b";

fn documents() -> Vec<String> {
    vec!["adsteward-join-linux".to_owned(), "adsteward-join-windows".to_owned()]
}

fn place() -> Place {
    Place {
        account: "111122223333".parse().unwrap(),
        region: "eu-central-1".parse().unwrap(),
        instance: INSTANCE.parse().unwrap(),
    }
}

fn state_event(state: &str) -> Value {
    json!({
        "version": "0", "id": "7bf73129-1428-4cd3-a780-95db273d1602", "detail-type": STATE_CHANGED,
        "source": "aws.ec2", "account": "111122223333", "time": "2026-11-11T21:29:54Z", "region": "eu-central-1",
        "resources": [format!("arn:aws:ec2:eu-central-1:111122223333:instance/{INSTANCE}")],
        "detail": {"instance-id": INSTANCE, "state": state},
    })
}

fn command_event(status: &str) -> Value {
    let mut event = state_event("");
    event["detail-type"] = COMMAND_CHANGED.into();
    event["source"] = "aws.ssm".into();
    event["detail"] = json!({
        "command-id": COMMAND, "document-name": "adsteward-join-linux", "instance-id": INSTANCE,
        "requested-date-time": "2026-11-11T21:29:54.31Z", "status": status,
    });
    event
}

fn in_sns(message: &Value) -> Value {
    json!({"Type": "Notification", "MessageId": "m", "TopicArn": "arn:aws:sns:eu-west-1:111122223333:t",
        "Message": message.to_string(), "Timestamp": "2026-11-11T21:29:54Z"})
}

fn read(body: &Value) -> Result<Result<Told, Nothing>, Poison> {
    super::read(&body.to_string(), &documents())
}

/// A corpus file; those of EC2 are one event each.
macro_rules! corpus {
    ($file:literal) => {
        include_str!(concat!("../../../../tests/fixtures/", $file))
    };
}

#[test]
fn reads_ec2s_states_directly_and_from_a_notification() {
    for (text, state) in [
        ("running", ToldState::Running),
        ("terminated", ToldState::Terminated),
        ("stopped", ToldState::Other),
        ("shutting-down", ToldState::Other),
    ] {
        let event = state_event(text);
        let told = Ok(Ok(Told::State(place(), state)));
        assert_eq!(read(&event), told);
        assert_eq!(read(&in_sns(&event)), told, "a notification");
    }
}

#[test]
fn reads_the_end_of_our_commands_and_no_other() {
    for status in ["Success", "Failed", "TimedOut", "Cancelled", "DeliveryTimedOut", "SomethingNew"] {
        let told = Ok(Ok(Told::Command(place(), COMMAND.to_owned())));
        assert_eq!(read(&command_event(status)), told, "{status}");
    }
    for status in ["Pending", "InProgress", "Delayed", "Cancelling"] {
        assert_eq!(read(&command_event(status)), Ok(Err(Nothing::NotEnded)), "{status}");
    }
    let mut foreign = command_event("Success");
    foreign["detail"]["document-name"] = "AWS-RunShellScript".into();
    assert_eq!(read(&foreign), Ok(Err(Nothing::OtherDocument)));
}

#[test]
fn reads_what_this_function_writes() {
    let body = again(&place(), 7).unwrap();
    assert_eq!(super::read(&body, &documents()), Ok(Ok(Told::Again(place(), 7))));
}

#[test]
fn an_event_that_is_at_odds_with_itself_is_poison() {
    let changed_of = |state: &str, pointer: &str, value: Value| {
        let mut event = state_event(state);
        *event.pointer_mut(pointer).unwrap() = value;
        event
    };
    let changed = |pointer: &str, value: Value| changed_of("running", pointer, value);
    let other = "arn:aws:ec2:eu-central-1:999999999999:instance/i-0123456789abcdef0";
    let own = "arn:aws:ec2:eu-central-1:111122223333:instance/i-0123456789abcdef0";
    for odd in [
        changed("/account", "999999999999".into()),
        changed("/region", "eu-west-1".into()),
        changed("/detail/instance-id", "i-00000000000000000".into()),
        changed("/resources/0", other.into()),
        changed("/resources", json!([own, other])),
        changed("/resources/0", own.replace("arn:aws:", "arn:aws-cn:x:").into()),
        changed("/resources/0", own.replace("instance", "image").into()),
        // Which of the two is gone?
        changed_of("terminated", "/detail/instance-id", "i-00000000000000000".into()),
    ] {
        assert!(read(&odd).is_err(), "{odd}");
        assert!(read(&in_sns(&odd)).is_err(), "{odd}");
    }
}

#[test]
fn an_event_that_lacks_a_member_or_has_an_odd_one_is_poison() {
    for pointer in ["/account", "/region", "/resources", "/detail", "/detail/instance-id", "/detail/state"] {
        for value in [json!(null), json!(7), json!({}), json!([7]), json!(""), json!("a\u{0}b")] {
            let mut event = state_event("running");
            *event.pointer_mut(pointer).unwrap() = value.clone();
            let allowed = match pointer {
                // EC2 may name states that this does not know, and the ARN names the instance, too.
                "/detail/state" => value.is_string(),
                "/detail/instance-id" => value.is_null(),
                _ => false,
            };
            assert_eq!(read(&event).is_ok(), allowed, "{pointer} {value}");
        }
    }
    for member in ["command-id", "document-name", "status"] {
        let mut event = command_event("Success");
        event["detail"].as_object_mut().unwrap().remove(member);
        assert!(read(&event).is_err(), "{member}");
    }
    let mut event = command_event("Success");
    event["detail"]["command-id"] = "../../etc".into();
    assert!(read(&event).is_err());
}

#[test]
fn whatever_is_no_message_of_a_kind_that_is_known_is_poison() {
    let event = state_event("running");
    let deep = "[".repeat(100_000);
    let bom = format!("\u{feff}{event}");
    let huge = json!({"filler": "x".repeat(1 << 20)}).to_string();
    let twice = in_sns(&in_sns(&event)).to_string();
    let again_in_sns = in_sns(&serde_json::from_str(&again(&place(), 1).unwrap()).unwrap()).to_string();
    let odd_again = again(&place(), 1).unwrap().replace("\"attempt\":1", "\"attempt\":-1");
    let foreign_again = again(&place(), 1).unwrap().replace(INSTANCE, "i-x");
    let confirmation = json!({"Type": "SubscriptionConfirmation", "Message": event.to_string()}).to_string();
    let bodies = [
        "",
        " ",
        "null",
        "[]",
        "7",
        "\"running\"",
        "{",
        "{}",
        &deep,
        &bom,
        &huge,
        &twice,
        &again_in_sns,
        &odd_again,
        &foreign_again,
        &confirmation,
        r#"{"Type":"Notification"}"#,
        r#"{"Type":"Notification","Message":7}"#,
        r#"{"Type":"Notification","Message":"{"}"#,
        r#"{"adsteward":"again"}"#,
        r#"{"adsteward":null,"source":"aws.ec2"}"#,
    ];
    for body in bodies {
        let start: String = body.chars().take(80).collect();
        assert!(super::read(body, &documents()).is_err(), "{start}");
    }
}

#[test]
fn events_of_others_ask_for_nothing() {
    for (source, kind) in [("aws.events", "Scheduled Event"), ("my.source", STATE_CHANGED), ("aws.ec2", "x")]
    {
        let mut event = state_event("running");
        event["source"] = source.into();
        event["detail-type"] = kind.into();
        assert_eq!(read(&event), Ok(Err(Nothing::OtherEvent)));
    }
}

#[test]
fn the_corpus_of_others_events_reads_as_its_manifest_says() {
    let read = |text: &str| super::read(text, &documents());
    assert_eq!(
        read(corpus!("ec2state/aws-lambda-rust-runtime-example-eventbridge-schedule.json")),
        Ok(Err(Nothing::OtherEvent))
    );
    let pending = read(corpus!("ec2state/cloud-custodian-event-instance-state.json")).unwrap().unwrap();
    assert!(matches!(pending, Told::State(_, ToldState::Other)), "{pending:?}");
    assert!(read(corpus!("ec2state/localstack-0.json")).is_err(), "its members are missing");
    // Its envelope and its resource are of two accounts, and its detail does not spell the instance as EC2 does.
    let terminated = corpus!("ec2state/powertools-lambda-python-eventBridgeEvent.json");
    let Ok(Ok(Told::State(place, ToldState::Terminated))) = read(terminated) else {
        panic!("one that is gone leaves the account of the envelope");
    };
    assert_eq!(place.account.to_string(), "111122223333");
    assert_eq!(place.instance.as_str(), "i-1234567890abcdef0");
    assert!(read(&terminated.replace("\"terminated\"", "\"running\"")).is_err(), "it is at odds with itself");
}

#[test]
fn what_a_sweep_asks_for_is_told_and_an_odd_one_is_not() {
    let body = |kind: &str, instance: &str| json!({"adsteward": kind, "account": "111122223333", "region": "eu-central-1", "instance": instance});
    assert!(matches!(read(&body("gone", "i-0123456789abcdef0")), Ok(Ok(Told::Gone(_)))));
    assert!(matches!(read(&body("look", "i-0123456789abcdef0")), Ok(Ok(Told::Again(_, 0)))));
    for odd in [body("gone", "*"), body("remove", "i-0123456789abcdef0")] {
        assert!(read(&odd).is_err(), "{odd}");
    }
}

/// The fixtures that the rules' patterns are held to, too: what a rule lets pass is understood, and nothing else.
#[test]
fn what_the_rules_let_pass_is_told_and_what_they_hold_back_asks_for_nothing() {
    let read = |text: &str| super::read(text, &documents());
    let state = |text| match read(text) {
        Ok(Ok(Told::State(_, state))) => state,
        other => panic!("{other:?}"),
    };
    assert_eq!(state(corpus!("join/running.json")), ToldState::Running);
    assert_eq!(state(corpus!("join/terminated.json")), ToldState::Terminated);
    assert_eq!(state(corpus!("join/stopped.json")), ToldState::Other);
    assert!(matches!(read(corpus!("join/command-succeeded.json")), Ok(Ok(Told::Command(..)))));
    assert_eq!(read(corpus!("join/command-in-progress.json")), Ok(Err(Nothing::NotEnded)));
    assert_eq!(read(corpus!("join/command-of-others.json")), Ok(Err(Nothing::OtherDocument)));
}

proptest! {
    #[test]
    fn no_text_does_more_than_a_hint_can(body in "\\PC{0,200}") {
        prop_assert!(!matches!(super::read(&body, &documents()), Ok(Ok(_))));
    }

    #[test]
    fn whatever_is_told_is_told_of_the_envelopes_account(
        account in "[0-9]{12}", region in "(eu|us)-(west|east)-[1-9]", id in "i-[0-9a-f]{17}", wrapped: bool,
    ) {
        let mut event = state_event("running");
        event["account"] = account.as_str().into();
        event["region"] = region.as_str().into();
        event["detail"]["instance-id"] = id.as_str().into();
        event["resources"] = json!([format!("arn:aws:ec2:{region}:{account}:instance/{id}")]);
        let told = read(&if wrapped { in_sns(&event) } else { event }).unwrap().unwrap();
        let place = told.place();
        prop_assert_eq!((place.account.as_str(), place.region.as_str(), place.instance.as_str()),
            (account.as_str(), region.as_str(), id.as_str()));
    }
}
