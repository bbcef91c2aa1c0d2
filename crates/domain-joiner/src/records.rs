//! The computer table: what this function has done for each instance, written down before it is done.
//!
//! | partition key | sort key | holds |
//! | --- | --- | --- |
//! | instance id | `computer` | an instance: its state, the command that is under way, its object in the directory |
//! | `command#ID` | `errand` | for which instance an AD tools host was given a command |
//! | `notice#CAUSE` | `notice` | whether people were told of a cause |
//! | `budget#HOUR` | `notices` | which causes an hour's notices were spent on |
//!
//! An item expires when nothing of the instance is left in the directory.

mod budget;
mod errand;
mod held;
mod sid;

use std::net::Ipv4Addr;

use serde::{Deserialize, Serialize};
use serde_dynamo::{AttributeValue, Item};
use steward_core::clock;
use steward_core::ids::{InstanceId, Sid};
use steward_core::store::Key;

use crate::name::ComputerName;
use crate::place::Place;

pub(crate) use budget::may_tell;
pub(crate) use errand::{Errand, errand_key};
pub(crate) use held::{Held, read};

/// What became of an instance.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// It is to be joined, and no command is under way.
    Requested,
    /// A command is under way, or about to be sent.
    Sent,
    /// It is a member.
    Joined,
    /// It could not be joined.
    Failed,
    /// It is terminated, and its object about to be removed.
    Leaving,
    /// Nothing of it is left.
    Left,
}

/// What is under way for an instance that is [`State::Sent`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Phase {
    /// The command that makes the key pair.
    Prepare,
    /// Its object is about to be made; `command` is still the one that has made the key pair.
    Creating,
    /// The command that joins is about to be sent, and may have been; `command` is still the one before.
    Joining,
    /// The command that joins.
    Join,
    /// The command by which an AD tools host removes its object.
    Leave,
}

/// The item of an instance.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Computer {
    /// What became of it.
    pub state: State,
    /// What is under way.
    pub phase: Option<Phase>,
    /// The account it belongs to.
    pub account: String,
    /// Its Region.
    pub region: String,
    /// The domain in which its object was made; empty before.
    pub domain: String,
    /// Its name in the directory.
    pub name: ComputerName,
    /// What the description of an object says that was made for it; nobody else's says the same.
    pub marker: String,
    /// The attempt that is under way.
    pub nonce: String,
    /// Whose credential it joins with: `one-time` or `join-user`.
    pub mode: String,
    /// The command that is waited for.
    pub command: Option<String>,
    /// The AD tools host that was given it, where it is not the instance itself.
    pub host: Option<String>,
    /// The SID of its object.
    #[serde(with = "sid")]
    pub sid: Option<Sid>,
    /// Whether an object may have been made for it whose SID nobody knows.
    pub unsettled: bool,
    /// Whether its name was free when it was about to join with a join account: the object is then its own.
    pub claimed: bool,
    /// The attempts whose command may have joined it: with a join account, an object's description names one of them.
    pub nonces: Vec<String>,
    /// Its private address.
    pub address: Option<Ipv4Addr>,
    /// Whether all that could come late is there: only one more look at the directory is left.
    pub last_look: bool,
    /// Tries that have failed in a way that may pass.
    pub attempts: u32,
    /// How often its agent was not there.
    pub absent: u32,
    /// How often the command was looked at that is under way.
    pub waits: u32,
    /// The number of the next look: earlier ones that are still in the queue are of no use any more.
    pub looks: u32,
    /// When that one comes, in seconds since 1970.
    pub look_at: u64,
    /// Until when a process is at it, in seconds since 1970.
    pub busy_until: u64,
    /// The process that has written it.
    pub worker: String,
    /// The last reason why something was not done.
    pub reason: Option<String>,
    /// What there is to say of it.
    pub detail: Option<String>,
    /// When it was first asked for, in this try or an earlier one; in ISO 8601.
    pub requested_at: String,
    /// When it had joined.
    pub joined_at: Option<String>,
    /// When it had left.
    pub left_at: Option<String>,
    /// When it was written, in seconds since 1970.
    pub at: u64,
}

impl Computer {
    /// An instance for which nothing has been done.
    pub(crate) fn new(place: &Place, name: ComputerName, nonce: String) -> Self {
        Self {
            state: State::Requested,
            phase: None,
            account: place.account.to_string(),
            region: place.region.to_string(),
            domain: String::new(),
            name,
            marker: format!("{} {nonce}", marker_of(place)),
            nonce,
            mode: String::new(),
            command: None,
            host: None,
            sid: None,
            unsettled: false,
            claimed: false,
            nonces: Vec::new(),
            address: None,
            last_look: false,
            attempts: 0,
            absent: 0,
            waits: 0,
            looks: 0,
            look_at: 0,
            busy_until: 0,
            worker: String::new(),
            reason: None,
            detail: None,
            requested_at: clock::iso(clock::now()),
            joined_at: None,
            left_at: None,
            at: 0,
        }
    }

    /// Keeps the attempt as one that may join it. Ten are more than there are attempts.
    pub(crate) fn remember_nonce(&mut self) {
        if self.nonces.last() != Some(&self.nonce) {
            self.nonces.push(self.nonce.clone());
        }
        let surplus = self.nonces.len().saturating_sub(10);
        self.nonces.drain(..surplus);
    }

    /// Whether a description was written for the instance.
    pub(crate) fn describes(&self, description: &str) -> bool {
        let nonce = description.strip_prefix("adsteward ").unwrap_or_default();
        description == self.marker || self.nonces.iter().any(|known| known == nonce)
    }

    /// Whether the instance is where a message says.
    pub(crate) fn is_at(&self, place: &Place) -> bool {
        self.account == place.account.as_str() && self.region == place.region.as_str()
    }

    /// Whether a process is at it.
    pub(crate) fn is_busy(&self) -> bool {
        self.busy_until > clock::now()
    }

    /// Whether it is looked at again without anybody's doing.
    pub(crate) fn is_looked_at_soon(&self) -> bool {
        self.look_at > clock::now()
    }

    /// Whether an object may be there that is the instance's.
    pub(crate) fn may_have_object(&self) -> bool {
        self.sid.is_some() || self.unsettled || self.claimed
    }
}

/// What a marker begins with that was written for an instance: whoever has lost the record finds there whose computer it is.
pub(crate) fn marker_of(Place { account, region, instance }: &Place) -> String {
    format!("adsteward {instance} {account} {region}")
}

/// The key of an instance.
pub fn key(instance: &InstanceId) -> Key {
    Key { pk: instance.to_string(), sk: "computer".to_owned() }
}

/// Whether an item is kept whatever its age: whoever removes the instance's object must find it.
pub fn is_held(item: &Item) -> bool {
    let Some(AttributeValue::S(state)) = item.get("state") else { return false };
    let is = |name: &str| item.get(name) == Some(&AttributeValue::Bool(true));
    let object = matches!(item.get("sid"), Some(AttributeValue::S(_))) || is("unsettled") || is("claimed");
    match state.as_str() {
        "left" => false,
        "failed" => object,
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use serde_dynamo::to_item;

    use super::*;

    fn item(state: State) -> Computer {
        let place = Place {
            account: "111122223333".parse().unwrap(),
            region: "eu-central-1".parse().unwrap(),
            instance: "i-0123456789abcdef0".parse().unwrap(),
        };
        Computer { state, ..Computer::new(&place, "ec2-abc".to_owned().try_into().unwrap(), "0".repeat(32)) }
    }

    #[test]
    fn an_instance_is_forgotten_only_when_nothing_of_it_is_in_the_directory() {
        let kept = |item: &Computer| is_held(&to_item(item).unwrap());
        for state in [State::Requested, State::Sent, State::Joined, State::Leaving] {
            assert!(kept(&item(state)), "{state:?}");
        }
        assert!(!kept(&item(State::Left)));
        let failed = item(State::Failed);
        assert!(!kept(&failed));
        let sid = "S-1-5-21-1-2-3-1104".parse().ok();
        assert!(kept(&Computer { sid, ..failed.clone() }));
        assert!(kept(&Computer { claimed: true, ..failed.clone() }));
        assert!(kept(&Computer { unsettled: true, ..failed }));
    }

    #[test]
    fn a_description_is_the_instances_own_by_its_marker_or_by_an_attempt_of_it() {
        let mut item = item(State::Sent);
        let marker = item.marker.clone();
        for number in 0..12 {
            item.nonce = format!("{number:032x}");
            item.remember_nonce();
            item.remember_nonce();
        }
        assert_eq!(item.nonces.len(), 10);
        assert!(item.describes(&marker) && item.describes(&format!("adsteward {:032x}", 11)));
        for other in ["", "adsteward", "adsteward ", "adsteward i-0123456789abcdef0", &item.nonce] {
            assert!(!item.describes(other), "{other}");
        }
        assert!(!item.describes(&format!("adsteward {:032x}", 12)));
    }

    #[test]
    fn an_item_of_another_kind_expires() {
        assert!(!is_held(&to_item(serde_json::json!({"sender": "x", "sent": true})).unwrap()));
    }
}
