//! Where a user belongs: two domains may each have an `alice`, and they are two people.

use std::fmt;

use steward_core::ids::DirectoryId;

/// Which directory serves a user. Its text stands in the keys of his items.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Home {
    /// The stack's own directory.
    Own(DirectoryId),
    /// A domain of a trusted forest, by its DNS name in lower case.
    Trusted(String),
}

impl Home {
    /// The home that a record or an input names: without a domain it is the own directory.
    pub fn of(own: &DirectoryId, domain: Option<&str>) -> Self {
        domain.map_or_else(|| Self::Own(own.clone()), |domain| Self::Trusted(domain.to_ascii_lowercase()))
    }

    /// The domain as records name it: none for the own directory's.
    pub fn domain(&self) -> Option<&str> {
        match self {
            Self::Own(_) => None,
            Self::Trusted(domain) => Some(domain),
        }
    }
}

impl fmt::Display for Home {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Own(directory) => directory.fmt(f),
            Self::Trusted(domain) => f.write_str(domain),
        }
    }
}

/// A user as people are told of him: with his domain where it is not the own one.
pub fn full_name(user: &str, domain: Option<&str>) -> String {
    domain.map_or_else(|| user.to_owned(), |domain| format!("{user}@{domain}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_own_directory_is_known_by_its_id_and_a_trusted_domain_by_its_name() {
        let own: DirectoryId = "d-9067012345".parse().unwrap();
        assert_eq!(Home::of(&own, None).to_string(), "d-9067012345");
        let partner = Home::of(&own, Some("Partner.Example.Test"));
        assert_eq!(partner.to_string(), "partner.example.test");
        assert_eq!(partner.domain(), Some("partner.example.test"));
        assert_eq!(full_name("alice", partner.domain()), "alice@partner.example.test");
        assert_eq!(full_name("alice", Home::Own(own).domain()), "alice");
    }
}
