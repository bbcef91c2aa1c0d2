//! The decision table in DynamoDB.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::types::AttributeValue;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_dynamo::{Item, from_item, to_item};
use steward_core::error::{Kind, kind_of, service_text};

use super::{Key, Revision, Store, StoreError, Written};

/// The attribute that counts an item's writes.
const REVISION: &str = "revision";

/// A DynamoDB table with the keys `pk` and `sk`.
#[derive(Debug, Clone)]
pub struct Table {
    client: Client,
    name: String,
}

impl Table {
    /// The table of this name.
    pub fn new(client: Client, name: String) -> Self {
        Self { client, name }
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
