//! A small world in memory for the tests: EC2, agents that run the document, a directory, the queues, the tables, a topic.
//! Each call can go wrong in every way of the fault model ([`Fault`]); messages are worked on side by side, and at every
//! call the seed chooses who goes on ([`World::play`]).

mod agent;
mod aws;
mod directory;
mod faults;
mod host;
mod invoke;
mod pace;
mod play;
mod queue;
mod random;
mod rest;
mod scene;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard};

use secrecy::SecretString;
use serde::Serialize;
use serde::de::DeserializeOwned;
use steward_core::error::Kind;
use steward_core::notice::{Notice, NoticeError, Notices};
use steward_core::store::memory::{Memory, typed};
use steward_core::store::{Key, Revision, Store, StoreError, Written};

pub(crate) use agent::{Behaviour, Command};
pub(crate) use aws::Machine;
pub(crate) use directory::Object;
pub(crate) use faults::{Fault, Faults};
pub(crate) use host::Host;
pub(crate) use invoke::Mapping;
pub(crate) use pace::{Limit, Pace};
pub(crate) use play::BEGIN;
pub(crate) use queue::{HOLD, Message};
pub(crate) use random::Random;
pub(crate) use scene::{DOMAIN, account, join_user, place, settings};

use crate::account::Account;
use crate::joiner::{Joiner, Settings};
use crate::member::Reply;
use crate::outcome::Outcome;
use crate::password::{JoinPasswords, PasswordError};
use crate::records::Computer;

#[derive(Debug, Default)]
pub(crate) struct State {
    pub(crate) machines: BTreeMap<String, Machine>,
    pub(crate) commands: BTreeMap<String, Command>,
    pub(crate) objects: Vec<Object>,
    /// What a domain controller says that has not heard of the last change.
    objects_before: Vec<Object>,
    objects_changed: u64,
    /// Commands of the AD tools host: when they end, and with what.
    removals: BTreeMap<String, (u64, Reply)>,
    pub(crate) host: Host,
    pub(crate) dns: BTreeMap<String, std::net::Ipv4Addr>,
    pub(crate) rows: BTreeMap<String, Account>,
    pub(crate) queue: Vec<Message>,
    pub(crate) dead_letters: Vec<Message>,
    pub(crate) mails: Vec<Notice>,
    pub(crate) outcomes: Vec<(String, Outcome)>,
    pub(crate) errors: Vec<String>,
    /// Passwords that were used: they must be nowhere else.
    pub(crate) secrets: BTreeSet<String>,
    /// What must not happen and has happened.
    pub(crate) violations: Vec<String>,
    pub(crate) settings: Option<Settings>,

    pub(crate) now: u64,
    pub(crate) random: Random,
    pub(crate) faults: Faults,
    pub(crate) calls: usize,
    pub(crate) operations: Vec<&'static str>,
    /// Operations that nobody may call.
    pub(crate) denied: BTreeSet<&'static str>,
    throttled: BTreeMap<&'static str, u32>,
    stale_until: u64,
    late: Vec<faults::Late>,
    killed: BTreeSet<u64>,
    turns: bool,
    /// How fast everything is, where that matters.
    pub(crate) pace: Option<Pace>,
    /// EC2 tells nothing: the test delivers the events.
    pub(crate) silent: bool,
    /// So many status events in a thousand come twice.
    pub(crate) copies: u64,
    made: u32,
    pub(crate) trace: Vec<String>,
}

/// The world; clones share it.
#[derive(Debug, Clone, Default)]
pub(crate) struct World {
    state: Arc<Mutex<State>>,
    pub(crate) table: Arc<Memory>,
    process: u64,
    /// The member account that is called.
    account: String,
}

pub(crate) type TestJoiner = Joiner<World, World, World, World, World, World, World>;

impl World {
    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    pub(crate) fn joiner(&self) -> TestJoiner {
        let settings = self.state().settings.clone().unwrap_or_else(settings);
        Joiner {
            members: self.clone(),
            computers: self.clone(),
            accounts: self.clone(),
            later: self.clone(),
            passwords: self.clone(),
            store: self.clone(),
            notices: self.clone(),
            seal: scene::seal,
            settings,
        }
    }

    fn log(&self, line: String) {
        let mut state = self.state();
        let now = state.now;
        state.trace.push(format!("{now:>8} s  {line}"));
    }

    /// The instance's item.
    pub(crate) fn item(&self, instance: &str) -> Option<Computer> {
        let item = self.table.fetch(&crate::records::key(&instance.parse().unwrap())).0;
        item.map(|item| serde_json::from_value(item).unwrap())
    }

    /// Whether a failed call of this operation may succeed later.
    fn kind(&self, operation: &str) -> Kind {
        if self.state().denied.contains(operation) { Kind::Permanent } else { Kind::Transient }
    }

    /// How often an operation was called.
    pub(crate) fn count(&self, operation: &str) -> usize {
        self.state().operations.iter().filter(|called| **called == operation).count()
    }
}

impl Store for World {
    async fn read<T: DeserializeOwned + Send>(&self, key: &Key) -> Result<(Option<T>, Revision), StoreError> {
        let key = key.clone();
        let read = self.call("GetItem", move |world| world.table.fetch(&key)).await;
        let (item, revision) = read.ok_or_else(StoreError::injected)?;
        Ok((typed(item)?, revision))
    }

    async fn write<T: Serialize + Sync>(
        &self,
        key: &Key,
        item: &T,
        seen: Revision,
    ) -> Result<Written, StoreError> {
        let (key, item) = (key.clone(), serde_json::to_value(item).unwrap());
        let written = self.call("PutItem", move |world| {
            if let Some(state) = item.get("state") {
                world.log(format!("    {} is {state} {}", key.pk, item["phase"]));
            }
            world.check_item(&key, &item);
            world.table.store(&key, item, seen)
        });
        written.await.ok_or_else(StoreError::injected)
    }
}

impl Notices for World {
    async fn publish(&self, notice: &Notice) -> Result<(), NoticeError> {
        let notice = notice.clone();
        let sent = self.call("Publish", move |world| world.state().mails.push(notice));
        sent.await.ok_or_else(NoticeError::injected)
    }
}

impl JoinPasswords for World {
    async fn join_password(&self, place: &str) -> Result<SecretString, PasswordError> {
        let read = self.call("GetParameter", |world| {
            world.state().secrets.insert(scene::JOIN_PASSWORD.to_owned());
            SecretString::from(scene::JOIN_PASSWORD)
        });
        read.await.ok_or_else(|| PasswordError {
            place: place.to_owned(),
            reason: "by the test".to_owned(),
            kind: self.kind("GetParameter"),
        })
    }
}
