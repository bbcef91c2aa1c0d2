//! What a sweep writes down for its later steps and for people, in the computer table: the places, what was found at each,
//! what was decided.
//!
//! Each is written once: a second try of a step, or a first one that was taken for dead, finds what is there and goes on
//! with that. So what is decided on is what is sent.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use steward_core::store::{Key, Revision, Store, StoreError, Written};

use crate::error::Error;
use crate::places::Named;

/// The places of a sweep.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Places {
    /// Where is looked.
    pub places: Vec<Named>,
    /// Rows that do not fit.
    pub problems: Vec<String>,
    /// Accounts that have computers and no row, with how many.
    pub rowless: Vec<(String, u64)>,
}

/// What a sweep has written down.
#[derive(Debug, Clone, Copy)]
pub struct Kept<'a, S> {
    /// The computer table.
    pub store: &'a S,
    /// The ARN of the execution.
    pub execution: &'a str,
}

/// Which of its records.
#[derive(Debug, Clone, Copy)]
pub enum Record<'a> {
    /// The places.
    Places,
    /// What was found at one.
    Found(&'a Named),
    /// What was decided.
    Decision,
}

impl<S: Store> Kept<'_, S> {
    fn key(&self, record: Record<'_>) -> Key {
        let sk = match record {
            Record::Places => "places".to_owned(),
            Record::Found(place) => format!("found#{}#{}", place.account, place.region),
            Record::Decision => "decision".to_owned(),
        };
        Key { pk: format!("sweep#{}", name(self.execution)), sk }
    }

    /// Writes a record, unless it is there: what is there counts.
    ///
    /// # Errors
    /// When the table fails.
    pub async fn write<T>(&self, record: Record<'_>, item: T) -> Result<T, Error>
    where
        T: Serialize + DeserializeOwned + Send + Sync,
    {
        match self.store.write(&self.key(record), &item, Revision::Absent).await? {
            Written::Yes => Ok(item),
            Written::Lost => self.read(record).await,
        }
    }

    /// A record that must be there.
    ///
    /// # Errors
    /// When it is not, or the table fails.
    pub async fn read<T: DeserializeOwned + Send>(&self, record: Record<'_>) -> Result<T, Error> {
        self.find(record).await?.ok_or_else(|| Error::Unrecorded(self.key(record).sk))
    }

    /// A record, if it is there.
    ///
    /// # Errors
    /// When the table fails.
    pub async fn find<T: DeserializeOwned + Send>(
        &self,
        record: Record<'_>,
    ) -> Result<Option<T>, StoreError> {
        Ok(self.store.read(&self.key(record)).await?.0)
    }
}

/// An execution's name, which its machine never gives to another.
pub fn name(execution: &str) -> &str {
    execution.rsplit(':').next().unwrap_or(execution)
}
