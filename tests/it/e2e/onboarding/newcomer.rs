//! A user of the directory, and what he has.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::directory::PASSWORD;
use crate::lab::variable;
use crate::mail;
use crate::operator::{aws, try_aws};
use crate::stack::{eventually, output};

/// A user whom an administrator makes.
#[derive(Debug, Clone)]
pub(super) struct Newcomer {
    pub(super) name: String,
    pub(super) sid: String,
}

impl Newcomer {
    /// Made as in the console: disabled, until he has a password.
    pub(super) fn created(name: &str) -> Self {
        let request = json!({
            "DirectoryId": directory(), "SAMAccountName": name, "GivenName": "Nora", "Surname": format!("van {name}"),
        });
        let made = aws("ds-data", "create_user", &request);
        Self { name: name.to_owned(), sid: made["SID"].as_str().unwrap().to_owned() }
    }

    /// Made and enabled.
    pub(super) fn enabled(name: &str) -> Self {
        let user = Self::created(name);
        user.enable();
        user
    }

    /// Made, enabled and given his accounts.
    pub(super) fn onboarded(name: &str) -> Self {
        let user = Self::enabled(name);
        user.becomes("onboarded");
        user
    }

    /// By a password, as Directory Service has no other way.
    pub(super) fn enable(&self) {
        let request = json!({ "DirectoryId": directory(), "UserName": self.name, "NewPassword": PASSWORD });
        aws("ds", "reset_user_password", &request);
    }

    pub(super) fn disable(&self) {
        aws("ds-data", "disable_user", &self.asked());
    }

    pub(super) fn delete(&self) {
        aws("ds-data", "delete_user", &self.asked());
    }

    pub(super) fn join(&self, group: &str) {
        let request = json!({"DirectoryId": directory(), "GroupName": group, "MemberName": self.name});
        aws("ds-data", "add_group_member", &request);
    }

    /// The groups that the directory says he is a direct member of, without everybody's.
    pub(super) fn groups(&self) -> BTreeSet<String> {
        let listed = aws("ds-data", "list_groups_for_member", &self.asked());
        let groups = listed["Groups"].as_array().unwrap().iter();
        let names = groups.map(|group| group["SAMAccountName"].as_str().unwrap().to_owned());
        names.filter(|name| name != "Domain Users").collect()
    }

    fn asked(&self) -> Value {
        json!({"DirectoryId": directory(), "SAMAccountName": self.name})
    }

    pub(super) fn upn(&self) -> String {
        format!("{}@{}", self.name, variable("AD_DOMAIN"))
    }

    /// His `WorkSpaces`: (id, state).
    pub(super) fn workspaces(&self) -> Vec<(String, String)> {
        let request = json!({"DirectoryId": directory(), "UserName": self.name});
        let described = aws("workspaces", "describe_workspaces", &request);
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let found = described["Workspaces"].as_array().unwrap().iter();
        found.map(|workspace| (text(&workspace["WorkspaceId"]), text(&workspace["State"]))).collect()
    }

    /// His only `WorkSpace`.
    pub(super) fn workspace(&self) -> (String, String) {
        let [workspace] = &self.workspaces()[..] else {
            panic!("not one WorkSpace: {:?}", self.workspaces())
        };
        workspace.clone()
    }

    /// Waits for a state of his only `WorkSpace`.
    pub(super) fn has_workspace(&self, id: &str, state: &str) {
        eventually(&format!("{id} to be {state}"), || {
            (self.workspace() == (id.into(), state.into())).then_some(())
        });
    }

    /// His users in Connect.
    pub(super) fn agents(&self) -> Vec<Value> {
        let wanted = json!({"FieldName": "Username", "Value": self.upn(), "ComparisonType": "EXACT"});
        let request = json!({
            "InstanceId": variable("CONNECT_INSTANCE_ID"), "SearchCriteria": {"StringCondition": wanted},
        });
        aws("connect", "search_users", &request)["Users"].as_array().unwrap().clone()
    }

    /// His only user in Connect.
    pub(super) fn agent(&self) -> String {
        let [agent] = &self.agents()[..] else { panic!("not one user in Connect: {:?}", self.agents()) };
        agent["Id"].as_str().unwrap().to_owned()
    }

    pub(super) fn has_nothing(&self) {
        assert_eq!((self.workspaces(), self.agents()), (vec![], vec![]), "{}", self.name);
    }

    /// What the user table has of him.
    pub(super) fn item(&self) -> Value {
        let key = json!({"pk": {"S": format!("user#{}#{}", directory(), self.sid)}, "sk": {"S": "user"}});
        let request = json!({"TableName": output("UserTableName"), "Key": key, "ConsistentRead": true});
        try_aws("dynamodb", "get_item", &request).unwrap()["Item"].clone()
    }

    pub(super) fn state(&self) -> Option<String> {
        self.item()["state"]["S"].as_str().map(str::to_owned)
    }

    /// Waits for a state of the user table.
    pub(super) fn becomes(&self, state: &str) {
        eventually(&format!("{} to be {state}", self.name), || (self.state()? == state).then_some(()));
    }

    /// Waits for so many mails about his accounts; the last one.
    pub(super) fn told(&self, mail: &crate::lab::Journal, times: usize) -> Value {
        let about = || mail::of_onboarding(mail, &self.name);
        eventually(&format!("{times} mails about {}", self.name), || (about().len() >= times).then_some(()));
        let mails = about();
        assert_eq!(mails.len(), times, "{mails:#?}");
        mails.last().unwrap().clone()
    }
}

pub(super) fn directory() -> &'static str {
    variable("DIRECTORY_ID")
}
