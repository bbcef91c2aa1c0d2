//! The computer table, as far as a sweep reads it.
//!
//! It is read as a whole and consistently, for each place: an index by place would lag behind, and what it does not show yet
//! would be taken for a computer without a record. Ten thousand items are about ten requests.

use std::collections::HashMap;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;
use serde::Deserialize;
use steward_core::error::{Kind, kind_of, service_text};
use steward_core::ids::{InstanceId, Sid};

use crate::error::Error;

/// What became of an instance, in domain-joiner's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// It is to be joined.
    Requested,
    /// A command is under way.
    Sent,
    /// It is a member.
    Joined,
    /// It could not be joined.
    Failed,
    /// Its computer is about to be removed.
    Leaving,
    /// Nothing of it is left.
    Left,
}

/// The item of an instance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// The instance.
    pub instance: InstanceId,
    /// What became of it.
    pub state: State,
    /// Its account.
    pub account: String,
    /// Its Region.
    pub region: String,
    /// The description of a computer that was made for it.
    pub marker: String,
    /// The SID of its computer.
    pub sid: Option<Sid>,
    /// Whether a computer may be there whose SID nobody knows.
    pub unsettled: bool,
    /// When domain-joiner looks at it again, in seconds since 1970.
    pub look_at: u64,
    /// When it was written, in seconds since 1970.
    pub at: u64,
    /// The last reason why something was not done.
    pub reason: Option<String>,
}

impl Item {
    /// Whether a computer may be in the directory for it.
    pub fn may_have_object(&self) -> bool {
        self.state != State::Left && (self.sid.is_some() || self.unsettled)
    }
}

/// An item as it is stored.
#[derive(Deserialize)]
struct Stored {
    pk: String,
    state: State,
    account: String,
    region: String,
    marker: String,
    sid: Option<String>,
    unsettled: bool,
    #[serde(default)]
    claimed: bool,
    look_at: u64,
    at: u64,
    reason: Option<String>,
}

/// The computer table.
pub trait Items {
    /// Every instance's item.
    ///
    /// # Errors
    /// When the table cannot be read to its end, or an item is not understood: what it says of whom is then unknown.
    fn all(&self) -> impl Future<Output = Result<Vec<Item>, Error>> + Send;
}

/// The computer table in DynamoDB.
#[derive(Debug, Clone)]
pub struct ComputerTable {
    /// The client.
    pub client: Client,
    /// The table's name.
    pub name: String,
}

impl Items for ComputerTable {
    async fn all(&self) -> Result<Vec<Item>, Error> {
        let mut pages = self
            .client
            .scan()
            .table_name(&self.name)
            .consistent_read(true)
            .filter_expression("sk = :computer")
            .expression_attribute_values(":computer", AttributeValue::S("computer".to_owned()))
            .into_paginator()
            .send();
        let mut items = Vec::new();
        while let Some(page) = pages.next().await {
            let page = page.map_err(|error| failed(service_text(&error), kind_of(&error)))?;
            for item in page.items.unwrap_or_default() {
                items.push(read(item)?);
            }
        }
        Ok(items)
    }
}

fn read(item: HashMap<String, AttributeValue>) -> Result<Item, Error> {
    let key = item.get("pk").and_then(|pk| pk.as_s().ok()).cloned().unwrap_or_default();
    let odd = |problem: String| failed(format!("the item of {key:?}: {problem}"), Kind::Permanent);
    let item = serde_dynamo::Item::from(item);
    let stored: Stored = serde_dynamo::from_item(item).map_err(|error| odd(error.to_string()))?;
    let sid = stored.sid.as_deref().map(str::parse).transpose();
    Ok(Item {
        instance: stored.pk.parse().map_err(|error| odd(format!("{error}")))?,
        state: stored.state,
        account: stored.account,
        region: stored.region,
        marker: stored.marker,
        sid: sid.map_err(|error| odd(format!("{error}")))?,
        unsettled: stored.unsettled || stored.claimed,
        look_at: stored.look_at,
        at: stored.at,
        reason: stored.reason,
    })
}

fn failed(reason: String, kind: Kind) -> Error {
    Error::Call { operation: "Scan of the computer table", reason, kind }
}

#[cfg(test)]
mod tests;
