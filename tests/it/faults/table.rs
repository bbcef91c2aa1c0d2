//! The decision table, past the product.

use serde_json::{Value, json};

use crate::operator::aws;
use crate::stack::output;

/// An item with DynamoDB's types, null when there is none.
pub(crate) fn item(partition: &str, sort: &str) -> Value {
    let key = json!({"pk": {"S": partition}, "sk": {"S": sort}});
    let request = json!({"TableName": output("DecisionTableName"), "Key": key, "ConsistentRead": true});
    aws("dynamodb", "get_item", &request)["Item"].take()
}

/// Writes an item.
pub(crate) fn put(item: &Value) {
    aws("dynamodb", "put_item", &json!({"TableName": output("DecisionTableName"), "Item": item}));
}
