//! Whom an execution may hold that ends before its time: perhaps even before it could write down for whom it is.

use std::collections::BTreeSet;

use steward_core::directory::DirectoryError;
use steward_core::ids::DirectoryId;
use steward_core::store::Store;

use crate::error::Error;
use crate::people::People;
use crate::records::{read_run, sid_of};
use crate::request::Input;

/// The SIDs of those whom the execution may have taken; whoever it does not hold is left alone by whoever lets go.
pub(crate) async fn perhaps_taken<P: People + Sync, S: Store + Sync>(
    people: &P,
    store: &S,
    directory: &DirectoryId,
    execution: &str,
    input: &Input,
) -> Result<BTreeSet<String>, Error> {
    if let Some(sid) = read_run(store, execution).await?.and_then(|run| run.sid) {
        return Ok([sid].into());
    }
    let Ok(subject) = input.subject() else { return Ok(BTreeSet::new()) };
    if let Some(sid) = subject.sid {
        return Ok([sid.to_string()].into());
    }
    let noted = sid_of(store, directory, &subject.name).await?;
    let there = match people.person(&subject.name).await {
        Ok(person) => Some(person.user.sid),
        Err(DirectoryError::UserNotFound(_)) => None,
        Err(error) => return Err(error.into()),
    };
    Ok(noted.into_iter().chain(there).map(|sid| sid.to_string()).collect())
}
