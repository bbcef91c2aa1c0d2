//! An object as a search returns it, and the identifiers in it.

use std::fmt::Write;

use ldap3::SearchEntry;

use super::super::DirectoryError;
use crate::ids::Sid;

/// The attribute with an account's flags.
pub(super) const FLAGS: &str = "userAccountControl";
/// The account cannot log in (MS-ADTS 2.2.16).
pub(super) const ACCOUNT_DISABLE: u32 = 0x2;

/// An object.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) dn: String,
    attributes: Vec<(String, Vec<Vec<u8>>)>,
}

impl Entry {
    /// `ldap3` sorts attributes by whether their bytes happen to be UTF-8, which says nothing of what they are.
    pub(super) fn new(entry: SearchEntry) -> Self {
        let texts = entry
            .attrs
            .into_iter()
            .map(|(name, values)| (name, values.into_iter().map(String::into_bytes).collect()));
        Self { dn: entry.dn, attributes: texts.chain(entry.bin_attrs).collect() }
    }

    /// All values of an attribute.
    pub(super) fn values(&self, name: &str) -> &[Vec<u8>] {
        let found = self.attributes.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
        found.map_or(&[], |(_, values)| values)
    }

    /// The first value of an attribute, as text.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.values(name).first().and_then(|value| str::from_utf8(value).ok())
    }

    /// Flags: a number of 32 bits that may be written as a negative one.
    pub(super) fn flags(&self, name: &str) -> Option<u32> {
        let number = self.text(name)?.parse::<i64>().ok()?;
        u32::try_from(number).ok().or_else(|| i32::try_from(number).ok().map(i32::cast_unsigned))
    }

    /// The `objectSid`.
    pub(super) fn sid(&self) -> Option<Sid> {
        sid_of(self.values("objectSid").first()?)
    }

    /// The `objectGUID` with dashes.
    pub(super) fn guid(&self) -> Option<String> {
        guid_of(self.values("objectGUID").first()?)
    }

    /// The name under which a change reaches this object and no other, whatever it is called meanwhile.
    ///
    /// Source: MS-ADTS 3.1.1.3.1.2.4.
    pub(super) fn itself(&self) -> Result<String, DirectoryError> {
        self.must("objectGUID", self.guid()).map(|guid| format!("<GUID={guid}>"))
    }

    /// What every such object has, and whoever may look it up may read.
    pub(super) fn must<T>(&self, attribute: &str, value: Option<T>) -> Result<T, DirectoryError> {
        value.ok_or_else(|| unusable(&self.dn, &format!("it has no readable {attribute}")))
    }
}

pub(super) fn unusable(subject: &str, problem: &str) -> DirectoryError {
    DirectoryError::Answer { subject: subject.to_owned(), problem: problem.to_owned() }
}

/// Source: MS-DTYP 2.4.2.2.
fn sid_of(bytes: &[u8]) -> Option<Sid> {
    let (head, parts) = bytes.split_first_chunk::<8>()?;
    let [1, count, authority @ ..] = head else { return None };
    let (parts, []) = parts.as_chunks::<4>() else { return None };
    if parts.len() != usize::from(*count) {
        return None;
    }
    let authority = authority.iter().fold(0u64, |sum, &byte| sum << 8 | u64::from(byte));
    let mut text = format!("S-1-{authority}");
    for part in parts {
        write!(text, "-{}", u32::from_le_bytes(*part)).ok()?;
    }
    text.parse().ok()
}

/// A SID in a filter: each byte escaped (RFC 4515, 3).
pub(super) fn sid_in_filter(sid: &Sid) -> String {
    let parts: Vec<u32> = sid.as_str().split('-').skip(3).filter_map(|part| part.parse().ok()).collect();
    let count = u8::try_from(parts.len()).unwrap_or(u8::MAX);
    let head = [1, count, 0, 0, 0, 0, 0, 5].into_iter();
    let bytes = head.chain(parts.into_iter().flat_map(u32::to_le_bytes));
    bytes.fold(String::new(), |mut text, byte| {
        let _ = write!(text, "\\{byte:02x}");
        text
    })
}

/// Source: MS-DTYP 2.3.4.2 and 2.3.4.3.
fn guid_of(bytes: &[u8]) -> Option<String> {
    let bytes: [u8; 16] = bytes.try_into().ok()?;
    let hex = |places: &[usize]| {
        places.iter().fold(String::new(), |mut text, &place| {
            let _ = write!(text, "{:02x}", bytes[place]);
            text
        })
    };
    Some(format!(
        "{}-{}-{}-{}-{}",
        hex(&[3, 2, 1, 0]),
        hex(&[5, 4]),
        hex(&[7, 6]),
        hex(&[8, 9]),
        hex(&[10, 11, 12, 13, 14, 15])
    ))
}
