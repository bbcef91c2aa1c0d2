//! Hostile records: never a panic, and never an execution for anything but a person of this directory.
//!
//! `ADSTEWARD_CASES` plays so many cases instead of the usual number.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use proptest::test_runner::TestRunner;

use super::*;
use crate::logs::{self, Payload};
use crate::testing::{LOG_GROUP, data, envelope, packed, rules};

/// Pieces that mean something to a parser.
const PIECES: [&str; 24] = [
    "<",
    ">",
    "</",
    "/>",
    "<!",
    "<!--",
    "-->",
    "<![CDATA[",
    "]]>",
    "<?xml",
    "?>",
    "&",
    "&amp;",
    "&#0;",
    "&#x110000;",
    "&#xD800;",
    "<!DOCTYPE a [",
    "xmlns=''",
    "xmlns:a='b'",
    "Name='TargetSid'",
    "'",
    "\"",
    "\u{feff}",
    "\0",
];

/// How something genuine is damaged.
#[derive(Debug, Clone)]
enum Damage {
    Set(Index, u8),
    Cut(Index),
    Remove(Index, Index),
    Repeat(Index, Index),
    Insert(Index, Vec<u8>),
}

fn damage() -> impl Strategy<Value = Damage> {
    let at = any::<Index>;
    let inserted = prop_oneof![
        4 => select(PIECES.as_slice()).prop_map(|piece| piece.as_bytes().to_vec()),
        1 => vec(any::<u8>(), 1..30),
    ];
    prop_oneof![
        4 => (at(), any::<u8>()).prop_map(|(at, byte)| Damage::Set(at, byte)),
        1 => at().prop_map(Damage::Cut),
        2 => (at(), at()).prop_map(|(from, to)| Damage::Remove(from, to)),
        1 => (at(), at()).prop_map(|(from, to)| Damage::Repeat(from, to)),
        4 => (at(), inserted).prop_map(|(at, bytes)| Damage::Insert(at, bytes)),
    ]
}

fn damaged(genuine: &[u8], all: &[Damage]) -> Vec<u8> {
    let mut bytes = genuine.to_vec();
    for damage in all {
        if bytes.is_empty() {
            break;
        }
        let length = bytes.len();
        match damage {
            Damage::Set(at, byte) => bytes[at.index(length)] = *byte,
            Damage::Cut(at) => bytes.truncate(at.index(length)),
            Damage::Remove(from, to) => {
                let (from, to) = (from.index(length), to.index(length));
                bytes.drain(from.min(to)..from.max(to));
            }
            Damage::Repeat(from, to) => {
                let (from, to) = (from.index(length), to.index(length));
                let piece = bytes[from.min(to)..from.max(to)].to_vec();
                drop(bytes.splice(to..to, piece));
            }
            Damage::Insert(at, more) => drop(bytes.splice(at.index(length)..at.index(length), more.clone())),
        }
    }
    bytes
}

fn for_each<T: std::fmt::Debug>(cases: u32, strategy: impl Strategy<Value = T>, check: impl Fn(T)) {
    #[expect(clippy::disallowed_methods, reason = "a test's own setting; no product code reads it")]
    let given = std::env::var("ADSTEWARD_CASES").ok().and_then(|cases| cases.parse().ok());
    let config =
        ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(given.unwrap_or(cases)) };
    let checked = TestRunner::new(config).run(&strategy, |case| {
        check(case);
        Ok(())
    });
    checked.unwrap_or_else(|failure| panic!("{failure}"));
}

/// Whatever a record says, an execution is for a name and a SID of a user, and its input is small.
fn check_start(message: &str) {
    let Ok(event) = SecurityEvent::read(message) else { return };
    let Ok(start) = rules().qualify(LOG_GROUP, &event) else { return };
    let input = &start.input;
    assert!(input.user.parse::<steward_core::ids::UserName>().is_ok());
    assert!(input.sid.as_deref().is_some_and(|sid| sid.parse::<steward_core::ids::Sid>().is_ok()));
    if let Some(upn) = &input.upn {
        let (_, suffix) = upn.split_once('@').unwrap();
        assert!(["corp.example.com", "example.com"].iter().any(|own| suffix.eq_ignore_ascii_case(own)));
        assert!(!upn.contains(|c: char| c.is_control() || c.is_whitespace()));
    }
    let name = start.name();
    assert!(
        name.len() <= 80 && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
    );
    assert!(serde_json::to_string(input).unwrap().len() < 4096);
}

#[test]
fn a_damaged_record_is_read_or_refused() {
    let id = select(vec![4720_u32, 4722, 4725, 4726]);
    for_each(5000, (id, vec(damage(), 1..6)), |(id, all)| {
        let bytes = damaged(Record::of(id, 1).xml().as_bytes(), &all);
        check_start(&String::from_utf8_lossy(&bytes));
    });
}

#[test]
fn markup_without_sense_is_read_or_refused() {
    let names = ["Event", "System", "EventData", "Data", "EventID", "Computer", " ", "=", ":", "/", "4720"];
    let pieces: Vec<&str> = PIECES.into_iter().chain(names).collect();
    for_each(5000, vec(select(pieces), 0..60), |pieces| check_start(&format!("<Event>{}", pieces.concat())));
}

#[test]
fn any_text_is_read_or_refused() {
    for_each(2000, any::<String>(), |text| check_start(&text));
}

fn read_payload(data: &str) {
    let Ok(bytes) = logs::unpack(data) else { return };
    let Ok(Payload::Data(batch)) = logs::read(&bytes) else { return };
    for event in batch.events().flatten() {
        check_start(&event.message);
    }
}

/// Damage behind the checksum of gzip is what a parser sees.
#[test]
fn a_damaged_batch_is_read_or_refused() {
    let messages = [1, 2].map(|number| Record::created(number).xml());
    let whole = envelope(&messages).to_string();
    for_each(3000, vec(damage(), 1..6), |all| read_payload(&packed(&damaged(whole.as_bytes(), &all))));
}

#[test]
fn a_damaged_payload_is_unpacked_or_refused() {
    let whole = data(&[Record::created(1).xml()]);
    for_each(3000, vec(damage(), 1..6), |all| {
        read_payload(&String::from_utf8_lossy(&damaged(whole.as_bytes(), &all)));
    });
}

#[test]
fn damaged_gzip_is_unpacked_or_refused() {
    use base64::Engine;
    use base64::engine::general_purpose::STANDARD;
    let whole = STANDARD.decode(data(&[Record::created(1).xml()])).unwrap();
    for_each(3000, vec(damage(), 1..6), |all| read_payload(&STANDARD.encode(damaged(&whole, &all))));
}
