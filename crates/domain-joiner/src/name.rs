//! The name of an instance's computer object.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use steward_core::ids::InstanceId;

/// Longest name of a computer.
///
/// Source: MS-ADTS 3.1.1.5.1.2 and Directory Service API Reference, `CreateComputer`: NetBIOS names have 15 characters.
const LONGEST: usize = 15;

/// Longest prefix: at least nine characters of the hash, 45 bits, are left.
const LONGEST_PREFIX: usize = 6;

/// RFC 4648, base 32, in lower case.
const ALPHABET: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";

/// What the names of all computer objects of a stack begin with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamePrefix(String);

/// A text that no computer's name can begin with.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("it must be a letter and at most five more letters, digits or hyphens")]
pub struct InvalidPrefix;

impl FromStr for NamePrefix {
    type Err = InvalidPrefix;

    fn from_str(text: &str) -> Result<Self, InvalidPrefix> {
        let starts = text.bytes().next().is_some_and(|b| b.is_ascii_alphabetic());
        let fits = text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
        if starts && fits && text.len() <= LONGEST_PREFIX {
            Ok(Self(text.to_ascii_lowercase()))
        } else {
            Err(InvalidPrefix)
        }
    }
}

/// The name of a computer, without the `$` of its account: `ec2-mfrggzdfmztwq2l`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ComputerName(String);

/// A text that is no name of a computer of ours.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("it must be at most 15 lower-case letters, digits and hyphens, and begin with a letter")]
pub struct InvalidName;

impl TryFrom<String> for ComputerName {
    type Error = InvalidName;

    fn try_from(text: String) -> Result<Self, InvalidName> {
        let starts = text.bytes().next().is_some_and(|b| b.is_ascii_lowercase());
        let fits = text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
        if starts && fits && text.len() <= LONGEST { Ok(Self(text)) } else { Err(InvalidName) }
    }
}

impl From<ComputerName> for String {
    fn from(name: ComputerName) -> Self {
        name.0
    }
}

impl ComputerName {
    /// The name of an instance's computer: the prefix, and as much of a hash of the instance id as fits. The id itself does
    /// not fit, and an address is given to other instances later.
    pub fn of(prefix: &NamePrefix, instance: &InstanceId) -> Self {
        let mut digest = Sha256::new();
        digest.update(b"adsteward computer\0");
        digest.update(instance.as_str());
        let hash = u64::from_be_bytes(digest.finalize()[..8].try_into().unwrap_or_default());
        let letters = (0..LONGEST - prefix.0.len())
            .map(|place| char::from(ALPHABET[usize::try_from(hash >> (59 - 5 * place) & 31).unwrap_or(0)]));
        // Twelve letters at most: 60 of 64 bits.
        Self(prefix.0.chars().chain(letters.take(12)).collect())
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ComputerName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn name(prefix: &str, id: &str) -> String {
        ComputerName::of(&prefix.parse().unwrap(), &id.parse().unwrap()).to_string()
    }

    #[test]
    fn a_name_is_the_prefix_and_a_hash_and_never_changes() {
        assert_eq!(name("EC2-", "i-0123456789abcdef0"), name("ec2-", "i-0123456789abcdef0"));
        assert_eq!(name("ec2-", "i-0123456789abcdef0").len(), 15);
        assert_eq!(name("a", "i-0123456789abcdef0").len(), 13);
    }

    #[test]
    fn a_name_comes_back_from_the_record_and_nothing_else_does() {
        let name: ComputerName = name("ec2-", "i-0123456789abcdef0").try_into().unwrap();
        assert_eq!(ComputerName::try_from(String::from(name.clone())), Ok(name));
        for text in ["", "EC2-a", "1a", "a*", "a)(cn=*", "sixteen-letters-"] {
            assert_eq!(ComputerName::try_from(text.to_owned()), Err(InvalidName), "{text}");
        }
    }

    #[test]
    fn names_of_a_hundred_thousand_instances_differ() {
        let names: BTreeSet<_> =
            (0..100_000).map(|number| name("ec2win", &format!("i-{number:017x}"))).collect();
        assert_eq!(names.len(), 100_000);
    }

    #[test]
    fn a_prefix_is_short_and_begins_with_a_letter() {
        for text in ["", "1a", "-a", "a_b", "seven77", "ä"] {
            assert_eq!(text.parse::<NamePrefix>(), Err(InvalidPrefix), "{text}");
        }
    }
}
