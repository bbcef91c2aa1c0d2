//! Replies recorded from MIT krb5kdc 1.20 and Samba 4.17, and others made from them.

use picky_asn1::wrapper::{
    ExplicitContextTag0 as Tag0, ExplicitContextTag1 as Tag1, ExplicitContextTag2 as Tag2,
    ExplicitContextTag4 as Tag4, ExplicitContextTag5 as Tag5, ExplicitContextTag6 as Tag6,
    ExplicitContextTag9 as Tag9, ExplicitContextTag10 as Tag10, ExplicitContextTag12 as Tag12,
    OctetStringAsn1, Optional,
};
use picky_asn1_der::application_tag::ApplicationTag;
use picky_krb::messages::{EncAsRepPart, EncKdcRepPart, EncTgsRepPart};

use super::moment;
use crate::exchange::Account;
use crate::key::{Etype, Key, Usage};
use crate::message::{KdcRep, KrbError, KrbErrorInner, Name, Text, integer};
use crate::{clock, der};

/// One account of a real KDC and what the KDC replied.
pub(crate) struct Recorded {
    pub(crate) realm: &'static str,
    pub(crate) user: &'static str,
    pub(crate) password: &'static str,
    pub(crate) etype: Etype,
    pub(crate) asks_for_proof: &'static [u8],
    pub(crate) ticket: &'static [u8],
    /// Of the request that the ticket answers.
    pub(crate) nonce: u32,
}

impl Recorded {
    pub(crate) const MIT: Self = Self {
        realm: "MIT.EXAMPLE.TEST",
        user: "alice",
        password: "Right1!",
        etype: Etype::Aes256,
        asks_for_proof: include_bytes!("../exchange/recorded/mit-asks-for-proof.der"),
        ticket: include_bytes!("../exchange/recorded/mit-ticket.der"),
        nonce: 0x4975_f9b8,
    };
    pub(crate) const MIT_AES128: Self = Self {
        user: "small",
        etype: Etype::Aes128,
        asks_for_proof: include_bytes!("../exchange/recorded/mit-asks-for-proof-aes128.der"),
        ticket: include_bytes!("../exchange/recorded/mit-ticket-aes128.der"),
        nonce: 0x1cad_e68a,
        ..Self::MIT
    };
    pub(crate) const SAMBA: Self = Self {
        realm: "CORP.EXAMPLE.TEST",
        user: "k-right",
        password: "Right-One-1",
        etype: Etype::Aes256,
        asks_for_proof: include_bytes!("../exchange/recorded/samba-asks-for-proof.der"),
        ticket: include_bytes!("../exchange/recorded/samba-ticket.der"),
        nonce: 0x0a6f_dd9f,
    };
    pub(crate) const ALL: [Self; 3] = [Self::MIT, Self::MIT_AES128, Self::SAMBA];

    /// MIT's ticket for an account that needs no pre-authentication, as the answer to the first request.
    pub(crate) const WITHOUT_PROOF: &'static [u8] =
        include_bytes!("../exchange/recorded/mit-ticket-without-proof.der");
    pub(crate) const REFUSALS: [&'static [u8]; 3] = [
        include_bytes!("../exchange/recorded/mit-revoked.der"),
        include_bytes!("../exchange/recorded/samba-disabled.der"),
        include_bytes!("../exchange/recorded/samba-password-expired.der"),
    ];

    pub(crate) fn account<'a>(&self, password: &'a secrecy::SecretString) -> Account<'a> {
        Account { realm: self.realm, user: self.user, password }
    }

    /// Both KDCs use the default salt and number of iterations.
    pub(crate) fn key(&self) -> Key {
        let salt = [self.realm, self.user].concat();
        Key::from_password(self.etype, self.password.as_bytes(), salt.as_bytes(), 4096).unwrap()
    }
}

/// The encrypted part of a reply.
pub(crate) fn part_of(reply: &[u8], key: &Key) -> EncKdcRepPart {
    let reply: ApplicationTag<KdcRep, 11> = der::read(reply).unwrap();
    let plain = key.decrypt(Usage::Reply, &reply.0.enc_part.0.cipher.0.0).unwrap();
    let as_tgs = der::read::<EncTgsRepPart>(&plain).map(|part| part.0);
    as_tgs.or_else(|_| der::read::<EncAsRepPart>(&plain).map(|part| part.0)).unwrap()
}

/// The reply with another encrypted part, tagged as RFC 4120 wants it.
pub(crate) fn reply_with(reply: &[u8], part: EncKdcRepPart, key: &Key) -> Vec<u8> {
    reply_with_plain(reply, &der::write(&EncAsRepPart::from(part)).unwrap(), key)
}

pub(crate) fn reply_with_plain(reply: &[u8], plain: &[u8], key: &Key) -> Vec<u8> {
    let mut reply: ApplicationTag<KdcRep, 11> = der::read(reply).unwrap();
    reply.0.enc_part.0.etype = Tag0::from(integer(key.etype().number()));
    reply.0.enc_part.0.cipher = Tag2::from(OctetStringAsn1::from(key.encrypt(Usage::Reply, plain).unwrap()));
    der::write(&reply).unwrap()
}

/// A KRB-ERROR of the moment `moment`.
pub(crate) fn refusal(code: u32) -> Vec<u8> {
    refusal_with(code, None)
}

pub(crate) fn refusal_with(code: u32, data: Option<Vec<u8>>) -> Vec<u8> {
    let realm = Recorded::MIT.realm;
    let error = KrbError::from(KrbErrorInner {
        pvno: Tag0::from(integer(5)),
        msg_type: Tag1::from(integer(30)),
        ctime: Optional::from(None),
        cusec: Optional::from(None),
        stime: Tag4::from(clock::to_kerberos(moment()).unwrap()),
        susec: Tag5::from(integer(0)),
        error_code: Tag6::from(integer(code)),
        crealm: Optional::from(None),
        cname: Optional::from(None),
        realm: Tag9::from(Text::from(realm)),
        sname: Tag10::from(Name::ticket_granting_service(realm)),
        e_text: Optional::from(None),
        e_data: Optional::from(data.map(|data| Tag12::from(OctetStringAsn1::from(data)))),
    });
    der::write(&error).unwrap()
}
