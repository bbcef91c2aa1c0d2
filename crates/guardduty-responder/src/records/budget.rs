//! What an hour has only so much of: whoever makes findings can neither empty a company nor bury its mailbox.

use serde::{Deserialize, Serialize};

use super::{Change, Key, Store, StoreError, update};

/// How long an hour's item is kept after it: one day.
const KEPT_SECONDS: u64 = 24 * 3600;

#[derive(Debug, Default, Serialize, Deserialize)]
struct Hour {
    effects: Vec<String>,
    expires: u64,
}

/// What is limited.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Budget {
    /// Automatic containments.
    Containments,
    /// Notices that report no containment.
    Notices,
}

impl Budget {
    fn key(self, hour: u64) -> Key {
        let sk = match self {
            Self::Containments => "budget",
            Self::Notices => "notices",
        };
        Key { pk: format!("budget#{hour}"), sk: sk.to_owned() }
    }
}

/// Whether there was budget.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Spending {
    /// The effect is within the budget; asking again for the same effect does not spend twice.
    Granted,
    /// This hour's budget is spent.
    Refused,
}

/// Spends one of this hour's budget.
///
/// # Errors
/// When the table fails.
pub async fn spend<S: Store>(
    store: &S,
    budget: Budget,
    now: u64,
    effect: &str,
    limit: usize,
) -> Result<Spending, StoreError> {
    let hour = now / 3600;
    update(store, &budget.key(hour), |item: Option<Hour>| {
        let mut item = item.unwrap_or_default();
        if item.effects.iter().any(|spent| spent == effect) {
            return Change::Keep(Spending::Granted);
        }
        if item.effects.len() >= limit {
            return Change::Keep(Spending::Refused);
        }
        item.effects.push(effect.to_owned());
        item.expires = (hour + 1) * 3600 + KEPT_SECONDS;
        Change::Write(item, Spending::Granted)
    })
    .await
}
