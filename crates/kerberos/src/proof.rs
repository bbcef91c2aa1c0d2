//! The proof: an AS-REP that opens with the password's key and answers this very request.

use picky_krb::messages::{EncAsRepPart, EncKdcRepPart, EncTgsRepPart};
use zeroize::Zeroize;

use crate::exchange::Account;
use crate::key::{Etype, Key, Usage};
use crate::message::{KdcRep, Name, Text, number};
use crate::request::Request;
use crate::{Reason, der};

/// Identifier octet of the application's tag 26, constructed.
const TGS_REP_PART_TAG: u8 = 0x60 | 26;

/// What of the encrypted part has to be checked.
pub(crate) struct Opened {
    nonce: Option<u32>,
    realm: Text,
    service: Vec<Text>,
}

/// What the encrypted part is encrypted with, if we know it.
pub(crate) fn etype(ticket: &KdcRep) -> Option<Etype> {
    number(&ticket.enc_part.0.etype.0).and_then(Etype::from_number)
}

/// Decrypts the part that is for us; none if it is not encrypted with this key. The session key in it is wiped: nobody
/// uses the ticket.
pub(crate) fn open(ticket: &KdcRep, key: &Key) -> Result<Option<Opened>, Reason> {
    let Some(plain) = key.decrypt(Usage::Reply, &ticket.enc_part.0.cipher.0.0) else { return Ok(None) };
    let mut part = read(&plain)?;
    part.key.0.key_value.0.0.zeroize();
    let text = |string: &[u8]| Text(string.to_vec());
    Ok(Some(Opened {
        nonce: number(&part.nonce.0),
        realm: text(part.srealm.0.as_bytes()),
        service: part.sname.0.name_string.0.0.iter().map(|part| text(part.as_bytes())).collect(),
    }))
}

/// RFC 4120 section 5.4.2: the part may be tagged as a TGS-REP's. MIT always does so.
fn read(plain: &[u8]) -> Result<EncKdcRepPart, Reason> {
    match plain.first() {
        Some(&TGS_REP_PART_TAG) => der::read::<EncTgsRepPart>(plain).map(|part| part.0),
        _ => der::read::<EncAsRepPart>(plain).map(|part| part.0),
    }
}

/// RFC 4120 section 3.1.5: the nonce, the service and the client are those of the request. Active Directory may write
/// names with other capitals than we did.
pub(crate) fn check(
    opened: &Opened,
    ticket: &KdcRep,
    account: &Account<'_>,
    request: &Request,
) -> Result<(), Reason> {
    if opened.nonce != Some(request.nonce()) {
        return Err(Reason::Malformed("it answers another request"));
    }
    let realm = Text::from(account.realm);
    let service = Name::ticket_granting_service(account.realm);
    let of_service = same(&opened.realm, &realm) && all_same(&opened.service, &service.parts.0.0);
    let client = Name::user(account.user);
    let of_client = same(&ticket.crealm.0, &realm) && all_same(&ticket.cname.0.parts.0.0, &client.parts.0.0);
    (of_service && of_client).then_some(()).ok_or(Reason::Malformed("its ticket is for somebody else"))
}

fn all_same(one: &[Text], other: &[Text]) -> bool {
    one.len() == other.len() && one.iter().zip(other).all(|(one, other)| same(one, other))
}

fn same(one: &Text, other: &Text) -> bool {
    let lower = |text: &Text| String::from_utf8_lossy(&text.0).to_lowercase();
    lower(one) == lower(other)
}
