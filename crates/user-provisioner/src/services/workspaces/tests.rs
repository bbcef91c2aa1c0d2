//! The wire: what WorkSpaces is asked, what it answers, and what becomes of it.

use std::time::Duration;

use serde_json::{Value, json};
use steward_core::error::Kind;
use steward_core::wire::{Answer as Wire, Asked, fake};

use super::*;
use crate::rules::Rule;
use crate::testing::facts;

fn settings() -> WorkSpacesSettings {
    WorkSpacesSettings {
        directory: "d-9067012345".to_owned(),
        bundle: "wsb-0123456789".to_owned(),
        running_mode: "AUTO_STOP".to_owned(),
        auto_stop_minutes: 60,
        root_volume_gib: 80,
        user_volume_gib: 100,
        compute_type: "VALUE".to_owned(),
        volume_key: None,
        tags: Vec::new(),
    }
}

fn workspaces(
    settings: WorkSpacesSettings,
    answer: impl Fn(&str, &str) -> Wire + Send + Sync + 'static,
) -> (WorkSpaces, Asked) {
    let (sdk, asked) = fake(answer);
    (WorkSpaces::new(&sdk, settings), asked)
}

fn order() -> Order {
    let rule = Rule {
        group: "*".to_owned(),
        services: Vec::new(),
        bundle: None,
        routing_profile: None,
        security_profiles: None,
    };
    Order { user: facts("alice", 1104), rule }
}

async fn create(answer: Wire) -> Result<Creation, ServiceError> {
    let (workspaces, _) = workspaces(settings(), move |_, _| answer.clone());
    workspaces.create(&order()).await
}

fn refused(code: &str) -> Wire {
    let failed =
        json!({"FailedRequests": [{"ErrorCode": code, "ErrorMessage": "its words"}], "PendingRequests": []});
    Wire::ok(failed.to_string())
}

/// A service in which `ws-1` is in this state.
fn with_desk(state: &'static str, mode: &'static str) -> (WorkSpaces, Asked) {
    workspaces(settings(), move |what, _| {
        if what.ends_with("DescribeWorkspaces") {
            let desk = json!({
                "WorkspaceId": "ws-1", "UserName": "Alice", "State": state, "ErrorMessage": "its words",
                "WorkspaceProperties": {"RunningMode": mode},
            });
            return Wire::ok(json!({"Workspaces": [desk]}).to_string());
        }
        Wire::ok("{}")
    })
}

fn changes(asked: &Asked) -> Vec<String> {
    let asked = asked.lock().unwrap();
    asked.iter().filter(|what| !what.contains("DescribeWorkspaces")).cloned().collect()
}

#[tokio::test]
async fn a_desk_is_asked_for_with_the_articles_values() {
    let answer = r#"{"PendingRequests":[{"WorkspaceId":"ws-1","State":"PENDING"}],"FailedRequests":[]}"#;
    let (service, asked) = workspaces(settings(), move |_, _| Wire::ok(answer));
    let made = service.create(&order()).await.unwrap();
    let standing = Standing::Pending("PENDING".to_owned());
    assert_eq!(made, Creation::Made { id: "ws-1".to_owned(), standing });
    let asked = asked.lock().unwrap()[0].clone();
    let body: Value =
        serde_json::from_str(asked.strip_prefix("WorkspacesService.CreateWorkspaces ").unwrap()).unwrap();
    let expected = json!({"Workspaces": [{
        "DirectoryId": "d-9067012345", "UserName": "alice", "BundleId": "wsb-0123456789",
        "WorkspaceProperties": {
            "RunningMode": "AUTO_STOP", "RunningModeAutoStopTimeoutInMinutes": 60, "RootVolumeSizeGib": 80,
            "UserVolumeSizeGib": 100, "ComputeTypeName": "VALUE",
        },
    }]});
    assert_eq!(body, expected);
}

/// As with Amazon Connect.
#[tokio::test]
async fn a_desk_is_asked_for_once_and_everything_else_again() {
    let (sdk, asked) = fake(|_, _| Wire::error(500, "InternalServerError", "{}"));
    let retries = RetryConfig::standard().with_initial_backoff(Duration::from_millis(1));
    let service = WorkSpaces::new(&sdk.into_builder().retry_config(retries).build(), settings());
    service.create(&order()).await.unwrap_err();
    service.status("ws-1").await.unwrap_err();
    let asked = asked.lock().unwrap().clone();
    let count = |what: &str| asked.iter().filter(|call| call.contains(what)).count();
    assert_eq!((count("CreateWorkspaces"), count("DescribeWorkspaces")), (1, 3), "{asked:?}");
}

#[tokio::test]
async fn key_tags_and_bundle_are_parameters_and_a_desk_that_always_runs_has_no_time_to_stop() {
    let own = WorkSpacesSettings {
        running_mode: "ALWAYS_ON".to_owned(),
        volume_key: Some("alias/desks".to_owned()),
        tags: vec![("CostCenter".to_owned(), "4711".to_owned())],
        ..settings()
    };
    let (service, asked) = workspaces(own, |_, _| refused("ResourceExists.WorkSpace"));
    let mut order = order();
    order.rule.bundle = Some("wsb-9876543210".to_owned());
    service.create(&order).await.unwrap();
    let asked = asked.lock().unwrap()[0].clone();
    let body: Value = serde_json::from_str(asked.split_once(' ').unwrap().1).unwrap();
    let request = &body["Workspaces"][0];
    assert_eq!(request["BundleId"], "wsb-9876543210");
    assert_eq!(request["VolumeEncryptionKey"], "alias/desks");
    assert_eq!(request["RootVolumeEncryptionEnabled"], true);
    assert_eq!(request["UserVolumeEncryptionEnabled"], true);
    assert_eq!(request["Tags"], json!([{"Key": "CostCenter", "Value": "4711"}]));
    assert_eq!(request["WorkspaceProperties"].get("RunningModeAutoStopTimeoutInMinutes"), None);
}

#[tokio::test]
async fn each_failed_request_of_an_answer_200_means_something_else() {
    assert_eq!(create(refused("ResourceExists.WorkSpace")).await, Ok(Creation::Exists));
    let unknown = create(refused("ResourceNotFound.User")).await.unwrap();
    assert_eq!(unknown, Creation::UserUnknown("ResourceNotFound.User: its words".to_owned()));
    let quota = create(refused("ResourceLimitExceeded.Workspaces")).await.unwrap_err();
    assert!(matches!(quota, ServiceError::Quota { .. }), "{quota}");
    for throttle in ["Throttling", "RequestLimitExceeded"] {
        let error = create(refused(throttle)).await.unwrap_err();
        assert!(matches!(error, ServiceError::Throttled { .. }), "{error}");
    }
    for (code, kind) in [
        ("InternalServerError", Kind::Transient),
        ("ResourceNotFound.Bundle", Kind::Permanent),
        ("InvalidParameterValues", Kind::Permanent),
    ] {
        let error = create(refused(code)).await.unwrap_err();
        assert_eq!(error.kind(), kind, "{error}");
        assert!(error.to_string().contains(code) && error.to_string().contains("its words"), "{error}");
    }
    assert_eq!(
        create(Wire::ok("{}")).await.unwrap_err().kind(),
        Kind::Transient,
        "nobody knows what became of it"
    );
}

#[tokio::test]
async fn a_call_that_fails_as_a_whole_is_a_quota_a_passing_failure_or_a_mistake() {
    let quota = create(Wire::error(400, "ResourceLimitExceededException", "{}")).await.unwrap_err();
    assert!(matches!(quota, ServiceError::Quota { .. }), "{quota}");
    let throttle = create(Wire::error(400, "ThrottlingException", "{}")).await.unwrap_err();
    assert_eq!(throttle.kind(), Kind::Transient);
    let mistake = create(Wire::error(400, "InvalidParameterValuesException", "{}")).await.unwrap_err();
    assert_eq!(mistake.kind(), Kind::Permanent);
}

#[tokio::test]
async fn finds_the_desk_of_a_user_whatever_the_case_of_his_name_and_one_that_stays_before_one_that_goes() {
    let desks = json!({"Workspaces": [
        {"WorkspaceId": "ws-0", "UserName": "alice", "State": "TERMINATED"},
        {"WorkspaceId": "ws-1", "UserName": "alice", "State": "TERMINATING"},
        {"WorkspaceId": "ws-2", "UserName": "ALICE", "State": "AVAILABLE"},
        {"WorkspaceId": "ws-3", "UserName": "alice2", "State": "AVAILABLE"},
    ]});
    let (service, asked) = workspaces(settings(), move |_, _| Wire::ok(desks.to_string()));
    let found = service.find(&facts("alice", 1104)).await.unwrap().unwrap();
    assert_eq!((found.id.as_str(), found.standing), ("ws-2", Standing::Ready));
    let asked = asked.lock().unwrap()[0].clone();
    assert!(asked.contains(r#""UserName":"alice""#) && asked.contains("d-9067012345"), "{asked}");
}

#[tokio::test]
async fn each_state_of_a_desk_is_understood() {
    for (state, standing) in [
        ("AVAILABLE", Standing::Ready),
        ("STOPPED", Standing::Stopped),
        ("STOPPING", Standing::Stopped),
        ("PENDING", Standing::Pending("PENDING".to_owned())),
        ("STARTING", Standing::Pending("STARTING".to_owned())),
        ("REBUILDING", Standing::Pending("REBUILDING".to_owned())),
        ("TERMINATING", Standing::Ending),
        ("TERMINATED", Standing::Gone),
        ("ERROR", Standing::Broken("ERROR: its words".to_owned())),
        ("SOMETHING_NEW", Standing::Pending("SOMETHING_NEW".to_owned())),
    ] {
        let (service, _) = with_desk(state, "AUTO_STOP");
        assert_eq!(service.status("ws-1").await.unwrap(), standing, "{state}");
        assert_eq!(service.status("ws-2").await.unwrap(), Standing::Gone);
    }
}

#[tokio::test]
async fn a_desk_is_stopped_where_it_can_be_and_left_or_waited_for_where_it_cannot() {
    for (state, mode, expected, stops) in [
        ("AVAILABLE", "AUTO_STOP", Some(Suspension::Suspended), true),
        ("UNHEALTHY", "AUTO_STOP", Some(Suspension::Suspended), true),
        ("STOPPED", "AUTO_STOP", Some(Suspension::Suspended), false),
        ("PENDING", "AUTO_STOP", Some(Suspension::NotYet("PENDING".to_owned())), false),
        ("TERMINATED", "AUTO_STOP", Some(Suspension::Removed), false),
        ("AVAILABLE", "ALWAYS_ON", None, false),
    ] {
        let (service, asked) = with_desk(state, mode);
        let suspended = service.suspend("ws-1", Leaving::Contained).await.unwrap();
        match expected {
            Some(expected) => assert_eq!(suspended, expected, "{state}"),
            None => assert!(matches!(suspended, Suspension::Kept(why) if why.contains("ALWAYS_ON"))),
        }
        let stop = r#"WorkspacesService.StopWorkspaces {"StopWorkspaceRequests":[{"WorkspaceId":"ws-1"}]}"#;
        assert_eq!(changes(&asked), if stops { vec![stop] } else { vec![] }, "{state}");
    }
}

#[tokio::test]
async fn a_desk_is_started_when_it_has_stopped_and_not_while_it_is_stopping() {
    let (service, asked) = with_desk("STOPPED", "AUTO_STOP");
    assert_eq!(service.start("ws-1").await, Ok(Standing::Pending("STARTING".to_owned())));
    assert_eq!(changes(&asked).len(), 1);
    let (service, asked) = with_desk("STOPPING", "AUTO_STOP");
    assert_eq!(service.start("ws-1").await, Ok(Standing::Pending("STOPPING".to_owned())));
    let (running, _) = with_desk("AVAILABLE", "AUTO_STOP");
    assert_eq!(running.start("ws-1").await, Ok(Standing::Ready));
    assert_eq!(changes(&asked), [""; 0]);
}

#[tokio::test]
async fn a_desk_that_is_gone_is_removed_and_one_that_is_there_is_terminated_by_its_id() {
    let (service, asked) = with_desk("STOPPED", "AUTO_STOP");
    assert_eq!(service.remove("ws-1").await, Ok(Removal::Removed));
    assert_eq!(service.remove("ws-2").await, Ok(Removal::Removed));
    let terminate =
        r#"WorkspacesService.TerminateWorkspaces {"TerminateWorkspaceRequests":[{"WorkspaceId":"ws-1"}]}"#;
    assert_eq!(changes(&asked), [terminate]);
}

#[tokio::test]
async fn a_change_that_is_refused_is_a_failure_although_the_answer_is_200() {
    let failing = |code: &'static str| {
        workspaces(settings(), move |what, _| {
            if what.ends_with("DescribeWorkspaces") {
                return Wire::ok(r#"{"Workspaces":[{"WorkspaceId":"ws-1","State":"AVAILABLE"}]}"#);
            }
            refused(code)
        })
        .0
    };
    let error = failing("OperationNotSupported").suspend("ws-1", Leaving::Disabled).await.unwrap_err();
    assert_eq!(error.kind(), Kind::Permanent);
    assert!(error.to_string().contains("StopWorkspaces failed: OperationNotSupported: its words"), "{error}");
    assert_eq!(failing("InternalServerError").remove("ws-1").await.unwrap_err().kind(), Kind::Transient);
    assert_eq!(failing("ResourceNotFound.Workspace").remove("ws-1").await, Ok(Removal::Removed));
}
