//! One finding: who works on it, up to which update it is decided, and whom it has contained.

use serde::{Deserialize, Serialize};

use super::{Answer, Approval, Change, Key, Store, StoreError, Verdict, approval_key, update};
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
    /// Until when others leave the finding to the holder, in seconds since 1970; 0 when nobody works on it.
    pub held_until: u64,
    /// Until when the holder waits for a person, in seconds since 1970: later updates need not wait for that.
    #[serde(default)]
    pub asks_until: u64,
    /// When the update was decided and told, in seconds since 1970: its copies that had started before have nothing to do.
    #[serde(default)]
    pub done_at: u64,
    /// Whom the finding has contained. What is confirmed here is never done again.
    #[serde(default)]
    pub acted: Vec<Acted>,
    /// What people were asked about the finding.
    #[serde(default)]
    pub questions: Vec<Question>,
}

/// A question that a finding has led to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Question {
    /// Its name.
    pub id: String,
    /// GuardDuty's identity of the user whom it is about, [`Finding::identity`].
    pub identity: String,
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
    /// This update was decided since the execution started, or there is a later one.
    Duplicate,
    /// This execution holds the finding, which may have died: wait until it is done, or its time has passed.
    Busy(String),
    /// Another execution has asked a person about the finding.
    AwaitsPerson,
}

/// The key of a finding's item.
pub fn key(arn: &str) -> Key {
    Key { pk: format!("finding#{arn}"), sk: "finding".to_owned() }
}

/// Takes a finding, so that of several deliveries one is worked on at a time. A copy of an update that was decided without
/// an effect before it `started` is decided again: the mode, the kill switch or the instance may have changed since.
///
/// # Errors
/// When the table fails.
pub async fn open<S: Store>(
    store: &S,
    finding: &Finding,
    holder: &str,
    started: u64,
    now: u64,
) -> Result<Opening, StoreError> {
    update(store, &key(&finding.arn), |item: Option<FindingRecord>| {
        let item = item.unwrap_or_default();
        let copy = item.version == finding.version;
        if copy && item.holder == holder {
            return Change::Keep(Opening::Ours(item));
        }
        if finding.version < item.version || (copy && started < item.done_at) {
            return Change::Keep(Opening::Duplicate);
        }
        if item.held_until > now {
            let asks = item.asks_until > now;
            return Change::Keep(if asks { Opening::AwaitsPerson } else { Opening::Busy(item.holder) });
        }
        let taken = FindingRecord {
            holder: holder.to_owned(),
            version: finding.version.clone(),
            held_until: now + LEASE_SECONDS,
            asks_until: 0,
            done_at: if copy { item.done_at } else { 0 },
            acted: item.acted,
            questions: item.questions,
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

/// Notes a question, before it is asked.
///
/// # Errors
/// When the table fails.
pub async fn note_question<S: Store>(store: &S, arn: &str, question: &Question) -> Result<(), StoreError> {
    update(store, &key(arn), |item: Option<FindingRecord>| {
        let mut item = item.unwrap_or_default();
        if item.questions.contains(question) {
            return Change::Keep(());
        }
        item.questions.push(question.clone());
        Change::Write(item, ())
    })
    .await
}

/// The question and the answer with which a person has refused to contain whom the finding is about, whatever the doubt
/// was for which he was asked.
///
/// # Errors
/// When the table fails.
pub async fn refusal<S: Store>(store: &S, finding: &Finding) -> Result<Option<(String, Answer)>, StoreError> {
    let (item, _) = store.read::<FindingRecord>(&key(&finding.arn)).await?;
    let identity = finding.identity();
    for question in item.unwrap_or_default().questions {
        if question.identity != identity {
            continue;
        }
        let (asked, _) = store.read::<Approval>(&approval_key(&question.id)).await?;
        let answer = asked.and_then(|asked| asked.answer).filter(|answer| answer.verdict == Verdict::Refuse);
        if let Some(answer) = answer {
            return Ok(Some((question.id, answer)));
        }
    }
    Ok(None)
}

/// Goes on holding a finding, `asking` a person for so many seconds or working. Whoever has held it for too long finds
/// that another execution has taken it, and must not act.
///
/// # Errors
/// When the table fails; inside, who has it now.
pub async fn hold<S: Store>(
    store: &S,
    arn: &str,
    holder: &str,
    asking: u64,
    now: u64,
) -> Result<Result<(), String>, StoreError> {
    update(store, &key(arn), |item: Option<FindingRecord>| match item {
        // It was let go of: a step that comes late finds everything done.
        Some(item) if item.holder == holder && item.held_until == 0 => Change::Keep(Ok(())),
        Some(mut item) if item.holder == holder => {
            item.held_until = now + asking + LEASE_SECONDS;
            item.asks_until = if asking == 0 { 0 } else { now + asking };
            Change::Write(item, Ok(()))
        }
        other => Change::Keep(Err(other.map(|item| item.holder).unwrap_or_default())),
    })
    .await
}

/// Lets go of a finding that is decided and told: copies that wait for it have nothing to do.
///
/// # Errors
/// When the table fails.
pub async fn finish<S: Store>(store: &S, arn: &str, holder: &str, now: u64) -> Result<(), StoreError> {
    let_go(store, arn, holder, |item| item.done_at = now).await
}

/// Lets go of a finding that could not be finished: the next delivery, or a copy that waits, takes it up at once.
///
/// # Errors
/// When the table fails.
pub async fn abandon<S: Store>(store: &S, arn: &str, holder: &str) -> Result<(), StoreError> {
    let_go(store, arn, holder, |_| ()).await
}

async fn let_go<S: Store>(
    store: &S,
    arn: &str,
    holder: &str,
    note: impl Fn(&mut FindingRecord),
) -> Result<(), StoreError> {
    update(store, &key(arn), |item: Option<FindingRecord>| match item {
        Some(mut item) if item.holder == holder && item.held_until != 0 => {
            item.held_until = 0;
            item.asks_until = 0;
            note(&mut item);
            Change::Write(item, ())
        }
        _ => Change::Keep(()),
    })
    .await
}
