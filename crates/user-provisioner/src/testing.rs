//! A small world in memory for the tests: a directory, the two tables, WorkSpaces, Connect, a topic. Each call can go wrong
//! in every way of the fault model ([`Fault`]), and processes can take turns at every call ([`Schedule`]).

mod agents;
mod counted;
mod directory;
mod events;
mod faults;
mod join;
mod machine;
mod random;
mod rest;
mod scene;
mod schedule;
mod services;
mod tables;
mod walk_off;
mod walk_on;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard};

use serde_json::Value;
use steward_core::directory::Person;
use steward_core::notice::{Notice, NoticeError, Notices};
use steward_core::store::memory::Memory;

pub(crate) use agents::Agent;
pub(crate) use events::{contain, custom, delete, disable, enable, hire, release};
pub(crate) use faults::{Fault, Faults};
pub(crate) use random::Random;
pub(crate) use rest::{check_at_rest, come_to_rest};
pub(crate) use scene::{DIRECTORY, DOMAIN, facts, offboarding_config, onboarding_config, person, sid};
pub(crate) use schedule::{Schedule, block_on};
pub(crate) use services::{Behaviour, Desk, DeskState};
pub(crate) use walk_off::offboard;
pub(crate) use walk_on::onboard;

use crate::config::{Offboarding, Onboarding};
use crate::offboard::Offboarder;
use crate::onboard::Provisioner;
use crate::services::{Service, Services};

#[derive(Debug, Default)]
pub(crate) struct State {
    pub(crate) users: BTreeMap<String, Person>,
    /// What a domain controller says that has not heard of a user's last change.
    before: BTreeMap<String, Option<Person>>,
    /// Until when that one answers.
    stale_until: u64,
    pub(crate) members: BTreeMap<String, BTreeSet<String>>,
    /// Since when a user is enabled, in milliseconds.
    pub(crate) enabled_since: BTreeMap<String, u64>,
    /// Groups that groups are in, in lower case.
    pub(crate) nested: BTreeMap<String, Vec<String>>,
    pub(crate) desks: Vec<Desk>,
    /// Until when WorkSpaces shows no desk by its id, in milliseconds.
    pub(crate) desks_hidden_until: u64,
    /// Whether they run `ALWAYS_ON`.
    pub(crate) desks_never_stop: bool,
    pub(crate) agents: Vec<Agent>,
    pub(crate) behaviour: BTreeMap<&'static str, Behaviour>,
    pub(crate) mails: Vec<Notice>,
    /// Executions that said that they could not finish.
    pub(crate) failure_mails: Vec<String>,
    /// Inputs of every execution that has begun, by its name: `(machine, input)`.
    pub(crate) begun: BTreeMap<String, (&'static str, Value)>,
    /// How executions have ended.
    pub(crate) ended: BTreeMap<String, String>,
    /// What must not happen and has happened.
    pub(crate) violations: Vec<String>,

    pub(crate) calls: usize,
    pub(crate) operations: Vec<&'static str>,
    pub(crate) faults: Faults,
    throttled: BTreeMap<&'static str, u32>,
    marks: BTreeMap<u64, faults::Mark>,
    late: Vec<faults::Late>,
    left_behind: Vec<faults::Process>,
    processes: u64,
    made: u32,

    scheduled: bool,
    /// Milliseconds since 1970, in a schedule.
    pub(crate) now: u64,
    pause: Option<u64>,
    pub(crate) random: Random,
    pub(crate) trace: Vec<String>,
}

/// The world; clones share it.
#[derive(Debug, Clone, Default)]
pub(crate) struct World {
    state: Arc<Mutex<State>>,
    pub(crate) table: Arc<Memory>,
    pub(crate) decisions: Arc<Memory>,
    pub(crate) counted: counted::Counted,
    actor: Arc<str>,
    process: u64,
}

impl World {
    /// Has alice (1104) and bob (1105) in Staff and Engineering, and Admin (1106) in the protected group, all enabled.
    pub(crate) fn new() -> Self {
        let world = Self::default();
        for (name, relative_id) in [("alice", 1104), ("bob", 1105), ("Admin", 1106)] {
            world.state().users.insert(name.to_lowercase(), person(name, relative_id));
        }
        for name in ["alice", "bob"] {
            let groups = ["Staff".to_owned(), "Engineering".to_owned()].into();
            world.state().members.insert(name.to_owned(), groups);
        }
        world.state().members.insert("admin".to_owned(), ["AWS Delegated Administrators".to_owned()].into());
        world
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    pub(crate) fn provisioner(&self) -> Provisioner<Self, Self, Self> {
        self.provisioner_with(onboarding_config(&[]))
    }

    pub(crate) fn provisioner_with(&self, config: Onboarding) -> Provisioner<Self, Self, Self> {
        Provisioner {
            people: self.clone(),
            store: self.clone(),
            services: self.services(),
            notices: self.clone(),
            metrics: self.counted.metrics(),
            config,
        }
    }

    pub(crate) fn offboarder(&self) -> Offboarder<Self, Self, tables::Decisions, Self> {
        self.offboarder_with(offboarding_config(&[]))
    }

    pub(crate) fn offboarder_with(
        &self,
        config: Offboarding,
    ) -> Offboarder<Self, Self, tables::Decisions, Self> {
        Offboarder {
            people: self.clone(),
            store: self.clone(),
            decisions: tables::Decisions(self.clone()),
            services: self.services(),
            notices: self.clone(),
            metrics: self.counted.metrics(),
            config,
        }
    }

    pub(crate) fn services(&self) -> Services {
        Services(vec![services::Desks(self.clone()).boxed(), agents::Agents(self.clone()).boxed()])
    }

    /// The same world, in which somebody else acts.
    pub(crate) fn acting_as(&self, actor: &str) -> Self {
        Self { actor: actor.into(), ..self.clone() }
    }

    /// The same world, in which a new process of the same actor acts.
    fn new_process(&self) -> Self {
        let mut state = self.state();
        state.processes += 1;
        let process = state.processes;
        drop(state);
        Self { process, ..self.clone() }
    }

    /// The user's item.
    pub(crate) fn item(&self, relative_id: u32) -> Option<crate::records::UserItem> {
        let key = crate::records::user_key(&DIRECTORY.parse().unwrap(), &sid(relative_id));
        self.table.fetch(&key).0.map(|item| serde_json::from_value(item).unwrap())
    }

    pub(crate) fn groups(&self, user: &str) -> BTreeSet<String> {
        self.state().members.get(user).cloned().unwrap_or_default()
    }

    /// The user's desk that is not gone.
    pub(crate) fn desk(&self, user: &str) -> Option<Desk> {
        let state = self.state();
        let live = |desk: &&Desk| desk.user.eq_ignore_ascii_case(user) && desk.state != DeskState::Gone;
        state.desks.iter().find(live).cloned()
    }

    pub(crate) fn agent(&self, user: &str) -> Option<Agent> {
        let name = format!("{user}@{DOMAIN}");
        self.state().agents.iter().find(|agent| agent.user_name == name && !agent.gone).cloned()
    }

    pub(crate) fn subjects(&self) -> Vec<String> {
        self.state().mails.iter().map(|mail| mail.subject.clone()).collect()
    }
}

impl Notices for World {
    async fn publish(&self, notice: &Notice) -> Result<(), NoticeError> {
        let notice = notice.clone();
        let sent = self.call("Publish", move |world| {
            let mut state = world.state();
            let line = format!("          mail: {}", notice.subject);
            state.trace.push(line);
            state.mails.push(notice);
        });
        sent.await.ok_or_else(NoticeError::injected)
    }
}
