//! Which causes people were told of: at least once each, and more than once only after a death in the middle.

use serde::{Deserialize, Serialize};

use super::{Change, Key, Store, StoreError, update};

/// How long a sender is waited for before another one sends.
const SENDING_SECONDS: u64 = 60;

#[derive(Debug, Serialize, Deserialize)]
struct Notice {
    sender: String,
    claimed_at: u64,
    sent: bool,
}

/// Whether to send a notice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Claim {
    /// Send it.
    Send,
    /// It was sent.
    Sent,
    /// Somebody else is sending it: look again later.
    BeingSent,
}

fn key(cause: &str) -> Key {
    Key { pk: format!("notice#{cause}"), sk: "notice".to_owned() }
}

/// Whether people were told of a cause.
///
/// # Errors
/// When the table fails.
pub async fn is_told<S: Store>(store: &S, cause: &str) -> Result<bool, StoreError> {
    Ok(store.read::<Notice>(&key(cause)).await?.0.is_some_and(|notice| notice.sent))
}

/// What a claim would answer, without claiming.
///
/// # Errors
/// When the table fails.
pub async fn look_at_notice<S: Store>(store: &S, cause: &str, now: u64) -> Result<Claim, StoreError> {
    let (item, _) = store.read::<Notice>(&key(cause)).await?;
    Ok(match item {
        Some(notice) if notice.sent => Claim::Sent,
        Some(notice) if notice.claimed_at + SENDING_SECONDS > now => Claim::BeingSent,
        _ => Claim::Send,
    })
}

/// Claims the sending of a notice.
///
/// # Errors
/// When the table fails.
pub async fn claim_notice<S: Store>(
    store: &S,
    cause: &str,
    sender: &str,
    now: u64,
) -> Result<Claim, StoreError> {
    update(store, &key(cause), |item: Option<Notice>| match item {
        Some(notice) if notice.sent => Change::Keep(Claim::Sent),
        Some(notice) if notice.sender != sender && notice.claimed_at + SENDING_SECONDS > now => {
            Change::Keep(Claim::BeingSent)
        }
        _ => Change::Write(Notice { sender: sender.to_owned(), claimed_at: now, sent: false }, Claim::Send),
    })
    .await
}

/// Notes that a notice was sent.
///
/// # Errors
/// When the table fails: the notice may then be sent once more.
pub async fn finish_notice<S: Store>(
    store: &S,
    cause: &str,
    sender: &str,
    now: u64,
) -> Result<(), StoreError> {
    update(store, &key(cause), |_: Option<Notice>| {
        Change::Write(Notice { sender: sender.to_owned(), claimed_at: now, sent: true }, ())
    })
    .await
}
