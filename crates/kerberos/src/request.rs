//! An AS-REQ (RFC 4120 section 5.4.1), for a ticket-granting ticket that nobody will use.

use std::time::{Duration, SystemTime};

use picky_asn1::bit_string::BitString;
use picky_asn1::wrapper::{
    Asn1SequenceOf, BitStringAsn1, ExplicitContextTag0 as Tag0, ExplicitContextTag1 as Tag1,
    ExplicitContextTag2 as Tag2, ExplicitContextTag3 as Tag3, ExplicitContextTag4 as Tag4,
    ExplicitContextTag5 as Tag5, ExplicitContextTag7 as Tag7, ExplicitContextTag8 as Tag8, OctetStringAsn1,
    Optional,
};
use picky_krb::data_types::{EncryptedData, PaData, PaEncTsEnc};

use crate::exchange::Account;
use crate::key::{Etype, Key, Usage};
use crate::message::{AsReq, KdcReq, KdcReqBody, Name, Text, integer};
use crate::{Reason, clock, der};

const AS_REQ: u32 = 10;
const PA_ENC_TIMESTAMP: u32 = 2;
/// As kinit asks: a KDC whose clock is off by less says so, rather than that the ticket would never be valid.
const LIFETIME: Duration = Duration::from_hours(24);

/// A request as it is sent, and what its reply must repeat.
pub(crate) struct Request {
    bytes: Vec<u8>,
    nonce: u32,
}

impl Request {
    /// With a key the request proves that we have it.
    pub(crate) fn new(account: &Account<'_>, key: Option<&Key>, now: SystemTime) -> Result<Self, Reason> {
        let random = getrandom::u32().map_err(|_| Reason::Local("this machine has no randomness"))?;
        // 31 bits: some KDCs take a nonce for a signed number (RFC 4120 section 5.4.1).
        let nonce = random >> 1;
        let padata = key.map(|key| timestamp(key, now)).transpose()?;
        let request = AsReq::from(KdcReq {
            pvno: Tag1::from(integer(5)),
            msg_type: Tag2::from(integer(AS_REQ)),
            padata: Optional::from(padata.map(|padata| Tag3::from(Asn1SequenceOf::from(vec![padata])))),
            req_body: Tag4::from(body(account, nonce, now)?),
        });
        Ok(Self { bytes: der::write(&request)?, nonce })
    }

    /// The request that a recorded reply answers.
    #[cfg(test)]
    pub(crate) fn recorded(nonce: u32) -> Self {
        Self { bytes: Vec::new(), nonce }
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    pub(crate) fn nonce(&self) -> u32 {
        self.nonce
    }
}

fn body(account: &Account<'_>, nonce: u32, now: SystemTime) -> Result<KdcReqBody, Reason> {
    Ok(KdcReqBody {
        kdc_options: Tag0::from(BitStringAsn1::from(BitString::with_bytes(vec![0; 4]))),
        cname: Tag1::from(Name::user(account.user)),
        realm: Tag2::from(Text::from(account.realm)),
        sname: Tag3::from(Name::ticket_granting_service(account.realm)),
        till: Tag5::from(clock::to_kerberos(now + LIFETIME)?),
        nonce: Tag7::from(integer(nonce)),
        etype: Tag8::from(Asn1SequenceOf::from(Etype::ALL.map(|etype| integer(etype.number())).to_vec())),
    })
}

/// PA-ENC-TIMESTAMP (RFC 4120 section 5.2.7.2).
fn timestamp(key: &Key, now: SystemTime) -> Result<PaData, Reason> {
    let plain = der::write(&PaEncTsEnc {
        patimestamp: Tag0::from(clock::to_kerberos(now)?),
        pausec: Optional::from(Some(Tag1::from(integer(clock::microseconds(now))))),
    })?;
    let encrypted = EncryptedData {
        etype: Tag0::from(integer(key.etype().number())),
        kvno: Optional::from(None),
        cipher: Tag2::from(OctetStringAsn1::from(key.encrypt(Usage::Timestamp, &plain)?)),
    };
    Ok(PaData {
        padata_type: Tag1::from(integer(PA_ENC_TIMESTAMP)),
        padata_data: Tag2::from(OctetStringAsn1::from(der::write(&encrypted)?)),
    })
}
