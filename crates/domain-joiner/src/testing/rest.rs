//! What must hold when everything has come to rest: EC2's truth, the directory and the records say the same.

use steward_core::store::Key;

use super::{Machine, World};
use crate::member::State as Truth;
use crate::records::State;

impl World {
    /// Lets the services recover, and has the messages that were set aside worked on again, as a person does.
    pub(crate) fn come_to_rest(&self) {
        self.recover();
        for _ in 0..5 {
            if self.redrive() == 0 {
                return;
            }
            self.play(Vec::new());
        }
    }

    /// People restart what has failed although it could have joined, as their mails say.
    pub(crate) fn restart_what_failed(&self) {
        let failed: Vec<_> = {
            let state = self.state();
            let may_join = |machine: &&Machine| machine.is_running() && machine.behaviour.joins();
            state.machines.values().filter(may_join).map(|machine| machine.place.clone()).collect()
        };
        self.state().now += 3600;
        for place in failed {
            let state = self.item(place.instance.as_str()).map(|item| item.state);
            if matches!(state, Some(State::Failed)) {
                self.tell_state(&place, crate::event::ToldState::Running);
            }
        }
        self.play(Vec::new());
    }

    /// Everything that is wrong in a world at rest, and what was wrong on the way.
    pub(crate) fn problems(&self) -> Vec<String> {
        let mut problems = std::mem::take(&mut self.state().violations);
        let machines: Vec<Machine> = self.state().machines.values().cloned().collect();
        for machine in machines {
            problems.extend(self.untrue(&machine));
        }
        problems.extend(self.leaks());
        problems
    }

    fn untrue(&self, machine: &Machine) -> Vec<String> {
        let id = machine.place.instance.as_str();
        let item = self.item(id);
        let state = item.as_ref().map(|item| item.state);
        let own: Vec<_> = {
            let objects = &self.state().objects;
            objects
                .iter()
                .filter(|o| o.computer.name == machine.computer && o.password != "somebody else's")
                .cloned()
                .collect()
        };
        let foreign =
            self.state().objects.iter().any(|object| {
                object.computer.name == machine.computer && object.password == "somebody else's"
            });
        let mut problems = Vec::new();
        let mut check = |holds: bool, what: &str| {
            if !holds {
                problems.push(format!(
                    "{id}, {:?}, {:?}: {what}: {item:?}, {own:?}",
                    machine.state, machine.behaviour
                ));
            }
        };
        match machine.state {
            // An old adcli has made it, the command's answer is lost, and so is its event: a person must look.
            Truth::Terminated if !machine.describes && item.as_ref().is_some_and(is_unproved) => {
                let told = self.state().mails.iter().any(|mail| mail.body.contains("not-proved"));
                check(told, "nobody was told");
            }
            Truth::Terminated => {
                check(own.is_empty(), "its object is still there");
                check(matches!(state, None | Some(State::Left)), "it is not recorded as left");
                let host = format!("{}.{}", machine.computer, super::DOMAIN);
                let led_here = self.state().dns.get(&host) == Some(&machine.address);
                check(!led_here, "its DNS record is still there");
            }
            Truth::Running if machine.behaviour.joins() && !foreign => {
                check(state == Some(State::Joined), "it is not recorded as joined");
                check(own.len() == 1, "it has not one object");
                let same = own.first().is_some_and(|object| {
                    Some(&object.computer.sid) == machine.member.as_ref()
                        && object.password == machine.password
                        && item.as_ref().is_some_and(|item| item.sid.as_ref() == Some(&object.computer.sid))
                });
                check(same, "it is no member with the object that is recorded");
            }
            Truth::Running => {
                check(state == Some(State::Failed), "it is not recorded as failed");
                // What an old adcli has made cannot be proved to be the instance's.
                let unproved = !machine.describes && item.as_ref().is_some_and(|item| item.claimed);
                check(own.is_empty() || unproved, "an object was made and left");
                let told = self.state().mails.iter().any(|mail| mail.subject.contains(id));
                check(told, "nobody was told");
            }
            Truth::Between => {}
        }
        problems
    }

    /// What is written over at the next step was in the table all the same.
    pub(super) fn check_item(&self, key: &Key, item: &serde_json::Value) {
        let text = item.to_string();
        let mut state = self.state();
        if state.secrets.iter().any(|secret| text.contains(secret.as_str())) {
            state.violations.push(format!("a password was written into item {key:?}"));
        }
    }

    /// Passwords where no password belongs.
    fn leaks(&self) -> Vec<String> {
        let items = self.table.items();
        let state = self.state();
        let mut places: Vec<(String, String)> = Vec::new();
        places.extend(items.iter().map(|(key, item)| (format!("item {key:?}"), item.to_string())));
        places.extend(state.mails.iter().map(|mail| ("mail".to_owned(), format!("{mail:?}"))));
        places.extend(state.errors.iter().map(|error| ("error".to_owned(), error.clone())));
        places.extend(state.outcomes.iter().map(|(told, _)| ("message".to_owned(), told.clone())));
        places.extend(
            state.commands.iter().map(|(id, c)| (id.clone(), format!("{:?} {:?}", c.document, c.parameters))),
        );
        places
            .into_iter()
            .filter(|(_, text)| state.secrets.iter().any(|secret| text.contains(secret.as_str())))
            .map(|(place, _)| format!("a password is in {place}"))
            .collect()
    }
}

fn is_unproved(item: &crate::records::Computer) -> bool {
    item.mode == "join-user" && item.sid.is_none() && item.reason.as_deref() == Some("not-proved")
}
