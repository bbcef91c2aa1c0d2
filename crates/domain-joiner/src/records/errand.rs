//! For which instance a host with the AD tools was given a command: the command's end tells only of the host.

use serde::{Deserialize, Serialize};
use steward_core::store::Key;

use crate::place::Place;

/// The instance, and where it was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Errand {
    account: String,
    region: String,
    instance: String,
}

/// The key of a command.
pub(crate) fn errand_key(command: &str) -> Key {
    Key { pk: format!("command#{command}"), sk: "errand".to_owned() }
}

impl Errand {
    /// A command for the sake of this instance.
    pub(crate) fn of(place: &Place) -> Self {
        let Place { account, region, instance } = place;
        Self { account: account.to_string(), region: region.to_string(), instance: instance.to_string() }
    }

    /// The instance.
    pub(crate) fn place(&self) -> Option<Place> {
        Some(Place {
            account: self.account.parse().ok()?,
            region: self.region.parse().ok()?,
            instance: self.instance.parse().ok()?,
        })
    }
}
