//! Which causes people were told of: at least once each, and more than once only after a death in the middle.

use serde::{Deserialize, Serialize};

use crate::error::Kind;
use crate::notice::{Notice as Text, NoticeError, Notices};

use super::{Change, Key, Store, StoreError, update};

/// How long a sender is waited for before another one sends.
const SENDING_SECONDS: u64 = 60;

#[derive(Debug, Serialize, Deserialize)]
struct Notice {
    sender: String,
    claimed_at: u64,
    sent: bool,
}

/// Attempts to note that a notice was sent.
const FINISHING_ATTEMPTS: u32 = 3;

/// What became of telling.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Telling {
    /// Sent now.
    Now,
    /// Sent before, for the same cause.
    Before,
}

/// People could not be told.
#[derive(Debug, thiserror::Error)]
pub enum TellError {
    /// The table.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The topic.
    #[error(transparent)]
    Notice(#[from] NoticeError),
    /// Another sender is at it.
    #[error("the notice {0} is being sent by another execution")]
    Busy(String),
}

impl TellError {
    /// Whether trying again can help.
    pub fn kind(&self) -> Kind {
        match self {
            Self::Store(error) => error.kind(),
            Self::Notice(error) => error.kind(),
            Self::Busy(_) => Kind::Transient,
        }
    }
}

/// Tells people of a cause, once; after a death in the middle perhaps once more, never not at all.
///
/// # Errors
/// [`TellError::Busy`] while another sender is at it; any failure of the table or the topic.
pub async fn tell<S: Store, N: Notices>(
    store: &S,
    notices: &N,
    cause: &str,
    sender: &str,
    now: u64,
    notice: &Text,
) -> Result<Telling, TellError> {
    match claim_notice(store, cause, sender, now).await? {
        Claim::Sent => Ok(Telling::Before),
        Claim::BeingSent => Err(TellError::Busy(cause.to_owned())),
        Claim::Send => {
            notices.publish(notice).await?;
            // It is sent: a failure to note that must not send it again, so it is no failure of the step.
            for _ in 0..FINISHING_ATTEMPTS {
                match finish_notice(store, cause, sender, now).await {
                    Ok(()) => break,
                    Err(error) => {
                        tracing::warn!(notice.cause = cause, "cannot note the notice as sent: {error}")
                    }
                }
            }
            Ok(Telling::Now)
        }
    }
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

/// Lets others send at once what this sender has claimed and will not send any more.
///
/// # Errors
/// When the table fails: the claim then lasts its minute.
pub async fn give_up_notice<S: Store>(store: &S, cause: &str, sender: &str) -> Result<(), StoreError> {
    update(store, &key(cause), |item: Option<Notice>| match item {
        Some(notice) if notice.sender == sender && !notice.sent && notice.claimed_at > 0 => {
            Change::Write(Notice { claimed_at: 0, ..notice }, ())
        }
        _ => Change::Keep(()),
    })
    .await
}
