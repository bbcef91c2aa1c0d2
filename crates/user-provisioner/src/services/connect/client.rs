//! The four operations of the Amazon Connect API that this flow uses, of more than 300.
//!
//! Source: API model `connect-2017-08-08`, REST-JSON.

use aws_config::SdkConfig;
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse, OrchestratorError};
use aws_smithy_types::body::SdkBody;
use serde_json::Value;
use steward_core::declared::{self, ApiError, Repeat};

pub(super) use steward_core::declared::CallError;

/// A request of the API.
#[derive(Debug, Clone)]
pub(super) struct Call {
    pub(super) operation: &'static str,
    pub(super) method: &'static str,
    pub(super) path: String,
    pub(super) body: Option<Value>,
}

/// The API of one Region.
#[derive(Debug, Clone)]
pub(super) struct Api(declared::Api);

impl Api {
    pub(super) fn new(sdk: &SdkConfig) -> Self {
        Self(declared::Api::new(sdk, "Connect", "connect"))
    }

    /// Makes a call; an empty answer is null.
    pub(super) async fn call(&self, call: Call) -> Result<Value, CallError> {
        // CreateUser once: the step's next try knows that this one may have made the user who is there then.
        let repeat = if call.operation == "CreateUser" { Repeat::Never } else { Repeat::Configured };
        self.0.operation(call.operation, repeat, request, answer).invoke(call).await
    }
}

fn request(call: Call) -> Result<HttpRequest, BoxError> {
    let body = call.body.map_or_else(SdkBody::empty, |body| SdkBody::from(body.to_string()));
    let length = body.content_length().unwrap_or(0);
    let mut request = HttpRequest::new(body);
    request.set_method(call.method)?;
    request.set_uri(call.path)?;
    if length > 0 {
        request.headers_mut().insert("content-type", "application/json");
    }
    request.headers_mut().insert("content-length", length.to_string());
    Ok(request)
}

fn answer(response: &HttpResponse) -> Result<Value, OrchestratorError<ApiError>> {
    let bytes = response.body().bytes().unwrap_or_default();
    let body: Value = if bytes.is_empty() {
        Value::Null
    } else {
        serde_json::from_slice(bytes)
            .map_err(|error| OrchestratorError::other(Box::new(error) as BoxError))?
    };
    if response.status().is_success() {
        return Ok(body);
    }
    // `x-amzn-errortype: ThrottlingException:http://...`; or in the body, perhaps as `com.amazonaws.connect#...`.
    // Source: Smithy, AWS restJson1 protocol, "Operation error serialization".
    let header = response.headers().get("x-amzn-errortype").filter(|header| !header.is_empty());
    let told = header.or_else(|| ["__type", "code"].iter().find_map(|key| body[*key].as_str()));
    let code = told.and_then(|told| told.split(':').next()?.rsplit('#').next()).unwrap_or_default();
    let words = ["Message", "message"].iter().find_map(|key| body[*key].as_str());
    Err(OrchestratorError::operation(ApiError::new(code, words.unwrap_or_default())))
}
