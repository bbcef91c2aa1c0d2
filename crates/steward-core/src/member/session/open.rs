//! An instance behind its account's role.

use crate::declared::{Api, Repeat};
use crate::error::{Kind, kind_of, service_text};
use aws_config::SdkConfig;
use aws_sdk_ssm::Client;

use super::commands::{self, is_agent_absent, is_too_early, reply_of};
use super::instance;
use crate::member::{Instance, Member, MemberError, Reply, Sent};
use crate::place::Place;

/// Seconds that a command may wait for the agent. One that is not online is told from one that is at once.
const DELIVERY_SECONDS: i32 = 120;

/// What a command's history shows of it.
const COMMENT: &str = "adsteward: domain join";

/// An instance behind its account's role.
#[derive(Debug, Clone)]
pub struct OpenMember {
    ec2: Api,
    ssm: Client,
    place: Place,
}

impl OpenMember {
    /// The instance, with the credentials and the Region of `sdk`.
    pub(super) fn new(sdk: &SdkConfig, place: Place) -> Self {
        Self { ec2: Api::new(sdk, "EC2", "ec2"), ssm: Client::new(sdk), place }
    }

    fn failed(&self, operation: &'static str, reason: String, kind: Kind) -> MemberError {
        MemberError { operation, account: self.place.account.to_string(), reason, kind }
    }
}

impl Member for OpenMember {
    async fn instance(&self) -> Result<Option<Instance>, MemberError> {
        let operation =
            self.ec2.operation("DescribeInstances", Repeat::Configured, instance::request, instance::answer);
        match operation.invoke(self.place.instance.clone()).await {
            Ok(answer) => {
                let read = instance::read(&answer, &self.place.instance).map(Some);
                read.map_err(|problem| self.failed("DescribeInstances", problem.to_owned(), Kind::Transient))
            }
            Err(error) if instance::is_unknown(&error) => Ok(None),
            Err(error) => Err(self.failed("DescribeInstances", service_text(&error), kind_of(&error))),
        }
    }

    async fn send(&self, document: &str, parameters: &[(&'static str, String)]) -> Result<Sent, MemberError> {
        let mut call = self
            .ssm
            .send_command()
            .document_name(document)
            .instance_ids(self.place.instance.as_str())
            .timeout_seconds(DELIVERY_SECONDS)
            .comment(COMMENT);
        for (name, value) in parameters {
            call = call.parameters(*name, vec![value.clone()]);
        }
        match call.send().await {
            Ok(output) => {
                let command = output.command().and_then(|command| command.command_id());
                command.map(|id| Sent::Command(id.to_owned())).ok_or_else(|| {
                    self.failed("SendCommand", "the answer has no CommandId".to_owned(), Kind::Permanent)
                })
            }
            Err(error) if is_agent_absent(&error) => Ok(Sent::AgentAbsent),
            Err(error) => {
                let reason = commands::without_values(service_text(&error), parameters);
                Err(self.failed("SendCommand", reason, kind_of(&error)))
            }
        }
    }

    async fn reply(&self, command: &str) -> Result<Reply, MemberError> {
        let asked = self.ssm.get_command_invocation().command_id(command);
        match asked.instance_id(self.place.instance.as_str()).send().await {
            Ok(output) => Ok(reply_of(&output)),
            Err(error) if is_too_early(&error) => Ok(Reply::Pending),
            Err(error) => Err(self.failed("GetCommandInvocation", service_text(&error), kind_of(&error))),
        }
    }
}
