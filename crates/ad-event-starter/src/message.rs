//! What a message of the queue asks for.
//!
//! Sources: EventBridge User Guide, "Events via CloudTrail"; CloudTrail User Guide, "CloudTrail record contents". The calls
//! of Directory Service Data come from `ds.amazonaws.com` or `ds-data.amazonaws.com`; both are taken.

use serde::Deserialize;
use serde_json::Value;

use crate::reason::Reason;
use crate::rules::{Rules, is_hidden, user_name, user_sid};
use crate::start::{Call, Cause, Start, VERSION};

/// The detail-type of other systems' events.
pub const REQUESTED: &str = "Directory User Onboarding Requested";

/// Where EventBridge has CloudTrail's records of Directory Service from.
const DIRECTORY_SERVICE: &str = "aws.ds";

/// A message that nobody can act on. It goes back to the queue, and in the end to its dead-letter queue, where a person
/// sees it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Poison {
    /// Not a message of a kind that is known.
    #[error("the message is not usable: {0}")]
    Unusable(&'static str),
    /// A request of another system that the rules refuse.
    #[error("the request is refused: {0}")]
    Refused(Reason),
}

/// A custom event's detail: the input of `onboard-user` without what the event says itself.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Request {
    version: u32,
    directory_id: String,
    user: String,
    #[serde(default)]
    sid: Option<String>,
    #[serde(default)]
    upn: Option<String>,
}

impl Rules {
    /// Reads a message: what it asks for, or why it asks for nothing.
    ///
    /// # Errors
    /// When nobody can act on it.
    pub fn read_message(&self, body: &str) -> Result<Result<Start, Reason>, Poison> {
        let body: Value = serde_json::from_str(body).map_err(|_| Poison::Unusable("it is not JSON"))?;
        if body["kind"] == "start" {
            return self.read_left_over(body).map(Ok);
        }
        let text = |name: &str| body[name].as_str();
        let (Some(source), Some(kind)) = (text("source"), text("detail-type")) else {
            return Err(Poison::Unusable("it is no event of EventBridge"));
        };
        if source == DIRECTORY_SERVICE {
            return self.read_record(&body["detail"]);
        }
        if kind == REQUESTED && self.event_sources.iter().any(|known| known == source) {
            return self.read_request(source, &body);
        }
        Ok(Err(Reason::OtherSource))
    }

    /// What an earlier invocation could not finish. Only this function writes such a message; the check is for people
    /// who move messages from one stack's queue to another's.
    fn read_left_over(&self, body: Value) -> Result<Start, Poison> {
        let start: Start =
            serde_json::from_value(body).map_err(|_| Poison::Unusable("it is no execution to start"))?;
        if start.input.directory_id == self.directory.as_str() && start.input.version == VERSION {
            Ok(start)
        } else {
            Err(Poison::Unusable("it is for another directory or version"))
        }
    }

    /// CloudTrail's record of a call.
    fn read_record(&self, record: &Value) -> Result<Result<Start, Reason>, Poison> {
        let text = |value: &Value, problem| {
            value.as_str().filter(|text| !text.is_empty()).map(str::to_owned).ok_or(Poison::Unusable(problem))
        };
        let name = text(&record["eventName"], "it has no detail.eventName")?;
        let id = match (record["eventSource"].as_str(), name.as_str()) {
            (Some("ds.amazonaws.com" | "ds-data.amazonaws.com"), "DisableUser") => Call::DisableUser,
            (Some("ds.amazonaws.com" | "ds-data.amazonaws.com"), "DeleteUser") => Call::DeleteUser,
            _ => return Ok(Err(Reason::OtherEvent)),
        };
        if !(record["errorCode"].is_null() && record["errorMessage"].is_null()) {
            return Ok(Err(Reason::FailedCall));
        }
        let parameters = &record["requestParameters"];
        if text(&parameters["directoryId"], "it names no directory")? != self.directory.as_str() {
            return Ok(Err(Reason::OtherDirectory));
        }
        let user = text(&parameters["sAMAccountName"], "it names no user")?;
        let event_id = text(&record["eventID"], "it has no eventID")?;
        let time = text(&record["eventTime"], "it has no eventTime")?;
        if is_hidden(&user) {
            return Ok(Err(Reason::NotAPerson));
        }
        let user = user_name(&user).map_err(Poison::Refused)?;
        Ok(Ok(self.start(user, None, None, Cause::CloudTrail { id, event_id, time })))
    }

    /// A request of another system.
    fn read_request(&self, source: &str, event: &Value) -> Result<Result<Start, Reason>, Poison> {
        let request = Request::deserialize(&event["detail"])
            .map_err(|_| Poison::Unusable("its detail is no request for onboarding"))?;
        if request.version != VERSION {
            return Err(Poison::Unusable("its version is not known"));
        }
        if request.directory_id != self.directory.as_str() {
            return Ok(Err(Reason::OtherDirectory));
        }
        if is_hidden(&request.user) {
            return Err(Poison::Refused(Reason::NotAPerson));
        }
        let user = user_name(&request.user).map_err(Poison::Refused)?;
        let sid = request.sid.as_deref().map(user_sid).transpose().map_err(Poison::Refused)?;
        let upn = request.upn.as_deref().map(|upn| self.own_upn(upn)).transpose().map_err(Poison::Refused)?;
        let member = |name: &str, problem| event[name].as_str().ok_or(Poison::Unusable(problem));
        let cause = Cause::Custom {
            event_id: member("id", "it has no id")?.to_owned(),
            source: source.to_owned(),
            time: member("time", "it has no time")?.to_owned(),
        };
        Ok(Ok(self.start(user, sid, upn, cause)))
    }
}

#[cfg(test)]
mod tests;
