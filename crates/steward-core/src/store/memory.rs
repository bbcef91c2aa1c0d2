//! A table in memory, for tests.
#![allow(clippy::unwrap_used, reason = "for tests")]

use std::collections::BTreeMap;
use std::sync::Mutex;

use crate::error::Kind;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::{Key, Revision, Store, StoreError, Written};

/// Items with their revisions.
#[derive(Debug, Default)]
pub struct Memory {
    items: Mutex<BTreeMap<Key, (Value, u64)>>,
}

impl Memory {
    /// Every item, as the table would show it.
    pub fn items(&self) -> Vec<(Key, Value)> {
        self.items.lock().unwrap().iter().map(|(key, (value, _))| (key.clone(), value.clone())).collect()
    }

    /// Lets an hour pass for all findings that are held.
    pub fn expire_leases(&self) {
        for (value, _) in self.items.lock().unwrap().values_mut() {
            if value["held_until"].as_u64().is_some_and(|until| until > 0) {
                value["held_until"] = Value::from(1);
            }
        }
    }

    /// Drops all items whose partition key begins so.
    pub fn forget(&self, prefix: &str) {
        self.items.lock().unwrap().retain(|key, _| !key.pk.starts_with(prefix));
    }
}

/// Puts an item there, whatever was there.
pub fn put<T: Serialize>(table: &Memory, key: &Key, item: &T) {
    let mut items = table.items.lock().unwrap();
    items.insert(key.clone(), (serde_json::to_value(item).unwrap(), 1));
}

impl Memory {
    /// The item and its revision.
    pub fn fetch(&self, key: &Key) -> (Option<Value>, Revision) {
        match self.items.lock().unwrap().get(key) {
            None => (None, Revision::Absent),
            Some((value, revision)) => (Some(value.clone()), Revision::Number(*revision)),
        }
    }

    /// Writes an item, provided it is still in the state that was `seen`.
    pub fn store(&self, key: &Key, item: Value, seen: Revision) -> Written {
        let mut items = self.items.lock().unwrap();
        let now = items.get(key).map_or(Revision::Absent, |(_, revision)| Revision::Number(*revision));
        if now != seen {
            return Written::Lost;
        }
        let next = if let Revision::Number(number) = seen { number + 1 } else { 1 };
        items.insert(key.clone(), (item, next));
        Written::Yes
    }
}

/// An item as the type that the flow asks for.
pub fn typed<T: DeserializeOwned>(item: Option<Value>) -> Result<Option<T>, StoreError> {
    item.map(serde_json::from_value).transpose().map_err(|error| StoreError {
        operation: "GetItem",
        reason: error.to_string(),
        kind: Kind::Permanent,
    })
}

impl Store for Memory {
    async fn read<T: DeserializeOwned + Send>(&self, key: &Key) -> Result<(Option<T>, Revision), StoreError> {
        let (item, revision) = self.fetch(key);
        Ok((typed(item)?, revision))
    }

    async fn write<T: Serialize + Sync>(
        &self,
        key: &Key,
        item: &T,
        seen: Revision,
    ) -> Result<Written, StoreError> {
        Ok(self.store(key, serde_json::to_value(item).unwrap(), seen))
    }
}
