//! The directory, as this flow needs it: who a user is, which groups he is in, and in and out of groups.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use steward_core::directory::{ClientToken, DirectoryError, DirectoryService, Membership, Person};
use steward_core::error::Kind;
use steward_core::ids::UserName;

/// Groups looked at for one user at most.
const GROUP_LIMIT: usize = 100;

/// For how long is believed what a group is a member of: a burst of users is in few groups, and the directory allows 8
/// reads a second in the Standard edition.
const GROUPS_BELIEVED: Duration = Duration::from_secs(60);

/// A user as a service needs to know him, in a form that is kept.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Facts {
    /// His `sAMAccountName` as the directory spells it.
    pub name: String,
    /// His SID.
    pub sid: String,
    /// His user principal name.
    #[serde(default)]
    pub upn: Option<String>,
    /// His given name.
    #[serde(default)]
    pub given_name: Option<String>,
    /// His surname.
    #[serde(default)]
    pub surname: Option<String>,
    /// His mail address.
    #[serde(default)]
    pub mail: Option<String>,
}

impl From<&Person> for Facts {
    fn from(person: &Person) -> Self {
        Self {
            name: person.user.name.to_string(),
            sid: person.user.sid.to_string(),
            upn: person.upn.clone(),
            given_name: person.given_name.clone(),
            surname: person.surname.clone(),
            mail: person.mail.clone(),
        }
    }
}

/// The groups of a user.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Groups {
    /// Those that he is a direct member of and can be taken out of, as the directory spells them.
    pub direct: Vec<String>,
    /// All, through other groups too, in lower case.
    pub all: BTreeSet<String>,
}

/// The directory's people.
pub trait People {
    /// Looks a user up.
    ///
    /// # Errors
    /// [`DirectoryError::UserNotFound`] when there is no such user in this domain.
    fn person(&self, name: &UserName) -> impl Future<Output = Result<Person, DirectoryError>> + Send;

    /// The groups of a user.
    ///
    /// # Errors
    /// [`DirectoryError::TooManyGroups`] when the walk would not end within its bound.
    fn groups(&self, name: &UserName) -> impl Future<Output = Result<Groups, DirectoryError>> + Send;

    /// The groups that these groups are in, and these themselves, in lower case.
    ///
    /// # Errors
    /// As [`People::groups`].
    fn groups_above(
        &self,
        name: &UserName,
        groups: &[String],
    ) -> impl Future<Output = Result<BTreeSet<String>, DirectoryError>> + Send;

    /// Makes a user a member of a group.
    ///
    /// # Errors
    /// When the directory did not confirm it; it may have happened.
    fn join(
        &self,
        group: &str,
        name: &UserName,
        token: &ClientToken,
    ) -> impl Future<Output = Result<Membership, DirectoryError>> + Send;

    /// Takes a user out of a group.
    ///
    /// # Errors
    /// When the directory did not confirm it; it may have happened.
    fn leave(
        &self,
        group: &str,
        name: &UserName,
        token: &ClientToken,
    ) -> impl Future<Output = Result<Membership, DirectoryError>> + Send;
}

/// He was shown a moment ago: the domain controller that was asked now has not heard of him yet, or he is being deleted.
fn asked_too_soon(error: DirectoryError) -> DirectoryError {
    match error {
        DirectoryError::MemberNotFound(_) => DirectoryError::Call {
            operation: "ListGroupsForMember",
            reason: error.to_string(),
            advice: "",
            kind: Kind::Transient,
        },
        error => error,
    }
}

/// The same for every repetition of one change of a membership, another one in every execution.
pub fn token(execution: &str, change: &str, group: &str, sid: &str) -> ClientToken {
    let hash = Sha256::digest(format!("{execution}|{change}|{}|{sid}", group.to_lowercase()).as_bytes());
    ClientToken::new(&hash.iter().map(|byte| format!("{byte:02x}")).collect::<String>())
}

/// An AWS Managed Microsoft AD.
#[derive(Debug)]
pub struct ManagedPeople {
    directory: DirectoryService,
    parents: Mutex<BTreeMap<String, (Instant, Vec<String>)>>,
}

impl ManagedPeople {
    /// The people of this directory.
    pub fn new(directory: DirectoryService) -> Self {
        Self { directory, parents: Mutex::default() }
    }

    async fn parents_of(&self, group: &str) -> Result<Vec<String>, DirectoryError> {
        let key = group.to_lowercase();
        if let Ok(parents) = self.parents.lock()
            && let Some((seen, groups)) = parents.get(&key)
            && seen.elapsed() < GROUPS_BELIEVED
        {
            return Ok(groups.clone());
        }
        let groups = match self.directory.direct_groups(group).await {
            // A saved group may have been deleted since: it is in no group, and costs nobody his off-boarding.
            Err(DirectoryError::MemberNotFound(_)) => return Ok(Vec::new()),
            groups => groups?,
        };
        let groups: Vec<String> = groups.into_iter().map(|group| group.name).collect();
        if let Ok(mut parents) = self.parents.lock() {
            parents.insert(key, (Instant::now(), groups.clone()));
        }
        Ok(groups)
    }
}

impl People for ManagedPeople {
    async fn person(&self, name: &UserName) -> Result<Person, DirectoryError> {
        self.directory.person(name).await
    }

    async fn groups(&self, name: &UserName) -> Result<Groups, DirectoryError> {
        let groups = self.directory.direct_groups(name.as_str()).await.map_err(asked_too_soon)?;
        let names: Vec<String> = groups.iter().map(|group| group.name.clone()).collect();
        let all = self.groups_above(name, &names).await?;
        let leavable = groups.into_iter().filter(|group| !group.is_domain_users());
        Ok(Groups { direct: leavable.map(|group| group.name).collect(), all })
    }

    async fn groups_above(
        &self,
        name: &UserName,
        groups: &[String],
    ) -> Result<BTreeSet<String>, DirectoryError> {
        let mut found: BTreeSet<String> = groups.iter().map(|group| group.to_lowercase()).collect();
        let mut ahead: Vec<String> = groups.to_vec();
        while let Some(group) = ahead.pop() {
            for parent in self.parents_of(&group).await? {
                if found.insert(parent.to_lowercase()) {
                    ahead.push(parent);
                }
            }
            if found.len() > GROUP_LIMIT {
                return Err(DirectoryError::TooManyGroups(name.to_string()));
            }
        }
        Ok(found)
    }

    async fn join(
        &self,
        group: &str,
        name: &UserName,
        token: &ClientToken,
    ) -> Result<Membership, DirectoryError> {
        self.directory.add_group_member(group, name, token).await
    }

    async fn leave(
        &self,
        group: &str,
        name: &UserName,
        token: &ClientToken,
    ) -> Result<Membership, DirectoryError> {
        self.directory.remove_group_member(group, name, token).await
    }
}

#[cfg(test)]
mod tests {
    use steward_core::wire::{Answer, fake};

    use super::*;

    fn list(names: &[&str]) -> String {
        let group = |name: &&str| {
            let sid = if *name == "Domain Users" { "S-1-5-21-1-2-3-513" } else { "S-1-5-21-1-2-3-1513" };
            format!(
                r#"{{"SAMAccountName":"{name}","SID":"{sid}","GroupType":"Security","GroupScope":"Global"}}"#
            )
        };
        format!(r#"{{"Groups":[{}]}}"#, names.iter().map(group).collect::<Vec<_>>().join(","))
    }

    #[tokio::test]
    async fn what_a_group_is_in_is_asked_once_for_a_burst_of_users() {
        let (sdk, asked) = fake(|_, body| {
            Answer::ok(match body {
                body if body.contains(r#""Team""#) => list(&["Tier 0"]),
                body if body.contains(r#""Tier 0""#) => list(&["TEAM"]),
                _ => list(&["Team"]),
            })
        });
        let people = ManagedPeople::new(DirectoryService::new(&sdk, "d-9067012345".parse().unwrap()));
        for name in ["alice", "bob", "carol"] {
            let groups = people.groups(&name.parse().unwrap()).await.unwrap();
            assert_eq!(groups.direct, ["Team"]);
            assert_eq!(groups.all, ["team".to_owned(), "tier 0".to_owned()].into());
        }
        assert_eq!(asked.lock().unwrap().len(), 5, "three users and two groups");
    }

    #[tokio::test]
    async fn domain_users_is_a_group_that_counts_and_none_that_is_left() {
        let (sdk, _) = fake(|_, body| {
            Answer::ok(if body.contains("alice") { list(&["Domain Users", "Team"]) } else { list(&[]) })
        });
        let people = ManagedPeople::new(DirectoryService::new(&sdk, "d-9067012345".parse().unwrap()));
        let groups = people.groups(&"alice".parse().unwrap()).await.unwrap();
        assert_eq!(groups.direct, ["Team"]);
        assert_eq!(groups.all, ["domain users".to_owned(), "team".to_owned()].into());
    }

    /// A new user, of whom one domain controller has heard and another one not yet.
    #[tokio::test]
    async fn a_user_whom_the_next_domain_controller_does_not_know_yet_is_asked_for_again() {
        let (sdk, _) = fake(|_, _| Answer::error(404, "ResourceNotFoundException", "{}"));
        let people = ManagedPeople::new(DirectoryService::new(&sdk, "d-9067012345".parse().unwrap()));
        let error = people.groups(&"alice".parse().unwrap()).await.unwrap_err();
        assert_eq!(error.kind(), Kind::Transient, "{error}");
    }

    #[tokio::test]
    async fn a_saved_group_that_was_deleted_since_is_in_no_group() {
        let (sdk, _) = fake(|_, body| match body {
            body if body.contains(r#""Team""#) => Answer::ok(list(&["Tier 0"])),
            body if body.contains(r#""Gone""#) => Answer::error(404, "ResourceNotFoundException", "{}"),
            _ => Answer::ok(list(&[])),
        });
        let people = ManagedPeople::new(DirectoryService::new(&sdk, "d-9067012345".parse().unwrap()));
        let saved = ["Team".to_owned(), "Gone".to_owned()];
        let above = people.groups_above(&"alice".parse().unwrap(), &saved).await.unwrap();
        assert_eq!(above, ["gone".to_owned(), "team".to_owned(), "tier 0".to_owned()].into());
    }

    #[test]
    fn a_token_names_everything_that_its_call_names() {
        let one = token("e", "join", "Group", "S-1");
        assert_eq!(one, token("e", "join", "GROUP", "S-1"));
        for other in [
            token("f", "join", "Group", "S-1"),
            token("e", "leave", "Group", "S-1"),
            token("e", "join", "Groups", "S-1"),
            token("e", "join", "Group", "S-2"),
        ] {
            assert_ne!(one, other);
        }
    }
}
