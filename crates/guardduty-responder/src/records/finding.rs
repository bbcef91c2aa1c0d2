//! One finding: who works on it, up to which update it is decided, and whom it has contained.

use serde::{Deserialize, Serialize};

use super::{Change, Key, Store, StoreError, update};
use crate::finding::Finding;

/// How long an execution holds a finding: a little longer than the state machine's own time-out of 15 minutes.
const LEASE_SECONDS: u64 = 15 * 60 + 1;

/// The item of a finding.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FindingRecord {
    /// The execution that works on it, or worked on it last.
    pub holder: String,
    /// The update that this execution works on.
    pub version: String,
    /// Until when others leave the finding to the holder, in seconds since 1970; 0 when it is decided.
    pub held_until: u64,
    /// Whom the finding has contained. What is confirmed here is never done again.
    #[serde(default)]
    pub acted: Vec<Acted>,
}

/// A containment that a finding has caused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Acted {
    /// GuardDuty's identity of the user, [`Finding::identity`].
    pub identity: String,
    /// The directory user's SID.
    pub sid: String,
    /// What the notice of it is filed under.
    pub cause: String,
    /// Whether the directory has confirmed it. Until then the same finding may try again.
    pub confirmed: bool,
}

/// Whether this execution may work on a finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Opening {
    /// Yes, it holds the finding now.
    Ours(FindingRecord),
    /// Another execution has, or had, this update or a later one.
    Duplicate,
    /// Another execution works on an earlier update: wait for it.
    Busy,
}

/// The key of a finding's item.
pub fn key(arn: &str) -> Key {
    Key { pk: format!("finding#{arn}"), sk: "finding".to_owned() }
}

/// Takes a finding, so that of several deliveries one is worked on.
///
/// # Errors
/// When the table fails.
pub async fn open<S: Store>(
    store: &S,
    finding: &Finding,
    holder: &str,
    now: u64,
) -> Result<Opening, StoreError> {
    update(store, &key(&finding.arn), |item: Option<FindingRecord>| {
        let item = item.unwrap_or_default();
        let held = item.held_until > now;
        let ours = item.holder == holder && item.version == finding.version;
        if ours {
            return Change::Keep(Opening::Ours(item));
        }
        // A holder whose time is over has died: the same update may be taken again, an earlier one not.
        let died = item.held_until != 0 && !held;
        if finding.version < item.version || (finding.version == item.version && !died) {
            return Change::Keep(Opening::Duplicate);
        }
        if held {
            return Change::Keep(Opening::Busy);
        }
        let taken = FindingRecord {
            holder: holder.to_owned(),
            version: finding.version.clone(),
            held_until: now + LEASE_SECONDS,
            acted: item.acted,
        };
        Change::Write(taken.clone(), Opening::Ours(taken))
    })
    .await
}

/// Notes that the finding contains this user: before the directory is touched, and again when it has confirmed.
///
/// # Errors
/// When the table fails.
pub async fn note_effect<S: Store>(store: &S, arn: &str, acted: &Acted) -> Result<(), StoreError> {
    update(store, &key(arn), |item: Option<FindingRecord>| {
        let mut item = item.unwrap_or_default();
        match item.acted.iter_mut().find(|known| known.sid == acted.sid && known.identity == acted.identity) {
            Some(known) if known.confirmed || known == acted => return Change::Keep(()),
            Some(known) => known.confirmed = acted.confirmed,
            None => item.acted.push(acted.clone()),
        }
        Change::Write(item, ())
    })
    .await
}

/// A time long past: the finding is held by nobody, but its update is not decided.
const ABANDONED: u64 = 1;

/// Lets go of a finding that is decided and told.
///
/// # Errors
/// When the table fails.
pub async fn close<S: Store>(store: &S, arn: &str, holder: &str) -> Result<(), StoreError> {
    let_go(store, arn, holder, 0).await
}

/// Lets go of a finding that could not be decided: the next delivery may take it at once.
///
/// # Errors
/// When the table fails.
pub async fn abandon<S: Store>(store: &S, arn: &str, holder: &str) -> Result<(), StoreError> {
    let_go(store, arn, holder, ABANDONED).await
}

async fn let_go<S: Store>(store: &S, arn: &str, holder: &str, until: u64) -> Result<(), StoreError> {
    update(store, &key(arn), |item: Option<FindingRecord>| match item {
        Some(mut item) if item.holder == holder && item.held_until > ABANDONED => {
            item.held_until = until;
            Change::Write(item, ())
        }
        _ => Change::Keep(()),
    })
    .await
}
