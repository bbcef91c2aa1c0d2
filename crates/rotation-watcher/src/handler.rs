//! One look at all secrets.

use std::time::SystemTime;

use lambda_runtime::Diagnostic;
use steward_core::metrics::Metrics;

use crate::config::Config;
use crate::metric::Metric;
use crate::secrets::SecretsManager;
use crate::standing::Standing;

/// The function.
#[derive(Debug)]
pub struct Watcher {
    /// Where secrets lie.
    pub secrets: SecretsManager,
    /// Where overdue ones are counted.
    pub metrics: Metrics,
    /// The configuration.
    pub config: Config,
}

impl Watcher {
    /// Looks at all secrets of the rotation function, names those that are not on time in the log and counts them.
    ///
    /// # Errors
    /// When the secrets cannot be listed. Nothing was counted then.
    pub async fn look(&self, now: SystemTime) -> Result<(), Diagnostic> {
        let secrets =
            self.secrets.rotated_by(&self.config.rotation_function_arn).await.inspect_err(|error| {
                tracing::error!("secrets could not be looked at: {error}");
            })?;
        for secret in &secrets {
            let standing = secret.standing(now);
            if standing != Standing::OnTime {
                tracing::warn!(secret.name = secret.name, "the rotation of {} {standing}", secret.name);
                self.metrics.count(Metric::RotationOverdue);
            }
        }
        tracing::info!(secrets = secrets.len(), "looked at {} secrets", secrets.len());
        Ok(())
    }
}

#[cfg(test)]
mod tests;
