//! What an execution has decided, for its later steps: for whom, what is to be done, and with which names.

use serde::{Deserialize, Serialize};
use steward_core::store::{Change, Key, Store, StoreError, update};

use crate::people::Facts;
use crate::rules::Rule;

/// The item of an execution.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Run {
    /// The name that it was started with.
    pub user: String,
    /// The person, once he is known.
    #[serde(default)]
    pub sid: Option<String>,
    /// What the first step has answered: `ready`, `leaving`, `refused`, `gave-up`.
    pub outcome: String,
    /// Why, as a code.
    #[serde(default)]
    pub reason: Option<String>,
    /// The services that it goes through.
    #[serde(default)]
    pub services: Vec<String>,
    /// What the rules give the user.
    #[serde(default)]
    pub rule: Option<Rule>,
    /// The user as he was looked up.
    #[serde(default)]
    pub facts: Option<Facts>,
    /// Why he leaves: `disabled`, `deleted`, `contained`.
    #[serde(default)]
    pub kind: Option<String>,
    /// Why it was stopped half-way, as a code.
    #[serde(default)]
    pub stopped: Option<String>,
    /// Since when the directory says otherwise than before, in seconds since 1970.
    #[serde(default)]
    pub doubted_at: Option<u64>,
    /// Whether it has begun to remove what it had suspended.
    #[serde(default)]
    pub removing: bool,
    /// What people were told became of it.
    #[serde(default)]
    pub reported: Option<String>,
    /// When it was decided, in ISO 8601.
    pub at: String,
}

/// The key of an execution's item.
pub fn run_key(execution: &str) -> Key {
    Key { pk: format!("execution#{execution}"), sk: "run".to_owned() }
}

/// What an execution has decided.
///
/// # Errors
/// When the table fails.
pub async fn read_run<S: Store>(store: &S, execution: &str) -> Result<Option<Run>, StoreError> {
    Ok(store.read(&run_key(execution)).await?.0)
}

/// Changes what is known of an execution; branches of a machine do so at the same time.
///
/// # Errors
/// When the table fails.
pub async fn amend_run<S: Store>(
    store: &S,
    execution: &str,
    mut change: impl FnMut(&mut Run),
) -> Result<(), StoreError> {
    update(store, &run_key(execution), |run: Option<Run>| {
        let before = run.unwrap_or_default();
        let mut run = before.clone();
        change(&mut run);
        if run == before { Change::Keep(()) } else { Change::Write(run, ()) }
    })
    .await
}

/// For how long the directory must say otherwise than before until it is believed: one domain controller may lag behind.
const BELIEVED_SECONDS: u64 = 60;

/// Notes that the directory says otherwise than before; whether it has said so for long enough.
///
/// # Errors
/// When the table fails.
pub async fn is_believed<S: Store>(store: &S, execution: &str, now: u64) -> Result<bool, StoreError> {
    let mut since = now;
    amend_run(store, execution, |run| since = *run.doubted_at.get_or_insert(now)).await?;
    Ok(now >= since + BELIEVED_SECONDS)
}

/// Writes down what an execution has decided.
///
/// # Errors
/// When the table fails.
pub async fn write_run<S: Store>(store: &S, execution: &str, run: &Run) -> Result<(), StoreError> {
    update(store, &run_key(execution), |_: Option<Run>| Change::Write(run.clone(), ())).await
}
