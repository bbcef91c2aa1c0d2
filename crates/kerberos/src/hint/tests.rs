use picky_asn1::wrapper::{
    ExplicitContextTag0 as Tag0, ExplicitContextTag1 as Tag1, ExplicitContextTag2 as Tag2, IntegerAsn1,
    Optional,
};

use super::*;
use crate::message::{Reply, Text, integer, read_reply};
use crate::testing::{Recorded, refusal_with};

fn entry(etype: u32, salt: Option<&str>, iterations: Option<&[u8]>) -> EtypeInfo2Entry {
    EtypeInfo2Entry {
        etype: Tag0::from(integer(etype)),
        salt: Optional::from(salt.map(|salt| Tag1::from(Text::from(salt)))),
        s2kparams: Optional::from(iterations.map(|bytes| Tag2::from(OctetStringAsn1::from(bytes.to_vec())))),
    }
}

fn method(kind: u32, data: Vec<u8>) -> PaData {
    PaData { padata_type: Tag1::from(integer(kind)), padata_data: Tag2::from(OctetStringAsn1::from(data)) }
}

fn offer(methods: Vec<PaData>) -> Result<Offer, Reason> {
    let data = der::write(&Asn1SequenceOf::from(methods)).unwrap();
    match read_reply(&refusal_with(25, Some(data))).unwrap() {
        Reply::Error(error) => from_refusal(&error),
        Reply::Ticket(_) => panic!("a ticket"),
    }
}

fn hints(entries: Vec<EtypeInfo2Entry>) -> Result<Vec<Hint>, Reason> {
    let info = der::write(&Asn1SequenceOf::from(entries)).unwrap();
    offer(vec![method(PA_ENC_TIMESTAMP, vec![]), method(PA_ETYPE_INFO2, info)]).map(|offer| match offer {
        Offer::Password(hints) => hints,
        Offer::OtherProof => panic!("a password is not wanted"),
    })
}

#[test]
fn takes_the_keys_that_it_can_make_in_the_kdcs_order() {
    let salted = |etype| Hint { etype, salt: Some(b"Salz".to_vec()), iterations: 4096 };
    let mut foreign = entry(1, Some("Salz"), None);
    foreign.etype = Tag0::from(IntegerAsn1(vec![0xff, 0x7b]));
    let found = hints(vec![
        entry(23, None, None),
        foreign,
        entry(17, Some("Salz"), None),
        entry(18, Some("Salz"), None),
    ]);
    assert_eq!(found, Ok(vec![salted(Etype::Aes128), salted(Etype::Aes256)]));
    assert_eq!(hints(vec![entry(23, None, None)]), Ok(vec![]));
}

#[test]
fn takes_salts_as_bytes_and_leaves_missing_ones_to_the_default() {
    let found = hints(vec![entry(18, Some("CORP.EXAMPLE.TESTjürgen"), None), entry(17, None, None)]).unwrap();
    assert_eq!(found[0].salt.as_deref(), Some("CORP.EXAMPLE.TESTjürgen".as_bytes()));
    assert_eq!(found[1].salt, None);
}

#[test]
fn takes_no_number_of_iterations_that_helps_an_attacker() {
    let check = |iterations: u32| hints(vec![entry(18, None, Some(&iterations.to_be_bytes()))]);
    assert_eq!(check(4096).unwrap()[0].iterations, 4096);
    assert_eq!(check(65_536).unwrap()[0].iterations, 65_536);
    for weak_or_endless in [0, 1, 4095, 65_537, u32::MAX] {
        assert_eq!(
            check(weak_or_endless),
            Err(Reason::Malformed("its number of iterations")),
            "{weak_or_endless}"
        );
    }
    let short = hints(vec![entry(18, None, Some(&[0x10, 0]))]);
    assert_eq!(short, Err(Reason::Malformed("its key parameters")));
}

#[test]
fn sends_no_timestamp_to_a_kdc_that_wants_another_proof() {
    let info =
        || method(PA_ETYPE_INFO2, der::write(&Asn1SequenceOf::from(vec![entry(18, None, None)])).unwrap());
    assert!(matches!(offer(vec![info(), method(16, vec![])]), Ok(Offer::OtherProof)));
    assert!(matches!(offer(vec![method(PA_ENC_TIMESTAMP, vec![]), info()]), Ok(Offer::Password(_))));
}

#[test]
fn an_account_without_an_aes_key_gets_no_hints_from_mit() {
    assert!(matches!(offer(vec![method(136, vec![])]), Ok(Offer::Password(hints)) if hints.is_empty()));
}

#[test]
fn a_timestamp_cannot_be_made_without_hints() {
    assert!(matches!(offer(vec![method(PA_ENC_TIMESTAMP, vec![])]), Err(Reason::Malformed(_))));
}

#[test]
fn reads_the_hints_that_come_with_a_ticket() {
    let Reply::Ticket(mut ticket) = read_reply(Recorded::WITHOUT_PROOF).unwrap() else { panic!() };
    let found = from_ticket(&ticket).unwrap();
    let salt = Some(b"MIT.EXAMPLE.TESTopen".to_vec());
    assert_eq!(found, [Hint { etype: Etype::Aes256, salt, iterations: 4096 }]);
    ticket.padata = Optional::from(None);
    assert_eq!(from_ticket(&ticket).unwrap(), [Hint { etype: Etype::Aes256, salt: None, iterations: 4096 }]);
}
