//! The own account's row of the account table.

use serde_json::{Value, json};

use super::joiner;
use crate::lab::variable;
use crate::operator::aws;
use crate::stack::{Reconfigured, output};

/// Other attributes of the row for as long as the value lives.
pub(super) struct Row {
    before: Value,
    /// The function keeps a row for a while that it has read; one that is configured begins anew. It is so again, after the
    /// row is.
    _anew: Reconfigured,
}

impl Row {
    pub(super) fn with(attributes: &[(&str, &str)]) -> Self {
        let key = json!({"accountId": {"S": variable("AWS_ACCOUNT_ID")}});
        let found =
            aws("dynamodb", "get_item", &json!({"TableName": output("AccountTableName"), "Key": key}));
        let before = found["Item"].clone();
        let mut item = before.clone();
        for (name, value) in attributes {
            item[*name] = json!({"S": value});
        }
        put(&item);
        Self { before, _anew: joiner(&[]) }
    }
}

impl Drop for Row {
    fn drop(&mut self) {
        put(&self.before);
    }
}

fn put(item: &Value) {
    aws("dynamodb", "put_item", &json!({"TableName": output("AccountTableName"), "Item": item}));
}
