//! What the answers of WorkSpaces mean.

use aws_sdk_workspaces::types::{FailedWorkspaceChangeRequest, Workspace, WorkspaceState};
use steward_core::error::Kind;

use super::super::{ServiceError, Standing, THROTTLES};

pub(super) fn standing_of(workspace: &Workspace) -> Standing {
    let Some(state) = workspace.state() else { return Standing::Gone };
    match state {
        WorkspaceState::Available | WorkspaceState::Impaired | WorkspaceState::Unhealthy => Standing::Ready,
        WorkspaceState::Stopped | WorkspaceState::Stopping => Standing::Stopped,
        WorkspaceState::Terminating => Standing::Ending,
        WorkspaceState::Terminated => Standing::Gone,
        WorkspaceState::Error | WorkspaceState::Suspended => {
            let words = workspace.error_message().or(workspace.error_code()).unwrap_or("no message");
            Standing::Broken(format!("{state}: {words}"))
        }
        other => Standing::Pending(other.to_string()),
    }
}

/// What stands in `FailedRequests` of a change: nothing, or why it was not done.
pub(super) fn refused(
    operation: &'static str,
    failed: &[FailedWorkspaceChangeRequest],
) -> Result<(), ServiceError> {
    let Some(failed) = failed.first() else { return Ok(()) };
    let code = failed.error_code().unwrap_or_default();
    // Gone in between: there is nothing left to change.
    if code.starts_with("ResourceNotFound") {
        return Ok(());
    }
    let reason = format!("{code}: {}", failed.error_message().unwrap_or("no message"));
    Err(failure(operation, code, reason))
}

/// A request that failed in an answer 200; one call too many may be told there, too.
pub(super) fn failure(operation: &'static str, code: &str, reason: String) -> ServiceError {
    if THROTTLES.contains(&code) {
        ServiceError::Throttled { operation, reason }
    } else if code.contains("LimitExceeded") {
        ServiceError::Quota { operation, reason }
    } else {
        ServiceError::Call { operation, reason, kind: kind_of_failed(code) }
    }
}

fn kind_of_failed(code: &str) -> Kind {
    let passing = ["Throttl", "Internal", "Unavailable", "InvalidResourceState", "OperationInProgress"];
    if passing.iter().any(|word| code.contains(word)) { Kind::Transient } else { Kind::Permanent }
}

pub(super) fn lacks(operation: &'static str, what: &str) -> ServiceError {
    // It may have been made all the same: the next try finds it.
    let reason = format!("the answer lacks {what}");
    ServiceError::Call { operation, reason, kind: Kind::Transient }
}

pub(super) fn unusable(operation: &'static str, reason: String) -> ServiceError {
    ServiceError::Call { operation, reason, kind: Kind::Permanent }
}
