//! A table in DynamoDB.

use crate::error::{Kind, kind_of, service_text};
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::types::AttributeValue;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_dynamo::{Item, from_item, to_item};

use super::retention::{EXPIRES, Held, expiry};
use super::{Key, Revision, Store, StoreError, Written};

/// The attribute that counts an item's writes.
const REVISION: &str = "revision";

/// A DynamoDB table with the keys `pk` and `sk`.
#[derive(Debug, Clone)]
pub struct Table {
    client: Client,
    name: String,
    retention_days: u64,
    held: Held,
}

impl Table {
    /// The table of this name, in which items are kept for so many days.
    pub fn new(client: Client, name: String, retention_days: u64) -> Self {
        Self { client, name, retention_days, held: |_| false }
    }

    /// The same table, in which items that are `held` never expire.
    pub fn holding(self, held: Held) -> Self {
        Self { held, ..self }
    }
}

impl Store for Table {
    async fn read<T: DeserializeOwned + Send>(&self, key: &Key) -> Result<(Option<T>, Revision), StoreError> {
        let answer = self
            .client
            .get_item()
            .table_name(&self.name)
            .key("pk", AttributeValue::S(key.pk.clone()))
            .key("sk", AttributeValue::S(key.sk.clone()))
            .consistent_read(true)
            .send()
            .await
            .map_err(|error| StoreError {
                operation: "GetItem",
                reason: service_text(&error),
                kind: kind_of(&error),
            })?;
        let Some(item) = answer.item else { return Ok((None, Revision::Absent)) };
        let revision = item.get(REVISION).and_then(|value| value.as_n().ok()).and_then(|n| n.parse().ok());
        let unusable = |reason: String| StoreError { operation: "GetItem", reason, kind: Kind::Permanent };
        let revision = revision.ok_or_else(|| unusable(format!("{} has no {REVISION}", key.pk)))?;
        let item = from_item(Item::from(item)).map_err(|error| unusable(format!("{}: {error}", key.pk)))?;
        Ok((Some(item), Revision::Number(revision)))
    }

    async fn write<T: Serialize + Sync>(
        &self,
        key: &Key,
        item: &T,
        seen: Revision,
    ) -> Result<Written, StoreError> {
        let unusable = |error: serde_dynamo::Error| StoreError {
            operation: "PutItem",
            reason: error.to_string(),
            kind: Kind::Permanent,
        };
        let item: Item = to_item(item).map_err(unusable)?;
        let expires = expiry(&item, self.retention_days, self.held);
        let next = match seen {
            Revision::Absent => 1,
            Revision::Number(number) => number + 1,
        };
        let mut put = self
            .client
            .put_item()
            .table_name(&self.name)
            .set_item(Some(item.into()))
            .item("pk", AttributeValue::S(key.pk.clone()))
            .item("sk", AttributeValue::S(key.sk.clone()))
            .item(REVISION, AttributeValue::N(next.to_string()));
        if let Some(expires) = expires {
            put = put.item(EXPIRES, AttributeValue::N(expires.to_string()));
        }
        put = match seen {
            Revision::Absent => put.condition_expression("attribute_not_exists(pk)"),
            Revision::Number(number) => put
                .condition_expression("#revision = :seen")
                .expression_attribute_names("#revision", REVISION)
                .expression_attribute_values(":seen", AttributeValue::N(number.to_string())),
        };
        match put.send().await {
            Ok(_) => Ok(Written::Yes),
            Err(error) => match error.as_service_error() {
                Some(PutItemError::ConditionalCheckFailedException(_)) => Ok(Written::Lost),
                _ => Err(StoreError {
                    operation: "PutItem",
                    reason: service_text(&error),
                    kind: kind_of(&error),
                }),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::wire::{Answer, Asked, fake};
    use serde_json::{Value, json};

    use super::*;

    fn table(answer: Answer) -> (Table, Asked) {
        let (sdk, asked) = fake(move |_, _| answer.clone());
        (Table::new(Client::new(&sdk), "decisions".to_owned(), 365), asked)
    }

    fn key() -> Key {
        Key { pk: "p".to_owned(), sk: "s".to_owned() }
    }

    #[tokio::test]
    async fn reads_consistently_and_knows_what_is_not_there() {
        let (table, asked) = table(Answer::ok("{}"));
        let (item, seen) = table.read::<Value>(&key()).await.unwrap();
        assert_eq!((item, seen), (None, Revision::Absent));
        assert!(asked.lock().unwrap()[0].contains(r#""ConsistentRead":true"#));
    }

    #[tokio::test]
    async fn reads_an_item_with_its_revision() {
        let (table, _) = table(Answer::ok(r#"{"Item":{"holder":{"S":"x"},"revision":{"N":"7"}}}"#));
        let (item, seen) = table.read::<Value>(&key()).await.unwrap();
        assert_eq!((item.unwrap()["holder"].clone(), seen), (json!("x"), Revision::Number(7)));
    }

    #[tokio::test]
    async fn writes_only_over_what_was_seen() {
        let (table, asked) = table(Answer::ok("{}"));
        table.write(&key(), &json!({"a": 1}), Revision::Absent).await.unwrap();
        table.write(&key(), &json!({"a": 1}), Revision::Number(7)).await.unwrap();
        let asked = asked.lock().unwrap();
        assert!(
            asked[0].contains("attribute_not_exists(pk)") && asked[0].contains(r#""revision":{"N":"1"}"#),
            "{asked:?}"
        );
        assert!(
            asked[1].contains(r##""#revision = :seen""##) && asked[1].contains(r#"":seen":{"N":"7"}"#),
            "{asked:?}"
        );
        assert!(asked[1].contains(r#""revision":{"N":"8"}"#), "{asked:?}");
    }

    #[tokio::test]
    async fn what_is_written_expires_unless_it_is_held() {
        let (table, asked) = table(Answer::ok("{}"));
        let table = table.holding(|item| item.contains_key("keep"));
        table.write(&key(), &json!({"decision": "refuse"}), Revision::Absent).await.unwrap();
        table.write(&key(), &json!({"keep": true}), Revision::Absent).await.unwrap();
        let asked = asked.lock().unwrap();
        assert!(asked[0].contains(r#""expires":{"N":"#), "{asked:?}");
        assert!(!asked[1].contains("expires"), "{asked:?}");
    }

    #[tokio::test]
    async fn a_lost_race_is_no_failure_and_a_throttle_is_one() {
        let (table, _) = table(Answer::error(400, "ConditionalCheckFailedException", "{}"));
        assert_eq!(table.write(&key(), &json!({}), Revision::Absent).await.unwrap(), Written::Lost);
        let (sdk, _) = fake(|_, _| Answer::error(400, "ThrottlingException", "{}"));
        let throttled = Table::new(Client::new(&sdk), "decisions".to_owned(), 365);
        let error = throttled.write(&key(), &json!({}), Revision::Absent).await.unwrap_err();
        assert_eq!(error.kind(), Kind::Transient);
    }
}
