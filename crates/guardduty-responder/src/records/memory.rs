//! A table in memory, for tests, that can be told to fail.

use std::collections::BTreeMap;
use std::sync::Mutex;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use steward_core::error::Kind;

use super::{Key, Revision, Store, StoreError, Written};

/// Items with their revisions.
#[derive(Debug, Default)]
pub(crate) struct Memory {
    items: Mutex<BTreeMap<Key, (Value, u64)>>,
}

impl Memory {
    /// Every item, as the table would show it.
    pub(crate) fn items(&self) -> Vec<(Key, Value)> {
        self.items.lock().unwrap().iter().map(|(key, (value, _))| (key.clone(), value.clone())).collect()
    }

    /// Lets an hour pass for all findings that are held.
    pub(crate) fn expire_leases(&self) {
        for (value, _) in self.items.lock().unwrap().values_mut() {
            if value["held_until"].as_u64().is_some_and(|until| until > 0) {
                value["held_until"] = Value::from(1);
            }
        }
    }

    /// Drops all items whose partition key begins so.
    pub(crate) fn forget(&self, prefix: &str) {
        self.items.lock().unwrap().retain(|key, _| !key.pk.starts_with(prefix));
    }
}

/// Puts an item there, whatever was there.
pub(crate) fn put<T: Serialize>(table: &Memory, key: &Key, item: &T) {
    let mut items = table.items.lock().unwrap();
    items.insert(key.clone(), (serde_json::to_value(item).unwrap(), 1));
}

impl Store for Memory {
    async fn read<T: DeserializeOwned + Send>(&self, key: &Key) -> Result<(Option<T>, Revision), StoreError> {
        match self.items.lock().unwrap().get(key) {
            None => Ok((None, Revision::Absent)),
            Some((value, revision)) => {
                let item = serde_json::from_value(value.clone()).map_err(|error| StoreError {
                    operation: "GetItem",
                    reason: error.to_string(),
                    kind: Kind::Permanent,
                })?;
                Ok((Some(item), Revision::Number(*revision)))
            }
        }
    }

    async fn write<T: Serialize + Sync>(
        &self,
        key: &Key,
        item: &T,
        seen: Revision,
    ) -> Result<Written, StoreError> {
        let mut items = self.items.lock().unwrap();
        let now = items.get(key).map_or(Revision::Absent, |(_, revision)| Revision::Number(*revision));
        if now != seen {
            return Ok(Written::Lost);
        }
        let next = if let Revision::Number(number) = seen { number + 1 } else { 1 };
        items.insert(key.clone(), (serde_json::to_value(item).unwrap(), next));
        Ok(Written::Yes)
    }
}
