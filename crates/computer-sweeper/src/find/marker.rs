//! What domain-joiner writes into the description of a computer that it makes: `adsteward INSTANCE ACCOUNT REGION NONCE`.

use steward_core::ids::{AccountId, InstanceId};
use steward_core::place::Region;

/// A marker.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Marker {
    /// It names an instance and its place.
    Of {
        /// The instance.
        instance: InstanceId,
        /// Its account.
        account: AccountId,
        /// Its Region.
        region: Region,
    },
    /// It is ours, and does not say where: a join account has made the computer, or an earlier version.
    Nowhere,
}

impl Marker {
    /// Reads a description; none when it is no marker.
    pub(super) fn read(description: &str) -> Option<Self> {
        let words: Vec<&str> = description.strip_prefix("adsteward ")?.split(' ').collect();
        let [instance, account, region, _nonce] = words[..] else { return Some(Self::Nowhere) };
        match (instance.parse(), account.parse(), region.parse()) {
            (Ok(instance), Ok(account), Ok(region)) => Some(Self::Of { instance, account, region }),
            _ => Some(Self::Nowhere),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_marker_names_its_place_or_nothing_follows_from_it() {
        let read = |text: &str| Marker::read(text);
        let full = "adsteward i-0123456789abcdef0 111122223333 eu-central-1 0f0f";
        assert!(matches!(read(full), Some(Marker::Of { region, .. }) if region.as_str() == "eu-central-1"));
        for ours in ["adsteward 0f0f", "adsteward i-0123456789abcdef0 0f0f", "adsteward a b c d"] {
            assert_eq!(read(ours), Some(Marker::Nowhere), "{ours}");
        }
        for other in ["", "adsteward", "adstewards i-1", "web server", " adsteward x"] {
            assert_eq!(read(other), None, "{other}");
        }
    }
}
