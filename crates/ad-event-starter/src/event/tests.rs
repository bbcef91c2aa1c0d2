mod fuzz;
mod spellings;

use super::*;
use crate::testing::{Record, sid};

/// The event with a piece of its XML replaced.
fn replaced(piece: &str, with: &str) -> String {
    let xml = Record::created(1).xml();
    assert!(xml.contains(piece), "{piece} is not in {xml}");
    xml.replacen(piece, with, 1)
}

#[test]
fn reads_what_it_needs() {
    let event = SecurityEvent::read(&Record::created(1).xml()).unwrap();
    let expected = SecurityEvent {
        id: EventId::Created,
        computer: "WIN-DC1.corp.example.com".to_owned(),
        record: 472_000_001,
        time: "2026-11-21T09:30:41.123456Z".to_owned(),
        target: Target { name: "user1.last".to_owned(), domain: "CORP".to_owned(), sid: sid(1) },
        sam: Some("user1.last".to_owned()),
        upn: Some("user1.last@corp.example.com".to_owned()),
        new_uac: Some(0x15),
    };
    assert_eq!(event, expected);
    for id in [4722, 4725, 4726] {
        let event = SecurityEvent::read(&Record::of(id, 1).xml()).unwrap();
        assert_eq!((u32::from(event.id), event.sam, event.upn), (id, None, None));
    }
}

#[test]
fn a_time_is_utc_however_it_is_rendered() {
    let time = |written: &str| SecurityEvent::read(&replaced("2026-11-21T09:30:41.123456700Z", written));
    for written in [
        "2026-11-21T09:30:41.1234560Z",
        "2026-11-21 09:30:41.123456",
        "2026-11-21 09:30:41.123456 UTC",
        "2026-11-21 09:30:41.123456+00:00",
        "2026-11-21T04:30:41.123456-05:00",
    ] {
        assert_eq!(time(written).unwrap().time, "2026-11-21T09:30:41.123456Z", "{written}");
    }
    for written in ["yesterday", "2026-11-21", "2026-11-21 09:30:41 CET", "1763717441"] {
        assert_eq!(time(written).unwrap_err(), Reason::UnusableField, "{written}");
    }
}

#[test]
fn says_why_it_cannot_read_a_record() {
    let long = "x".repeat(5000);
    let target = "<Data Name='TargetSid'>";
    let deep = format!("<System>{}", "<a>".repeat(20));
    let cases = [
        (String::new(), Reason::NoXml),
        ("{\"EventID\": 4720}".to_owned(), Reason::NoXml),
        ("<134>1 2026-11-21T09:30:41Z dc1 nothing <here>".to_owned(), Reason::NoXml),
        (format!("<!DOCTYPE Event>{}", Record::created(1).xml()), Reason::DocumentType),
        (
            format!("<?xml version='1.0'?><!DOCTYPE Event [<!ENTITY a 'b'>]>{}", Record::created(1).xml()),
            Reason::DocumentType,
        ),
        (replaced("</Event>", ""), Reason::MalformedXml),
        (replaced("</System>", "</system>"), Reason::MalformedXml),
        (replaced("</Event>", "</Event><Event/>"), Reason::MalformedXml),
        (replaced("<System>", "<x:System>"), Reason::MalformedXml),
        (replaced(target, "<Data Name='TargetSid'><b/>"), Reason::MalformedXml),
        (replaced(target, "<Data Name='TargetSid' Name='X'>"), Reason::MalformedXml),
        (replaced(target, "<Data Name='TargetSid'>&#0;"), Reason::MalformedXml),
        (replaced(target, "<Data Name='TargetSid'>&sid;"), Reason::UnknownEntity),
        (replaced(target, "<Data Name='&target;'>"), Reason::UnknownEntity),
        (replaced(target, &format!("<Data Name='TargetSid'>{long}")), Reason::TooLarge),
        (replaced(target, &format!("<Data Name='TargetSid' {long}='1'>")), Reason::TooLarge),
        (format!("{}{}", Record::created(1).xml(), " ".repeat(300_000)), Reason::TooLarge),
        (replaced("<System>", &deep), Reason::TooDeep),
        (replaced(target, "<Data Name='TargetSid'>S-1</Data><Data Name='TargetSid'>"), Reason::RepeatedField),
        (replaced("<EventID>4720", "<EventID>4720</EventID><EventID>4726"), Reason::RepeatedField),
        (replaced("'TargetSid'", "'Sid'"), Reason::MissingField),
        (replaced("<EventID>4720</EventID>", ""), Reason::MissingField),
        (replaced("WIN-DC1.corp.example.com", " "), Reason::MissingField),
        (replaced("WIN-DC1.corp.example.com", "a|b"), Reason::UnusableField),
        (replaced("<EventRecordID>4", "<EventRecordID>-4"), Reason::UnusableField),
        (replaced("2026-11-21T", "21.11.2026 "), Reason::UnusableField),
        (replaced("0x15", "15"), Reason::UnusableField),
        (replaced("<EventID>4720", "<EventID>4738"), Reason::OtherEvent),
        (replaced("'Microsoft-Windows-Security-Auditing'", "'Eventlog'"), Reason::OtherProvider),
        (replaced(" Name='Microsoft-Windows-Security-Auditing'", ""), Reason::OtherProvider),
    ];
    for (message, reason) in cases {
        let read = SecurityEvent::read(&message);
        assert_eq!(read, Err(reason), "{}", message.chars().take(200).collect::<String>());
    }
}

#[test]
fn an_element_of_another_namespace_says_nothing() {
    let told =
        replaced("<EventData>", "<EventData><o:Data xmlns:o='urn:other' Name='TargetSid'>S-1-5-32</o:Data>");
    assert_eq!(SecurityEvent::read(&told).unwrap().target.sid, sid(1));
    let whole = Record::created(1).xml().replace("http://schemas.microsoft.com/win", "urn:other");
    assert_eq!(SecurityEvent::read(&whole), Err(Reason::MalformedXml));
}

/// Each is far beyond a second if anything takes the square of its length.
#[test]
fn a_hostile_record_costs_no_time() {
    let attributes: String = (0..20_000).map(|number| format!(" a{number}=''")).collect();
    let namespaces: String = (0..8_000).map(|number| format!(" xmlns:a{number}='b'")).collect();
    let inside = |content: &str| {
        replaced("<EventData>", &format!("<EventData>{}", content.repeat(200_000 / content.len())))
    };
    let hostile = [
        replaced("<Correlation/>", &format!("<Correlation{attributes}/>")),
        replaced("<Correlation/>", &format!("<Correlation{namespaces}/>")),
        "<".repeat(250_000),
        "<a".repeat(125_000),
        "<!--".repeat(60_000),
        inside("&amp;"),
        inside("<!---->"),
        inside("<![CDATA["),
        inside("<Data/>"),
        inside("<Data xmlns='a' Name='b'/>"),
        inside("</Data>"),
    ];
    for message in hostile {
        let began = std::time::Instant::now();
        let _ = SecurityEvent::read(&message);
        let shown: String = message.chars().take(40).collect();
        assert!(began.elapsed().as_secs() < 2, "{shown}: {:?}", began.elapsed());
    }
}
