//! What a function does when it cannot start.

use lambda_runtime::{Diagnostic, Error, LambdaEvent, run, service_fn};
use serde::de::IgnoredAny;

use crate::config::ConfigError;

/// Answers every invocation with the configuration's problems, so that they are seen where people look: in the
/// execution, in the queue's failures, in the log.
///
/// Leaving the process instead would show them as `Runtime.ExitError` without a word of what is wrong.
///
/// # Errors
/// When the runtime itself fails.
pub async fn refuse(error: ConfigError) -> Result<(), Error> {
    tracing::error!("cannot start: {error}");
    let diagnostic =
        Diagnostic { error_type: "ConfigurationError".to_owned(), error_message: error.to_string() };
    let diagnostic = &diagnostic;
    run(service_fn(async |_: LambdaEvent<IgnoredAny>| Err::<(), Diagnostic>(diagnostic.clone()))).await
}
