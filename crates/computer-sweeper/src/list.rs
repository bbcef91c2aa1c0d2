//! Which places are looked at: each account with a row, in each of its Regions.

use std::collections::{BTreeMap, BTreeSet};

use steward_core::accounts::{Account, AccountError, AccountTable, Accounts, RowProblem};
use steward_core::ids::AccountId;
use steward_core::notice::Notices;
use steward_core::place::Region;
use steward_core::store::Store;

use crate::directories::Objects;
use crate::error::Error;
use crate::instances::Instances;
use crate::items::{Item, Items};
use crate::kept::{Places, Record};
use crate::places::{Named, Spot};
use crate::queue::Queue;
use crate::request::{Input, Outcome, Request};
use crate::sweeper::Sweeper;

/// Places of one sweep at most. The state machine takes up to nine events for each, and for one that fails again and again
/// some thirty; what it keeps of one that has failed is some 400 bytes. A history holds 25,000 events, a result 256 KiB.
/// Source: Step Functions Developer Guide, "Service quotas".
pub const MOST: usize = 500;

/// The account table.
pub trait Rows {
    /// The row of an account.
    ///
    /// # Errors
    /// When it does not fit, or the table cannot be read.
    fn row(&self, id: &AccountId) -> impl Future<Output = Result<Option<Account>, AccountError>> + Send;

    /// All rows, those that do not fit too.
    ///
    /// # Errors
    /// When the table cannot be read to its end.
    fn rows(&self) -> impl Future<Output = Result<Vec<Result<Account, RowProblem>>, AccountError>> + Send;
}

impl Rows for AccountTable {
    async fn row(&self, id: &AccountId) -> Result<Option<Account>, AccountError> {
        self.account(id).await
    }

    async fn rows(&self) -> Result<Vec<Result<Account, RowProblem>>, AccountError> {
        self.all().await
    }
}

impl<R, E, I, O, Q, S, N> Sweeper<R, E, I, O, Q, S, N>
where
    R: Rows + Sync,
    E: Instances + Sync,
    I: Items + Sync,
    O: Objects + Sync,
    Q: Queue + Sync,
    S: Store + Sync,
    N: Notices + Sync,
{
    pub(crate) async fn list(&self, request: &Request) -> Result<Outcome, Error> {
        // Before anything is looked at: whoever has misspelled it is told at once.
        Input::read(&request.input)?;
        let rows = self.rows.rows().await?;
        let items = self.items.all().await?;
        let places = places(&rows, &items, &self.settings.region);
        if places.places.len() > MOST {
            return Err(Error::TooManyPlaces(places.places.len()));
        }
        let places = self.kept(request).write(Record::Places, places).await?;
        let count = places.places.len();
        Ok(Outcome { places: Some(places.places), ..Outcome::new("listed", count) })
    }
}

/// The places of an account: the Regions that its row names, and those in which computers are known of it. A row without
/// Regions means all, and these are its own ones and the function's.
fn places(rows: &[Result<Account, RowProblem>], items: &[Item], own: &Region) -> Places {
    let mut known: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    let mut computers: BTreeMap<&str, u64> = BTreeMap::new();
    for item in items.iter().filter(|item| item.may_have_object()) {
        known.entry(&item.account).or_default().insert(&item.region);
        *computers.entry(&item.account).or_default() += 1;
    }
    let mut found = Places::default();
    for row in rows {
        let id = match row {
            Ok(account) => {
                let named = account.regions.iter().map(Region::as_str);
                let own = account.regions.is_empty().then(|| own.as_str());
                let regions: BTreeSet<&str> = named
                    .chain(own)
                    .chain(known.get(account.id.as_str()).into_iter().flatten().copied())
                    .collect();
                let name =
                    |region: &str| Named { account: account.id.to_string(), region: region.to_owned() };
                found.places.extend(regions.into_iter().map(name));
                account.id.as_str()
            }
            Err(problem) => {
                found.problems.push(problem.to_string());
                problem.account.as_str()
            }
        };
        computers.remove(id);
    }
    found.rowless = computers.into_iter().map(|(account, count)| (account.to_owned(), count)).collect();
    found
}

impl Spot {
    /// A place of an account.
    pub fn of(account: &Account, region: Region) -> Self {
        let joins = account.regions.is_empty() || account.regions.contains(&region);
        Self { account: account.id.clone(), region, joins }
    }
}

#[cfg(test)]
mod tests;
