use super::*;
use crate::metric::Metric;
use crate::start::Machine;
use crate::testing::{LOG_GROUP, Record, rules, sid};

fn qualify(record: &Record) -> Result<Start, Reason> {
    rules().qualify(LOG_GROUP, &SecurityEvent::read(&record.xml()).unwrap())
}

/// The event of a new user with something changed, and why it starts nothing.
fn check(reason: Reason, change: impl Fn(&mut Record)) {
    for id in [4720, 4722, 4725, 4726] {
        let mut record = Record::of(id, 1);
        change(&mut record);
        assert_eq!(qualify(&record), Err(reason), "{id}: {record:?}");
    }
}

/// The same, where only 4720 says what was changed.
fn check_created(expected: Result<&str, Reason>, change: impl Fn(&mut Record)) {
    let mut record = Record::created(1);
    change(&mut record);
    let upn = qualify(&record).map(|start| start.input.upn.unwrap());
    assert_eq!(upn.as_deref().map_err(|reason| *reason), expected, "{record:?}");
}

#[test]
fn a_person_of_the_directory_counts() {
    for (id, machine) in [
        (4720, Machine::Onboard),
        (4722, Machine::Onboard),
        (4725, Machine::Offboard),
        (4726, Machine::Offboard),
    ] {
        let start = qualify(&Record::of(id, 1)).unwrap();
        assert_eq!(start.machine(), machine, "{id}");
        assert_eq!((start.input.user.as_str(), start.input.sid), ("user1.last", Some(sid(1))));
        assert_eq!(start.input.upn.is_some(), id == 4720);
    }
}

#[test]
fn the_domain_may_be_named_in_either_way_and_any_case() {
    for name in ["CORP", "corp", "corp.example.com", "Corp.Example.Com"] {
        let record = Record { domain: name.to_owned(), ..Record::created(1) };
        assert!(qualify(&record).is_ok(), "{name}");
    }
    for name in ["OTHER", "WIN-DC1", "example.com", "BUILTIN"] {
        check(Reason::OtherDomain, |record| record.domain = name.to_owned());
    }
}

#[test]
fn an_account_with_a_dollar_is_no_person_whatever_else_it_says() {
    check(Reason::NotAPerson, |record| {
        record.name = "FAKE-COMPUTER$".to_owned();
        record.sam = "FAKE-COMPUTER$".to_owned();
        record.upn = "fake@corp.example.com".to_owned();
    });
    check_created(Err(Reason::NotAPerson), |record| record.sam = "user1.last$".to_owned());
}

#[test]
fn an_account_of_a_computer_or_a_trust_is_no_person() {
    for flags in ["0x80", "0x85", "0x100", "0x40", "0x55"] {
        check_created(Err(Reason::NotAPerson), |record| record.uac = flags.to_owned());
    }
    for flags in ["0x10", "0x15", "0x210", "0x2010"] {
        check_created(Ok("user1.last@corp.example.com"), |record| record.uac = flags.to_owned());
    }
}

#[test]
fn a_new_user_needs_a_principal_name_of_this_directory() {
    for upn in
        ["jane@corp.example.com", "Jane@CORP.Example.com", "o'neil@example.com", "j\u{f6}rg@example.com"]
    {
        check_created(Ok(upn), |record| record.upn = upn.to_owned());
    }
    check_created(Err(Reason::NoUpn), |record| record.upn = "-".to_owned());
    check_created(Err(Reason::NoUpn), |record| record.upn = String::new());
    let long = format!("{}@example.com", "x".repeat(256));
    for upn in [
        "jane",
        "%%1793",
        "jane@",
        "@corp.example.com",
        "jane@other.com",
        "jane@x@corp.example.com",
        "jane@corp.example.com@other.com",
        "ja ne@example.com",
        "ja\u{1}ne@example.com",
        "jane@evil-example.com",
        &long,
    ] {
        check_created(Err(Reason::ForeignUpn), |record| record.upn = upn.to_owned());
    }
}

#[test]
fn a_sid_is_that_of_an_account_of_a_domain() {
    for sid in ["S-1-5-18", "S-1-5-32-545", "S-1-5-21-1-2-3", "S-1-12-1-1-2-3-4", "%{S-1-5-21-1-2-3-1104}"] {
        check(Reason::UnusableSid, |record| record.sid = sid.to_owned());
    }
    for number in [500, 501, 502, 999] {
        check(Reason::BuiltInAccount, |record| record.sid = format!("S-1-5-21-1-2-3-{number}"));
    }
}

#[test]
fn a_name_is_one_that_directory_service_data_takes() {
    for name in ["Ren\u{e9}", "jane doe", "a-name-of-21-characters", "jane;rm", "<b>"] {
        check(Reason::UnusableName, |record| {
            record.name = name.to_owned();
            record.sam = name.to_owned();
        });
    }
}

#[test]
fn both_names_of_a_new_account_are_the_same() {
    check_created(Err(Reason::NamesDiffer), |record| record.sam = "somebody.else".to_owned());
    check_created(Ok("user1.last@corp.example.com"), |record| record.sam = "USER1.Last".to_owned());
}

/// Of what is refused an alarm tells: it is a person of this directory who will be without his accounts, or keep them.
#[test]
fn only_what_a_person_of_the_directory_goes_without_is_refused() {
    let refused = |change: fn(&mut Record)| {
        let mut record = Record::created(1);
        change(&mut record);
        qualify(&record).unwrap_err().metric() == Metric::Refused
    };
    let of_nobody: [fn(&mut Record); 5] = [
        |record| record.uac = "0x80".to_owned(),
        |record| record.name = "FAKE-COMPUTER$".to_owned(),
        |record| record.sid = "S-1-5-21-1-2-3-501".to_owned(),
        |record| record.domain = "OTHER".to_owned(),
        |record| (record.domain, record.upn) = ("WIN-DC1".to_owned(), "-".to_owned()),
    ];
    assert!(!of_nobody.into_iter().any(refused));
    let of_a_person: [fn(&mut Record); 5] = [
        |record| record.upn = "-".to_owned(),
        |record| record.upn = "jane@other.com".to_owned(),
        |record| (record.name, record.sam) = ("jane doe".to_owned(), "jane doe".to_owned()),
        |record| record.sam = "somebody.else".to_owned(),
        |record| record.sid = "S-1-5-18".to_owned(),
    ];
    assert!(of_a_person.into_iter().all(refused));
}
