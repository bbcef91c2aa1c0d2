//! Hostile replies: never a panic, and never an acceptance that the password's key has not proved.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use proptest::test_runner::TestRunner;

use super::*;
use crate::key::Usage;
use crate::testing::{Recorded, moment, password, reply_with_plain};

/// How a genuine reply is damaged.
#[derive(Debug, Clone)]
enum Damage {
    Set(Index, u8),
    Flip(Index, u8),
    /// A length beyond all memory.
    Swell(Index),
    Cut(Index),
    Remove(Index, Index),
    Insert(Index, Vec<u8>),
    /// The rest of another reply.
    Splice(Index, Index, Index),
}

fn damage() -> impl Strategy<Value = Damage> {
    let at = any::<Index>;
    prop_oneof![
        4 => (at(), any::<u8>()).prop_map(|(at, byte)| Damage::Set(at, byte)),
        4 => (at(), 0..8_u8).prop_map(|(at, bit)| Damage::Flip(at, bit)),
        1 => at().prop_map(Damage::Swell),
        1 => at().prop_map(Damage::Cut),
        1 => (at(), at()).prop_map(|(from, to)| Damage::Remove(from, to)),
        1 => (at(), vec(any::<u8>(), 1..40)).prop_map(|(at, bytes)| Damage::Insert(at, bytes)),
        1 => (at(), at(), at()).prop_map(|(at, which, from)| Damage::Splice(at, which, from)),
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
            Damage::Flip(at, bit) => bytes[at.index(length)] ^= 1 << bit,
            Damage::Swell(at) => {
                let huge = [&[0x88][..], &[0xff; 8]].concat();
                drop(bytes.splice(at.index(length)..=at.index(length), huge));
            }
            Damage::Cut(at) => bytes.truncate(at.index(length)),
            Damage::Remove(from, to) => {
                let (from, to) = (from.index(length), to.index(length));
                bytes.drain(from.min(to)..from.max(to));
            }
            Damage::Insert(at, more) => drop(bytes.splice(at.index(length)..at.index(length), more.clone())),
            Damage::Splice(at, which, from) => {
                let other = genuine_replies()[which.index(genuine_replies().len())];
                bytes.truncate(at.index(length));
                bytes.extend(&other[from.index(other.len())..]);
            }
        }
    }
    bytes
}

fn genuine_replies() -> Vec<&'static [u8]> {
    let of_accounts =
        Recorded::ALL.into_iter().flat_map(|recorded| [recorded.asks_for_proof, recorded.ticket]);
    of_accounts.chain(Recorded::REFUSALS).chain([Recorded::WITHOUT_PROOF]).collect()
}

fn proof<'a>(recorded: &Recorded, secret: &'a SecretString) -> Proof<'a> {
    let account = recorded.account(secret);
    let hint = Hint { etype: recorded.etype, salt: None, iterations: 4096 };
    let key = account.key(&hint).unwrap();
    Proof { account, request: Request::recorded(recorded.nonce), hints: vec![hint], key, needless: false }
}

/// The last value of a reply: what is encrypted with the account's key.
fn encrypted_part(recorded: &Recorded) -> Vec<u8> {
    match message::read_reply(recorded.ticket).unwrap() {
        Reply::Ticket(ticket) => ticket.enc_part.0.cipher.0.0.clone(),
        Reply::Error(_) => panic!("a refusal"),
    }
}

/// The cases share a proof, since making a key takes longer than reading a reply.
fn for_each<T: std::fmt::Debug>(cases: u32, strategy: impl Strategy<Value = T>, check: impl Fn(T)) {
    let config = ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(cases) };
    let checked = TestRunner::new(config).run(&strategy, |case| {
        check(case);
        Ok(())
    });
    checked.unwrap_or_else(|failure| panic!("{failure}"));
}

/// What is outside of the encrypted part nobody signs: a change there may leave the reply a good one.
#[test]
fn a_damaged_ticket_is_accepted_only_with_its_encrypted_part_as_it_was() {
    for recorded in Recorded::ALL {
        let secret = password(recorded.password);
        let (proof, part) = (proof(&recorded, &secret), encrypted_part(&recorded));
        for_each(3000, vec(damage(), 1..6), |all| {
            let reply = damaged(recorded.ticket, &all);
            let accepted = proof.read(&reply, moment()) == Ok(Verdict::Accepted);
            assert!(!accepted || reply.windows(part.len()).any(|window| window == part));
        });
    }
}

#[test]
fn nothing_is_accepted_with_a_wrong_password() {
    let secret = password("Wrong1!");
    for recorded in Recorded::ALL {
        let proof = proof(&recorded, &secret);
        for_each(1000, (any::<Index>(), vec(damage(), 0..6)), |(which, all)| {
            let replies = genuine_replies();
            let reply = damaged(replies[which.index(replies.len())], &all);
            assert_ne!(proof.read(&reply, moment()), Ok(Verdict::Accepted));
        });
    }
}

/// What the account's key encrypts is no less hostile: who knows the key may not break the function either.
#[test]
fn a_damaged_part_is_accepted_only_for_this_request() {
    let recorded = Recorded::MIT;
    let secret = password(recorded.password);
    let mut proof = proof(&recorded, &secret);
    proof.request = Request::recorded(recorded.nonce + 1);
    let plain = proof.key.decrypt(Usage::Reply, &encrypted_part(&recorded)).unwrap();
    let nonce = (recorded.nonce + 1).to_be_bytes();
    for_each(3000, vec(damage(), 1..6), |all| {
        let plain = damaged(&plain, &all);
        let reply = reply_with_plain(recorded.ticket, &plain, &proof.key);
        let accepted = proof.read(&reply, moment()) == Ok(Verdict::Accepted);
        assert!(!accepted || plain.windows(4).any(|window| window == nonce));
    });
}

#[test]
fn the_first_reply_is_never_an_acceptance() {
    let secret = password("Right1!");
    let question = Question::new(&Recorded::MIT.account(&secret), moment()).unwrap();
    for_each(600, (any::<Index>(), vec(damage(), 0..6)), |(which, all)| {
        let replies = genuine_replies();
        let reply = damaged(replies[which.index(replies.len())], &all);
        let answered = matches!(question.read(&reply, moment()), Ok(Step::Answered(Verdict::Accepted)));
        assert!(!answered);
    });
}

#[test]
fn random_bytes_are_no_answer() {
    let recorded = Recorded::MIT;
    let secret = password(recorded.password);
    let (proof, question) =
        (proof(&recorded, &secret), Question::new(&recorded.account(&secret), moment()).unwrap());
    let first = prop_oneof![Just(0x6b_u8), Just(0x7e), any::<u8>()];
    for_each(5000, (first, vec(any::<u8>(), 0..300)), |(first, rest)| {
        let reply = [&[first], &rest[..]].concat();
        assert!(matches!(proof.read(&reply, moment()), Err(Reason::Malformed(_))));
        assert!(matches!(question.read(&reply, moment()), Err(Reason::Malformed(_))));
    });
}

/// Values inside values, so that what is random gets past the check of the shape.
#[test]
fn random_der_is_no_acceptance() {
    let tags =
        || prop_oneof![(0xa0..0xae_u8), select(vec![0x02, 0x03, 0x04, 0x18, 0x1b, 0x30, 0x61, 0x6b, 0x7e])];
    let leaf = (tags(), vec(any::<u8>(), 0..20)).prop_map(|(tag, content)| value(tag & !0x20, &content));
    let tree = leaf.prop_recursive(8, 64, 8, move |inner| {
        (tags(), vec(inner, 0..8)).prop_map(|(tag, values)| value(tag | 0x20, &values.concat()))
    });
    let recorded = Recorded::MIT;
    let secret = password(recorded.password);
    let proof = proof(&recorded, &secret);
    let first = select(vec![0x6b_u8, 0x7e]);
    for_each(3000, (first, tree), |(first, tree)| {
        assert_ne!(proof.read(&value(first, &tree), moment()), Ok(Verdict::Accepted));
    });
}

fn value(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = u16::try_from(content.len()).unwrap().to_be_bytes();
    let head = match content.len() {
        0..0x80 => vec![tag, length[1]],
        0x80..0x100 => vec![tag, 0x81, length[1]],
        _ => vec![tag, 0x82, length[0], length[1]],
    };
    [&head, content].concat()
}
