use std::time::Duration;

use picky_asn1::wrapper::{ExplicitContextTag1 as Tag1, ExplicitContextTag2 as Tag2, OctetStringAsn1};

use super::*;
use crate::message::{Reply, integer, read_reply};
use crate::testing::{moment, refusal, refusal_with};

fn read(bytes: &[u8], now: SystemTime) -> Result<Verdict, Reason> {
    match read_reply(bytes).unwrap() {
        Reply::Error(error) => verdict(&error, Asked::WithPassword, now),
        Reply::Ticket(_) => panic!("a ticket"),
    }
}

fn extended(kind: u32, data: &[u8]) -> PaData {
    PaData {
        padata_type: Tag1::from(integer(kind)),
        padata_data: Tag2::from(OctetStringAsn1::from(data.to_vec())),
    }
}

/// KERB-EXT-ERROR: the status, a reserved number and flags.
fn status(status: u32) -> Vec<u8> {
    [status.to_le_bytes(), [0; 4], 1_u32.to_le_bytes()].concat()
}

#[test]
fn the_nt_status_tells_why_an_account_is_revoked() {
    let check = |code: u32, nt_status: u32, expected: &Verdict| {
        let item = || extended(3, &status(nt_status));
        let as_windows = der::write(&item()).unwrap();
        let as_samba = der::write(&Asn1SequenceOf::from(vec![extended(19, b""), item()])).unwrap();
        for data in [as_windows, as_samba] {
            assert_eq!(
                read(&refusal_with(code, Some(data)), moment()).as_ref(),
                Ok(expected),
                "{nt_status:x}"
            );
        }
    };
    check(18, 0xc000_0072, &Verdict::Revoked(Revocation::Disabled));
    check(18, 0xc000_0234, &Verdict::Revoked(Revocation::LockedOut));
    check(18, 0xc000_0193, &Verdict::Revoked(Revocation::AccountExpired));
    check(18, 0xc000_006f, &Verdict::PolicyRejected);
    check(12, 0xc000_0070, &Verdict::PolicyRejected);
    check(12, 0xc000_0072, &Verdict::Revoked(Revocation::Disabled));
    check(18, 0xc000_0001, &Verdict::Revoked(Revocation::Unstated));
    check(12, 0xc000_0001, &Verdict::PolicyRejected);
}

#[test]
fn data_that_cannot_be_read_leaves_the_code() {
    let unstated = Ok(Verdict::Revoked(Revocation::Unstated));
    let data = [
        vec![],
        vec![0x30],
        b"text".to_vec(),
        der::write(&extended(3, &[0x72])).unwrap(),
        der::write(&extended(4, &status(0xc000_0072))).unwrap(),
    ];
    for data in data {
        assert_eq!(read(&refusal_with(18, Some(data)), moment()), unstated);
    }
}

#[test]
fn tells_by_how_much_the_clocks_differ() {
    let minutes = |minutes: u64| Duration::from_secs(60 * minutes);
    let skew = refusal(37);
    assert_eq!(read(&skew, moment() + minutes(6)), Ok(Verdict::ClockSkew { offset: -360 }));
    assert_eq!(read(&skew, moment() - minutes(6)), Ok(Verdict::ClockSkew { offset: 360 }));
    assert_eq!(
        read(&skew, moment() - Duration::from_millis(359_600)),
        Ok(Verdict::ClockSkew { offset: 360 })
    );
}

#[test]
fn a_clock_that_is_days_off_makes_the_ticket_end_before_it_begins() {
    let day = Duration::from_secs(86_400);
    assert_eq!(read(&refusal(11), moment() - 2 * day), Ok(Verdict::ClockSkew { offset: 172_800 }));
    assert_eq!(read(&refusal(11), moment()), Err(Reason::Error(11)));
}

#[test]
fn a_time_that_is_none_is_no_skew() {
    let mut skew = refusal(37);
    let month = skew.windows(6).position(|window| window == b"202611").unwrap() + 4;
    skew[month..month + 2].copy_from_slice(b"02");
    skew[month + 2..month + 4].copy_from_slice(b"30");
    assert_eq!(read(&skew, moment()), Err(Reason::Malformed("its time is no time")));
}
