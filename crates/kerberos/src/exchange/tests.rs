use picky_asn1::wrapper::{
    ExplicitContextTag2 as Tag2, ExplicitContextTag9 as Tag9, ExplicitContextTag10 as Tag10,
};
use picky_krb::messages::EncKdcRepPart;

use super::*;
use crate::Revocation;
use crate::key::Etype;
use crate::message::integer;
use crate::testing::{Recorded, moment, part_of, password, refusal, refusal_with, reply_with};

/// The second request as it was when the reply was recorded.
fn proof<'a>(recorded: &Recorded, password: &'a SecretString) -> Proof<'a> {
    let question = Question::new(&recorded.account(password), moment()).unwrap();
    match question.read(recorded.asks_for_proof, moment()).unwrap() {
        Step::Prove(proof) => Proof { request: Request::recorded(recorded.nonce), ..proof },
        Step::Answered(verdict) => panic!("{verdict:?}"),
    }
}

#[test]
fn makes_the_key_with_the_kdcs_salt_and_number_of_iterations() {
    let recorded = Recorded::SAMBA;
    let password = password(recorded.password);
    let question = Question::new(&recorded.account(&password), moment()).unwrap();
    let changed = |from: &[u8], to: &[u8]| {
        let mut refusal = recorded.asks_for_proof.to_vec();
        let at = refusal.windows(from.len()).rposition(|window| window == from).unwrap();
        refusal[at..at + from.len()].copy_from_slice(to);
        match question.read(&refusal, moment()).unwrap() {
            Step::Prove(proof) => proof.hints,
            Step::Answered(verdict) => panic!("{verdict:?}"),
        }
    };
    let renamed = changed(b"TESTk-right", b"TESTk-wrong");
    assert_eq!(renamed[0].salt.as_deref(), Some(&b"CORP.EXAMPLE.TESTk-wrong"[..]));
    let harder = changed(&[0, 0, 0x10, 0], &[0, 0, 0x20, 0]);
    assert_eq!(harder[0].iterations, 0x2000);
    let account = recorded.account(&password);
    for hints in [renamed, harder] {
        let proof = Proof { key: account.key(&hints[0]).unwrap(), ..proof(&recorded, &password) };
        assert!(proof.read(recorded.ticket, moment()).is_err());
    }
}

fn answer_to_question(reply: &[u8]) -> Result<Verdict, Reason> {
    let password = password("Right1!");
    let question = Question::new(&Recorded::MIT.account(&password), moment()).unwrap();
    match question.read(reply, moment())? {
        Step::Answered(verdict) => Ok(verdict),
        Step::Prove(_) => panic!("a proof is not wanted"),
    }
}

fn answer_to_proof(reply: &[u8]) -> Result<Verdict, Reason> {
    let recorded = Recorded::MIT;
    proof(&recorded, &password(recorded.password)).read(reply, moment())
}

#[test]
fn accepts_the_replies_of_real_kdcs() {
    for recorded in Recorded::ALL {
        let password = password(recorded.password);
        let proof = proof(&recorded, &password);
        assert_eq!(proof.key.etype(), recorded.etype);
        assert_eq!(proof.read(recorded.ticket, moment()), Ok(Verdict::Accepted), "{}", recorded.user);
    }
}

#[test]
fn accepts_no_reply_that_another_password_opens() {
    for recorded in Recorded::ALL {
        let verdict = proof(&recorded, &password("Wrong1!")).read(recorded.ticket, moment());
        assert_eq!(verdict, Err(Reason::Malformed("it is not encrypted with the account's key")));
    }
}

#[test]
fn accepts_no_reply_to_another_request() {
    let recorded = Recorded::SAMBA;
    let password = password(recorded.password);
    let replayed = Proof { request: Request::recorded(recorded.nonce + 1), ..proof(&recorded, &password) };
    let verdict = replayed.read(recorded.ticket, moment());
    assert_eq!(verdict, Err(Reason::Malformed("it answers another request")));
}

fn answer_to_proof_with(change: impl FnOnce(&mut EncKdcRepPart)) -> Result<Verdict, Reason> {
    let recorded = Recorded::MIT;
    let key = recorded.key();
    let mut part = part_of(recorded.ticket, &key);
    change(&mut part);
    answer_to_proof(&reply_with(recorded.ticket, part, &key))
}

#[test]
fn accepts_the_part_under_either_tag() {
    assert_eq!(answer_to_proof_with(|_| ()), Ok(Verdict::Accepted));
}

#[test]
fn accepts_no_ticket_for_another_service_or_realm() {
    let foreign = Err(Reason::Malformed("its ticket is for somebody else"));
    let other = part_of(Recorded::SAMBA.ticket, &Recorded::SAMBA.key());
    assert_eq!(answer_to_proof_with(|part| part.srealm = Tag9::from(other.srealm.0.clone())), foreign);
    assert_eq!(answer_to_proof_with(|part| part.sname = Tag10::from(other.sname.0.clone())), foreign);
    assert_eq!(answer_to_proof_with(|part| part.sname.0.name_string.0.0.truncate(1)), foreign);
}

#[test]
fn accepts_no_ticket_of_another_client() {
    let recorded = Recorded::MIT;
    let password = password(recorded.password);
    let mut changed = proof(&recorded, &password);
    changed.account.user = "alicia";
    let verdict = changed.read(recorded.ticket, moment());
    assert_eq!(verdict, Err(Reason::Malformed("its ticket is for somebody else")));
}

#[test]
fn takes_a_name_with_other_capitals_for_the_same() {
    let recorded = Recorded::SAMBA;
    let password = password(recorded.password);
    let mut shouted = proof(&recorded, &password);
    shouted.account.user = "K-Right";
    assert_eq!(shouted.read(recorded.ticket, moment()), Ok(Verdict::Accepted));
}

#[test]
fn opens_a_reply_that_comes_with_the_other_key_of_the_account() {
    let recorded = Recorded::MIT;
    let password = password(recorded.password);
    let mut proof = proof(&recorded, &password);
    let hint = |etype| Hint { etype, salt: None, iterations: 4096 };
    proof.hints = vec![hint(Etype::Aes256), hint(Etype::Aes128)];
    let other = proof.account.key(&hint(Etype::Aes128)).unwrap();
    let mut part = part_of(recorded.ticket, &recorded.key());
    part.nonce = Tag2::from(integer(recorded.nonce));
    let reply = reply_with(recorded.ticket, part, &other);
    assert_eq!(proof.read(&reply, moment()), Ok(Verdict::Accepted));
    proof.hints.truncate(1);
    assert_eq!(proof.read(&reply, moment()), Err(Reason::Malformed("its encryption")));
}

#[test]
fn has_an_account_that_needs_no_proof_proved_all_the_same() {
    let recorded = Recorded { user: "open", ..Recorded::MIT };
    for (secret, opened) in [
        ("Right1!", Err(Reason::Malformed("it answers another request"))),
        ("Wrong1!", Ok(Verdict::WrongPassword)),
    ] {
        let password = password(secret);
        let question = Question::new(&recorded.account(&password), moment()).unwrap();
        let Step::Prove(proof) = question.read(Recorded::WITHOUT_PROOF, moment()).unwrap() else { panic!() };
        assert_eq!(proof.read(&refusal(24), moment()), Ok(Verdict::WrongPassword));
        assert_eq!(proof.read(Recorded::WITHOUT_PROOF, moment()), opened);
    }
}

#[test]
fn reads_the_refusals_of_real_kdcs() {
    let [mit_revoked, samba_disabled, samba_expired] = Recorded::REFUSALS;
    assert_eq!(answer_to_question(mit_revoked), Ok(Verdict::Revoked(Revocation::Unstated)));
    assert_eq!(answer_to_proof(samba_disabled), Ok(Verdict::Revoked(Revocation::Disabled)));
    assert_eq!(answer_to_proof(samba_expired), Ok(Verdict::PasswordExpired));
}

#[test]
fn understands_each_error_before_and_after_the_proof() {
    let either = |code, verdict: Result<Verdict, Reason>| {
        assert_eq!(answer_to_question(&refusal(code)), verdict, "{code} before the proof");
        assert_eq!(answer_to_proof(&refusal(code)), verdict, "{code} after it");
    };
    either(1, Ok(Verdict::Revoked(Revocation::AccountExpired)));
    either(6, Ok(Verdict::UnknownPrincipal));
    either(12, Ok(Verdict::PolicyRejected));
    either(14, Ok(Verdict::NoCommonEncryption));
    either(18, Ok(Verdict::Revoked(Revocation::Unstated)));
    either(23, Ok(Verdict::PasswordExpired));
    either(29, Err(Reason::Error(29)));
    either(37, Ok(Verdict::ClockSkew { offset: 0 }));
    either(52, Err(Reason::Error(52)));
    either(60, Err(Reason::Error(60)));
    either(68, Err(Reason::Error(68)));
    either(u32::MAX, Err(Reason::Error(u32::MAX)));
}

#[test]
fn no_password_is_wrong_that_was_not_tried() {
    for code in [24, 31] {
        assert_eq!(answer_to_question(&refusal(code)), Err(Reason::Error(code)));
        assert_eq!(answer_to_proof(&refusal(code)), Ok(Verdict::WrongPassword));
    }
}

#[test]
fn a_second_request_for_a_proof_says_nothing_about_the_password() {
    assert_eq!(answer_to_proof(&refusal(25)), Err(Reason::Error(25)));
    assert_eq!(answer_to_proof(Recorded::MIT.asks_for_proof), Err(Reason::Error(25)));
}

#[test]
fn a_request_for_a_proof_without_data_is_no_answer() {
    assert!(matches!(answer_to_question(&refusal(25)), Err(Reason::Malformed(_))));
    assert!(matches!(answer_to_question(&refusal_with(25, Some(vec![0x30]))), Err(Reason::Malformed(_))));
}

#[test]
fn a_reply_of_another_kind_is_no_answer() {
    let recorded = Recorded::MIT;
    let as_tgs_reply = [&[0x6d], &recorded.ticket[1..]].concat();
    assert_eq!(answer_to_proof(&as_tgs_reply), Err(Reason::Malformed("it is no Kerberos message")));
    let other_type = refusal(24).iter().map(|byte| if *byte == 30 { 31 } else { *byte }).collect::<Vec<_>>();
    assert!(matches!(answer_to_proof(&other_type), Err(Reason::Malformed(_))));
}

/// The parser alone adds such a length up and overflows.
#[test]
fn a_length_that_no_machine_holds_is_no_answer() {
    for tag in [0x6b, 0x7e] {
        for length in
            [&[0x84, 0xff, 0xff, 0xff, 0xff][..], &[0x88, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]]
        {
            let reply = [&[tag], length, &[0x30, 0]].concat();
            assert_eq!(answer_to_proof(&reply), Err(Reason::Malformed("it is not DER")));
        }
    }
}

#[test]
fn a_reply_with_something_after_it_is_no_answer() {
    let longer = [Recorded::MIT.ticket, &[0]].concat();
    assert_eq!(answer_to_proof(&longer), Err(Reason::Malformed("it is not DER")));
}
