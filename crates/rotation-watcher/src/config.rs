//! The configuration of the function `rotation-watcher`.

use steward_core::config::{ConfigError, Variables};

/// The configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    /// `ROTATION_FUNCTION_ARN`: the function whose secrets are watched.
    pub rotation_function_arn: String,
}

impl Config {
    /// Reads the function's environment.
    ///
    /// # Errors
    /// When the variable is missing.
    pub fn read(mut from: Variables) -> Result<Self, ConfigError> {
        let rotation_function_arn = from.text("ROTATION_FUNCTION_ARN");
        let config = rotation_function_arn.map(|rotation_function_arn| Self { rotation_function_arn });
        from.finish(config)
    }
}
