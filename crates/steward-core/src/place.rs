//! Where an instance is.

use std::fmt;
use std::str::FromStr;

use crate::ids::{AccountId, InstanceId};

/// A Region's name, such as `eu-central-1`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Region(String);

/// A text that is no Region's name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("it must be a Region such as eu-central-1")]
pub struct InvalidRegion;

impl Region {
    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for Region {
    type Err = InvalidRegion;

    fn from_str(text: &str) -> Result<Self, InvalidRegion> {
        let parts: Vec<&str> = text.split('-').collect();
        let word = |part: &&str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_lowercase());
        match parts.split_last() {
            Some((number, words))
                if (2..=4).contains(&words.len())
                    && words.iter().all(word)
                    && (1..=2).contains(&number.len())
                    && number.bytes().all(|b| b.is_ascii_digit()) =>
            {
                Ok(Self(text.to_owned()))
            }
            _ => Err(InvalidRegion),
        }
    }
}

/// An instance, and where it is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// The account that it belongs to.
    pub account: AccountId,
    /// Its Region.
    pub region: Region,
    /// The instance.
    pub instance: InstanceId,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_the_names_of_all_partitions_and_nothing_that_could_lead_elsewhere() {
        for name in ["eu-central-1", "us-gov-west-1", "cn-north-1", "ap-southeast-7", "us-iso-east-1"] {
            assert!(name.parse::<Region>().is_ok(), "{name}");
        }
        for text in
            ["", "eu", "eu-central-", "eu-central-1.example.test/", "EU-central-1", "eu--1", "a-b-c-d-e-1"]
        {
            assert!(text.parse::<Region>().is_err(), "{text}");
        }
    }
}
