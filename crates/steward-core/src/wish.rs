//! What others ask domain-joiner to look at, by a message to its queue. It is a hint, as an event is: what is done follows
//! from what EC2, the records and the directory say then.

use serde::{Deserialize, Serialize};

use crate::place::Place;

/// What is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Wish {
    /// The instance is gone: to see to it that its computer goes too.
    Gone,
    /// The instance runs: to see to it that it is a member.
    Look,
}

/// The message.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Message {
    adsteward: Wish,
    account: String,
    region: String,
    instance: String,
}

/// A message that is none of these.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("it is no message that asks for an instance to be looked at")]
pub struct InvalidWish;

/// The body of the message.
pub fn body(wish: Wish, place: &Place) -> String {
    let message = Message {
        adsteward: wish,
        account: place.account.to_string(),
        region: place.region.to_string(),
        instance: place.instance.to_string(),
    };
    serde_json::to_string(&message).unwrap_or_default()
}

/// Reads a body.
///
/// # Errors
/// When it is none of these messages, or names no instance that can be.
pub fn read(body: &serde_json::Value) -> Result<(Wish, Place), InvalidWish> {
    let message = Message::deserialize(body).map_err(|_| InvalidWish)?;
    let place = Place {
        account: message.account.parse().map_err(|_| InvalidWish)?,
        region: message.region.parse().map_err(|_| InvalidWish)?,
        instance: message.instance.parse().map_err(|_| InvalidWish)?,
    };
    Ok((message.adsteward, place))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn a_wish_is_read_as_it_was_written_and_nothing_else_is() {
        let place = Place {
            account: "111122223333".parse().unwrap(),
            region: "eu-central-1".parse().unwrap(),
            instance: "i-0123456789abcdef0".parse().unwrap(),
        };
        for wish in [Wish::Gone, Wish::Look] {
            let body: Value = serde_json::from_str(&body(wish, &place)).unwrap();
            assert_eq!(read(&body), Ok((wish, place.clone())));
        }
        let usual = json!({"adsteward": "gone", "account": "111122223333", "region": "eu-central-1",
            "instance": "i-0123456789abcdef0"});
        for (name, value) in
            [("adsteward", "remove"), ("account", "1"), ("region", "x"), ("instance", "*"), ("sid", "S")]
        {
            let mut odd = usual.clone();
            odd[name] = value.into();
            assert_eq!(read(&odd), Err(InvalidWish), "{name}");
        }
    }
}
