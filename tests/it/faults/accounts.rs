//! What a user has: his item in the user table, his accounts, his groups; and what must hold of them in both directions.

pub(crate) mod plan;
pub(crate) mod telling;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use crate::invariants::Violations;
use crate::lab::variable;
use crate::operator::{aws, try_aws};
use crate::stack::output;

/// The services, and their names for people.
pub(crate) const SERVICES: [(&str, &str); 2] =
    [("workspaces", "Amazon WorkSpaces"), ("connect", "Amazon Connect")];

/// A user whose accounts are given or taken away.
#[derive(Debug, Clone)]
pub(crate) struct Person {
    pub(crate) name: String,
    pub(crate) sid: String,
}

/// What a person has at some moment.
#[derive(Debug)]
pub(crate) struct Accounts {
    /// His item, null when there is none.
    pub(crate) item: Value,
    /// The states of his `WorkSpaces` by their ids.
    pub(crate) workspaces: BTreeMap<String, String>,
    /// The ids of his users in Connect.
    pub(crate) agents: BTreeSet<String>,
    /// Without everybody's.
    pub(crate) groups: BTreeSet<String>,
}

impl Person {
    /// Whom the directory has.
    pub(crate) fn found(name: &str) -> Self {
        let asked = json!({"DirectoryId": variable("DIRECTORY_ID"), "SAMAccountName": name});
        let sid = text(&aws("ds-data", "describe_user", &asked)["SID"]).to_owned();
        Self { name: name.to_owned(), sid }
    }

    pub(crate) fn upn(&self) -> String {
        format!("{}@{}", self.name, variable("AD_DOMAIN"))
    }

    /// The input that an event of the security log makes.
    pub(crate) fn input(&self, event: u32) -> Value {
        json!({
            "version": 1,
            "directoryId": variable("DIRECTORY_ID"),
            "user": self.name,
            "sid": self.sid,
            "upn": self.upn(),
            "event": {
                "kind": "security-log",
                "id": event,
                "computer": format!("DC1.{}", variable("AD_DOMAIN")),
                "record": 4711,
                "time": "2026-11-21T09:00:00Z",
                "logGroup": variable("DIRECTORY_LOG_GROUP"),
            },
        })
    }

    /// The key of his item.
    pub(crate) fn key(&self) -> String {
        format!("user#{}#{}", variable("DIRECTORY_ID"), self.sid)
    }

    pub(crate) fn accounts(&self) -> Accounts {
        let key = json!({"pk": {"S": self.key()}, "sk": {"S": "user"}});
        let get = json!({"TableName": output("UserTableName"), "Key": key, "ConsistentRead": true});
        let mine = json!({"DirectoryId": variable("DIRECTORY_ID"), "UserName": self.name});
        let workspaces = aws("workspaces", "describe_workspaces", &mine);
        let workspaces = workspaces["Workspaces"].as_array().unwrap().iter();
        let wanted = json!({"FieldName": "Username", "Value": self.upn(), "ComparisonType": "EXACT"});
        let search = json!({
            "InstanceId": variable("CONNECT_INSTANCE_ID"), "SearchCriteria": {"StringCondition": wanted},
        });
        let agents = aws("connect", "search_users", &search);
        let agents = agents["Users"].as_array().unwrap().iter();
        Accounts {
            item: aws("dynamodb", "get_item", &get)["Item"].take(),
            workspaces: workspaces
                .map(|found| (text(&found["WorkspaceId"]).to_owned(), text(&found["State"]).to_owned()))
                .collect(),
            agents: agents.map(|found| text(&found["Id"]).to_owned()).collect(),
            groups: self.groups(),
        }
    }

    fn groups(&self) -> BTreeSet<String> {
        let mine = json!({"DirectoryId": variable("DIRECTORY_ID"), "SAMAccountName": self.name});
        let Ok(listed) = try_aws("ds-data", "list_groups_for_member", &mine) else { return BTreeSet::new() };
        let groups = listed["Groups"].as_array().unwrap().iter();
        let names = groups.map(|group| text(&group["SAMAccountName"]).to_owned());
        names.filter(|name| name != "Domain Users").collect()
    }
}

impl Accounts {
    /// What became of him, as his item says.
    pub(crate) fn state(&self) -> &str {
        self.item["state"]["S"].as_str().unwrap_or("none")
    }

    /// The execution that holds him.
    pub(crate) fn holder(&self) -> Option<&str> {
        self.item["holder"]["S"].as_str()
    }

    /// What the item says of an account: its state and its id.
    pub(crate) fn account(&self, service: &str) -> (&str, &str) {
        let account = &self.item["services"]["M"][service]["M"];
        let word = |name: &str| account[name]["S"].as_str().unwrap_or_default();
        (word("state"), word("id"))
    }

    /// The groups that the item has written down.
    pub(crate) fn saved(&self) -> BTreeSet<&str> {
        let saved = self.item["memberships"]["M"]["saved"]["L"].as_array();
        saved.into_iter().flatten().map(|group| text(&group["S"])).collect()
    }

    /// The accounts that there are in a service: ids, and whether somebody can use them.
    pub(crate) fn there(&self, service: &str) -> BTreeMap<&str, bool> {
        match service {
            "connect" => self.agents.iter().map(|id| (id.as_str(), true)).collect(),
            _ => self
                .workspaces
                .iter()
                .filter(|(_, state)| *state != "TERMINATING")
                .map(|(id, state)| (id.as_str(), !["STOPPING", "STOPPED"].contains(&state.as_str())))
                .collect(),
        }
    }

    /// Never two of a kind; and what is so is what the item says, where it does not say that it is in doubt.
    pub(crate) fn truth(&self, when: &str, wrong: &mut Violations) {
        for (service, title) in SERVICES {
            let ((state, id), there) = (self.account(service), self.there(service));
            wrong.unless(there.len() <= 1, format!("{} accounts in {title} ({when})", there.len()));
            let is_so = match state {
                "ready" => there.get(id) == Some(&true),
                // Connect has nothing that is there and cannot be used.
                "suspended" => there.get(id) == Some(&false),
                "kept" => there.contains_key(id),
                "removed" | "absent" | "refused" | "" | "unknown" => there.is_empty(),
                _ => true,
            };
            wrong.unless(is_so, format!("the item says {state} of {title} {id}, it is {there:?} ({when})"));
        }
    }
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}
