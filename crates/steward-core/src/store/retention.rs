//! How long an item is kept. DynamoDB deletes what has expired within days; nothing here relies on when.
//!
//! Records name people. They are kept as long as the stack's retention says after they were last written.

use serde_dynamo::Item;

use crate::clock;

/// The table's time-to-live attribute, in seconds since 1970.
pub const EXPIRES: &str = "expires";

const DAY: u64 = 24 * 3600;

/// Whether a flow holds on to an item whatever its age.
pub type Held = fn(&Item) -> bool;

/// When an item that is written now expires: as it says itself; never, while it is held; or after the retention.
pub(super) fn expiry(item: &Item, days: u64, held: Held) -> Option<u64> {
    (!held(item) && !item.contains_key(EXPIRES)).then(|| clock::now() + days * DAY)
}

#[cfg(test)]
mod tests {
    use serde_dynamo::to_item;
    use serde_json::{Value, json};

    use super::*;

    fn days_left(item: Value) -> Option<u64> {
        let item: Item = to_item(item).unwrap();
        let held = expiry(&item, 365, |item| item.contains_key("keep"));
        held.map(|seconds| (seconds - clock::now()).div_ceil(DAY))
    }

    #[test]
    fn an_item_is_kept_for_the_retention() {
        assert_eq!(days_left(json!({"decision": "refuse"})), Some(365));
    }

    #[test]
    fn an_item_that_is_held_is_never_forgotten() {
        assert_eq!(days_left(json!({"keep": true})), None);
    }

    #[test]
    fn an_item_with_an_end_of_its_own_keeps_it() {
        assert_eq!(days_left(json!({"effects": [], "expires": 7})), None);
    }
}
