//! What flow 1's decision table says of a user. It is only read here.

use serde::Deserialize;
use steward_core::ids::{DirectoryId, Sid, UserName};
use steward_core::store::{Key, Store, StoreError};

#[derive(Debug, Deserialize)]
struct Containment {
    sid: String,
    status: String,
}

/// Whether adsteward holds this very person disabled because of a finding.
///
/// # Errors
/// When the table fails.
pub async fn is_contained<S: Store>(
    decisions: &S,
    directory: &DirectoryId,
    name: &UserName,
    sid: &Sid,
) -> Result<bool, StoreError> {
    let key = Key { pk: format!("user#{directory}#{}", name.lower()), sk: "containment".to_owned() };
    let (item, _) = decisions.read::<Containment>(&key).await?;
    Ok(item.is_some_and(|item| item.sid == sid.as_str() && item.status != "released"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use steward_core::store::memory::{Memory, put};

    use super::*;

    #[tokio::test]
    async fn who_is_contained_is_known_by_name_and_sid() {
        let table = Memory::default();
        let (directory, alice): (DirectoryId, UserName) =
            ("d-9067012345".parse().unwrap(), "Alice".parse().unwrap());
        let (sid, other): (Sid, Sid) =
            ("S-1-5-21-1-2-3-1104".parse().unwrap(), "S-1-5-21-1-2-3-1105".parse().unwrap());
        let key = Key { pk: "user#d-9067012345#alice".to_owned(), sk: "containment".to_owned() };
        assert!(!is_contained(&table, &directory, &alice, &sid).await.unwrap());
        for (status, contained) in [("contained", true), ("releasing", true), ("released", false)] {
            put(&table, &key, &json!({"sid": sid.as_str(), "status": status, "epoch": 1}));
            assert_eq!(is_contained(&table, &directory, &alice, &sid).await.unwrap(), contained, "{status}");
            assert!(!is_contained(&table, &directory, &alice, &other).await.unwrap());
        }
    }
}
