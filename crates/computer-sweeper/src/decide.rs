//! How many computers may be removed: all places together, so that one mistake in a table, a role or an answer cannot empty
//! a directory.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::request::Input;

/// What a sweep may do by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Computers removed by one sweep.
    pub removals: u64,
    /// The same, of a hundred that are known in all; one is always allowed, or nothing would ever be removed from a small
    /// directory.
    pub share: u64,
}

/// What was found at all places that could be swept.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Totals {
    /// Computers that are ours.
    pub known: u64,
    /// Instances to look at.
    pub looks: u64,
    /// Computers to remove.
    pub removals: u64,
    /// The same, where EC2 has listed no instance at all.
    pub unconfirmed: u64,
}

/// Why fewer removals are asked for than were found, or none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Refusal {
    /// More than one sweep may remove.
    TooMany,
    /// Too large a part of what is known.
    TooLargeAShare,
    /// More than the person allows who has started the sweep.
    MoreThanAllowed,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::TooMany => "too-many",
            Self::TooLargeAShare => "too-large-a-share",
            Self::MoreThanAllowed => "more-than-allowed",
        })
    }
}

/// What is done about what was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decision {
    /// Nothing is, whatever else stands here: what would be done is only told.
    pub dry_run: bool,
    /// What was found.
    pub totals: Totals,
    /// Removals that are asked for at most.
    pub removals: u64,
    /// Whether those count that rest on an empty listing.
    pub trusts_empty: bool,
    /// The most that was allowed.
    pub allowed: u64,
    /// Why none is asked for although some were found.
    pub refusal: Option<Refusal>,
}

impl Decision {
    /// Whether anything is to be sent.
    pub fn sends(&self) -> bool {
        !self.dry_run && (self.totals.looks > 0 || self.removals > 0)
    }
}

/// Decides. Past a threshold nothing at all is removed: which of them are wrong, nobody knows.
pub fn decide(totals: Totals, limits: Limits, input: Input) -> Decision {
    let share = (totals.known.saturating_mul(limits.share)).div_ceil(100).max(1);
    let (allowed, wanted, over) = match input.allow_removals {
        Some(allowed) => (allowed, totals.removals + totals.unconfirmed, Refusal::MoreThanAllowed),
        None if share < limits.removals => (share, totals.removals, Refusal::TooLargeAShare),
        None => (limits.removals, totals.removals, Refusal::TooMany),
    };
    let refusal = (wanted > allowed).then_some(over);
    Decision {
        dry_run: input.dry_run,
        totals,
        removals: if refusal.is_some() { 0 } else { wanted },
        trusts_empty: input.allow_removals.is_some(),
        allowed,
        refusal,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const LIMITS: Limits = Limits { removals: 20, share: 10 };

    fn decided(known: u64, removals: u64, unconfirmed: u64, allow_removals: Option<u64>) -> Decision {
        let totals = Totals { known, looks: 0, removals, unconfirmed };
        decide(totals, LIMITS, Input { dry_run: false, allow_removals })
    }

    #[test]
    fn the_count_holds_in_a_large_directory_and_the_share_in_a_small_one() {
        assert_eq!(decided(1000, 20, 0, None).removals, 20);
        let over = decided(1000, 21, 0, None);
        assert_eq!((over.removals, over.refusal), (0, Some(Refusal::TooMany)));
        assert_eq!(decided(30, 3, 0, None).removals, 3);
        let over = decided(30, 4, 0, None);
        assert_eq!((over.removals, over.refusal), (0, Some(Refusal::TooLargeAShare)));
    }

    #[test]
    fn one_is_removed_from_the_smallest_directory_and_two_are_not() {
        assert_eq!(decided(1, 1, 0, None).removals, 1);
        assert_eq!(decided(2, 2, 0, None).removals, 0);
    }

    #[test]
    fn what_rests_on_an_empty_listing_is_removed_only_when_a_person_allows_it() {
        assert_eq!(decided(1000, 0, 5, None).removals, 0);
        assert_eq!(decided(1000, 2, 5, None).removals, 2);
        let allowed = decided(1000, 2, 5, Some(7));
        assert_eq!((allowed.removals, allowed.trusts_empty), (7, true));
        assert_eq!(decided(1000, 2, 5, Some(6)).refusal, Some(Refusal::MoreThanAllowed));
    }

    proptest! {
        #[test]
        fn no_more_is_removed_than_is_found_and_allowed(
            known in 0u64..5000, removals in 0u64..200, unconfirmed in 0u64..200,
            allow_removals in proptest::option::of(0u64..300), dry_run: bool,
            count in 0u64..100, share in 0u64..=100,
        ) {
            let totals = Totals { known, looks: 1, removals, unconfirmed };
            let limits = Limits { removals: count, share };
            let decision = decide(totals, limits, Input { dry_run, allow_removals });
            prop_assert!(decision.removals <= decision.allowed);
            match allow_removals {
                Some(allowed) => prop_assert!(decision.removals <= allowed.min(removals + unconfirmed)),
                None => {
                    prop_assert!(decision.removals <= count.min(removals));
                    let part = (known * share).div_ceil(100).max(1);
                    prop_assert!(decision.removals <= part);
                }
            }
            prop_assert!(decision.removals == 0 || decision.refusal.is_none());
            prop_assert_eq!(decision.sends(), !dry_run);
        }
    }
}
