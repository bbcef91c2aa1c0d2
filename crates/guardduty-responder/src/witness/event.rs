//! CloudTrail's record of an API call, as EventBridge delivers it and the queue holds it.
//!
//! Source: CloudTrail User Guide, "CloudTrail record contents". `DisableUser` comes from `ds.amazonaws.com` or
//! `ds-data.amazonaws.com`; both are taken.

use serde_json::Value;

use crate::error::Error;
use crate::records::Caller;

/// What a record tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Seen {
    /// Somebody disabled a directory user.
    Disabled {
        /// The user's name.
        user: String,
        /// The directory's id.
        directory: String,
        /// CloudTrail's id of the record.
        event_id: String,
        /// The role whose session made the call, if it was one.
        by_role: Option<String>,
        /// Who made the call.
        caller: Caller,
    },
    /// Somebody started a state machine.
    Started {
        /// Which one.
        state_machine: String,
        /// The execution that it became.
        execution: String,
        /// Who made the call.
        caller: Caller,
    },
    /// Nothing for the witness, and why.
    Ignored(&'static str),
}

/// Reads a message's body.
///
/// # Errors
/// When it is no record of a call: somebody should look at it in the dead-letter queue.
pub fn read(body: &str) -> Result<Seen, Error> {
    let no_record = |problem: &str| Error::Input(format!("the message is no CloudTrail record: {problem}"));
    let event: Value = serde_json::from_str(body).map_err(|_| no_record("it is not JSON"))?;
    let detail = &event["detail"];
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let name = detail["eventName"].as_str().ok_or_else(|| no_record("it has no detail.eventName"))?;
    if !(detail["errorCode"].is_null() && detail["errorMessage"].is_null()) {
        return Ok(Seen::Ignored("the call failed"));
    }
    let identity = &detail["userIdentity"];
    let who = identity["arn"].as_str().or(identity["invokedBy"].as_str()).or(identity["type"].as_str());
    let names = [&identity["userName"], &identity["sessionContext"]["sourceIdentity"]];
    let caller = Caller {
        names: names.iter().filter_map(|name| text(name)).collect(),
        arn: who.unwrap_or("unknown").to_owned(),
        time: text(&detail["eventTime"]).unwrap_or_default(),
        source_ip: text(&detail["sourceIPAddress"]).unwrap_or_else(|| "unknown".to_owned()),
    };
    let parameters = &detail["requestParameters"];
    match (detail["eventSource"].as_str(), name) {
        (Some("ds.amazonaws.com" | "ds-data.amazonaws.com"), "DisableUser") => {
            let user = text(&parameters["sAMAccountName"]).ok_or_else(|| no_record("it names no user"))?;
            let directory =
                text(&parameters["directoryId"]).ok_or_else(|| no_record("it names no directory"))?;
            let event_id = text(&detail["eventID"]).ok_or_else(|| no_record("it has no eventID"))?;
            let by_role = text(&identity["sessionContext"]["sessionIssuer"]["arn"]);
            Ok(Seen::Disabled { user, directory, event_id, by_role, caller })
        }
        (Some("states.amazonaws.com"), "StartExecution") => {
            let state_machine = text(&parameters["stateMachineArn"]).unwrap_or_default();
            let execution = text(&detail["responseElements"]["executionArn"]);
            let execution = execution.ok_or_else(|| no_record("it names no execution"))?;
            Ok(Seen::Started { state_machine, execution, caller })
        }
        _ => Ok(Seen::Ignored("another call")),
    }
}
