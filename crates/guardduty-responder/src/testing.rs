//! A small world in memory for the tests: a directory, a table, an instance, a topic, a secret store, each of which can
//! be told to fail at a chosen call, before or after the call has had its effect.

mod counted;
mod roles;
mod scene;
mod walk;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use serde_json::Value;
use steward_core::directory::User;

use counted::Counted;

pub(crate) use scene::{DOMAIN, FINDING, INSTANCE, answer, event, sid, uid, variables};
pub(crate) use walk::{run, run_asking};

use crate::approval::{self, Approver};
use crate::contain::{Config, Responder};
use crate::notice::Notice;
use crate::records::memory::Memory;
use crate::release::{self, Releaser};
use crate::systems_manager::Reply;
use crate::witness::{self, Witness};

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
    /// Findings that GuardDuty calls active.
    pub(crate) active: BTreeSet<String>,
    /// Task tokens that executions wait for.
    pub(crate) tokens: BTreeSet<String>,
    pub(crate) calls: usize,
    pub(crate) fail_at: Option<(usize, bool)>,
}

/// The world; clones share it.
#[derive(Debug, Clone, Default)]
pub(crate) struct World {
    state: Arc<Mutex<State>>,
    pub(crate) table: Arc<Memory>,
    pub(crate) counted: Counted,
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
            metrics: self.counted.metrics(),
            config,
            read_back_pause: Duration::ZERO,
        }
    }

    pub(crate) fn releaser(&self) -> Releaser<Self, Self, Self, Self, Self> {
        let config = release::Config::read(variables(&[])).unwrap();
        Releaser {
            directory: self.clone(),
            store: self.clone(),
            escrow: self.clone(),
            findings: self.clone(),
            notices: self.clone(),
            metrics: self.counted.metrics(),
            config,
        }
    }

    pub(crate) fn approver(&self) -> Approver<Self, Self> {
        let config = approval::Config::read(variables(&[])).unwrap();
        Approver { store: self.clone(), wake: self.clone(), metrics: self.counted.metrics(), config }
    }

    pub(crate) fn witness(&self) -> Witness<Self, Self> {
        let config = witness::Config::read(variables(&[])).unwrap();
        Witness { store: self.clone(), notices: self.clone(), metrics: self.counted.metrics(), config }
    }

    pub(super) fn call(&self) -> Fault {
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
