//! What the KDC says about how an account's keys are made: ETYPE-INFO2 (RFC 4120 section 5.2.7.5).

use picky_asn1::wrapper::{Asn1SequenceOf, OctetStringAsn1};
use picky_krb::data_types::PaData;

use crate::key::Etype;
use crate::message::{EtypeInfo2Entry, KdcRep, KrbError, number};
use crate::{Reason, der};

/// RFC 3962 section 4: the default of AES, and what Active Directory uses.
const DEFAULT_ITERATIONS: u32 = 4096;
/// Fewer would help whoever plays the KDC to guess the password from our timestamp (RFC 3962 section 8), more would
/// let him keep us busy. No KDC that we know of says anything but the default.
const ITERATIONS: std::ops::RangeInclusive<u32> = DEFAULT_ITERATIONS..=65_536;

const PA_ENC_TIMESTAMP: u32 = 2;
const PA_ETYPE_INFO2: u32 = 19;

/// How one of an account's keys is made from its password.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Hint {
    pub(crate) etype: Etype,
    /// None: the default.
    pub(crate) salt: Option<Vec<u8>>,
    pub(crate) iterations: u32,
}

/// What a KDC takes as a proof.
pub(crate) enum Offer {
    /// A password, with a key made in one of these ways, in the KDC's order. None: no key of the account is AES.
    Password(Vec<Hint>),
    /// A card or a token. A password would be refused like a wrong one.
    OtherProof,
}

/// Reads a refusal that asks for pre-authentication. MIT leaves the timestamp out both where it is switched off and
/// where the account has no key that we can use; then it gives no hints either.
pub(crate) fn from_refusal(error: &KrbError) -> Result<Offer, Reason> {
    let data = error.0.e_data.0.as_ref().ok_or(Reason::Malformed("it does not say which proof it wants"))?;
    let methods: Asn1SequenceOf<PaData> = der::read(&data.0.0)?;
    match (find(&methods, PA_ENC_TIMESTAMP), find(&methods, PA_ETYPE_INFO2)) {
        (Some(_), Some(entries)) => read(entries).map(Offer::Password),
        (Some(_), None) => Err(Reason::Malformed("it does not say how the key is made")),
        (None, Some(_)) => Ok(Offer::OtherProof),
        (None, None) => Ok(Offer::Password(Vec::new())),
    }
}

/// The hints that come with a ticket.
pub(crate) fn from_ticket(ticket: &KdcRep) -> Result<Vec<Hint>, Reason> {
    if let Some(entries) = ticket.padata.0.as_ref().and_then(|methods| find(&methods.0, PA_ETYPE_INFO2)) {
        return read(entries);
    }
    let etype = number(&ticket.enc_part.0.etype.0).and_then(Etype::from_number);
    Ok(etype.map(|etype| Hint { etype, salt: None, iterations: DEFAULT_ITERATIONS }).into_iter().collect())
}

fn find(methods: &Asn1SequenceOf<PaData>, wanted: u32) -> Option<&OctetStringAsn1> {
    let mut of_type = methods.0.iter().filter(|method| number(&method.padata_type.0) == Some(wanted));
    of_type.next().map(|method| &method.padata_data.0)
}

fn read(entries: &OctetStringAsn1) -> Result<Vec<Hint>, Reason> {
    let entries: Asn1SequenceOf<EtypeInfo2Entry> = der::read(&entries.0)?;
    let usable = entries.0.iter().filter_map(|entry| {
        let etype = number(&entry.etype.0).and_then(Etype::from_number)?;
        Some((etype, entry))
    });
    usable.map(|(etype, entry)| hint(etype, entry)).collect()
}

fn hint(etype: Etype, entry: &EtypeInfo2Entry) -> Result<Hint, Reason> {
    let iterations = match &entry.s2kparams.0 {
        None => DEFAULT_ITERATIONS,
        Some(parameters) => {
            let bytes = parameters.0.0.as_slice().try_into();
            u32::from_be_bytes(bytes.map_err(|_| Reason::Malformed("its key parameters"))?)
        }
    };
    if !ITERATIONS.contains(&iterations) {
        return Err(Reason::Malformed("its number of iterations"));
    }
    Ok(Hint { etype, salt: entry.salt.0.as_ref().map(|salt| salt.0.0.clone()), iterations })
}

#[cfg(test)]
mod tests;
