//! What Systems Manager says of commands.

use aws_sdk_ssm::operation::get_command_invocation::{GetCommandInvocationError, GetCommandInvocationOutput};
use aws_sdk_ssm::operation::send_command::SendCommandError;
use aws_sdk_ssm::types::CommandInvocationStatus;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;

use crate::member::Reply;

/// A value of fewer characters says nothing, and may stand in any text.
const SHORTEST: usize = 16;

pub(super) fn is_agent_absent(error: &SdkError<SendCommandError, HttpResponse>) -> bool {
    matches!(error.as_service_error(), Some(SendCommandError::InvalidInstanceId(_)))
}

/// The invocation appears a moment after `SendCommand`.
pub(super) fn is_too_early(error: &SdkError<GetCommandInvocationError, HttpResponse>) -> bool {
    matches!(error.as_service_error(), Some(GetCommandInvocationError::InvocationDoesNotExist(_)))
}

/// A refusal may repeat the parameter that it refuses. A sealed password is no secret by itself, but no log is a place
/// for it.
pub(super) fn without_values(text: String, parameters: &[(&'static str, String)]) -> String {
    let long = parameters.iter().filter(|(_, value)| value.len() >= SHORTEST);
    long.fold(text, |text, (name, value)| text.replace(value, &format!("({name})")))
}

/// Source: Systems Manager User Guide, "Understanding command statuses". `Delayed` and `Cancelling` still go on. A command
/// that never ran has the response code -1.
pub(super) fn reply_of(output: &GetCommandInvocationOutput) -> Reply {
    use CommandInvocationStatus as Status;
    let ended = |code: i32| Reply::Ended {
        code,
        output: output.standard_output_content().unwrap_or_default().to_owned(),
    };
    let details = || {
        let details = output.status_details().filter(|details| !details.is_empty());
        let status = details.or_else(|| output.status().map(Status::as_str)).unwrap_or("unknown");
        // It is put into records and mails.
        Reply::Lost(status.chars().filter(char::is_ascii_alphanumeric).take(40).collect())
    };
    match (output.status(), output.response_code()) {
        (Some(Status::Pending | Status::InProgress | Status::Delayed | Status::Cancelling), _) => {
            Reply::Pending
        }
        (Some(Status::Success), code) => ended(code.max(0)),
        (Some(Status::Failed), code) if code > 0 => ended(code),
        _ => details(),
    }
}
