//! One person, known by his SID: names change hands, SIDs do not.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_dynamo::{AttributeValue, Item};
use steward_core::ids::{DirectoryId, Sid, UserName};
use steward_core::store::{Change, Key, Revision, Store, StoreError, update};

use super::Account;
use crate::people::Facts;

/// What became of a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// He is being given his accounts.
    #[default]
    Onboarding,
    /// He has them.
    Onboarded,
    /// He has not got all of them.
    Failed,
    /// He was not enabled, or in no group that counts, for as long as anybody waits.
    GivenUp,
    /// He is disabled or deleted, and about to lose them.
    Leaving,
    /// His accounts are suspended.
    Suspended,
    /// They are gone.
    OffBoarded,
    /// He was leaving, and nothing was taken from him.
    Untouched,
}

/// Which machine works on a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Flow {
    /// `onboard-user`.
    Onboard,
    /// `offboard-user`.
    Offboard,
}

/// A person's memberships, as far as adsteward has to do with them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Memberships {
    /// The groups that he was a direct member of, when that was last seen.
    pub saved: Vec<String>,
    /// Whether he was, or is being, taken out of them.
    pub removed: bool,
    /// Groups that he could not be taken out of, or put back into, and why.
    #[serde(default)]
    pub kept: BTreeMap<String, String>,
    /// Groups with which the present change is done.
    #[serde(default)]
    pub done: Vec<String>,
    /// When an invocation began to take him out of groups, in ISO 8601; absent when none is at it.
    #[serde(default)]
    pub leaving_at: Option<String>,
    /// Whether nobody knows what he was a member of.
    #[serde(default)]
    pub unknown: bool,
    /// When they were seen, in ISO 8601.
    #[serde(default)]
    pub at: Option<String>,
}

impl Memberships {
    /// The groups that the present change has still to do with.
    pub fn due(&self) -> impl Iterator<Item = &String> {
        self.saved.iter().filter(|group| !self.done.contains(group) && !self.kept.contains_key(*group))
    }
}

/// The item of a person.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserItem {
    /// His name as the directory spells it.
    pub name: String,
    /// His user principal name.
    #[serde(default)]
    pub upn: Option<String>,
    /// How other services know him; the directory does not tell it any more when he is deleted.
    #[serde(default)]
    pub facts: Option<Facts>,
    /// His SID.
    pub sid: String,
    /// What became of him.
    pub state: State,
    /// The state to go back to when an off-boarding ends before it has done anything.
    #[serde(default)]
    pub before: Option<State>,
    /// Whether he was ever to be given accounts: whom adsteward only knows from his leaving gets back what was taken from
    /// him, and nothing else.
    #[serde(default)]
    pub onboarded: bool,
    /// The execution that works on him.
    #[serde(default)]
    pub holder: Option<String>,
    /// Of which machine.
    #[serde(default)]
    pub flow: Option<Flow>,
    /// Until when it holds him, in seconds since 1970.
    #[serde(default)]
    pub held_until: u64,
    /// How often he came on board: tells one stay from the next.
    #[serde(default)]
    pub epoch: u64,
    /// His accounts, by service.
    #[serde(default)]
    pub services: BTreeMap<String, Account>,
    /// His memberships.
    #[serde(default)]
    pub memberships: Memberships,
    /// When the state was written, in ISO 8601.
    #[serde(default)]
    pub at: String,
}

impl UserItem {
    /// The execution of this machine that holds the person now, if it is not this one.
    pub fn held_by_other(&self, execution: &str, flow: Flow, now: u64) -> Option<&str> {
        let holder = self.holder.as_deref().filter(|holder| *holder != execution)?;
        (self.held_until > now && self.flow == Some(flow)).then_some(holder)
    }

    /// Whether this execution holds the person.
    pub fn is_held_by(&self, execution: &str) -> bool {
        self.holder.as_deref() == Some(execution)
    }

    /// Gives the person to an execution.
    pub fn hold(&mut self, execution: &str, flow: Flow, until: u64) {
        self.holder = Some(execution.to_owned());
        self.flow = Some(flow);
        self.held_until = until;
    }

    /// Lets go of the person.
    pub fn let_go(&mut self) {
        self.holder = None;
        self.flow = None;
        self.held_until = 0;
    }
}

/// The key of a person's item.
pub fn user_key(directory: &DirectoryId, sid: &str) -> Key {
    Key { pk: format!("user#{directory}#{sid}"), sk: "user".to_owned() }
}

/// The key of a name.
pub fn name_key(directory: &DirectoryId, name: &UserName) -> Key {
    Key { pk: format!("name#{directory}#{}", name.lower()), sk: "user".to_owned() }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Name {
    sid: String,
    owned: bool,
}

/// The SID that had this name last.
///
/// # Errors
/// When the table fails.
pub async fn sid_of<S: Store>(
    store: &S,
    directory: &DirectoryId,
    name: &UserName,
) -> Result<Option<Sid>, StoreError> {
    let (item, _) = store.read::<Name>(&name_key(directory, name)).await?;
    Ok(item.and_then(|item| item.sid.parse().ok()))
}

/// Notes whose a name is.
///
/// # Errors
/// When the table fails.
pub async fn note_name<S: Store>(
    store: &S,
    directory: &DirectoryId,
    name: &UserName,
    sid: &Sid,
) -> Result<(), StoreError> {
    let noted = Name { sid: sid.to_string(), owned: true };
    update(store, &name_key(directory, name), |item: Option<Name>| {
        if item.as_ref() == Some(&noted) { Change::Keep(()) } else { Change::Write(noted.clone(), ()) }
    })
    .await
}

/// The person, if this execution holds him.
///
/// # Errors
/// When the table fails.
pub async fn held<S: Store>(
    store: &S,
    directory: &DirectoryId,
    sid: &str,
    execution: &str,
) -> Result<Option<UserItem>, StoreError> {
    let (item, _): (Option<UserItem>, Revision) = store.read(&user_key(directory, sid)).await?;
    Ok(item.filter(|item| item.is_held_by(execution)))
}

/// Changes the person's item, if this execution holds him; the item as it is then, or none.
///
/// # Errors
/// When the table fails.
pub async fn change<S: Store>(
    store: &S,
    directory: &DirectoryId,
    sid: &str,
    execution: &str,
    mut change: impl FnMut(&mut UserItem),
) -> Result<Option<UserItem>, StoreError> {
    update(store, &user_key(directory, sid), |item: Option<UserItem>| match item {
        Some(mut item) if item.is_held_by(execution) => {
            let before = item.clone();
            change(&mut item);
            if item == before { Change::Keep(Some(item)) } else { Change::Write(item.clone(), Some(item)) }
        }
        _ => Change::Keep(None),
    })
    .await
}

/// Whether an item is kept whatever its age: who is on board or could be put back, and whose his accounts and name are.
pub fn is_held(item: &Item) -> bool {
    let kept = ["onboarding", "onboarded", "failed", "leaving", "suspended"];
    match (item.get("state"), item.get("owned")) {
        (Some(AttributeValue::S(state)), _) => kept.contains(&state.as_str()),
        (_, Some(AttributeValue::Bool(owned))) => *owned,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use serde_dynamo::to_item;
    use steward_core::store::memory::{Memory, put};

    use super::*;

    #[test]
    fn who_has_accounts_is_never_forgotten() {
        for (state, kept) in [
            (State::Onboarding, true),
            (State::Onboarded, true),
            (State::Failed, true),
            (State::Leaving, true),
            (State::Suspended, true),
            (State::GivenUp, false),
            (State::OffBoarded, false),
            (State::Untouched, false),
        ] {
            let item: Item = to_item(UserItem { state, ..UserItem::default() }).unwrap();
            assert_eq!(is_held(&item), kept, "{state:?}");
        }
        let name = Name { sid: "S-1".to_owned(), owned: true };
        assert!(is_held(&to_item(name).unwrap()));
    }

    /// Another execution may take him over in the middle of a step.
    #[tokio::test]
    async fn only_who_holds_a_person_changes_him() {
        let table = Memory::default();
        let directory: DirectoryId = "d-9067012345".parse().unwrap();
        let mut item = UserItem { sid: "S-1".to_owned(), ..UserItem::default() };
        item.hold("a", Flow::Onboard, 100);
        put(&table, &user_key(&directory, "S-1"), &item);
        for (execution, changes) in [("b", false), ("a", true)] {
            let changed =
                change(&table, &directory, "S-1", execution, |item| item.state = State::Onboarded).await;
            assert_eq!(changed.unwrap().is_some(), changes, "{execution}");
            let (item, _) = table.read::<UserItem>(&user_key(&directory, "S-1")).await.unwrap();
            assert_eq!(item.unwrap().state == State::Onboarded, changes, "{execution}");
        }
    }

    #[test]
    fn an_execution_holds_a_person_for_a_while_and_against_its_own_machine_only() {
        let mut item = UserItem::default();
        item.hold("a", Flow::Onboard, 100);
        assert_eq!(item.held_by_other("b", Flow::Onboard, 99), Some("a"));
        assert_eq!(item.held_by_other("b", Flow::Onboard, 100), None);
        assert_eq!(item.held_by_other("b", Flow::Offboard, 99), None);
        assert_eq!(item.held_by_other("a", Flow::Onboard, 99), None);
        item.let_go();
        assert_eq!(item.held_by_other("b", Flow::Onboard, 0), None);
    }
}
