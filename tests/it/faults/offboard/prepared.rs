//! Users who have accounts. To onboard each of them would take longer than all the rest: one is, and the others get what he
//! has, past the product.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::thread::sleep;
use std::time::Duration;

use serde_json::{Value, json};

use crate::accounts::{Accounts, Person};
use crate::execution::Execution;
use crate::lab::variable;
use crate::operator::{PROCESSES, aws, try_aws};
use crate::quiet::Quiet;
use crate::stack::output;
use crate::table;
use crate::users::{create_disabled_users, create_users, sids, user_key};
use crate::workers::with_each;

/// The groups that everybody here is in.
pub(super) const GROUPS: [&str; 2] = ["Crew", "Watch"];

pub(super) const PROTECTED_GROUP: &str = "AWS Delegated Administrators";

/// So many WorkSpaces can be asked for at once.
const AT_ONCE: usize = 25;

/// A user, and his accounts as his item has them.
#[derive(Debug, Clone)]
pub(super) struct Prepared {
    pub(super) person: Person,
    pub(super) workspace: String,
    pub(super) agent: String,
}

/// All of them.
pub(super) struct Stock {
    /// Who was onboarded by the product, and stays.
    pub(super) model: Prepared,
    item: Value,
    users: Mutex<BTreeMap<String, Prepared>>,
}

impl Stock {
    pub(super) fn new() -> Self {
        let _quiet = Quiet::now();
        for group in GROUPS {
            // It is there when another way was played before.
            let _ = try_aws("ds-data", "create_group", &data(&json!({"SAMAccountName": group})));
        }
        let name = "model-of-leavers";
        let exists = try_aws("ds-data", "describe_user", &data(&json!({"SAMAccountName": name}))).is_ok();
        if !exists {
            create_users(&[name.to_owned()]);
        }
        let person = Person::found(name);
        if !exists {
            GROUPS.iter().for_each(|group| join(name, group));
            let input = person.input(4720);
            assert_eq!(Execution::run("OnboardStateMachineArn", name, &input).status, "SUCCEEDED");
        }
        let Accounts { item, workspaces, agents, .. } = person.accounts();
        let (workspace, agent) = (workspaces.into_keys().next().unwrap(), agents.into_iter().next().unwrap());
        Self { model: Prepared { person, workspace, agent }, item, users: Mutex::default() }
    }

    /// Makes users who are disabled, and have what the model has.
    pub(super) fn prepare(&self, names: &[String]) {
        create_disabled_users(names);
        let (sids, workspaces) = (sids(), workspaces(names));
        with_each(names.to_vec(), PROCESSES, |name| {
            let person = Person { name: name.clone(), sid: sids[&name].clone() };
            let (workspace, agent) = (workspaces[&name].clone(), agent(&person));
            let prepared = Prepared { person, workspace, agent };
            prepared.write(&self.model, &self.item);
            self.users.lock().unwrap().insert(name, prepared);
        });
        // Until the last of them can be used.
        sleep(Duration::from_secs(2));
    }

    pub(super) fn of(&self, user: &str) -> Prepared {
        self.users.lock().unwrap()[user].clone()
    }

    /// Whose an account is.
    pub(super) fn owner(&self, id: &str) -> Option<String> {
        let users = self.users.lock().unwrap();
        let owner = users.values().find(|user| user.workspace == id || user.agent == id);
        owner.map(|user| user.person.name.clone())
    }
}

impl Prepared {
    /// The model's item with other names.
    fn write(&self, model: &Self, item: &Value) {
        let item = item
            .to_string()
            .replace(&model.person.name, &self.person.name)
            .replace(&model.person.sid, &self.person.sid)
            .replace(&model.workspace, &self.workspace)
            .replace(&model.agent, &self.agent);
        let item: Value = serde_json::from_str(&item).unwrap();
        assert_eq!(item["pk"]["S"], self.person.key());
        aws("dynamodb", "put_item", &json!({"TableName": output("UserTableName"), "Item": item}));
        GROUPS.iter().for_each(|group| self.join(group));
    }

    pub(super) fn join(&self, group: &str) {
        join(&self.person.name, group);
    }

    pub(super) fn delete(&self) {
        aws("ds-data", "delete_user", &data(&json!({"SAMAccountName": self.person.name})));
    }

    /// As `contain-user` has left it.
    pub(super) fn contain(&self) {
        table::put(&json!({
            "pk": {"S": user_key(&self.person.name)},
            "sk": {"S": "containment"},
            "sid": {"S": self.person.sid},
            "status": {"S": "contained"},
            "revision": {"N": "1"},
        }));
    }
}

fn join(user: &str, group: &str) {
    aws("ds-data", "add_group_member", &data(&json!({"GroupName": group, "MemberName": user})));
}

fn data(request: &Value) -> Value {
    let mut request = request.clone();
    request["DirectoryId"] = variable("DIRECTORY_ID").into();
    request
}

/// Makes WorkSpaces; their ids by their users.
fn workspaces(names: &[String]) -> BTreeMap<String, String> {
    let request = |name: &String| {
        json!({
            "DirectoryId": variable("DIRECTORY_ID"),
            "UserName": name,
            "BundleId": variable("WORKSPACES_BUNDLE_ID"),
            "WorkspaceProperties": {"RunningMode": "AUTO_STOP", "RunningModeAutoStopTimeoutInMinutes": 60},
        })
    };
    let mut made = BTreeMap::new();
    for names in names.chunks(AT_ONCE) {
        let requests: Vec<_> = names.iter().map(request).collect();
        let answer = aws("workspaces", "create_workspaces", &json!({ "Workspaces": requests }));
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let pending = answer["PendingRequests"].as_array().unwrap().iter();
        made.extend(pending.map(|workspace| (text(&workspace["UserName"]), text(&workspace["WorkspaceId"]))));
    }
    made
}

/// Makes a user in Connect; his id.
fn agent(person: &Person) -> String {
    let request = json!({
        "InstanceId": variable("CONNECT_INSTANCE_ID"),
        "Username": person.upn(),
        "IdentityInfo": {"FirstName": person.name, "LastName": person.name},
        "PhoneConfig": {"PhoneType": "SOFT_PHONE", "AutoAccept": false, "AfterContactWorkTimeLimit": 0},
        "SecurityProfileIds": [variable("CONNECT_SECURITY_PROFILE_ID")],
        "RoutingProfileId": variable("CONNECT_ROUTING_PROFILE_ID"),
    });
    aws("connect", "create_user", &request)["UserId"].as_str().unwrap().to_owned()
}
