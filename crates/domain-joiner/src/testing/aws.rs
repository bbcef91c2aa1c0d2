//! EC2 and Systems Manager, as a member account's role sees them.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;

use steward_core::ids::Sid;

use super::agent::{Behaviour, Command};
use super::{World, place};
use crate::account::Account;
use crate::event::ToldState;
use crate::member::{Instance, Member, MemberError, Members, Platform, Reply, Sent, State};
use crate::name::ComputerName;
use crate::place::Place;

/// An instance and what is on it.
#[derive(Debug, Clone)]
pub(crate) struct Machine {
    pub(crate) place: Place,
    pub(crate) state: State,
    /// When EC2's state last changed, and what it was before.
    changed_at: u64,
    before: State,
    pub(crate) platform: Platform,
    pub(crate) tags: BTreeMap<String, String>,
    pub(crate) address: Ipv4Addr,
    pub(crate) behaviour: Behaviour,
    /// When the agent registers.
    pub(crate) agent_at: u64,
    /// The name of its computer.
    pub(crate) computer: String,
    /// The key pair of an attempt.
    pub(crate) key: Option<(String, Vec<u8>)>,
    /// Whether it has begun to make an object of its name with a join account.
    pub(crate) claimed: bool,
    /// Whether its adcli writes descriptions.
    pub(crate) describes: bool,
    /// The SID it is a member with, and its own password.
    pub(crate) member: Option<Sid>,
    pub(crate) password: String,
    /// Whether a test has the flow remove the object although the instance runs.
    pub(crate) may_lose_object: bool,
    /// How often the document has joined it.
    pub(crate) joins: u32,
    /// How often the document has run.
    pub(crate) runs: u32,
}

impl Machine {
    pub(crate) fn is_running(&self) -> bool {
        self.state == State::Running
    }
}

/// An instance behind its account's role.
#[derive(Debug, Clone)]
pub(crate) struct OneInstance {
    world: World,
    place: Place,
}

impl World {
    fn failed_member(&self, operation: &'static str) -> MemberError {
        let kind = self.kind(operation);
        MemberError { operation, account: "111122223333".to_owned(), reason: "by the test".to_owned(), kind }
    }

    /// Launches an instance: EC2 tells that it runs.
    pub(crate) fn launch(&self, id: &str, behaviour: Behaviour) {
        self.launch_in(&place(id), behaviour);
    }

    /// Launches an instance of any account.
    pub(crate) fn launch_in(&self, place: &Place, behaviour: Behaviour) {
        let id = place.instance.as_str();
        let name = ComputerName::of(&super::settings().prefix, &place.instance);
        let mut state = self.state();
        let now = state.now;
        let number = u16::try_from(state.machines.len()).unwrap() + 1;
        let [high, low] = number.to_be_bytes();
        state.machines.insert(
            id.to_owned(),
            Machine {
                place: place.clone(),
                state: State::Running,
                changed_at: now,
                before: State::Between,
                platform: Platform::Linux,
                tags: BTreeMap::new(),
                address: Ipv4Addr::new(10, 1, high, low),
                behaviour,
                agent_at: now + 30,
                computer: name.to_string(),
                key: None,
                claimed: false,
                describes: true,
                member: None,
                password: String::new(),
                may_lose_object: false,
                joins: 0,
                runs: 0,
            },
        );
        drop(state);
        self.log(format!("{id} is launched, {behaviour:?}"));
        self.tell_state(place, ToldState::Running);
    }

    /// EC2 changes the state of an instance, and tells.
    pub(crate) fn enter(&self, id: &str, entered: State) {
        let mut state = self.state();
        let now = state.now;
        let Some(machine) = state.machines.get_mut(id).filter(|machine| machine.state != State::Terminated)
        else {
            return;
        };
        machine.before = machine.state;
        machine.changed_at = now;
        machine.state = entered;
        machine.key = None;
        machine.agent_at = now + 30;
        let place = machine.place.clone();
        drop(state);
        self.log(format!("{id} enters {entered:?}"));
        let told = match entered {
            State::Running => ToldState::Running,
            State::Terminated => ToldState::Terminated,
            State::Between => ToldState::Other,
        };
        self.tell_state(&place, told);
    }

    /// An object for an instance that is terminated for longer than anybody looks at it.
    pub(super) fn check_creation(&self, computer: &str) {
        let mut state = self.state();
        let now = state.now;
        let dead = state.machines.values().any(|machine| {
            machine.computer == computer
                && machine.state == State::Terminated
                && machine.changed_at + 400 < now
        });
        if dead {
            state.violations.push(format!("{computer} was made for a terminated instance"));
        }
    }
}

impl Members for World {
    type Member = OneInstance;

    async fn open(&self, _: &Account, place: &Place) -> Result<OneInstance, MemberError> {
        let place = place.clone();
        let account = place.account.to_string();
        let opened =
            self.call("AssumeRole", |world| OneInstance { world: Self { account, ..world.clone() }, place });
        opened.await.ok_or_else(|| self.failed_member("AssumeRole"))
    }
}

impl Member for OneInstance {
    async fn instance(&self) -> Result<Option<Instance>, MemberError> {
        let place = self.place.clone();
        let found = self.world.call("DescribeInstances", move |world| {
            let stale = world.is_stale();
            let state = world.state();
            let machine =
                state.machines.get(place.instance.as_str()).filter(|machine| machine.place == place)?;
            let lagging = stale && machine.changed_at + 60 > state.now;
            Some(Instance {
                state: if lagging { machine.before } else { machine.state },
                platform: machine.platform,
                address: (machine.state != State::Terminated).then_some(machine.address),
                tags: machine.tags.clone(),
            })
        });
        found.await.ok_or_else(|| self.world.failed_member("DescribeInstances"))
    }

    async fn send(&self, document: &str, parameters: &[(&'static str, String)]) -> Result<Sent, MemberError> {
        let (id, document) = (self.place.instance.to_string(), document.to_owned());
        let parameters: BTreeMap<String, String> =
            parameters.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
        let sent = self.world.call("SendCommand", move |world| {
            let mut state = world.state();
            let now = state.now;
            let there = state
                .machines
                .get(&id)
                .is_some_and(|machine| machine.is_running() && machine.agent_at <= now)
                && !state.machines[&id].behaviour.has_no_agent();
            if !there {
                return Sent::AgentAbsent;
            }
            state.made += 1;
            let command = format!("00000000-0000-4000-8000-{:012}", state.made);
            let due = now + 5 + state.random.below(60);
            let sent =
                Command { instance: id, document, parameters, due, reply: Reply::Pending, ended_at: 0 };
            state.commands.insert(command.clone(), sent);
            Sent::Command(command)
        });
        sent.await.ok_or_else(|| self.world.failed_member("SendCommand"))
    }

    async fn reply(&self, command: &str) -> Result<Reply, MemberError> {
        let command = command.to_owned();
        let reply = self.world.call("GetCommandInvocation", move |world| {
            let stale = world.is_stale();
            let state = world.state();
            let sent = &state.commands[&command];
            if stale && sent.ended_at + 45 > state.now { Reply::Pending } else { sent.reply.clone() }
        });
        reply.await.ok_or_else(|| self.world.failed_member("GetCommandInvocation"))
    }
}
