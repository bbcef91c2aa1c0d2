use serde_json::{Value, json};

use super::*;
use crate::testing::{LOG_GROUP, data, envelope, packed};

fn messages(bytes: &[u8]) -> Vec<Result<String, Reason>> {
    match read(bytes).unwrap() {
        Payload::Data(batch) => batch.events().map(|event| event.map(|event| event.message)).collect(),
        Payload::Control => panic!("a control message"),
    }
}

fn packed_json(json: &Value) -> String {
    packed(json.to_string().as_bytes())
}

fn error(data: &str) -> PayloadError {
    unpack(data).and_then(|bytes| read(&bytes).map(|_| ())).unwrap_err()
}

#[test]
fn reads_what_cloudwatch_logs_sends() {
    for example in [
        include_str!("../../../../tests/fixtures/cwlogs/aws-lambda-go-cloudwatch-logs-event.json"),
        include_str!("../../../../tests/fixtures/cwlogs/aws-lambda-java-libs-cloudwatchlogs_event.json"),
    ] {
        let example: Value = serde_json::from_str(example).unwrap();
        let bytes = unpack(example["awslogs"]["data"].as_str().unwrap()).unwrap();
        let Payload::Data(batch) = read(&bytes).unwrap() else { panic!("a control message") };
        assert_eq!(batch.log_group, "testLogGroup");
        let events: Vec<LogEvent> = batch.events().collect::<Result<_, _>>().unwrap();
        assert_eq!(events[0].message, "[ERROR] First test message");
        assert_eq!((events.len(), events[1].id.as_str()), (2, "eventId2"));
    }
}

#[test]
fn knows_a_control_message() {
    let mut control = envelope(&["CWL CONTROL MESSAGE: Checking health of destination Lambda.".to_owned()]);
    control["messageType"] = json!("CONTROL_MESSAGE");
    let bytes = unpack(&packed_json(&control)).unwrap();
    assert!(matches!(read(&bytes).unwrap(), Payload::Control));
}

#[test]
fn what_is_not_a_batch_is_an_error_that_says_what_is_wrong_with_it() {
    let mut unknown = envelope(&[]);
    unknown["messageType"] = json!("METRIC_MESSAGE");
    let mut nameless = envelope(&[]);
    nameless.as_object_mut().unwrap().remove("logGroup");
    assert!(matches!(error("not base64!"), PayloadError::Base64(_)));
    assert!(matches!(error("AAAA"), PayloadError::Gzip(_)));
    assert!(matches!(error(""), PayloadError::Gzip(_)));
    assert!(matches!(error(&packed(b"not JSON")), PayloadError::Json(_)));
    assert!(matches!(error(&packed_json(&nameless)), PayloadError::Json(_)));
    assert!(matches!(error(&packed_json(&unknown)), PayloadError::UnknownMessageType(_)));
}

#[test]
fn a_batch_that_is_cut_short_is_an_error_wherever_it_is_cut() {
    let whole = data(&["<Event/>".to_owned()]);
    for length in 0..whole.len() {
        assert!(unpack(&whole[..length]).is_err(), "{length} of {}", whole.len());
    }
    assert!(unpack(&format!("{whole}AAAA")).is_err(), "something behind it");
    assert!(unpack(&whole).is_ok());
}

#[test]
fn a_batch_that_unpacks_to_too_much_is_given_up() {
    let largest = packed(&vec![b' '; MOST_BYTES]);
    assert_eq!(unpack(&largest).unwrap().len(), MOST_BYTES);
    assert!(matches!(error(&packed(&vec![b' '; MOST_BYTES + 1])), PayloadError::TooLarge));
    assert!(matches!(error(&packed(&vec![b' '; 8 * MOST_BYTES])), PayloadError::TooLarge));
}

#[test]
fn a_list_without_end_is_given_up() {
    let of = |count: usize| {
        let list = vec!["0"; count].join(",");
        packed(format!(r#"{{"messageType":"DATA_MESSAGE","logGroup":"g","logEvents":[{list}]}}"#).as_bytes())
    };
    assert_eq!(messages(&unpack(&of(MOST_EVENTS)).unwrap()).len(), MOST_EVENTS);
    assert!(matches!(error(&of(MOST_EVENTS + 1)), PayloadError::Json(_)));
}

#[test]
fn an_item_that_is_no_log_event_costs_itself_alone() {
    let mut batch = envelope(&["first".to_owned(), "last".to_owned()]);
    let events = batch["logEvents"].as_array_mut().unwrap();
    for odd in [json!(5), Value::Null, json!({"id": "1"}), json!({"message": 5}), json!([])] {
        events.insert(1, odd);
    }
    let text = batch.to_string().replace("\"first\"", "\"first\"},{\"message\":\"\\ud800\"");
    let read = messages(text.as_bytes());
    assert_eq!(read.len(), 8);
    assert_eq!((&read[0], &read[7]), (&Ok("first".to_owned()), &Ok("last".to_owned())));
    assert!(read[1..7].iter().all(|event| *event == Err(Reason::NotALogEvent)), "{read:?}");
}

#[test]
fn a_character_that_was_cut_in_two_costs_nothing() {
    let mut bytes = envelope(&["a\u{e9}b".to_owned(), LOG_GROUP.to_owned()]).to_string().into_bytes();
    let at = bytes.iter().position(|byte| *byte == 0xc3).unwrap();
    bytes.remove(at);
    let read = messages(&unpack(&packed(&bytes)).unwrap());
    assert_eq!(read, [Ok("a?b".to_owned()), Ok(LOG_GROUP.to_owned())]);
}
