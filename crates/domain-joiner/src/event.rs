//! What a message tells.
//!
//! | body | of |
//! | --- | --- |
//! | an event of EventBridge | EC2 and Systems Manager, from the buses of member accounts |
//! | the same within a notification of SNS | another Region |
//! | `{"adsteward":"again", ..}` | this function itself |
//! | `{"adsteward":"gone", ..}`, `{"adsteward":"look", ..}` | computer-sweeper |
//!
//! Sources: EC2 User Guide, "Automate Amazon EC2 using EventBridge"; Systems Manager User Guide, "Amazon EventBridge event
//! examples for Systems Manager"; SNS Developer Guide, "Fanout to Amazon SQS queues".

use std::fmt;

use serde::Deserialize;
use serde_json::Value;
use steward_core::ids::InstanceId;
use steward_core::wish::{self, Wish};

use crate::place::Place;

mod again;

pub use again::again;

/// The detail-type of EC2's events.
const STATE_CHANGED: &str = "EC2 Instance State-change Notification";

/// The state of an instance that is gone.
const TERMINATED: &str = "terminated";

/// The detail-type of what Systems Manager tells of one instance's command.
const COMMAND_CHANGED: &str = "EC2 Command Invocation Status-change Notification";

/// What a message tells of an instance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Told {
    /// EC2: the instance has entered a state.
    State(Place, ToldState),
    /// Systems Manager: a command has come to its end on the instance.
    Command(Place, String),
    /// This function itself: look at the instance again, for the so-many-th time.
    Again(Place, u32),
    /// Somebody has looked, and EC2 does not have the instance any more.
    Gone(Place),
}

impl Told {
    /// The instance.
    pub fn place(&self) -> &Place {
        match self {
            Self::State(place, _) | Self::Command(place, _) | Self::Again(place, _) | Self::Gone(place) => {
                place
            }
        }
    }
}

/// A state of which EC2 tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ToldState {
    /// `running`.
    Running,
    /// `terminated`.
    Terminated,
    /// Any other, of which nothing follows.
    Other,
}

/// Why nothing follows from an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Nothing {
    /// It is of another source, or of another kind.
    OtherEvent,
    /// It is about a command that runs no document of ours.
    OtherDocument,
    /// It is about a command that has not ended.
    NotEnded,
}

impl Nothing {
    /// The code that logs show.
    pub fn code(self) -> &'static str {
        match self {
            Self::OtherEvent => "other-event",
            Self::OtherDocument => "other-document",
            Self::NotEnded => "not-ended",
        }
    }
}

impl fmt::Display for Nothing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

/// A message that nobody can act on. It goes back to the queue, and in the end to its dead-letter queue, where a person
/// sees it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the message is not usable: {0}")]
pub struct Poison(pub(crate) &'static str);

/// An event of EventBridge about an instance.
#[derive(Deserialize)]
struct Event {
    account: String,
    region: String,
    #[serde(default)]
    resources: Vec<String>,
    detail: Detail,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Detail {
    instance_id: Option<String>,
    state: Option<String>,
    command_id: Option<String>,
    document_name: Option<String>,
    status: Option<String>,
}

/// Reads a message: what it tells, or why nothing follows from it. `documents` are the names of ours.
///
/// # Errors
/// When nobody can act on it.
pub fn read(body: &str, documents: &[String]) -> Result<Result<Told, Nothing>, Poison> {
    let body: Value = serde_json::from_str(body).map_err(|_| Poison("it is not JSON"))?;
    if body.get("adsteward").is_some() {
        return match wish::read(&body) {
            // Nobody's own number: whatever was given up is looked at too.
            Ok((Wish::Look, place)) => Ok(Ok(Told::Again(place, 0))),
            Ok((Wish::Gone, place)) => Ok(Ok(Told::Gone(place))),
            Err(_) => again::read(body).map(Ok),
        };
    }
    if body.get("Type").is_none() {
        return read_event(body, documents);
    }
    if body["Type"] != "Notification" {
        return Err(Poison("it is of SNS, and no notification"));
    }
    let message = body["Message"].as_str().ok_or(Poison("the notification has no Message"))?;
    let message = serde_json::from_str(message).map_err(|_| Poison("the notification is not JSON"))?;
    read_event(message, documents)
}

fn read_event(event: Value, documents: &[String]) -> Result<Result<Told, Nothing>, Poison> {
    let (Some(source), Some(kind)) = (event["source"].as_str(), event["detail-type"].as_str()) else {
        return Err(Poison("it is no event of EventBridge"));
    };
    let of_ec2 = match (source, kind) {
        ("aws.ec2", STATE_CHANGED) => true,
        ("aws.ssm", COMMAND_CHANGED) => false,
        _ => return Ok(Err(Nothing::OtherEvent)),
    };
    let event =
        Event::deserialize(event).map_err(|_| Poison("the event lacks a member, or has an odd one"))?;
    let place = event.place()?;
    if of_ec2 {
        return event.detail.state(place).map(Ok);
    }
    event.detail.command(place, documents)
}

impl Event {
    /// Where the instance is: in the account and Region of the envelope, for which EventBridge vouches. Whatever else names
    /// it has to name the same one, so that nothing leads into another account. Of one that is gone only the id has to
    /// agree: nothing is given to it, and all that follows is about the object recorded for that id in the envelope's
    /// account, after EC2 was asked there.
    fn place(&self) -> Result<Place, Poison> {
        let named = self.detail.instance_id.as_deref();
        let in_arn = self.resources.first().and_then(|arn| arn.rsplit_once('/')).map(|(_, id)| id);
        let instance = named.or(in_arn).ok_or(Poison("it names no instance"))?;
        let place = Place {
            account: self.account.parse().map_err(|_| Poison("its account is none"))?,
            region: self.region.parse().map_err(|_| Poison("its Region is none"))?,
            instance: instance.parse::<InstanceId>().map_err(|_| Poison("its instance id is none"))?,
        };
        let gone = self.detail.state.as_deref() == Some(TERMINATED);
        let agrees = |arn: &String| {
            let ["arn", partition, "ec2", region, account, resource] =
                arn.splitn(6, ':').collect::<Vec<_>>()[..]
            else {
                return false;
            };
            (partition == "aws" || partition.starts_with("aws-"))
                && resource.strip_prefix("instance/") == Some(place.instance.as_str())
                && (gone || (region == place.region.as_str() && account == place.account.as_str()))
        };
        if self.resources.iter().all(agrees) {
            Ok(place)
        } else {
            Err(Poison("its resources are not those of its account, Region and instance"))
        }
    }
}

impl Detail {
    fn state(&self, place: Place) -> Result<Told, Poison> {
        let state = match self.state.as_deref().ok_or(Poison("it has no state"))? {
            "running" => ToldState::Running,
            TERMINATED => ToldState::Terminated,
            _ => ToldState::Other,
        };
        Ok(Told::State(place, state))
    }

    fn command(&self, place: Place, documents: &[String]) -> Result<Result<Told, Nothing>, Poison> {
        let document = self.document_name.as_deref().ok_or(Poison("it has no document-name"))?;
        let status = self.status.as_deref().ok_or(Poison("it has no status"))?;
        let command = self.command_id.as_deref().filter(|id| is_command_id(id));
        let command = command.ok_or(Poison("its command-id is none"))?;
        if !documents.iter().any(|ours| ours == document) {
            return Ok(Err(Nothing::OtherDocument));
        }
        // A status that this does not know is looked at: what became of the command Systems Manager itself tells.
        if matches!(status, "Pending" | "InProgress" | "Delayed" | "Cancelling") {
            return Ok(Err(Nothing::NotEnded));
        }
        Ok(Ok(Told::Command(place, command.to_owned())))
    }
}

/// A UUID. Source: Systems Manager API Reference, `GetCommandInvocation`.
fn is_command_id(text: &str) -> bool {
    text.len() == 36 && text.bytes().all(|b| b.is_ascii_hexdigit() || b == b'-')
}

#[cfg(test)]
mod tests;
