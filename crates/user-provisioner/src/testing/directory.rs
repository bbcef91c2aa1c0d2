//! The directory of the world.

use std::collections::BTreeSet;

use steward_core::directory::{ClientToken, DirectoryError, Membership, Person};
use steward_core::error::Kind;
use steward_core::ids::UserName;

use super::World;
use crate::people::{Groups, People};

fn failed(operation: &'static str) -> DirectoryError {
    DirectoryError::Call { operation, reason: "by the test".to_owned(), advice: "", kind: Kind::Transient }
}

impl World {
    /// Changes a user; other domain controllers may still show him as he was.
    pub(super) fn change_user(&self, name: &str, change: impl FnOnce(Option<Person>) -> Option<Person>) {
        let mut state = self.state();
        let before = state.users.get(name).cloned();
        match change(before.clone()) {
            Some(person) => state.users.insert(name.to_owned(), person),
            None => state.users.remove(name),
        };
        state.before.insert(name.to_owned(), before);
    }

    /// Nothing may be done to a protected user, or to memberships of one who is enabled.
    fn check_change(&self, operation: &str, user: &str, taking_away: bool) {
        let mut state = self.state();
        if user == "admin" {
            state.violations.push(format!("{operation} of a protected user"));
        }
        if taking_away && state.users.get(user).is_some_and(|person| person.user.enabled) {
            let since = state.enabled_since.get(user).copied().unwrap_or(0);
            // What was begun while he was disabled may still come: no call lives longer than this.
            if state.now > since + 90_000 {
                state.violations.push(format!("{operation} of {user}, who is enabled"));
            }
        }
    }

    pub(super) fn note_taking(&self, operation: &str, user: &str) {
        self.check_change(operation, &user.to_lowercase(), true);
    }
}

impl People for World {
    async fn person(&self, name: &UserName) -> Result<Person, DirectoryError> {
        let name = name.lower();
        let seen = self.call("ds-data DescribeUser", move |world| {
            let state = world.state();
            if state.stale_until > state.now
                && let Some(before) = state.before.get(&name).cloned()
            {
                return before.ok_or(name);
            }
            state.users.get(&name).cloned().ok_or(name)
        });
        seen.await.ok_or_else(|| failed("DescribeUser"))?.map_err(DirectoryError::UserNotFound)
    }

    async fn groups(&self, name: &UserName) -> Result<Groups, DirectoryError> {
        let member = name.lower();
        let direct = self.call("ListGroupsForMember", move |world| world.groups(&member));
        let direct: Vec<String> =
            direct.await.ok_or_else(|| failed("ListGroupsForMember"))?.into_iter().collect();
        let all = self.groups_above(name, &direct).await?;
        Ok(Groups { direct, all })
    }

    async fn groups_above(
        &self,
        _: &UserName,
        groups: &[String],
    ) -> Result<BTreeSet<String>, DirectoryError> {
        let mut found = BTreeSet::new();
        let mut ahead: Vec<String> = groups.iter().map(|group| group.to_lowercase()).collect();
        while let Some(group) = ahead.pop() {
            ahead.extend(self.state().nested.get(&group).cloned().unwrap_or_default());
            found.insert(group);
        }
        Ok(found)
    }

    async fn join(
        &self,
        group: &str,
        name: &UserName,
        _: &ClientToken,
    ) -> Result<Membership, DirectoryError> {
        let (group, name) = (group.to_owned(), name.lower());
        let done = self.call("AddGroupMember", move |world| {
            world.check_change("AddGroupMember", &name, false);
            if group == "Gone" {
                return Membership::NotFound;
            }
            world.state().members.entry(name).or_default().insert(group);
            Membership::AsWanted
        });
        done.await.ok_or_else(|| failed("AddGroupMember"))
    }

    async fn leave(
        &self,
        group: &str,
        name: &UserName,
        _: &ClientToken,
    ) -> Result<Membership, DirectoryError> {
        let (group, name) = (group.to_owned(), name.lower());
        let out_of_reach = group == "Out of Reach";
        let done = self.call("RemoveGroupMember", move |world| {
            if out_of_reach {
                return Membership::AsWanted;
            }
            world.check_change("RemoveGroupMember", &name, true);
            let left = world.state().members.get_mut(&name).is_some_and(|groups| groups.remove(&group));
            if left { Membership::AsWanted } else { Membership::NotFound }
        });
        let done = done.await.ok_or_else(|| failed("RemoveGroupMember"))?;
        if out_of_reach {
            return Err(DirectoryError::Call {
                operation: "RemoveGroupMember",
                reason: "AccessDeniedException: no".to_owned(),
                advice: ". The directory refuses",
                kind: Kind::Permanent,
            });
        }
        Ok(done)
    }
}
