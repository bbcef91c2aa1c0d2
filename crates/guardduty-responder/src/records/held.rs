//! Who is held contained is not forgotten, since a release must find him whenever it comes.
//!
//! Everything else is kept as long as `RecordRetentionDays` says, which is no less than GuardDuty keeps findings (90 days),
//! so that no update of a finding can find its record gone and act again.

use aws_sdk_dynamodb::Client;
use serde_dynamo::{AttributeValue, Item};

use super::Table;

/// The decision table of this name, in which records are kept for so many days.
pub fn decision_table(client: Client, name: String, retention_days: u64) -> Table {
    Table::new(client, name, retention_days).holding(is_held)
}

fn is_held(item: &Item) -> bool {
    matches!(
        item.get("status"),
        Some(AttributeValue::S(status)) if status == "contained" || status == "releasing"
    )
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use steward_core::wire::{Answer, fake};

    use super::*;
    use crate::records::{Key, Revision, Store};

    async fn expires(status: &str) -> bool {
        let (sdk, asked) = fake(|_, _| Answer::ok("{}"));
        let table = decision_table(Client::new(&sdk), "decisions".to_owned(), 365);
        let key = Key { pk: "p".to_owned(), sk: "s".to_owned() };
        table.write(&key, &json!({ "status": status }), Revision::Absent).await.unwrap();
        let asked = asked.lock().unwrap();
        asked[0].contains(r#""expires":{"N":"#)
    }

    #[tokio::test]
    async fn a_user_who_is_held_contained_is_never_forgotten() {
        assert!(!expires("contained").await);
        assert!(!expires("releasing").await);
        assert!(expires("released").await);
    }
}
