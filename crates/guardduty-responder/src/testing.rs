//! A small world in memory for the tests: a directory, a table, an instance, a topic, a secret store, each of which can
//! be told to fail at a chosen call, before or after the call has had its effect.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use steward_core::config::Variables;
use steward_core::directory::{ClientToken, Directory, DirectoryError, DomainNames, User};
use steward_core::error::Kind;
use steward_core::ids::{InstanceId, UserName};

use crate::contain::{Config, Outcome, Request, Responder, Step};
use crate::error::Error;
use crate::notice::{Notice, NoticeError, Notices};
use crate::records::memory::Memory;
use crate::records::{Key, Revision, Store, StoreError, Written};
use crate::release::{self, Escrow, EscrowError, Releaser};
use crate::systems_manager::{Asked, KillSwitch, Reply, SystemsManager, SystemsManagerError};
use crate::witness::{self, Witness};

pub(crate) const DOMAIN: &str = "corp.example.test";
pub(crate) const INSTANCE: &str = "i-0123456789abcdef0";
pub(crate) const FINDING: &str = "arn:aws:guardduty:eu-west-1:111122223333:detector/d1/finding/f1";
const DOMAIN_SID: &str = "S-1-5-21-1000-2000-3000";

/// SSSD's user id for a relative identifier in the lab's domain.
pub(crate) fn uid(relative_id: u32) -> u32 {
    1_641_000_000 + relative_id
}

pub(crate) fn sid(relative_id: u32) -> String {
    format!("{DOMAIN_SID}-{relative_id}")
}

/// How a chosen call fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    None,
    BeforeEffect,
    LostAnswer,
}

#[derive(Debug, Default)]
pub(crate) struct State {
    pub(crate) users: BTreeMap<String, User>,
    pub(crate) passwords: BTreeMap<String, String>,
    pub(crate) groups: BTreeMap<String, BTreeSet<String>>,
    pub(crate) disabled: Vec<(String, String)>,
    /// Looks after a `DisableUser` that still see the user as he was: another domain controller answers.
    pub(crate) stale_looks: usize,
    pub(crate) commands: Vec<String>,
    pub(crate) replies: Vec<Reply>,
    pub(crate) agent_absent: bool,
    pub(crate) kill_switch: bool,
    pub(crate) mails: Vec<Notice>,
    pub(crate) secrets: BTreeMap<String, String>,
    pub(crate) calls: usize,
    pub(crate) fail_at: Option<(usize, bool)>,
}

/// The world; clones share it.
#[derive(Debug, Clone, Default)]
pub(crate) struct World {
    state: Arc<Mutex<State>>,
    pub(crate) table: Arc<Memory>,
}

impl World {
    /// Has alice (1104), bob (1105) and Admin (1106, in the protected group), all enabled.
    pub(crate) fn new() -> Self {
        let world = Self::default();
        for (name, relative_id) in [("alice", 1104), ("bob", 1105), ("Admin", 1106)] {
            let user = User {
                name: name.parse().unwrap(),
                sid: sid(relative_id).parse().unwrap(),
                domain: DOMAIN.to_owned(),
                enabled: true,
            };
            world.state().users.insert(name.to_lowercase(), user);
        }
        world.state().groups.insert("admin".to_owned(), ["aws delegated administrators".to_owned()].into());
        world
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    pub(crate) fn enabled(&self, name: &str) -> bool {
        self.state().users[name].enabled
    }

    pub(crate) fn answers(&self, answer: &Value) {
        self.state().replies = vec![Reply::Output(format!("{answer}\n"))];
    }

    /// Reasons of all decisions in the table.
    pub(crate) fn reasons(&self) -> Vec<String> {
        let decisions = self.table.items().into_iter().filter(|(key, _)| key.sk.starts_with("decision"));
        decisions.map(|(_, item)| item["reason"].as_str().unwrap().to_owned()).collect()
    }

    pub(crate) fn responder(&self) -> Responder<Self, Self, Self, Self> {
        self.responder_with(&[])
    }

    pub(crate) fn responder_with(&self, changes: &[(&str, &str)]) -> Responder<Self, Self, Self, Self> {
        let config = Config::read(variables(changes)).unwrap();
        Responder {
            directory: self.clone(),
            store: self.clone(),
            systems: self.clone(),
            notices: self.clone(),
            config,
            read_back_pause: Duration::ZERO,
        }
    }

    pub(crate) fn releaser(&self) -> Releaser<Self, Self, Self, Self> {
        let config = release::Config::read(variables(&[])).unwrap();
        Releaser {
            directory: self.clone(),
            store: self.clone(),
            escrow: self.clone(),
            notices: self.clone(),
            config,
        }
    }

    pub(crate) fn witness(&self) -> Witness<Self, Self> {
        let config = witness::Config::read(variables(&[])).unwrap();
        Witness { store: self.clone(), notices: self.clone(), config }
    }

    fn call(&self) -> Fault {
        let mut state = self.state();
        state.calls += 1;
        match state.fail_at {
            Some((at, lost)) if at == state.calls => {
                if lost {
                    Fault::LostAnswer
                } else {
                    Fault::BeforeEffect
                }
            }
            _ => Fault::None,
        }
    }
}

/// A valid environment of all three functions, with changes.
pub(crate) fn variables(changes: &[(&str, &str)]) -> Variables {
    let mut pairs = BTreeMap::from([
        ("ACCOUNT_ID", "111122223333"),
        ("AWS_REGION", "eu-west-1"),
        ("DIRECTORY_ID", "d-9067012345"),
        ("MODE", "enforce"),
        ("FINDING_TYPES", "*:Runtime/*"),
        ("MINIMUM_SEVERITY", "7"),
        ("PROTECTED_USERS", "krbtgt,Administrator"),
        ("PROTECTED_GROUP", "AWS Delegated Administrators"),
        ("HOURLY_BUDGET", "5"),
        ("ID_MAPPING", "sssd"),
        ("DECISION_TABLE", "decisions"),
        ("TOPIC_ARN", "arn:aws:sns:eu-west-1:111122223333:notices"),
        ("KILL_SWITCH_PARAMETER", "/adsteward/kill-switch"),
        ("IDENTIFY_DOCUMENT", "adsteward-identify-user"),
        (
            "RELEASE_STATE_MACHINE_ARN",
            "arn:aws:states:eu-west-1:111122223333:stateMachine:adsteward-release-user",
        ),
        ("SECRET_PREFIX", "adsteward/released/"),
        ("CALLER_WAIT_SECONDS", "300"),
        ("RESPONDER_ROLE_ARN", "arn:aws:iam::111122223333:role/responder"),
    ]);
    pairs.extend(changes.iter().copied());
    Variables::from_pairs(pairs)
}

/// An event with a finding about a process of alice's: curl, started from her shell.
pub(crate) fn event() -> Value {
    let process = json!({
        "name": "curl", "user": "alice", "userId": uid(1104), "euid": uid(1104), "pid": 4242,
        "startTime": "2026-11-21T01:00:00.000Z",
        "lineage": [
            {"name": "bash", "pid": 4200, "userId": uid(1104), "euid": uid(1104), "startTime": "2026-11-21T00:59:00.000Z"},
            {"name": "sshd", "pid": 900, "userId": 0, "euid": 0, "startTime": "2026-11-21T00:00:00.000Z"},
        ],
    });
    json!({
        "version": "0", "id": "e1", "source": "aws.guardduty", "detail-type": "GuardDuty Finding",
        "account": "111122223333", "region": "eu-west-1", "time": "2026-11-21T01:05:00Z", "resources": [],
        "detail": {
            "schemaVersion": "2.0", "accountId": "111122223333", "region": "eu-west-1", "partition": "aws",
            "id": "f1", "arn": FINDING, "type": "Backdoor:Runtime/C&CActivity.B!DNS", "severity": 8,
            "updatedAt": "2026-11-21T01:04:00.000Z",
            "resource": {"resourceType": "Instance", "instanceDetails": {"instanceId": INSTANCE}},
            "service": {"archived": false, "count": 1, "runtimeDetails": {"process": process}},
        },
    })
}

/// The instance's answer to the question that [`event`] leads to.
pub(crate) fn answer() -> Value {
    let user = |pid: u32| json!({"pid": pid, "state": "live", "uid": uid(1104), "euid": uid(1104), "login_uid": uid(1104), "container": false});
    json!({
        "v": 1,
        "chain": [
            user(4242),
            user(4200),
            {"pid": 900, "state": "live", "uid": 0, "euid": 0, "login_uid": null, "container": false},
        ],
        "accounts": [
            {"uid": uid(1104), "kind": "directory", "name": "alice", "domain": DOMAIN, "sid": sid(1104)},
            {"uid": 0, "kind": "local", "name": "root", "domain": null, "sid": null},
        ],
    })
}

/// Walks the steps as `contain-user` does, repeating transient failures up to six times each.
pub(crate) async fn run(
    responder: &Responder<World, World, World, World>,
    event: &Value,
    execution: &str,
) -> Result<&'static str, Error> {
    let request = |step, command: &Option<String>, no_answer: Option<String>| Request {
        step,
        execution: execution.to_owned(),
        event: event.clone(),
        command: command.clone(),
        no_answer,
    };
    if step(responder, &request(Step::Record, &None, None)).await?.outcome != "proceed" {
        return Ok("Nothing to do");
    }
    let asked = step(responder, &request(Step::Ask, &None, None)).await?;
    let mut no_answer = (asked.outcome != "asked").then_some(asked.reason);
    if no_answer.is_none() {
        let mut looks = 0;
        loop {
            let read = step(responder, &request(Step::ReadAnswer, &asked.command, None)).await?;
            looks += 1;
            if read.outcome == "no-answer" {
                no_answer = Some(read.reason);
            } else if read.outcome == "pending" && looks < 45 {
                continue;
            }
            break;
        }
    }
    if step(responder, &request(Step::Decide, &asked.command, no_answer)).await?.outcome == "contain" {
        step(responder, &request(Step::Disable, &None, None)).await?;
    }
    step(responder, &request(Step::Tell, &None, None)).await?;
    Ok("Done")
}

async fn step(
    responder: &Responder<World, World, World, World>,
    request: &Request,
) -> Result<Outcome, Error> {
    let mut attempts = 0;
    loop {
        match responder.handle(request.clone()).await {
            Err(error) if error.kind() == Kind::Transient && attempts < 6 => attempts += 1,
            other => return other,
        }
    }
}

fn failed(operation: &'static str) -> DirectoryError {
    DirectoryError::Call { operation, reason: "injected".to_owned(), advice: "", kind: Kind::Transient }
}

impl Directory for World {
    async fn user(&self, name: &UserName) -> Result<User, DirectoryError> {
        if self.call() != Fault::None {
            return Err(failed("DescribeUser"));
        }
        let mut state = self.state();
        let mut user = state
            .users
            .get(&name.lower())
            .cloned()
            .ok_or_else(|| DirectoryError::UserNotFound(name.to_string()))?;
        if !user.enabled && !state.disabled.is_empty() && state.stale_looks > 0 {
            state.stale_looks -= 1;
            user.enabled = true;
        }
        Ok(user)
    }

    async fn groups(&self, user: &User) -> Result<BTreeSet<String>, DirectoryError> {
        if self.call() != Fault::None {
            return Err(failed("ListGroupsForMember"));
        }
        Ok(self.state().groups.get(&user.name.lower()).cloned().unwrap_or_default())
    }

    async fn disable(&self, name: &UserName, token: &ClientToken) -> Result<(), DirectoryError> {
        let fault = self.call();
        if fault == Fault::BeforeEffect {
            return Err(failed("DisableUser"));
        }
        let mut state = self.state();
        // The service keeps a token: the same call again has no effect.
        if !state.disabled.iter().any(|(_, known)| known == token.as_str()) {
            state.disabled.push((name.lower(), token.as_str().to_owned()));
            if let Some(user) = state.users.get_mut(&name.lower()) {
                user.enabled = false;
            }
        }
        if fault == Fault::LostAnswer { Err(failed("DisableUser")) } else { Ok(()) }
    }

    async fn reset_password(&self, name: &UserName, password: &SecretString) -> Result<(), DirectoryError> {
        let fault = self.call();
        if fault == Fault::BeforeEffect {
            return Err(failed("ResetUserPassword"));
        }
        let mut state = self.state();
        state.passwords.insert(name.lower(), password.expose_secret().to_owned());
        if let Some(user) = state.users.get_mut(&name.lower()) {
            user.enabled = true;
        }
        if fault == Fault::LostAnswer { Err(failed("ResetUserPassword")) } else { Ok(()) }
    }

    async fn domain_names(&self) -> Result<DomainNames, DirectoryError> {
        if self.call() != Fault::None {
            return Err(failed("DescribeDirectories"));
        }
        Ok(DomainNames { dns: DOMAIN.to_owned(), netbios: "CORP".to_owned() })
    }
}

impl Store for World {
    async fn read<T: DeserializeOwned + Send>(&self, key: &Key) -> Result<(Option<T>, Revision), StoreError> {
        if self.call() != Fault::None {
            return Err(StoreError::injected());
        }
        self.table.read(key).await
    }

    async fn write<T: Serialize + Sync>(
        &self,
        key: &Key,
        item: &T,
        seen: Revision,
    ) -> Result<Written, StoreError> {
        let fault = self.call();
        if fault == Fault::BeforeEffect {
            return Err(StoreError::injected());
        }
        let written = self.table.write(key, item, seen).await?;
        if fault == Fault::LostAnswer { Err(StoreError::injected()) } else { Ok(written) }
    }
}

impl SystemsManager for World {
    async fn ask(&self, _: &InstanceId, chain: &str) -> Result<Asked, SystemsManagerError> {
        let fault = self.call();
        if fault == Fault::BeforeEffect {
            return Err(SystemsManagerError::injected());
        }
        let mut state = self.state();
        if state.agent_absent {
            return Ok(Asked::AgentAbsent);
        }
        state.commands.push(chain.to_owned());
        if fault == Fault::LostAnswer {
            return Err(SystemsManagerError::injected());
        }
        Ok(Asked::Command(format!("c{}", state.commands.len())))
    }

    async fn reply(&self, _: &InstanceId, _: &str) -> Result<Reply, SystemsManagerError> {
        if self.call() != Fault::None {
            return Err(SystemsManagerError::injected());
        }
        let mut state = self.state();
        if state.replies.len() > 1 {
            return Ok(state.replies.remove(0));
        }
        Ok(state.replies.first().cloned().unwrap_or(Reply::Pending))
    }

    async fn kill_switch(&self) -> Result<KillSwitch, SystemsManagerError> {
        if self.call() != Fault::None {
            return Err(SystemsManagerError::injected());
        }
        Ok(if self.state().kill_switch { KillSwitch::On } else { KillSwitch::Off })
    }
}

impl Notices for World {
    async fn publish(&self, notice: &Notice) -> Result<(), NoticeError> {
        let fault = self.call();
        if fault == Fault::BeforeEffect {
            return Err(NoticeError::injected());
        }
        self.state().mails.push(notice.clone());
        if fault == Fault::LostAnswer { Err(NoticeError::injected()) } else { Ok(()) }
    }
}

impl Escrow for World {
    async fn keep(&self, user: &UserName, execution: &str) -> Result<(String, SecretString), EscrowError> {
        let fault = self.call();
        if fault == Fault::BeforeEffect {
            return Err(EscrowError::injected());
        }
        let name = format!("adsteward/released/{}", user.lower());
        let mut state = self.state();
        let next = format!("Pw-{}-{}", execution, state.secrets.len());
        let kept = state.secrets.entry(execution.to_owned()).or_insert(next).clone();
        if fault == Fault::LostAnswer {
            Err(EscrowError::injected())
        } else {
            Ok((name, SecretString::from(kept)))
        }
    }
}
