//! AWS Secrets Manager.

use aws_sdk_secretsmanager::Client;
use aws_sdk_secretsmanager::error::ProvideErrorMetadata;
use aws_sdk_secretsmanager::error::SdkError;
use aws_sdk_secretsmanager::operation::get_secret_value::GetSecretValueError;
use aws_sdk_secretsmanager::operation::put_secret_value::PutSecretValueError;
use aws_sdk_secretsmanager::operation::update_secret_version_stage::UpdateSecretVersionStageError;
use aws_sdk_secretsmanager::operation::update_secret_version_stage::builders::UpdateSecretVersionStageFluentBuilder;
use secrecy::{ExposeSecret, SecretString};
use steward_core::error::{Kind, kind_of, service_text};

use super::{Moved, Put, Secrets, SecretsError, Which};
use crate::event::{Event, SecretArn, VersionId};
use crate::generator::Recipe;
use crate::labels::Labels;

const CURRENT: &str = "AWSCURRENT";
const PENDING: &str = "AWSPENDING";
const PREVIOUS: &str = "AWSPREVIOUS";

/// What to do when IAM or KMS refuse.
const ACCESS: &str =
    ". See that the function's role may do this with the secret, and with the key that encrypts it";

/// AWS Secrets Manager.
#[derive(Debug, Clone)]
pub struct SecretsManager {
    /// The client.
    pub client: Client,
}

impl Secrets for SecretsManager {
    async fn labels(&self, secret: &SecretArn) -> Result<Labels, SecretsError> {
        let answer = self.client.describe_secret().secret_id(secret.as_str()).send().await;
        let output = answer.map_err(|error| failed("DescribeSecret", &error))?;
        let mut labels =
            Labels { rotation_is_off: output.rotation_enabled() == Some(false), ..Labels::default() };
        for (version, stages) in output.version_ids_to_stages().into_iter().flatten() {
            let has = |label: &str| stages.iter().any(|stage| stage == label);
            if !has(CURRENT) && !has(PENDING) {
                continue;
            }
            let version: VersionId = version.parse().map_err(|()| SecretsError {
                operation: "DescribeSecret",
                reason: format!("the version id {version:?} is not one"),
                advice: "",
                kind: Kind::Permanent,
            })?;
            if has(CURRENT) {
                labels.current = Some(version.clone());
            }
            if has(PENDING) {
                labels.pending = Some(version);
            }
        }
        Ok(labels)
    }

    async fn text(&self, secret: &SecretArn, which: Which<'_>) -> Result<Option<SecretString>, SecretsError> {
        let asked = self.client.get_secret_value().secret_id(secret.as_str());
        let asked = match which {
            Which::Current => asked.version_stage(CURRENT),
            Which::Previous => asked.version_stage(PREVIOUS),
            Which::Version(version) => asked.version_id(version.as_str()),
        };
        match asked.send().await {
            Ok(output) => match output.secret_string {
                Some(text) => Ok(Some(SecretString::from(text))),
                None => Err(SecretsError {
                    operation: "GetSecretValue",
                    reason: "the version holds bytes".to_owned(),
                    advice: ". Store the secret as a text, in JSON",
                    kind: Kind::Permanent,
                }),
            },
            Err(error) => match error.as_service_error() {
                Some(GetSecretValueError::ResourceNotFoundException(_)) => Ok(None),
                _ => Err(failed("GetSecretValue", &error)),
            },
        }
    }

    /// The token makes a repeated call with the same text the same call; with another text it is refused.
    async fn put_pending(&self, event: &Event, text: &SecretString) -> Result<Put, SecretsError> {
        let answer = self
            .client
            .put_secret_value()
            .secret_id(event.secret.as_str())
            .client_request_token(event.version.as_str())
            .secret_string(text.expose_secret())
            .version_stages(PENDING)
            .set_rotation_token(event.rotation_token.as_ref().map(|token| token.expose_secret().to_owned()))
            .send()
            .await;
        match answer {
            Ok(_) => Ok(Put::Stored),
            Err(error) => match error.as_service_error() {
                Some(PutSecretValueError::ResourceExistsException(_)) => Ok(Put::Taken),
                _ => Err(failed("PutSecretValue", &error)),
            },
        }
    }

    async fn make_current(
        &self,
        secret: &SecretArn,
        from: Option<&VersionId>,
        to: &VersionId,
    ) -> Result<Moved, SecretsError> {
        let call =
            self.client.update_secret_version_stage().secret_id(secret.as_str()).version_stage(CURRENT);
        let from = from.map(|version| version.as_str().to_owned());
        moved(call.move_to_version_id(to.as_str()).set_remove_from_version_id(from)).await
    }

    async fn drop_pending(&self, secret: &SecretArn, from: &VersionId) -> Result<Moved, SecretsError> {
        let call =
            self.client.update_secret_version_stage().secret_id(secret.as_str()).version_stage(PENDING);
        moved(call.remove_from_version_id(from.as_str())).await
    }

    async fn random_password(&self, recipe: &Recipe) -> Result<SecretString, SecretsError> {
        let [lowercase, uppercase, numbers, punctuation] = recipe.excluded_types();
        let answer = self
            .client
            .get_random_password()
            .password_length(i64::from(recipe.length()))
            .exclude_characters(recipe.excluded())
            .exclude_lowercase(lowercase)
            .exclude_uppercase(uppercase)
            .exclude_numbers(numbers)
            .exclude_punctuation(punctuation)
            .include_space(false)
            .require_each_included_type(true)
            .send()
            .await
            .map_err(|error| failed("GetRandomPassword", &error))?;
        answer.random_password.map(SecretString::from).ok_or_else(|| SecretsError {
            operation: "GetRandomPassword",
            reason: "the answer has no password".to_owned(),
            advice: "",
            kind: Kind::Transient,
        })
    }
}

/// Source: API reference, `UpdateSecretVersionStage`: a label that is not where it is to be moved from is an
/// `InvalidParameterException`; nothing else in our calls can be invalid.
async fn moved(call: UpdateSecretVersionStageFluentBuilder) -> Result<Moved, SecretsError> {
    match call.send().await {
        Ok(_) => Ok(Moved::Yes),
        Err(error) => match error.as_service_error() {
            Some(UpdateSecretVersionStageError::InvalidParameterException(_)) => Ok(Moved::WasElsewhere),
            _ => Err(failed("UpdateSecretVersionStage", &error)),
        },
    }
}

fn failed<E>(operation: &'static str, error: &SdkError<E>) -> SecretsError
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
{
    let advice = match error.meta().code() {
        Some("AccessDeniedException" | "DecryptionFailure" | "EncryptionFailure") => ACCESS,
        _ => "",
    };
    SecretsError { operation, reason: service_text(error), advice, kind: kind_of(error) }
}

#[cfg(test)]
mod tests;
