//! Whose an account is. A name may be given to somebody else after its bearer has left, and an account of his that is
//! still there must not become another person's.

use serde::{Deserialize, Serialize};
use steward_core::ids::Sid;
use steward_core::store::{Change, Key, Store, StoreError, update};

/// The item of an account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Owner {
    sid: String,
    user: String,
    /// Kept as long as nobody says that the account is gone.
    owned: bool,
}

fn key(service: &str, id: &str) -> Key {
    Key { pk: format!("account#{service}#{id}"), sk: "owner".to_owned() }
}

/// The SID of the person whose account this is, if that is known.
///
/// # Errors
/// When the table fails.
pub async fn owner_of<S: Store>(store: &S, service: &str, id: &str) -> Result<Option<String>, StoreError> {
    Ok(store.read::<Owner>(&key(service, id)).await?.0.map(|owner| owner.sid))
}

/// Notes whose an account is, unless it is somebody's already; `owned` is false once it is gone.
///
/// # Errors
/// When the table fails.
pub async fn note_owner<S: Store>(
    store: &S,
    service: &str,
    id: &str,
    sid: &Sid,
    user: &str,
    owned: bool,
) -> Result<(), StoreError> {
    let noted = Owner { sid: sid.to_string(), user: user.to_owned(), owned };
    update(store, &key(service, id), |owner: Option<Owner>| match owner {
        Some(owner) if owner.sid != noted.sid || owner == noted => Change::Keep(()),
        _ => Change::Write(noted.clone(), ()),
    })
    .await
}
