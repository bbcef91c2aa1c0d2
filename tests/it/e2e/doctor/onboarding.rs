//! Onboarding, planted: a security log that leads nowhere, and a directory that `WorkSpaces` does not know.

use serde_json::Value;

use crate::doctor::planted::{Planted, found, is_healthy};
use crate::doctor::visit::{PROBLEM, resource};
use crate::lab::{aws, lab, variable};

fn log_group() -> String {
    format!("/aws/directoryservice/{}", variable("DIRECTORY_ID"))
}

#[test]
fn finds_that_the_security_log_is_not_forwarded() {
    let (directory, group) = (variable("DIRECTORY_ID"), log_group());
    let undo =
        ["ds", "create-log-subscription", "--directory-id", directory, "--log-group-name", group.as_str()];
    let _planted = Planted::by(&["ds", "delete-log-subscription", "--directory-id", directory], &undo);

    let fix = found("security log", PROBLEM, "aws ds create-log-subscription");

    lab(&["exec", "--", "bash", "-c", &fix]);
    is_healthy("security log");
}

#[test]
fn finds_that_the_filter_of_the_stack_is_gone() {
    let group = log_group();
    let name = resource(|name, _| name == "DirectoryLogFilter");
    let of_group = ["--log-group-name", group.as_str(), "--filter-name", name.as_str()];
    let asked = ["logs", "describe-subscription-filters", "--log-group-name", &group];
    let filters = aws(&asked)["subscriptionFilters"].as_array().unwrap().clone();
    let text = |member: &str| {
        let filter = filters.iter().find(|filter| filter["filterName"] == *name).unwrap();
        Value::as_str(&filter[member]).unwrap().to_owned()
    };
    let (pattern, destination) = (text("filterPattern"), text("destinationArn"));
    let put =
        ["logs", "put-subscription-filter", "--filter-pattern", &pattern, "--destination-arn", &destination];
    let undo = [&put[..], &of_group].concat();
    let planted = Planted::by(&[&["logs", "delete-subscription-filter"], &of_group[..]].concat(), &undo);

    found("log filter", PROBLEM, "sam deploy");

    drop(planted);
    is_healthy("log filter");
}

#[test]
fn finds_that_the_directory_is_not_registered_with_workspaces() {
    let of_directory = ["--directory-id", variable("DIRECTORY_ID")];
    let undo = [&["workspaces", "register-workspace-directory"], &of_directory[..]].concat();
    let planted =
        Planted::by(&[&["workspaces", "deregister-workspace-directory"], &of_directory[..]].concat(), &undo);

    found("WorkSpaces", PROBLEM, "aws workspaces register-workspace-directory");

    drop(planted);
    is_healthy("WorkSpaces");
}
