//! A question to a person: may this user be disabled?
//!
//! The truth is here: the task token only wakes the execution that waits. An answer counts while the question is open,
//! that is while the item holds a token; the execution that stops waiting takes the token away in the same write in
//! which it sees that there is no answer.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{Change, Key, Store, StoreError, update};

/// The item of a question.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Approval {
    /// What the person names it by.
    pub id: String,
    /// The finding.
    pub finding_arn: String,
    /// The instance that the finding is about.
    pub instance: String,
    /// The directory user, when he is proved; otherwise the person names him.
    pub user: Option<String>,
    /// The trusted domain that he belongs to; none for the own directory's users.
    #[serde(default)]
    pub domain: Option<String>,
    /// The execution of `contain-user` that waits, or waited last.
    pub execution: String,
    /// What wakes it; absent when nobody waits.
    pub token: Option<String>,
    /// Until when it waits, in ISO 8601.
    pub open_until: String,
    /// The answer.
    pub answer: Option<Answer>,
}

/// What a person has answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// Yes or no.
    pub verdict: Verdict,
    /// Whom to disable.
    pub user: Option<String>,
    /// The trusted domain that he belongs to; none for the own directory's users.
    #[serde(default)]
    pub domain: Option<String>,
    /// Who has answered, from CloudTrail.
    pub caller: String,
    /// Why, in his words.
    pub reason: String,
    /// When, in ISO 8601.
    pub at: String,
    /// The execution of `approve-containment`.
    pub execution: String,
}

/// Yes or no.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// Disable the user.
    Approve,
    /// Leave him alone.
    Refuse,
}

/// The same question has the same name, in whichever execution it is asked.
pub fn approval_id(finding_arn: &str, reason: &str, who: &str) -> String {
    let hash = Sha256::digest(format!("approval|{finding_arn}|{reason}|{who}").as_bytes());
    hash.iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

/// The key of a question.
pub fn approval_key(id: &str) -> Key {
    Key { pk: format!("approval#{id}"), sk: "approval".to_owned() }
}

/// Opens a question, or opens it again for a later execution. An answer that was given stays.
///
/// # Errors
/// When the table fails.
pub async fn ask<S: Store>(store: &S, question: Approval) -> Result<(), StoreError> {
    update(store, &approval_key(&question.id), |item: Option<Approval>| {
        let answer = item.and_then(|item| item.answer);
        Change::Write(Approval { answer, ..question.clone() }, ())
    })
    .await
}

/// Whether a person has approved when he was asked this before.
///
/// # Errors
/// When the table fails.
pub async fn is_approved<S: Store>(store: &S, id: &str) -> Result<bool, StoreError> {
    let (item, _) = store.read::<Approval>(&approval_key(id)).await?;
    let answer = item.and_then(|item| item.answer);
    Ok(answer.is_some_and(|answer| answer.verdict == Verdict::Approve))
}

/// Ends the waiting of an execution, and tells the answer if there is one.
///
/// # Errors
/// When the table fails.
pub async fn stop_asking<S: Store>(
    store: &S,
    id: &str,
    execution: &str,
) -> Result<Option<Answer>, StoreError> {
    update(store, &approval_key(id), |item: Option<Approval>| match item {
        Some(mut item) if item.execution == execution && item.token.is_some() => {
            item.token = None;
            let answer = item.answer.clone();
            Change::Write(item, answer)
        }
        Some(item) => Change::Keep(item.answer),
        None => Change::Keep(None),
    })
    .await
}

/// Answers an open question. Of two answers the first counts; the same one again is no second.
///
/// # Errors
/// When the table fails; inside, why the answer does not count.
pub async fn answer<S: Store>(
    store: &S,
    id: &str,
    given: &Answer,
) -> Result<Result<Approval, String>, StoreError> {
    update(store, &approval_key(id), |item: Option<Approval>| match item {
        None => Change::Keep(Err(format!("there is no question {id}: copy it from the notice"))),
        Some(item) => match &item.answer {
            Some(first) if first.execution == given.execution => Change::Keep(Ok(item)),
            Some(first) => {
                let what = if first.verdict == Verdict::Approve { "approved" } else { "refused" };
                Change::Keep(Err(format!("{id} was {what} already, by {} at {}", first.caller, first.at)))
            }
            None if item.token.is_none() => Change::Keep(Err(format!(
                "nobody waits for an answer to {id} since {}: disable the user yourself, or answer when an update of the \
                 finding asks again",
                item.open_until
            ))),
            None => {
                let item = Approval { answer: Some(given.clone()), ..item };
                Change::Write(item.clone(), Ok(item))
            }
        },
    })
    .await
}
