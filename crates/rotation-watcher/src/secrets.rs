//! AWS Secrets Manager.

use std::time::SystemTime;

use aws_sdk_secretsmanager::Client;
use aws_sdk_secretsmanager::types::SecretListEntry;
use aws_smithy_types::DateTime;
use steward_core::error::{kind_of, service_text};

use crate::error::Error;
use crate::standing::{Secret, period};

/// AWS Secrets Manager.
#[derive(Debug, Clone)]
pub struct SecretsManager {
    /// The client.
    pub client: Client,
}

impl SecretsManager {
    /// The secrets of this account and Region that a function rotates, those whose rotation is turned off too. There is
    /// no filter for the function.
    ///
    /// # Errors
    /// When they cannot be listed to the end.
    pub async fn rotated_by(&self, function_arn: &str) -> Result<Vec<Secret>, Error> {
        let mut pages = self.client.list_secrets().into_paginator().send();
        let mut secrets = Vec::new();
        while let Some(page) = pages.next().await {
            let page = page.map_err(|error| Error::ListSecrets {
                reason: service_text(&error),
                kind: kind_of(&error),
            })?;
            let rotated = page.secret_list().iter().filter(|entry| {
                entry.rotation_lambda_arn().is_some_and(|arn| is_function(arn, function_arn))
            });
            secrets.extend(rotated.map(secret));
        }
        Ok(secrets)
    }
}

/// Whether an ARN is the function's, perhaps with a version or an alias.
fn is_function(arn: &str, function_arn: &str) -> bool {
    arn.strip_prefix(function_arn).is_some_and(|rest| rest.is_empty() || rest.starts_with(':'))
}

fn secret(entry: &SecretListEntry) -> Secret {
    let changed = entry.last_rotated_date().or(entry.last_changed_date()).or(entry.created_date());
    let rules = entry.rotation_rules();
    Secret {
        name: entry.name().unwrap_or_default().to_owned(),
        enabled: entry.rotation_enabled() == Some(true),
        period: period(
            rules.and_then(|rules| rules.automatically_after_days()),
            rules.and_then(|rules| rules.schedule_expression()),
        ),
        since: changed.map_or(SystemTime::UNIX_EPOCH, time),
        due: entry.next_rotation_date().map(time),
    }
}

/// A time before 1970 is none that a secret can have.
fn time(date: &DateTime) -> SystemTime {
    SystemTime::try_from(*date).unwrap_or(SystemTime::UNIX_EPOCH)
}
