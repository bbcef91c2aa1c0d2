//! A batch of log events: each counts by itself.

use super::*;
use crate::logs::PayloadError;
use crate::testing::Random;

#[tokio::test]
async fn who_comes_is_onboarded_and_who_goes_is_off_boarded() {
    let world = World::default();
    world.remember(4, "suspended");
    let records =
        [(4720, 1), (4725, 2), (4726, 3), (4722, 4), (4722, 5)].map(|(id, number)| Record::of(id, number));
    let counts = world.log(&xml(&records)).await.unwrap();
    assert_eq!(counts, BTreeMap::from([("Started", 4), ("Ignored", 1)]));
    assert_eq!(world.users(Machine::Onboard), users([1, 4]));
    assert_eq!(world.users(Machine::Offboard), users([2, 3]));
}

#[tokio::test]
async fn an_execution_gets_what_it_needs_and_no_more() {
    let world = World::default();
    world.log(&xml(&[Record::created(1)])).await.unwrap();
    let state = world.state();
    let (name, (_, input)) = state.started.first_key_value().unwrap();
    assert!(name.starts_with("onboard-") && name.len() == 72, "{name}");
    let mut input = input.clone();
    assert!(input.as_object_mut().unwrap().remove("notBefore").is_some());
    let expected = json!({
        "version": 1, "directoryId": "d-9067012345", "user": "user1.last", "sid": sid(1),
        "upn": "user1.last@corp.example.com",
        "event": {
            "kind": "security-log", "id": 4720, "computer": "WIN-DC1.corp.example.com", "record": 472_000_001,
            "time": "2026-11-21T09:30:41.123456Z", "logGroup": "/aws/directoryservice/d-9067012345",
        },
    });
    assert_eq!(input, expected);
}

/// Messages that start nothing, each odd in a way of its own.
fn odd(number: u32) -> String {
    let record = Record::created(number);
    let xml = record.xml();
    match number % 12 {
        0 => Record { upn: "-".to_owned(), ..record }.xml(),
        1 => Record { name: "HOST$".to_owned(), sam: "HOST$".to_owned(), ..record }.xml(),
        2 => xml.replace("<EventID>4720</EventID>", ""),
        3 => xml[..xml.len() / 2].to_owned(),
        4 => String::new(),
        5 => format!("<!DOCTYPE a>{xml}"),
        6 => xml.replace("Name='TargetSid'", "Name='Sid'"),
        7 => Record { domain: "OTHER".to_owned(), ..record }.xml(),
        8 => xml.replace("</Event>", "&nbsp;</Event>").replace("<EventData>", "<EventData>&nbsp;"),
        9 => Record { id: 4738, ..record }.xml(),
        10 => Record { upn: "jane".to_owned(), ..record }.xml(),
        _ => Record { sid: "S-1-5-18".to_owned(), ..record }.xml(),
    }
}

#[tokio::test]
async fn of_a_thousand_records_with_a_hundred_odd_ones_exactly_the_rest_is_started() {
    for seed in 0..5 {
        let mut random = Random::new(seed);
        let mut is_odd = vec![false; 1000];
        while is_odd.iter().filter(|odd| **odd).count() < 100 {
            is_odd[usize::try_from(random.below(1000)).unwrap()] = true;
        }
        let messages: Vec<String> = (0..)
            .zip(&is_odd)
            .map(|(number, is_odd)| if *is_odd { odd(number) } else { Record::created(number).xml() })
            .collect();
        let world = World::default();
        let counts = world.log(&messages).await.unwrap();
        let good = (0..).zip(&is_odd).filter(|(_, is_odd)| !**is_odd).map(|(number, _)| number);
        assert_eq!(world.users(Machine::Onboard), users(good), "seed {seed}");
        assert_eq!(counts["Started"], 900);
        assert_eq!(counts.values().sum::<u64>(), 1000, "{counts:?}");
    }
}

#[tokio::test]
async fn one_odd_item_of_the_batch_costs_itself_alone() {
    let world = World::default();
    let mut batch = envelope(&xml(&[Record::created(1), Record::created(2)]));
    batch["logEvents"].as_array_mut().unwrap().insert(1, json!({"message": 5}));
    let payload = json!({"awslogs": {"data": packed(batch.to_string().as_bytes())}});
    invoke(&world, payload, Duration::from_secs(60)).await.unwrap();
    assert_eq!(world.users(Machine::Onboard), users([1, 2]));
}

#[tokio::test]
async fn a_hidden_account_is_never_onboarded() {
    let world = World::default();
    let record =
        Record { name: "FAKE-COMPUTER$".to_owned(), sam: "FAKE-COMPUTER$".to_owned(), ..Record::created(1) };
    let counts = world.log(&xml(&[record])).await.unwrap();
    assert_eq!((counts["Ignored"], world.state().calls), (1, 0));
}

#[tokio::test]
async fn a_user_without_a_principal_name_is_refused_and_breaks_nothing() {
    let world = World::default();
    let record = Record { upn: "-".to_owned(), ..Record::created(1) };
    let counts = world.log(&xml(&[record, Record::created(2)])).await.unwrap();
    assert_eq!(counts, BTreeMap::from([("Started", 1), ("Refused", 1)]));
    assert_eq!(world.users(Machine::Onboard), users([2]));
}

#[tokio::test]
async fn a_batch_that_cannot_be_read_at_all_fails_the_invocation() {
    let world = World::default();
    let whole = data(&xml(&[Record::created(1)]));
    let payload = json!({"awslogs": {"data": &whole[..whole.len() / 2]}});
    let error = invoke(&world, payload, Duration::from_secs(60)).await.unwrap_err();
    assert!(matches!(error, Error::Payload(PayloadError::Gzip(_) | PayloadError::Base64(_))), "{error:?}");
    assert_eq!(lambda_runtime::Diagnostic::from(error).error_type, "PermanentError");
    assert_eq!(world.state().calls, 0);
}

#[tokio::test]
async fn an_event_of_anything_else_fails_the_invocation() {
    for payload in [json!({}), json!({"source": "aws.ds"}), json!({"awslogs": {"data": ""}, "Records": []})] {
        let error = invoke(&World::default(), payload, Duration::from_secs(60)).await.unwrap_err();
        assert!(matches!(error, Error::UnknownTrigger), "{error:?}");
    }
}

#[tokio::test]
async fn a_control_message_starts_nothing() {
    let world = World::default();
    let mut batch = envelope(&xml(&[Record::created(1)]));
    batch["messageType"] = json!("CONTROL_MESSAGE");
    let payload = json!({"awslogs": {"data": packed(batch.to_string().as_bytes())}});
    assert!(invoke(&world, payload, Duration::from_secs(60)).await.is_ok());
    assert_eq!(world.state().calls, 0);
}
