//! A small world in memory for the tests: a directory, a table, an instance, a topic, a secret store, CloudTrail. Each
//! call can go wrong in every way of the fault model ([`Fault`]), and processes can take turns at every call
//! ([`Schedule`]); what must never happen is noticed where it happens ([`truth`]).

mod consent;
mod counted;
mod faults;
mod instance;
mod logs;
mod machine;
mod random;
mod rest;
mod roles;
mod scene;
mod schedule;
mod trail;
mod truth;
mod walk;
mod walk_answer;
mod walk_release;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use serde_json::Value;
use steward_core::directory::{DomainNames, User};
use steward_core::ids::InstanceId;
use steward_core::place::Place;

use counted::Counted;

pub(crate) use faults::{Death, Fault, Faults};
pub(crate) use instance::{Ending, Said};
pub(crate) use logs::Logs;
pub(crate) use machine::Ended;
pub(crate) use random::Random;
pub(crate) use rest::{Expected, check_at_rest, come_to_rest};
pub(crate) use scene::{
    DOMAIN, FINDING, INSTANCE, MEMBER, MEMBER_NEIGHBOUR, MEMBER_REGION, PARTNER, WITH_MEMBERS, answer,
    answer_about, event, event_about, event_elsewhere, finding_arn, of_partner, partner_sid, partner_uid,
    report, sid, uid, variables,
};
pub(crate) use schedule::{Schedule, block_on};
pub(crate) use trail::work_on_the_queue;
pub(crate) use walk::{contain, run, run_asking};
pub(crate) use walk_answer::{Person, answer_questions, know_who_asks};
pub(crate) use walk_release::{ask_for_release, release};

use crate::approval::{self, Approver};
use crate::contain::{Config, Responder};
use crate::notice::Notice;
use crate::records::memory::Memory;
use crate::release::{self as releasing, Releaser};
use crate::systems_manager::{Reply, SessionOwner};
use crate::witness::{self, Witness};

#[derive(Debug, Default)]
pub(crate) struct State {
    /// The own domain's by their names in lower case, others' with `@` and their domain behind it.
    pub(crate) users: BTreeMap<String, User>,
    /// What a domain controller says that has not heard of a user's last change.
    before: BTreeMap<String, User>,
    pub(crate) passwords: BTreeMap<String, String>,
    pub(crate) groups: BTreeMap<String, BTreeSet<String>>,
    /// The trusted domains that are configured.
    pub(crate) trusted: Vec<DomainNames>,
    /// Users and tokens of the `DisableUser` calls that had an effect.
    pub(crate) disabled: Vec<(String, String)>,
    /// Looks after a `DisableUser` that still see the user as he was: another domain controller answers.
    pub(crate) stale_looks: usize,
    /// The chains that instances were asked about; the n-th is command `c<n>`.
    pub(crate) commands: Vec<String>,
    pub(crate) replies: Vec<Reply>,
    /// Answers to questions about chains with a certain user id.
    pub(crate) replies_about: BTreeMap<u32, Reply>,
    pub(crate) agent_absent: bool,
    /// The agent is gone when sessions are to be ended.
    pub(crate) agent_lost: bool,
    /// Whose sessions were ended, once for each command.
    pub(crate) endings: Vec<SessionOwner>,
    /// What a command that ends sessions becomes; it stays pending when there is none.
    pub(crate) report: Option<Reply>,
    /// How commands that end sessions turn out: one of these; when there is none, `report` says it.
    pub(crate) ending_choice: Vec<Ending>,
    carried: Vec<instance::Carried>,
    /// The instances of the domain.
    pub(crate) members: Vec<InstanceId>,
    /// The accounts that have a row.
    pub(crate) open: BTreeSet<String>,
    /// Rows do not fit.
    pub(crate) rows_unusable: bool,
    /// Where commands were sent or looked at.
    pub(crate) reached: Vec<Place>,
    pub(crate) kill_switch: bool,
    /// Who reads the notices, and within how many milliseconds he answers a question.
    pub(crate) people: Vec<Person>,
    pub(crate) patience: u64,
    /// CloudTrail names who answers without delay.
    pub(crate) callers_known: bool,
    /// What the configuration of this world's responder differs in from the scene's.
    pub(crate) settings: Vec<(&'static str, &'static str)>,
    pub(crate) mails: Vec<Notice>,
    /// Executions that said that they could not finish.
    pub(crate) failure_mails: Vec<String>,
    /// Kept passwords by execution, and each user's newest.
    pub(crate) secrets: BTreeMap<String, String>,
    /// Findings that GuardDuty calls active.
    pub(crate) active: BTreeSet<String>,
    /// Task tokens that executions wait for.
    pub(crate) tokens: BTreeSet<String>,
    pub(crate) newest_secret: BTreeMap<String, String>,
    pub(crate) queue: Vec<trail::Message>,
    dead_letters: Vec<trail::Message>,

    pub(crate) calls: usize,
    /// The operations of all calls, in order.
    pub(crate) operations: Vec<&'static str>,
    pub(crate) faults: Faults,
    pub(crate) faults_so_far: usize,
    throttled: BTreeMap<&'static str, u32>,
    marks: BTreeMap<u64, faults::Mark>,
    late: Vec<faults::Late>,
    left_behind: Vec<faults::Process>,
    processes: u64,

    scheduled: bool,
    /// Milliseconds since 1970, in a schedule.
    pub(crate) now: u64,
    /// Until when the process whose turn it is waits.
    pause: Option<u64>,
    pub(crate) random: Random,
    pub(crate) trace: Vec<String>,
    pub(crate) truth: truth::Truth,
}

/// The world; clones share it.
#[derive(Debug, Clone, Default)]
pub(crate) struct World {
    state: Arc<Mutex<State>>,
    pub(crate) table: Arc<Memory>,
    pub(crate) counted: Counted,
    /// Who makes the calls: an execution, or another party's name.
    pub(crate) actor: Arc<str>,
    /// The process that makes them.
    process: u64,
    /// The trusted domain that is asked, in the role of a directory; none is the own one.
    domain: Option<Arc<str>>,
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
        world.state().report = Some(Reply::Output(format!("{}\n", report())));
        world.state().members =
            [INSTANCE, "i-0aaaaaaaaaaaaaaaa", "i-0bbbbbbbbbbbbbbbb"].map(|id| id.parse().unwrap()).into();
        world.state().groups.insert("admin".to_owned(), ["aws delegated administrators".to_owned()].into());
        world
    }

    /// Configures a trusted domain, with an alice of the same relative identifier, and chief, a member of its protected
    /// group.
    pub(crate) fn trust(&self) {
        let mut state = self.state();
        state.trusted = vec![DomainNames { dns: PARTNER.to_owned(), netbios: "PARTNER".to_owned() }];
        for (name, relative_id) in [("alice", 1104), ("chief", 1107)] {
            let user = User {
                name: name.parse().unwrap(),
                sid: partner_sid(relative_id).parse().unwrap(),
                domain: PARTNER.to_owned(),
                enabled: true,
            };
            state.users.insert(format!("{name}@{PARTNER}"), user);
        }
        state.groups.insert(format!("chief@{PARTNER}"), ["staff", "domain admins"].map(str::to_owned).into());
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
        let settings = self.state().settings.clone();
        self.responder_with(&settings)
    }

    pub(crate) fn responder_with(&self, changes: &[(&str, &str)]) -> Responder<Self, Self, Self, Self> {
        let config = Config::read(variables(changes)).unwrap();
        Responder {
            directories: self.clone(),
            store: self.clone(),
            systems: self.clone(),
            notices: self.clone(),
            metrics: self.counted.metrics(),
            config,
            read_back_pause: Duration::ZERO,
        }
    }

    pub(crate) fn releaser(&self) -> Releaser<Self, Self, Self, Self, Self> {
        let config = releasing::Config::read(variables(&[])).unwrap();
        Releaser {
            directories: self.clone(),
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

    /// The same world, in which somebody else acts.
    pub(crate) fn acting_as(&self, actor: &str) -> Self {
        Self { actor: actor.into(), ..self.clone() }
    }

    /// The same world, in which a new process of the same actor acts.
    pub(crate) fn new_process(&self) -> Self {
        let mut state = self.state();
        state.processes += 1;
        let (process, calls) = (state.processes, state.calls);
        state.truth.process_began(process, calls);
        drop(state);
        Self { process, ..self.clone() }
    }

    /// A number from 0 up to `limit`, from the seed.
    pub(crate) fn below(&self, limit: u64) -> u64 {
        self.state().random.below(limit)
    }
}
