//! Whether a failure may pass by itself, and how a failure reaches the state machine that called.

use std::error::Error;

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use lambda_runtime::Diagnostic;

/// Whether trying again can help.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Throttles, time-outs, broken connections, service faults: try again later.
    Transient,
    /// Validation, access, missing resources: the same call will fail again.
    Permanent,
}

impl Kind {
    /// The `error_type` that the state machines match in `Retry` and `Catch`.
    pub fn error_type(self) -> &'static str {
        match self {
            Self::Transient => "TransientError",
            Self::Permanent => "PermanentError",
        }
    }
}

/// Error codes that name a passing condition although their HTTP status may be 400.
///
/// `DirectoryUnavailableException` is a 400 that the Directory Service Data API reference calls retryable; the
/// others are the throttling and fault codes that AWS services share.
const TRANSIENT_CODES: [&str; 13] = [
    "DirectoryUnavailableException",
    "InternalServerException",
    "InternalServerError",
    "InternalServerErrorException",
    "InternalServiceError",
    "InternalFailure",
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "ServiceException",
    "ServiceUnavailable",
    "ThrottledException",
    "Throttling",
    "ThrottlingException",
];

/// Classifies a failed SDK call. What a service calls its own faults and its throttles (SNS says `InternalError`) it also
/// says by the HTTP status: 5xx and 429.
pub fn kind_of<E: ProvideErrorMetadata>(error: &SdkError<E, HttpResponse>) -> Kind {
    match error {
        SdkError::ConstructionFailure(_) => Kind::Permanent,
        SdkError::ServiceError(service) if matches!(service.raw().status().as_u16(), 429 | 500..) => {
            Kind::Transient
        }
        SdkError::ServiceError(service) => kind_of_code(service.err().code()),
        _ => Kind::Transient,
    }
}

/// Classifies a service's error code; an answer without a code is a fault of the service or of the way to it.
pub fn kind_of_code(code: Option<&str>) -> Kind {
    match code {
        Some(code) if !TRANSIENT_CODES.contains(&code) => Kind::Permanent,
        _ => Kind::Transient,
    }
}

/// One line with an error and all its causes.
pub fn chain(error: &(dyn Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        let cause_text = cause.to_string();
        if !text.ends_with(&cause_text) {
            text.push_str(": ");
            text.push_str(&cause_text);
        }
        source = cause.source();
    }
    text
}

/// What a failed SDK call said: the service's code and message, or what broke on the way.
pub fn service_text<E, R>(error: &SdkError<E, R>) -> String
where
    E: ProvideErrorMetadata + Error + 'static,
    R: std::fmt::Debug + 'static,
{
    match error.meta().code() {
        Some(code) => format!("{code}: {}", error.meta().message().unwrap_or("no message")),
        None => chain(error),
    }
}

/// The answer of a function that failed: a stable type for machines, the whole chain for people.
pub fn diagnostic(kind: Kind, error: &(dyn Error + 'static)) -> Diagnostic {
    Diagnostic { error_type: kind.error_type().to_owned(), error_message: chain(error) }
}

#[cfg(test)]
mod tests {
    use aws_smithy_runtime_api::http::{Response, StatusCode};
    use aws_smithy_types::body::SdkBody;
    use aws_smithy_types::error::ErrorMetadata;

    use super::*;

    #[derive(Debug, thiserror::Error)]
    #[error("disabling the user failed")]
    struct Outer(#[source] std::io::Error);

    #[test]
    fn prints_each_cause_once() {
        let error = Outer(std::io::Error::other("connection reset"));
        assert_eq!(chain(&error), "disabling the user failed: connection reset");
    }

    #[test]
    fn a_fault_or_a_throttle_is_transient_whatever_the_service_calls_it() {
        let kind = |status: u16, code: &str| {
            let raw = Response::new(StatusCode::try_from(status).unwrap(), SdkBody::empty());
            kind_of(&SdkError::service_error(ErrorMetadata::builder().code(code).build(), raw))
        };
        assert_eq!(kind(500, "InternalError"), Kind::Transient);
        assert_eq!(kind(429, "TooManyRequestsException"), Kind::Transient);
        assert_eq!(kind(400, "ThrottlingException"), Kind::Transient);
        assert_eq!(kind(403, "AuthorizationError"), Kind::Permanent);
    }

    #[test]
    fn directory_unavailable_is_transient_although_it_is_a_400() {
        assert_eq!(kind_of_code(Some("DirectoryUnavailableException")), Kind::Transient);
        assert_eq!(kind_of_code(Some("ThrottlingException")), Kind::Transient);
        assert_eq!(kind_of_code(Some("AccessDeniedException")), Kind::Permanent);
        assert_eq!(kind_of_code(None), Kind::Transient);
    }
}
