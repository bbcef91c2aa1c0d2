//! Operations that are declared by hand on the SDK's own runtime, where a generated client would cost more to compile than
//! everything else together and one or a few of its hundreds of operations are used.
//!
//! Signing, retries, time-outs, credentials, the endpoint and the user agent come from the same configuration as those of
//! the other clients.

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
use aws_smithy_types::config_bag::Layer;
use aws_smithy_types::error::ErrorMetadata;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use aws_smithy_types::retry::{ErrorKind, ProvideErrorKind};
use aws_types::SigningName;
use aws_types::region::{Region, SigningRegion};

/// What an API said instead of an answer.
#[derive(Debug)]
pub struct ApiError(ErrorMetadata);

/// A failed call.
pub type CallError = SdkError<ApiError, HttpResponse>;

impl ApiError {
    /// An error of this code, empty when the answer has none, and these words.
    pub fn new(code: &str, words: &str) -> Self {
        let meta = ErrorMetadata::builder().message(if words.is_empty() { "no message" } else { words });
        Self(if code.is_empty() { meta.build() } else { meta.code(code).build() })
    }
}

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
    /// Connect's `LimitExceededException` is a 429 too, and no throttle: it is a quota, which no retry raises.
    fn retryable_error_kind(&self) -> Option<ErrorKind> {
        match self.0.code() {
            Some("RequestLimitExceeded" | "Throttling" | "ThrottlingException") => {
                Some(ErrorKind::ThrottlingError)
            }
            Some("InternalError" | "InternalServiceException") => Some(ErrorKind::ServerError),
            _ => None,
        }
    }

    fn code(&self) -> Option<&str> {
        self.0.code()
    }
}

/// Whether the SDK may make a call again by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Repeat {
    /// As the configuration says.
    Configured,
    /// Never: only the caller can tell what the first attempt has done.
    Never,
}

/// How a call becomes a request.
pub type Serializer<I> = fn(I) -> Result<HttpRequest, BoxError>;

/// How a response becomes an answer.
pub type Deserializer<O> = fn(&HttpResponse) -> Result<O, OrchestratorError<ApiError>>;

/// An API of one Region.
#[derive(Debug, Clone)]
pub struct Api {
    sdk: SdkConfig,
    region: Region,
    name: &'static str,
    host: &'static str,
}

impl Api {
    /// The API of this name at `https://HOST.REGION.amazonaws.com`; `host` is the name it signs with, too.
    pub fn new(sdk: &SdkConfig, name: &'static str, host: &'static str) -> Self {
        let region = sdk.region().cloned().unwrap_or_else(|| Region::from_static("unknown"));
        Self { sdk: sdk.clone(), region, name, host }
    }

    /// An operation of the API.
    pub fn operation<I, O>(
        &self,
        name: &'static str,
        repeat: Repeat,
        serializer: Serializer<I>,
        deserializer: Deserializer<O>,
    ) -> Operation<I, O, ApiError>
    where
        I: fmt::Debug + Send + Sync + 'static,
        O: fmt::Debug + Send + Sync + 'static,
    {
        let mut builder = Operation::builder()
            .service_name(self.name)
            .operation_name(name)
            .endpoint_url(&self.endpoint())
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
        builder = match (self.sdk.retry_config(), repeat) {
            (Some(retries), Repeat::Configured) => builder.standard_retry(retries),
            _ => builder.no_retry(),
        };
        builder.serializer(serializer).deserializer(deserializer).build()
    }

    fn endpoint(&self) -> String {
        self.sdk.endpoint_url().map_or_else(
            || {
                let suffix = if self.region.as_ref().starts_with("cn-") { ".cn" } else { "" };
                format!("https://{}.{}.amazonaws.com{suffix}", self.host, self.region)
            },
            |url| url.trim_end_matches('/').to_owned(),
        )
    }

    fn signing(&self) -> StaticRuntimePlugin {
        let mut layer = Layer::new("signing");
        layer.store_put(ApiMetadata::new(self.host, env!("CARGO_PKG_VERSION")));
        if let Some(name) = self.sdk.app_name() {
            layer.store_put(name.clone());
        }
        layer.store_put(AuthSchemeOptionResolverParams::new(()));
        layer.store_put(SigV4OperationSigningConfig {
            region: Some(SigningRegion::from(self.region.clone())),
            name: Some(SigningName::from_static(self.host)),
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
