//! EC2's `DescribeInstances`, for one instance, declared by hand: the generated client takes minutes to compile.
//!
//! Source: EC2 API Reference, `DescribeInstances`, `Instance` and "Error codes for the Amazon EC2 API"; query protocol,
//! version 2016-11-15.

use crate::declared::{ApiError, CallError};
use crate::ids::InstanceId;
use std::collections::BTreeMap;

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse, OrchestratorError};
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

use super::xml::Element;
use crate::member::{Instance, Platform, State};

/// Makes a request.
pub(super) fn request(instance: InstanceId) -> Result<HttpRequest, BoxError> {
    // An instance id needs no escape.
    form(format!("Action=DescribeInstances&Version=2016-11-15&InstanceId.1={instance}"))
}

/// A request with these parameters.
pub(super) fn form(body: String) -> Result<HttpRequest, BoxError> {
    let length = body.len();
    let mut request = HttpRequest::new(SdkBody::from(body));
    request.set_method("POST")?;
    request.set_uri("/")?;
    request.headers_mut().insert("content-type", "application/x-www-form-urlencoded");
    request.headers_mut().insert("content-length", length.to_string());
    Ok(request)
}

/// Reads a response.
pub(super) fn answer(response: &HttpResponse) -> Result<Element, OrchestratorError<ApiError>> {
    let text = std::str::from_utf8(response.body().bytes().unwrap_or_default());
    let document = text.map_err(|_| "the answer is not UTF-8").and_then(Element::read);
    if response.status().is_success() {
        return document.map_err(|problem| OrchestratorError::other(BoxError::from(problem)));
    }
    // Whatever stands between EC2 and here may answer with a failure that holds no XML.
    let document = document.unwrap_or_default();
    let word = |name| document.text(&["Errors", "Error", name]);
    Err(OrchestratorError::operation(ApiError::new(word("Code"), word("Message"))))
}

/// EC2 knows no such instance, or no longer: an hour or so after its end.
pub(super) fn is_unknown(error: &CallError) -> bool {
    error.meta().code() == Some("InvalidInstanceID.NotFound")
}

/// What an answer says of an instance.
///
/// # Errors
/// When it does not say it: that is never "gone".
pub(super) fn read(answer: &Element, id: &InstanceId) -> Result<Instance, &'static str> {
    let instances = answer.all(&["reservationSet", "item", "instancesSet", "item"]);
    let found = instances.into_iter().find(|found| found.text(&["instanceId"]) == id.as_str());
    let found = found.ok_or("the answer does not hold the instance")?;
    Ok(Instance {
        state: state(found)?,
        // `Windows` for Windows, absent for anything else.
        platform: match found.text(&["platform"]).eq_ignore_ascii_case("windows") {
            true => Platform::Windows,
            false => Platform::Linux,
        },
        address: found.text(&["privateIpAddress"]).parse().ok(),
        tags: tags(found),
    })
}

/// The state that an instance's description names.
pub(super) fn state(instance: &Element) -> Result<State, &'static str> {
    Ok(match instance.text(&["instanceState", "name"]) {
        "running" => State::Running,
        "terminated" => State::Terminated,
        "pending" | "shutting-down" | "stopping" | "stopped" => State::Between,
        _ => return Err("the instance's state is none that is known"),
    })
}

/// The tags that an instance's description holds.
pub(super) fn tags(instance: &Element) -> BTreeMap<String, String> {
    let tags = instance.all(&["tagSet", "item"]).into_iter();
    tags.map(|tag| (tag.text(&["key"]).to_owned(), tag.text(&["value"]).to_owned())).collect()
}
