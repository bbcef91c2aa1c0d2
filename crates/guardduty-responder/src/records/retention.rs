//! How long an item is kept. DynamoDB deletes what has expired within days; nothing here relies on when.
//!
//! Records name people. They are kept as long as `RecordRetentionDays` says after they were last written, which is no less
//! than GuardDuty keeps findings (90 days), so that no update of a finding can find its record gone and act again.

use serde_dynamo::{AttributeValue, Item};

use crate::clock;

/// The table's time-to-live attribute, in seconds since 1970.
pub const EXPIRES: &str = "expires";

const DAY: u64 = 24 * 3600;

/// When an item that is written now expires: as it says itself; never, while it holds a user contained, since a release
/// must find it whenever it comes; or after the retention.
pub(super) fn expiry(item: &Item, days: u64) -> Option<u64> {
    let held = matches!(
        item.get("status"),
        Some(AttributeValue::S(status)) if status == "contained" || status == "releasing"
    );
    (!held && !item.contains_key(EXPIRES)).then(|| clock::now() + days * DAY)
}

#[cfg(test)]
mod tests {
    use serde_dynamo::to_item;
    use serde_json::{Value, json};

    use super::*;

    fn days_left(item: Value) -> Option<u64> {
        let item: Item = to_item(item).unwrap();
        expiry(&item, 365).map(|seconds| (seconds - clock::now()).div_ceil(DAY))
    }

    #[test]
    fn a_record_is_kept_for_the_retention() {
        assert_eq!(days_left(json!({"decision": "refuse"})), Some(365));
        assert_eq!(days_left(json!({"status": "released"})), Some(365));
    }

    #[test]
    fn a_user_who_is_held_contained_is_never_forgotten() {
        assert_eq!(days_left(json!({"status": "contained"})), None);
        assert_eq!(days_left(json!({"status": "releasing"})), None);
    }

    #[test]
    fn an_item_with_an_end_of_its_own_keeps_it() {
        assert_eq!(days_left(json!({"effects": [], "expires": 7})), None);
    }
}
