//! Amazon WorkSpaces: a desktop for each user, named by his `sAMAccountName`.
//!
//! `CreateWorkspaces` has no client token; the service has one WorkSpace a user and directory at most, and says
//! `ResourceExists.WorkSpace` to a second request. What fails for one user stands in `FailedRequests` of an answer 200.
//!
//! Source: WorkSpaces API reference; the codes in `FailedRequests` are free strings.

mod answers;

use aws_config::SdkConfig;
use aws_config::retry::RetryConfig;
use aws_sdk_workspaces::Client;
use aws_sdk_workspaces::operation::create_workspaces::CreateWorkspacesError;
use aws_sdk_workspaces::types::{
    Compute, RunningMode, StartRequest, StopRequest, Tag, TerminateRequest, Workspace, WorkspaceProperties,
    WorkspaceRequest, WorkspaceState,
};
use steward_core::error::service_text;

use self::answers::{failure, lacks, refused, standing_of, unusable};
use super::{Answer, Creation, Found, Leaving, Order, Removal, Service, ServiceError, Standing, Suspension};
use crate::people::Facts;

/// The parameters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorkSpacesSettings {
    /// `DIRECTORY_ID`, which must be registered with WorkSpaces.
    pub directory: String,
    /// `WORKSPACES_BUNDLE_ID`.
    pub bundle: String,
    /// `WORKSPACES_RUNNING_MODE`: `AUTO_STOP` or `ALWAYS_ON`.
    pub running_mode: String,
    /// `WORKSPACES_AUTO_STOP_MINUTES`: a multiple of 60.
    pub auto_stop_minutes: i32,
    /// `WORKSPACES_ROOT_VOLUME_GIB`.
    pub root_volume_gib: i32,
    /// `WORKSPACES_USER_VOLUME_GIB`.
    pub user_volume_gib: i32,
    /// `WORKSPACES_COMPUTE_TYPE`.
    pub compute_type: String,
    /// `WORKSPACES_VOLUME_KEY`: the KMS key of both volumes; none is no encryption.
    pub volume_key: Option<String>,
    /// `WORKSPACES_TAGS`.
    pub tags: Vec<(String, String)>,
}

/// The service.
#[derive(Debug, Clone)]
pub struct WorkSpaces {
    client: Client,
    settings: WorkSpacesSettings,
}

impl WorkSpaces {
    /// WorkSpaces of these settings.
    pub fn new(sdk: &SdkConfig, settings: WorkSpacesSettings) -> Self {
        Self { client: Client::new(sdk), settings }
    }

    fn request(&self, order: &Order) -> Result<WorkspaceRequest, ServiceError> {
        let settings = &self.settings;
        let mode = RunningMode::from(settings.running_mode.as_str());
        let auto_stop = (mode == RunningMode::AutoStop).then_some(settings.auto_stop_minutes);
        let properties = WorkspaceProperties::builder()
            .running_mode(mode)
            .set_running_mode_auto_stop_timeout_in_minutes(auto_stop)
            .root_volume_size_gib(settings.root_volume_gib)
            .user_volume_size_gib(settings.user_volume_gib)
            .compute_type_name(Compute::from(settings.compute_type.as_str()))
            .build();
        let tags: Result<Vec<Tag>, _> =
            settings.tags.iter().map(|(key, value)| Tag::builder().key(key).value(value).build()).collect();
        let encrypted = settings.volume_key.as_ref().map(|_| true);
        WorkspaceRequest::builder()
            .directory_id(&settings.directory)
            .user_name(&order.user.name)
            .bundle_id(order.rule.bundle.as_ref().unwrap_or(&settings.bundle))
            .set_volume_encryption_key(settings.volume_key.clone())
            .set_root_volume_encryption_enabled(encrypted)
            .set_user_volume_encryption_enabled(encrypted)
            .workspace_properties(properties)
            .set_tags(tags.ok().filter(|tags| !tags.is_empty()))
            .build()
            .map_err(|error| unusable("CreateWorkspaces", error.to_string()))
    }

    async fn make(&self, order: &Order) -> Result<Creation, ServiceError> {
        const OPERATION: &str = "CreateWorkspaces";
        let ask = self.client.create_workspaces().workspaces(self.request(order)?).customize();
        // Once: the step's next try knows that this one may have made what is there then, and the SDK's does not.
        let once = aws_sdk_workspaces::Config::builder().retry_config(RetryConfig::disabled());
        let answer = ask.config_override(once).send().await;
        let output = answer.map_err(|error| match error.as_service_error() {
            Some(CreateWorkspacesError::ResourceLimitExceededException(_)) => {
                ServiceError::Quota { operation: OPERATION, reason: service_text(&error) }
            }
            _ => ServiceError::of(OPERATION, &error),
        })?;
        if let Some(made) = output.pending_requests().first() {
            let id = made.workspace_id().ok_or_else(|| lacks(OPERATION, "WorkspaceId"))?;
            return Ok(Creation::Made { id: id.to_owned(), standing: standing_of(made) });
        }
        let failed = output.failed_requests().first().ok_or_else(|| lacks(OPERATION, "the request"))?;
        let (code, words) = (failed.error_code().unwrap_or_default(), failed.error_message());
        let reason = format!("{code}: {}", words.unwrap_or("no message"));
        match code {
            code if code.starts_with("ResourceExists") => Ok(Creation::Exists),
            "ResourceNotFound.User" => Ok(Creation::UserUnknown(reason)),
            code => Err(failure(OPERATION, code, reason)),
        }
    }

    async fn describe(&self, by: By<'_>) -> Result<Vec<Workspace>, ServiceError> {
        let ask = self.client.describe_workspaces();
        let ask = match by {
            By::Id(id) => ask.workspace_ids(id),
            By::User(name) => ask.directory_id(&self.settings.directory).user_name(name),
        };
        let answer = ask.send().await.map_err(|error| ServiceError::of("DescribeWorkspaces", &error))?;
        Ok(answer.workspaces.unwrap_or_default())
    }

    async fn one(&self, id: &str) -> Result<Option<Workspace>, ServiceError> {
        Ok(self.describe(By::Id(id)).await?.into_iter().find(|found| found.workspace_id() == Some(id)))
    }

    async fn stop(&self, id: &str) -> Result<Suspension, ServiceError> {
        const OPERATION: &str = "StopWorkspaces";
        let Some(workspace) = self.one(id).await? else { return Ok(Suspension::Unseen) };
        match workspace.state() {
            None | Some(WorkspaceState::Terminating | WorkspaceState::Terminated) => {
                return Ok(Suspension::Removed);
            }
            Some(WorkspaceState::Stopped | WorkspaceState::Stopping | WorkspaceState::Suspended) => {
                return Ok(Suspension::Suspended);
            }
            // Source: API reference, StopWorkspaces: only from these states, and only in these running modes.
            Some(
                WorkspaceState::Available
                | WorkspaceState::Impaired
                | WorkspaceState::Unhealthy
                | WorkspaceState::Error,
            ) => {}
            Some(other) => return Ok(Suspension::NotYet(other.to_string())),
        }
        let mode = workspace.workspace_properties().and_then(WorkspaceProperties::running_mode);
        if mode == Some(&RunningMode::AlwaysOn) {
            return Ok(Suspension::Kept(
                "it runs ALWAYS_ON, which cannot be stopped: what keeps the user out is that he is disabled in the \
                 directory, or gone from it"
                    .to_owned(),
            ));
        }
        let request = StopRequest::builder().workspace_id(id).build();
        let answer = self.client.stop_workspaces().stop_workspace_requests(request).send().await;
        let output = answer.map_err(|error| ServiceError::of(OPERATION, &error))?;
        refused(OPERATION, output.failed_requests()).map(|()| Suspension::Suspended)
    }

    async fn begin(&self, id: &str) -> Result<Standing, ServiceError> {
        const OPERATION: &str = "StartWorkspaces";
        let Some(workspace) = self.one(id).await? else { return Ok(Standing::Gone) };
        // It can be started when it has stopped, not while it is stopping.
        if workspace.state() != Some(&WorkspaceState::Stopped) {
            return Ok(match standing_of(&workspace) {
                Standing::Stopped => Standing::Pending("STOPPING".to_owned()),
                other => other,
            });
        }
        let request = StartRequest::builder().workspace_id(id).build();
        let answer = self.client.start_workspaces().start_workspace_requests(request).send().await;
        let output = answer.map_err(|error| ServiceError::of(OPERATION, &error))?;
        refused(OPERATION, output.failed_requests())
            .map(|()| Standing::Pending(WorkspaceState::Starting.to_string()))
    }

    async fn end(&self, id: &str) -> Result<Removal, ServiceError> {
        const OPERATION: &str = "TerminateWorkspaces";
        let workspace = self.one(id).await?;
        match workspace.as_ref().and_then(Workspace::state) {
            None | Some(WorkspaceState::Terminating | WorkspaceState::Terminated) => {
                return Ok(Removal::Removed);
            }
            Some(_) => {}
        }
        let request = TerminateRequest::builder().workspace_id(id).build();
        let request = request.map_err(|error| unusable(OPERATION, error.to_string()))?;
        let answer = self.client.terminate_workspaces().terminate_workspace_requests(request).send().await;
        let output = answer.map_err(|error| ServiceError::of(OPERATION, &error))?;
        refused(OPERATION, output.failed_requests()).map(|()| Removal::Removed)
    }
}

enum By<'a> {
    Id(&'a str),
    User(&'a str),
}

impl Service for WorkSpaces {
    fn name(&self) -> &'static str {
        "workspaces"
    }

    fn title(&self) -> &'static str {
        "Amazon WorkSpaces"
    }

    fn create<'a>(&'a self, order: &'a Order) -> Answer<'a, Creation> {
        Box::pin(self.make(order))
    }

    fn find<'a>(&'a self, user: &'a Facts) -> Answer<'a, Option<Found>> {
        Box::pin(async move {
            let mut found = self.describe(By::User(&user.name)).await?;
            found.retain(|workspace| {
                workspace.user_name().is_some_and(|name| name.eq_ignore_ascii_case(&user.name))
                    && workspace.state() != Some(&WorkspaceState::Terminated)
            });
            // One that stays before one that goes.
            found.sort_by_key(|workspace| workspace.state() == Some(&WorkspaceState::Terminating));
            Ok(found.first().and_then(|workspace| {
                let standing = standing_of(workspace);
                Some(Found { id: workspace.workspace_id()?.to_owned(), standing, other: None })
            }))
        })
    }

    fn status<'a>(&'a self, id: &'a str) -> Answer<'a, Standing> {
        Box::pin(async move { Ok(self.one(id).await?.as_ref().map_or(Standing::Gone, standing_of)) })
    }

    fn start<'a>(&'a self, id: &'a str) -> Answer<'a, Standing> {
        Box::pin(self.begin(id))
    }

    fn suspend<'a>(&'a self, id: &'a str, _: Leaving) -> Answer<'a, Suspension> {
        Box::pin(self.stop(id))
    }

    fn remove<'a>(&'a self, id: &'a str) -> Answer<'a, Removal> {
        Box::pin(self.end(id))
    }
}

#[cfg(test)]
mod tests;
