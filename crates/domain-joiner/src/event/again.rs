//! The message by which this function has itself look at an instance again.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Poison, Told};
use crate::place::Place;

/// The message.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Again {
    adsteward: Kind,
    account: String,
    region: String,
    instance: String,
    attempt: u32,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Kind {
    Again,
}

/// The body of the message.
///
/// # Errors
/// Never, in fact: it is of texts and a number.
pub fn again(place: &Place, attempt: u32) -> Result<String, serde_json::Error> {
    serde_json::to_string(&Again {
        adsteward: Kind::Again,
        account: place.account.to_string(),
        region: place.region.to_string(),
        instance: place.instance.to_string(),
        attempt,
    })
}

pub(super) fn read(body: Value) -> Result<Told, Poison> {
    let again = Again::deserialize(body).map_err(|_| Poison("it is no message of this function"))?;
    let odd = Poison("it names no instance that can be");
    let place = Place {
        account: again.account.parse().map_err(|_| odd.clone())?,
        region: again.region.parse().map_err(|_| odd.clone())?,
        instance: again.instance.parse().map_err(|_| odd)?,
    };
    Ok(Told::Again(place, again.attempt))
}
