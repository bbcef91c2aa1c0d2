//! The messages of RFC 4120 that picky-krb does not fit: its strings are ASCII only, although Active Directory's names and
//! salts are UTF-8, and its KRB-ERROR takes microseconds for a time.

use picky_asn1::wrapper::{
    Asn1SequenceOf, BitStringAsn1, ExplicitContextTag0 as Tag0, ExplicitContextTag1 as Tag1,
    ExplicitContextTag2 as Tag2, ExplicitContextTag3 as Tag3, ExplicitContextTag4 as Tag4,
    ExplicitContextTag5 as Tag5, ExplicitContextTag6 as Tag6, ExplicitContextTag7 as Tag7,
    ExplicitContextTag8 as Tag8, ExplicitContextTag9 as Tag9, ExplicitContextTag10 as Tag10,
    ExplicitContextTag11 as Tag11, ExplicitContextTag12 as Tag12, IntegerAsn1, OctetStringAsn1, Optional,
};
use picky_asn1_der::application_tag::ApplicationTag;
use picky_krb::data_types::{EncryptedData, KerberosTime, Microseconds, PaData, Ticket};
use serde::{Deserialize, Serialize};

use crate::{Reason, der};

const AS_REP: u32 = 11;
const KRB_ERROR: u32 = 30;
/// Identifier octets of the applications' tags 11 and 30, constructed.
const AS_REP_TAG: u8 = 0x60 | 11;
const KRB_ERROR_TAG: u8 = 0x60 | 30;

const NT_PRINCIPAL: u32 = 1;
const NT_SRV_INST: u32 = 2;

/// What a KDC may reply.
pub(crate) enum Reply {
    Ticket(Box<KdcRep>),
    Error(Box<KrbError>),
}

/// Reads a reply of either kind.
pub(crate) fn read_reply(bytes: &[u8]) -> Result<Reply, Reason> {
    match bytes.first() {
        Some(&AS_REP_TAG) => {
            let reply: ApplicationTag<KdcRep, 11> = der::read(bytes)?;
            kind(&reply.0.pvno.0, &reply.0.msg_type.0, AS_REP)?;
            Ok(Reply::Ticket(Box::new(reply.0)))
        }
        Some(&KRB_ERROR_TAG) => {
            let error: KrbError = der::read(bytes)?;
            kind(&error.0.pvno.0, &error.0.msg_type.0, KRB_ERROR)?;
            Ok(Reply::Error(Box::new(error)))
        }
        _ => Err(Reason::Malformed("it is no Kerberos message")),
    }
}

fn kind(version: &IntegerAsn1, found: &IntegerAsn1, expected: u32) -> Result<(), Reason> {
    let known = number(version) == Some(5) && number(found) == Some(expected);
    known.then_some(()).ok_or(Reason::Malformed("it is another message than it says"))
}

/// A number that is not negative.
pub(crate) fn integer(value: u32) -> IntegerAsn1 {
    IntegerAsn1::from_bytes_be_unsigned(value.to_be_bytes().to_vec())
}

/// The value, if it is neither negative nor too large.
pub(crate) fn number(integer: &IntegerAsn1) -> Option<u32> {
    let digits = integer.as_unsigned_bytes_be();
    if integer.is_negative() || digits.len() > 4 {
        return None;
    }
    Some(digits.iter().fold(0, |value, &digit| value << 8 | u32::from(digit)))
}

/// `KerberosString`: a `GeneralString` on the wire, UTF-8 from Active Directory.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename = "GeneralStringAsn1")]
pub(crate) struct Text(#[serde(with = "serde_bytes")] pub(crate) Vec<u8>);

impl From<&str> for Text {
    fn from(text: &str) -> Self {
        Self(text.as_bytes().to_vec())
    }
}

/// `PrincipalName`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Name {
    pub(crate) name_type: Tag0<IntegerAsn1>,
    pub(crate) parts: Tag1<Asn1SequenceOf<Text>>,
}

impl Name {
    pub(crate) fn user(name: &str) -> Self {
        Self::new(NT_PRINCIPAL, vec![Text::from(name)])
    }

    pub(crate) fn ticket_granting_service(realm: &str) -> Self {
        Self::new(NT_SRV_INST, vec![Text::from("krbtgt"), Text::from(realm)])
    }

    fn new(name_type: u32, parts: Vec<Text>) -> Self {
        Self { name_type: Tag0::from(integer(name_type)), parts: Tag1::from(Asn1SequenceOf::from(parts)) }
    }
}

/// AS-REQ.
pub(crate) type AsReq = ApplicationTag<KdcReq, 10>;

/// KDC-REQ.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(Deserialize))]
pub(crate) struct KdcReq {
    pub(crate) pvno: Tag1<IntegerAsn1>,
    pub(crate) msg_type: Tag2<IntegerAsn1>,
    pub(crate) padata: Optional<Option<Tag3<Asn1SequenceOf<PaData>>>>,
    pub(crate) req_body: Tag4<KdcReqBody>,
}

/// KDC-REQ-BODY, without the fields that we never send.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(Deserialize))]
pub(crate) struct KdcReqBody {
    pub(crate) kdc_options: Tag0<BitStringAsn1>,
    pub(crate) cname: Tag1<Name>,
    pub(crate) realm: Tag2<Text>,
    pub(crate) sname: Tag3<Name>,
    pub(crate) till: Tag5<KerberosTime>,
    pub(crate) nonce: Tag7<IntegerAsn1>,
    pub(crate) etype: Tag8<Asn1SequenceOf<IntegerAsn1>>,
}

/// KDC-REP.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct KdcRep {
    pub(crate) pvno: Tag0<IntegerAsn1>,
    pub(crate) msg_type: Tag1<IntegerAsn1>,
    pub(crate) padata: Optional<Option<Tag2<Asn1SequenceOf<PaData>>>>,
    pub(crate) crealm: Tag3<Text>,
    pub(crate) cname: Tag4<Name>,
    pub(crate) ticket: Tag5<Ticket>,
    pub(crate) enc_part: Tag6<EncryptedData>,
}

/// KRB-ERROR.
pub(crate) type KrbError = ApplicationTag<KrbErrorInner, 30>;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct KrbErrorInner {
    pub(crate) pvno: Tag0<IntegerAsn1>,
    pub(crate) msg_type: Tag1<IntegerAsn1>,
    pub(crate) ctime: Optional<Option<Tag2<KerberosTime>>>,
    pub(crate) cusec: Optional<Option<Tag3<Microseconds>>>,
    pub(crate) stime: Tag4<KerberosTime>,
    pub(crate) susec: Tag5<Microseconds>,
    pub(crate) error_code: Tag6<IntegerAsn1>,
    pub(crate) crealm: Optional<Option<Tag7<Text>>>,
    pub(crate) cname: Optional<Option<Tag8<Name>>>,
    pub(crate) realm: Tag9<Text>,
    pub(crate) sname: Tag10<Name>,
    #[serde(default)]
    pub(crate) e_text: Optional<Option<Tag11<Text>>>,
    #[serde(default)]
    pub(crate) e_data: Optional<Option<Tag12<OctetStringAsn1>>>,
}

/// ETYPE-INFO2-ENTRY.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct EtypeInfo2Entry {
    pub(crate) etype: Tag0<IntegerAsn1>,
    #[serde(default)]
    pub(crate) salt: Optional<Option<Tag1<Text>>>,
    #[serde(default)]
    pub(crate) s2kparams: Optional<Option<Tag2<OctetStringAsn1>>>,
}
