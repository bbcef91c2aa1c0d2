//! Agents that run the document, in the ways that agents do and do not.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;

use super::World;
use super::scene::{DOMAIN, JOIN_PASSWORD, unseal};
use crate::member::Reply;

/// How an instance behaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Behaviour {
    Works,
    /// Its agent never registers.
    NoAgent,
    /// The first run of the document fails with this code and word.
    FailsOnce(i32, &'static str),
    /// Every run does.
    Fails(i32, &'static str),
    /// It cannot be verified, after its object was made.
    HalfJoins,
    /// The first command is never delivered.
    LosesCommand,
    /// No status event of its commands arrives.
    LosesEvents,
    /// Its commands never end.
    Hangs,
    /// It prints something else.
    Garbles,
    /// It answers for another attempt.
    MistakesAttempt,
    /// It says that it has joined, and has not.
    Lies,
}

impl Behaviour {
    pub(crate) fn has_no_agent(self) -> bool {
        self == Self::NoAgent
    }

    /// Whether an instance that runs on is a member in the end.
    pub(crate) fn joins(self) -> bool {
        !matches!(
            self,
            Self::NoAgent
                | Self::Fails(..)
                | Self::Hangs
                | Self::Garbles
                | Self::MistakesAttempt
                | Self::Lies
                | Self::HalfJoins
        )
    }
}

/// A command.
#[derive(Debug, Clone)]
pub(crate) struct Command {
    pub(crate) instance: String,
    pub(crate) document: String,
    pub(crate) parameters: BTreeMap<String, String>,
    pub(super) due: u64,
    pub(crate) reply: Reply,
    pub(super) ended_at: u64,
}

fn failed(action: &str, code: i32, reason: &str) -> Reply {
    let line = json!({"adsteward": 1, "action": action, "outcome": "failed", "reason": reason, "detail": "it was the test"});
    Reply::Ended { code, output: format!("{line}\n") }
}

impl World {
    /// When the next command runs.
    pub(super) fn next_command(&self) -> Option<u64> {
        let state = self.state();
        state.commands.values().filter(|command| command.ended_at == 0).map(|command| command.due).min()
    }

    /// Runs the commands that are due.
    pub(super) fn run_commands(&self) {
        loop {
            let (id, command) = {
                let state = self.state();
                let now = state.now;
                let due = state.commands.iter().find(|(_, c)| c.ended_at == 0 && c.due <= now);
                match due {
                    Some((id, command)) => (id.clone(), command.clone()),
                    None => return,
                }
            };
            let reply = self.run(&command);
            self.log(format!("{id} {} {} ends: {reply:?}", command.parameters["Action"], command.instance));
            let mut state = self.state();
            let now = state.now;
            let ended = state.commands.get_mut(&id).unwrap();
            ended.reply = reply;
            ended.ended_at = now;
            let machine = &state.machines[&command.instance];
            let (place, told) = (
                machine.place.clone(),
                !matches!(machine.behaviour, Behaviour::LosesEvents | Behaviour::Hangs),
            );
            drop(state);
            if told {
                self.tell_command(&place, &id);
            }
        }
    }

    fn run(&self, command: &Command) -> Reply {
        let mut guard = self.state();
        let state = &mut *guard;
        let Some(machine) = state.machines.get_mut(&command.instance).filter(|machine| machine.is_running())
        else {
            return Reply::Lost("Undeliverable".to_owned());
        };
        machine.runs += 1;
        let parameters = &command.parameters;
        let action = parameters["Action"].as_str();
        match machine.behaviour {
            Behaviour::Hangs => return Reply::Pending,
            Behaviour::Garbles => {
                return Reply::Ended { code: 0, output: "\u{1b}[31mwelcome\n{}\n".to_owned() };
            }
            Behaviour::LosesCommand if machine.runs == 1 => return Reply::Lost("TimedOut".to_owned()),
            Behaviour::FailsOnce(code, reason) if machine.runs == 1 => return failed(action, code, reason),
            Behaviour::Fails(code, reason) => return failed(action, code, reason),
            Behaviour::Lies => {
                let line = json!({"adsteward": 1, "action": "prepare", "outcome": "member", "verified": true,
                    "computer": parameters["ComputerName"], "domain": DOMAIN});
                return Reply::Ended { code: 0, output: line.to_string() };
            }
            _ => {}
        }
        let valid = machine.member.as_ref().is_some_and(|sid| {
            state.objects.iter().any(|o| o.computer.sid == *sid && o.password == machine.password)
        });
        if action == "prepare" {
            if valid {
                let line = json!({"adsteward": 1, "action": "prepare", "outcome": "member", "verified": true,
                    "computer": parameters["ComputerName"], "domain": DOMAIN});
                return Reply::Ended { code: 0, output: line.to_string() };
            }
            let mistaken = machine.behaviour == Behaviour::MistakesAttempt;
            let nonce = if mistaken { "0".repeat(32) } else { parameters["Nonce"].clone() };
            let key = nonce.as_bytes().iter().rev().copied().collect::<Vec<u8>>();
            let line = json!({"adsteward": 1, "action": "prepare", "outcome": "ready", "nonce": nonce,
                "publicKey": STANDARD.encode(&key), "platform": "debian 12"});
            machine.key = Some((nonce, key));
            return Reply::Ended { code: 0, output: format!("{line}\n") };
        }
        let key = machine.key.take().filter(|(nonce, _)| *nonce == parameters["Nonce"]);
        let Some(password) = key.and_then(|(_, key)| unseal(&key, &parameters["Secret"])) else {
            return failed(action, 15, "no-key");
        };
        state.made += 1;
        let own_password = format!("machine-{}", state.made);
        let object = state.objects.iter().position(|o| o.computer.name == parameters["ComputerName"]);
        let at = match (parameters["Mode"].as_str(), object) {
            ("one-time", Some(_)) if machine.behaviour == Behaviour::HalfJoins => {
                return failed(action, 19, "not-verified");
            }
            ("one-time", Some(at)) if state.objects[at].password == password => at,
            ("one-time", Some(_)) => return failed(action, 16, "bad-credentials"),
            ("one-time", None) => return failed(action, 17, "no-permission"),
            (_, _) if password != JOIN_PASSWORD => return failed(action, 16, "bad-credentials"),
            (_, Some(_)) if !machine.claimed => return failed(action, 21, "name-taken"),
            (_, Some(_)) if machine.behaviour == Behaviour::HalfJoins => {
                return failed(action, 19, "not-verified");
            }
            (_, Some(at)) => at,
            (_, None) => {
                machine.claimed = true;
                let description = format!("adsteward {}", parameters["Nonce"]);
                let description = machine.describes.then_some(description.as_str());
                let fails = machine.behaviour == Behaviour::HalfJoins;
                drop(guard);
                self.add_object(&parameters["ComputerName"], description, "being made");
                if fails {
                    return failed(action, 19, "not-verified");
                }
                return self.become_member(command, own_password, None);
            }
        };
        drop(guard);
        self.become_member(command, own_password, Some(at))
    }

    fn become_member(&self, command: &Command, password: String, at: Option<usize>) -> Reply {
        let mut guard = self.state();
        let state = &mut *guard;
        let at = at.unwrap_or(state.objects.len() - 1);
        state.keep_objects();
        let machine = state.machines.get_mut(&command.instance).unwrap();
        let object = &mut state.objects[at];
        if object.password == "somebody else's" {
            state.violations.push(format!("{} was taken over", object.computer.name));
        }
        object.password.clone_from(&password);
        let host = format!("{}.{DOMAIN}", object.computer.name);
        state.dns.insert(host, machine.address);
        machine.member = Some(object.computer.sid.clone());
        machine.password = password;
        machine.joins += 1;
        let mut line = json!({"adsteward": 1, "action": "join", "outcome": "joined", "reboot": false,
            "computer": command.parameters["ComputerName"], "domain": DOMAIN});
        if command.parameters["Groups"] == "Lniux Admins" {
            line["detail"] = json!("no group is called Lniux Admins");
        }
        Reply::Ended { code: 0, output: format!("{line}\n") }
    }
}
