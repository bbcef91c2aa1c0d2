//! Where instances are joined: the places of a sweep.

use std::fmt;

use serde::{Deserialize, Serialize};
use steward_core::ids::AccountId;
use steward_core::place::Region;

use crate::error::Error;
use crate::items::Item;

/// An account and a Region.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spot {
    /// The account.
    pub account: AccountId,
    /// The Region.
    pub region: Region,
    /// Whether the account's row has instances of this Region joined.
    pub joins: bool,
}

impl Spot {
    /// Whether an item is of this place.
    pub fn holds(&self, item: &Item) -> bool {
        item.account == self.account.as_str() && item.region == self.region.as_str()
    }
}

/// A place, as the state machine hands it on.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Named {
    /// The account.
    pub account: String,
    /// The Region.
    pub region: String,
}

impl Named {
    /// The place, in the types that keep an account from being taken for something else.
    ///
    /// # Errors
    /// When it is none.
    pub fn parse(&self) -> Result<(AccountId, Region), Error> {
        match (self.account.parse(), self.region.parse()) {
            (Ok(account), Ok(region)) => Ok((account, region)),
            _ => Err(Error::Input(format!("{self} is no account and Region"))),
        }
    }
}

impl fmt::Display for Named {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.account, self.region)
    }
}
