//! For tests: clients whose requests a closure answers, so that the wire itself can be looked at.

use std::sync::{Arc, Mutex};

use aws_config::retry::RetryConfig;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::{Credentials, provider::SharedCredentialsProvider};
use aws_smithy_http_client::test_util::infallible_client_fn;
use aws_smithy_types::body::SdkBody;
use http::{Request, Response};

/// What was asked, in order: the operation's target or path (after its method, if that is not POST), a blank, the body.
pub type Asked = Arc<Mutex<Vec<String>>>;

/// A service's answer.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The error's code, empty when it is none.
    pub code: &'static str,
    /// The JSON body.
    pub body: String,
}

impl Answer {
    /// A success.
    pub fn ok(body: impl Into<String>) -> Self {
        Self { status: 200, code: "", body: body.into() }
    }

    /// A failure.
    pub fn error(status: u16, code: &'static str, body: impl Into<String>) -> Self {
        Self { status, code, body: body.into() }
    }
}

/// A configuration for clients that nobody but `answer` hears, and the list of what they ask. Nothing is retried.
pub fn fake(answer: impl Fn(&str, &str) -> Answer + Send + Sync + 'static) -> (SdkConfig, Asked) {
    let asked = Asked::default();
    let log = asked.clone();
    let http = infallible_client_fn(move |request: Request<SdkBody>| {
        let target = request.headers().get("x-amz-target").and_then(|target| target.to_str().ok());
        let path = match request.method().as_str() {
            "POST" => request.uri().path().to_owned(),
            method => format!("{method} {}", request.uri().path()),
        };
        let what = target.map_or(path, str::to_owned);
        let body = String::from_utf8_lossy(request.body().bytes().unwrap_or_default()).into_owned();
        let given = answer(&what, &body);
        if let Ok(mut log) = log.lock() {
            log.push(format!("{what} {body}"));
        }
        let response = Response::builder().status(given.status).header("x-amzn-errortype", given.code);
        response.body(SdkBody::from(given.body)).unwrap_or_else(|_| Response::new(SdkBody::empty()))
    });
    let credentials = Credentials::new("access", "secret", None, None, "test");
    let sdk = SdkConfig::builder()
        .behavior_version(BehaviorVersion::v2026_01_12())
        .region(Region::new("eu-west-1"))
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .retry_config(RetryConfig::disabled())
        .http_client(http)
        .build();
    (sdk, asked)
}
