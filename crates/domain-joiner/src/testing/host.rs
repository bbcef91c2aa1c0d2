//! A host with the AD tools, which removes what it is told with a proof, as the leave document does.

use serde_json::json;

use super::{World, place};
use crate::computers::{Order, Proof, Removal};
use crate::event::Told;
use crate::member::Reply;

pub(super) const HOST: &str = "i-0000000000000a001";

/// How it behaves.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Host {
    #[default]
    Works,
    /// There is none.
    Absent,
    /// Every run of the document fails with this code and word.
    Fails(i32, &'static str),
    /// Its commands never arrive.
    LosesCommands,
    /// Its commands never end.
    Hangs,
    /// It prints something else.
    Garbles,
    /// It tells nothing of its commands' ends.
    TellsNothing,
}

fn line(code: i32, answer: &serde_json::Value) -> Reply {
    Reply::Ended { code, output: format!("{answer}\n") }
}

impl World {
    pub(super) fn give_to_host(&self, removal: &Removal) -> Order {
        let behaviour = self.state().host;
        if behaviour == Host::Absent {
            return Order::NoHost("0 instances are online, not one".to_owned());
        }
        let reply = match behaviour {
            Host::Hangs => Reply::Pending,
            Host::LosesCommands => Reply::Lost("DeliveryTimedOut".to_owned()),
            Host::Garbles => Reply::Ended { code: 0, output: "welcome\n".to_owned() },
            Host::Fails(code, reason) => line(
                code,
                &json!({"adsteward": 1, "action": "leave", "outcome": "failed", "reason": reason, "detail": "x"}),
            ),
            _ => self.remove_as_told(removal),
        };
        let (command, delay) = {
            let mut state = self.state();
            state.made += 1;
            let command = format!("00000000-0000-4000-9000-{:012}", state.made);
            let delay = 2 + state.random.below(30);
            let ends = state.now + delay;
            state.removals.insert(command.clone(), (ends, reply));
            (command, delay)
        };
        if !matches!(behaviour, Host::Hangs | Host::TellsNothing) {
            self.deliver(Told::Command(place(HOST), command.clone()), delay + 1);
        }
        Order::Given { host: HOST.parse().unwrap(), command }
    }

    fn remove_as_told(&self, removal: &Removal) -> Reply {
        let name = removal.name.as_str();
        let found = {
            let mut guard = self.state();
            let state = &mut *guard;
            let host = format!("{name}.{}", removal.domain);
            if state.dns.get(&host).copied() == removal.address {
                state.dns.remove(&host);
            }
            let fits = |object: &&super::Object| match &removal.proof {
                Proof::Sid(sid) => object.computer.sid == *sid,
                Proof::Marker(marker) => {
                    object.computer.name == name && object.computer.description.as_ref() == Some(marker)
                }
            };
            state.objects.iter().find(fits).map(|object| object.computer.sid.clone())
        };
        if let Some(sid) = &found {
            self.remove_sid(sid);
        }
        let outcome = if found.is_some() { "left" } else { "gone" };
        line(
            0,
            &json!({"adsteward": 1, "action": "leave", "outcome": outcome, "computer": name, "dnsRecords": 1}),
        )
    }

    pub(super) fn reply_of_host(&self, command: &str) -> Reply {
        let state = self.state();
        let (ends, reply) = &state.removals[command];
        if *ends > state.now { Reply::Pending } else { reply.clone() }
    }
}
