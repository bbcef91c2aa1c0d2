//! AWS Systems Manager: has documents run on an instance, lists other instances, and reads the kill switch.

mod inventory;
mod others;

use aws_sdk_ssm::Client;
use aws_sdk_ssm::operation::get_command_invocation::{GetCommandInvocationError, GetCommandInvocationOutput};
use aws_sdk_ssm::operation::send_command::SendCommandError;
use aws_sdk_ssm::types::CommandInvocationStatus;
use steward_core::error::{Kind, kind_of, service_text};
use steward_core::ids::{AccountId, InstanceId, UserName};
use steward_core::place::{Place, Region};

pub use others::OtherAccounts;

use self::others::Need;
use crate::reason::{Doubt, Refusal};

/// Seconds that a command may wait for the agent; the shortest that `SendCommand` takes.
const DELIVERY_SECONDS: i32 = 30;

/// What became of a question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Asked {
    /// It is under way as this command.
    Command(String),
    /// The agent is not there, or the instance is gone: the service tells them apart no further.
    AgentAbsent,
}

/// Whose sessions an instance is to end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionOwner {
    /// The user's name.
    pub user: UserName,
    /// His user id on the instance.
    pub uid: u32,
    /// The flagged process and its start as `pid:start`, in seconds since 1970, 0 when it is not known.
    pub process: String,
}

/// What became of a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reply {
    /// It has not ended.
    Pending,
    /// It ended well; this is its standard output.
    Output(String),
    /// It ended without an answer.
    None(Doubt),
}

/// Whether adsteward may act.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KillSwitch {
    /// It may not.
    On,
    /// It may.
    Off,
}

/// A failed call to Systems Manager.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{operation} failed: {reason}")]
pub struct SystemsManagerError {
    operation: &'static str,
    reason: String,
    kind: Kind,
}

impl SystemsManagerError {
    /// Whether trying again can help.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    #[cfg(test)]
    pub(crate) fn injected() -> Self {
        Self { operation: "Injected", reason: "by the test".to_owned(), kind: Kind::Transient }
    }
}

/// Systems Manager as the flow uses it.
pub trait SystemsManager {
    /// Why no command may be sent to where an instance is; none when it may.
    ///
    /// # Errors
    /// When it cannot be found out.
    fn closed(
        &self,
        place: &Place,
    ) -> impl Future<Output = Result<Option<Refusal>, SystemsManagerError>> + Send;

    /// Asks an instance who is behind a chain of processes.
    ///
    /// # Errors
    /// When the command could not be sent. Asking twice does no harm: the document only reads.
    fn ask(
        &self,
        place: &Place,
        chain: &str,
    ) -> impl Future<Output = Result<Asked, SystemsManagerError>> + Send;

    /// Has an instance end a user's sessions.
    ///
    /// # Errors
    /// When the command could not be sent. Sending it twice does no harm: the second finds nothing more to end.
    fn end_sessions(
        &self,
        place: &Place,
        owner: &SessionOwner,
    ) -> impl Future<Output = Result<Asked, SystemsManagerError>> + Send;

    /// Lists the online Linux instances of the place's account and Region whose computer name lies in a domain, in order.
    ///
    /// # Errors
    /// When the service cannot be asked.
    fn members(
        &self,
        place: &Place,
        domain: &str,
    ) -> impl Future<Output = Result<Vec<InstanceId>, SystemsManagerError>> + Send;

    /// Looks at a command.
    ///
    /// # Errors
    /// When the service cannot be asked.
    fn reply(
        &self,
        place: &Place,
        command: &str,
    ) -> impl Future<Output = Result<Reply, SystemsManagerError>> + Send;

    /// Reads the kill switch.
    ///
    /// # Errors
    /// When it cannot be read: then nothing may be done.
    fn kill_switch(&self) -> impl Future<Output = Result<KillSwitch, SystemsManagerError>> + Send;
}

/// Run Command and Parameter Store.
#[derive(Debug)]
pub struct RunCommand {
    /// The client in the stack's own account and Region.
    pub client: Client,
    /// That account.
    pub account: AccountId,
    /// That Region.
    pub region: Region,
    /// The documents there.
    pub documents: Documents,
    /// The parameter that holds the kill switch.
    pub kill_switch_parameter: String,
    /// The way to other accounts and Regions, if there is one.
    pub others: Option<OtherAccounts>,
}

/// The names of our SSM documents.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Documents {
    /// Reports who is behind processes.
    pub identify: String,
    /// Ends a user's sessions.
    pub end_sessions: String,
}

impl RunCommand {
    /// The way to another account or Region; none for the stack's own.
    fn away(&self, place: &Place) -> Option<Result<&OtherAccounts, Refusal>> {
        if place.account == self.account && place.region == self.region {
            return None;
        }
        Some(self.others.as_ref().ok_or(Refusal::NoAccountRow))
    }

    async fn client(&self, place: &Place, need: Need<'_>) -> Result<Client, SystemsManagerError> {
        match self.away(place) {
            None => Ok(self.client.clone()),
            Some(Ok(others)) => others.client(place, need).await,
            Some(Err(refusal)) => Err(SystemsManagerError {
                operation: "AssumeRole",
                reason: refusal.text().to_owned(),
                kind: Kind::Permanent,
            }),
        }
    }

    fn documents(&self, place: &Place) -> &Documents {
        match self.away(place) {
            Some(Ok(others)) => &others.documents,
            _ => &self.documents,
        }
    }

    /// Sends one of our documents to one instance.
    async fn send(
        &self,
        document: &str,
        place: &Place,
        parameters: &[(&str, String)],
        comment: &str,
    ) -> Result<Asked, SystemsManagerError> {
        let client = self.client(place, Need::Run(document)).await?;
        let mut call = client
            .send_command()
            .document_name(document)
            .instance_ids(place.instance.as_str())
            .timeout_seconds(DELIVERY_SECONDS)
            .comment(comment);
        for (name, value) in parameters {
            call = call.parameters(*name, vec![value.clone()]);
        }
        match call.send().await {
            Ok(output) => {
                let command = output.command().and_then(|command| command.command_id());
                command.map(|id| Asked::Command(id.to_owned())).ok_or_else(|| SystemsManagerError {
                    operation: "SendCommand",
                    reason: "the answer has no CommandId".to_owned(),
                    kind: Kind::Permanent,
                })
            }
            Err(error) => match error.as_service_error() {
                Some(SendCommandError::InvalidInstanceId(_)) => Ok(Asked::AgentAbsent),
                _ => Err(SystemsManagerError {
                    operation: "SendCommand",
                    reason: service_text(&error),
                    kind: kind_of(&error),
                }),
            },
        }
    }
}

impl SystemsManager for RunCommand {
    async fn closed(&self, place: &Place) -> Result<Option<Refusal>, SystemsManagerError> {
        Ok(match self.away(place) {
            None => None,
            Some(Ok(others)) => others.row(place).await?.err(),
            Some(Err(refusal)) => Some(refusal),
        })
    }

    async fn ask(&self, place: &Place, chain: &str) -> Result<Asked, SystemsManagerError> {
        let comment = "adsteward: who is behind a GuardDuty finding";
        let document = &self.documents(place).identify;
        self.send(document, place, &[("chain", chain.to_owned())], comment).await
    }

    async fn end_sessions(&self, place: &Place, owner: &SessionOwner) -> Result<Asked, SystemsManagerError> {
        let parameters = [
            ("uid", owner.uid.to_string()),
            ("user", owner.user.to_string()),
            ("process", owner.process.clone()),
        ];
        let comment = "adsteward: end the sessions of a contained user";
        self.send(&self.documents(place).end_sessions, place, &parameters, comment).await
    }

    async fn members(&self, place: &Place, domain: &str) -> Result<Vec<InstanceId>, SystemsManagerError> {
        inventory::members(&self.client(place, Need::List).await?, domain).await
    }

    async fn reply(&self, place: &Place, command: &str) -> Result<Reply, SystemsManagerError> {
        let client = self.client(place, Need::Look).await?;
        let asked = client.get_command_invocation().command_id(command);
        let answer = asked.instance_id(place.instance.as_str()).send().await;
        match answer {
            Ok(output) => Ok(reply_of(&output)),
            Err(error) => match error.as_service_error() {
                // The invocation appears a moment after SendCommand.
                Some(GetCommandInvocationError::InvocationDoesNotExist(_)) => Ok(Reply::Pending),
                _ => Err(SystemsManagerError {
                    operation: "GetCommandInvocation",
                    reason: service_text(&error),
                    kind: kind_of(&error),
                }),
            },
        }
    }

    async fn kill_switch(&self) -> Result<KillSwitch, SystemsManagerError> {
        let answer = self.client.get_parameter().name(&self.kill_switch_parameter).send().await;
        let output = answer.map_err(|error| SystemsManagerError {
            operation: "GetParameter (kill switch)",
            reason: service_text(&error),
            kind: kind_of(&error),
        })?;
        let value = output.parameter().and_then(|parameter| parameter.value()).unwrap_or_default();
        Ok(read_switch(value))
    }
}

/// Only a clear no lets the flow act; a typing error stops it.
fn read_switch(value: &str) -> KillSwitch {
    match value.trim().to_ascii_lowercase().as_str() {
        "off" | "false" | "no" | "0" => KillSwitch::Off,
        _ => KillSwitch::On,
    }
}

/// Source: Systems Manager User Guide, "Understanding command statuses". `Delayed` and `Cancelling` still go on.
fn reply_of(output: &GetCommandInvocationOutput) -> Reply {
    use CommandInvocationStatus as Status;
    let undelivered = matches!(output.status_details(), Some("Undeliverable" | "Terminated"));
    match output.status() {
        Some(Status::Success) => {
            Reply::Output(output.standard_output_content().unwrap_or_default().to_owned())
        }
        Some(Status::Pending | Status::InProgress | Status::Delayed | Status::Cancelling) => Reply::Pending,
        Some(Status::Cancelled) => Reply::None(Doubt::CommandCancelled),
        Some(Status::TimedOut) => Reply::None(Doubt::CommandTimedOut),
        _ if undelivered => Reply::None(Doubt::CommandCancelled),
        _ => Reply::None(Doubt::CommandFailed),
    }
}

#[cfg(test)]
mod tests;
