//! The two tables of the world.

use serde::Serialize;
use serde::de::DeserializeOwned;
use steward_core::store::memory::typed;
use steward_core::store::{Key, Revision, Store, StoreError, Written};

use super::World;

/// Flow 1's decision table.
#[derive(Debug, Clone)]
pub(crate) struct Decisions(pub(super) World);

impl Store for World {
    async fn read<T: DeserializeOwned + Send>(&self, key: &Key) -> Result<(Option<T>, Revision), StoreError> {
        let key = key.clone();
        let read = self.call("GetItem", move |world| world.table.fetch(&key)).await;
        let (item, revision) = read.ok_or_else(StoreError::injected)?;
        Ok((typed(item)?, revision))
    }

    async fn write<T: Serialize + Sync>(
        &self,
        key: &Key,
        item: &T,
        seen: Revision,
    ) -> Result<Written, StoreError> {
        let (key, item) = (key.clone(), serde_json::to_value(item).unwrap());
        let written = self.call("PutItem", move |world| world.table.store(&key, item, seen)).await;
        written.ok_or_else(StoreError::injected)
    }
}

impl Store for Decisions {
    async fn read<T: DeserializeOwned + Send>(&self, key: &Key) -> Result<(Option<T>, Revision), StoreError> {
        let key = key.clone();
        let read = self.0.call("GetItem", move |world| world.decisions.fetch(&key)).await;
        let (item, revision) = read.ok_or_else(StoreError::injected)?;
        Ok((typed(item)?, revision))
    }

    async fn write<T: Serialize + Sync>(&self, _: &Key, _: &T, _: Revision) -> Result<Written, StoreError> {
        panic!("this flow only reads the decision table")
    }
}
