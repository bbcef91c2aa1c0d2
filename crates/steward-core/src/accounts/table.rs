//! The account table in DynamoDB.

use std::collections::HashMap;
use std::sync::Mutex;

use crate::clock;
use crate::error::{kind_of, service_text};
use crate::ids::AccountId;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;

use super::{Account, AccountError, Accounts, Defaults, RowProblem, read};

/// How many seconds an answer counts: many instances of an account come at once, and who corrects a row should not wait long.
const KEPT: u64 = 60;

/// Most rows that are remembered at once.
const MOST: usize = 1000;

type Answer = Result<Option<Account>, RowProblem>;

/// The account table.
#[derive(Debug)]
pub struct AccountTable {
    client: Client,
    name: String,
    defaults: Defaults,
    kept: Mutex<HashMap<AccountId, (u64, Answer)>>,
}

impl AccountTable {
    /// The table of this name.
    pub fn new(client: Client, name: String, defaults: Defaults) -> Self {
        Self { client, name, defaults, kept: Mutex::default() }
    }

    /// Every row, those that do not fit too, as the table holds them now.
    ///
    /// # Errors
    /// When the table cannot be read to its end.
    pub async fn all(&self) -> Result<Vec<Result<Account, RowProblem>>, AccountError> {
        let scan = self.client.scan().table_name(&self.name).consistent_read(true);
        let mut pages = scan.into_paginator().send();
        let mut rows = Vec::new();
        while let Some(page) = pages.next().await {
            let page = page.map_err(|error| AccountError::Table {
                reason: service_text(&error),
                kind: kind_of(&error),
            })?;
            rows.extend(page.items.unwrap_or_default().iter().map(|item| self.row(item)));
        }
        Ok(rows)
    }

    /// A row under whatever key; nobody's account has the id of one that is none.
    fn row(&self, item: &HashMap<String, AttributeValue>) -> Result<Account, RowProblem> {
        let key = item.get("accountId").and_then(|key| key.as_s().ok()).map_or("", String::as_str);
        let id = key.trim().parse().map_err(|_| {
            let shown: String = key.chars().take(80).collect();
            RowProblem {
                account: self.defaults.own_account.clone(),
                problem: format!("accountId is {shown:?} but must be the account's twelve digits"),
            }
        })?;
        read(&id, item, &self.defaults)
    }

    fn kept(&self, id: &AccountId) -> Option<Answer> {
        let kept = self.kept.lock().ok()?;
        let (since, answer) = kept.get(id)?;
        is_fresh(*since).then(|| answer.clone())
    }

    fn keep(&self, id: &AccountId, answer: &Answer) {
        if let Ok(mut kept) = self.kept.lock() {
            kept.retain(|_, (since, _)| is_fresh(*since));
            if kept.len() < MOST {
                kept.insert(id.clone(), (clock::now(), answer.clone()));
            }
        }
    }
}

fn is_fresh(since: u64) -> bool {
    clock::now() < since + KEPT
}

impl Accounts for AccountTable {
    async fn account(&self, id: &AccountId) -> Result<Option<Account>, AccountError> {
        if let Some(answer) = self.kept(id) {
            return Ok(answer?);
        }
        let asked = self.client.get_item().table_name(&self.name);
        let asked = asked.key("accountId", AttributeValue::S(id.to_string())).consistent_read(true);
        let answer = asked
            .send()
            .await
            .map_err(|error| AccountError::Table { reason: service_text(&error), kind: kind_of(&error) })?;
        let answer = answer.item.map(|item| read(id, &item, &self.defaults)).transpose();
        self.keep(id, &answer);
        Ok(answer?)
    }
}

#[cfg(test)]
mod tests;
