//! The four operations of the Amazon Connect API that this flow uses, declared by hand on the SDK's own runtime: the
//! generated client has more than 300 and takes longer to compile than everything else together.
//!
//! Signing, retries, time-outs, credentials, the endpoint and the user agent come from the same configuration as those of
//! the other clients. Source: API model `connect-2017-08-08`, REST-JSON.

use std::fmt;

use aws_config::SdkConfig;
use aws_runtime::auth::SigV4OperationSigningConfig;
use aws_runtime::auth::sigv4::{SCHEME_ID, SigV4AuthScheme};
use aws_runtime::user_agent::{ApiMetadata, UserAgentInterceptor};
use aws_smithy_runtime::client::identity::IdentityCache;
use aws_smithy_runtime::client::orchestrator::operation::Operation;
use aws_smithy_runtime::client::retries::classifiers::{
    HttpStatusCodeClassifier, ModeledAsRetryableClassifier, TransientErrorClassifier,
};
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::auth::static_resolver::StaticAuthSchemeOptionResolver;
use aws_smithy_runtime_api::client::auth::{
    AuthSchemeOptionResolverParams, SharedAuthScheme, SharedAuthSchemeOptionResolver,
};
use aws_smithy_runtime_api::client::identity::SharedIdentityResolver;
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse, OrchestratorError};
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponentsBuilder;
use aws_smithy_runtime_api::client::runtime_plugin::StaticRuntimePlugin;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::config_bag::Layer;
use aws_smithy_types::error::ErrorMetadata;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use aws_smithy_types::retry::{ErrorKind, ProvideErrorKind};
use aws_types::SigningName;
use aws_types::region::{Region, SigningRegion};
use serde_json::Value;

/// A request of the API.
#[derive(Debug, Clone)]
pub(super) struct Call {
    pub(super) operation: &'static str,
    pub(super) method: &'static str,
    pub(super) path: String,
    pub(super) body: Option<Value>,
}

/// What the API said instead of an answer.
#[derive(Debug)]
pub(super) struct ApiError(ErrorMetadata);

/// A failed call.
pub(super) type CallError = SdkError<ApiError, HttpResponse>;

impl fmt::Display for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl std::error::Error for ApiError {}

impl ProvideErrorMetadata for ApiError {
    fn meta(&self) -> &ErrorMetadata {
        &self.0
    }
}

impl ProvideErrorKind for ApiError {
    /// `LimitExceededException` is a 429 too, and no throttle: it is a quota, which no retry raises.
    fn retryable_error_kind(&self) -> Option<ErrorKind> {
        match self.0.code() {
            Some("ThrottlingException") => Some(ErrorKind::ThrottlingError),
            Some("InternalServiceException") => Some(ErrorKind::ServerError),
            _ => None,
        }
    }

    fn code(&self) -> Option<&str> {
        self.0.code()
    }
}

/// The API of one Region.
#[derive(Debug, Clone)]
pub(super) struct Api {
    sdk: SdkConfig,
    region: Region,
}

impl Api {
    pub(super) fn new(sdk: &SdkConfig) -> Self {
        let region = sdk.region().cloned().unwrap_or_else(|| Region::from_static("unknown"));
        Self { sdk: sdk.clone(), region }
    }

    /// Makes a call; an empty answer is null.
    pub(super) async fn call(&self, call: Call) -> Result<Value, CallError> {
        self.operation(call.operation).invoke(call).await
    }

    fn operation(&self, name: &'static str) -> Operation<Call, Value, ApiError> {
        let endpoint = self.sdk.endpoint_url().map_or_else(
            || format!("https://connect.{}.amazonaws.com", self.region),
            |url| url.trim_end_matches('/').to_owned(),
        );
        let mut builder = Operation::builder()
            .service_name("Connect")
            .operation_name(name)
            .endpoint_url(&endpoint)
            .with_connection_poisoning()
            .retry_classifier(HttpStatusCodeClassifier::default())
            .retry_classifier(TransientErrorClassifier::<ApiError>::new())
            .retry_classifier(ModeledAsRetryableClassifier::<ApiError>::new())
            .runtime_plugin(self.signing());
        if let Some(version) = self.sdk.behavior_version() {
            builder = builder.behavior_version(version);
        }
        if let Some(http) = self.sdk.http_client() {
            builder = builder.http_client(http);
        }
        if let Some(sleep) = self.sdk.sleep_impl() {
            builder = builder.sleep_impl(sleep);
        }
        if let Some(time) = self.sdk.time_source() {
            builder = builder.time_source(time);
        }
        if let Some(timeouts) = self.sdk.timeout_config() {
            builder = builder.timeout_config(timeouts.clone());
        }
        builder = match self.sdk.retry_config() {
            // CreateUser once: the step's next try knows that this one may have made the user who is there then.
            Some(retries) if name != "CreateUser" => builder.standard_retry(retries),
            _ => builder.no_retry(),
        };
        builder.serializer(request).deserializer(answer).build()
    }

    fn signing(&self) -> StaticRuntimePlugin {
        let mut layer = Layer::new("signing");
        layer.store_put(ApiMetadata::new("connect", env!("CARGO_PKG_VERSION")));
        if let Some(name) = self.sdk.app_name() {
            layer.store_put(name.clone());
        }
        layer.store_put(AuthSchemeOptionResolverParams::new(()));
        layer.store_put(SigV4OperationSigningConfig {
            region: Some(SigningRegion::from(self.region.clone())),
            name: Some(SigningName::from_static("connect")),
            ..SigV4OperationSigningConfig::default()
        });
        let options = StaticAuthSchemeOptionResolver::new(vec![SCHEME_ID]);
        let mut components = RuntimeComponentsBuilder::new("signing")
            .with_interceptor(UserAgentInterceptor::new())
            .with_auth_scheme(SharedAuthScheme::new(SigV4AuthScheme::new()))
            .with_auth_scheme_option_resolver(Some(SharedAuthSchemeOptionResolver::new(options)));
        // The credentials' own provider keeps them until they expire.
        components.set_identity_cache(Some(IdentityCache::no_cache()));
        if let Some(credentials) = self.sdk.credentials_provider() {
            components.set_identity_resolver(SCHEME_ID, SharedIdentityResolver::new(credentials));
        }
        StaticRuntimePlugin::new().with_config(layer.freeze()).with_runtime_components(components)
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
    let mut meta = ErrorMetadata::builder().message(words.unwrap_or("no message"));
    if !code.is_empty() {
        meta = meta.code(code);
    }
    Err(OrchestratorError::operation(ApiError(meta.build())))
}
