//! The passwords that instances join with.

use secrecy::{ExposeSecret, SecretString};
use steward_core::credential::Credential;
use steward_core::error::{Kind, kind_of, service_text};

use crate::account::is_secret;

/// A join account's password that cannot be had. Its text holds no secret.
#[derive(Debug, Clone, thiserror::Error)]
#[error("the join account's password cannot be read from {place} (adJoinUserPwParam): {reason}")]
pub struct PasswordError {
    /// The secret; of a parameter not even the name, which may be the password itself by mistake.
    pub place: String,
    /// The service's words.
    pub reason: String,
    /// Whether trying again can help.
    pub kind: Kind,
}

/// Where join accounts' passwords are.
pub trait JoinPasswords {
    /// The password of a join account, from a `SecureString` parameter or a secret.
    ///
    /// # Errors
    /// When it cannot be read.
    fn join_password(&self, place: &str) -> impl Future<Output = Result<SecretString, PasswordError>> + Send;
}

/// Parameter Store and Secrets Manager.
#[derive(Debug, Clone)]
pub struct PasswordStores {
    /// Parameter Store.
    pub parameters: aws_sdk_ssm::Client,
    /// Secrets Manager.
    pub secrets: aws_sdk_secretsmanager::Client,
}

impl JoinPasswords for PasswordStores {
    async fn join_password(&self, place: &str) -> Result<SecretString, PasswordError> {
        let found =
            if is_secret(place) { self.of_secret(place).await } else { self.of_parameter(place).await };
        let shown = if is_secret(place) { place } else { "its parameter" };
        let unusable = |reason: String, kind| PasswordError {
            place: shown.to_owned(),
            reason: reason.replace(place, shown),
            kind,
        };
        let password = found.map_err(|(reason, kind)| unusable(reason, kind))?;
        if password.expose_secret().is_empty() {
            return Err(unusable("it is empty".to_owned(), Kind::Permanent));
        }
        Ok(password)
    }
}

/// Why there is no password, and whether trying again can help.
type Failure = (String, Kind);

impl PasswordStores {
    async fn of_parameter(&self, name: &str) -> Result<SecretString, Failure> {
        let answer = self.parameters.get_parameter().name(name).with_decryption(true).send().await;
        let output = answer.map_err(|error| (service_text(&error), kind_of(&error)))?;
        let parameter =
            output.parameter.ok_or_else(|| ("the answer has no Parameter".to_owned(), Kind::Permanent))?;
        // A String would be readable for whoever may look at parameters.
        if parameter.r#type != Some(aws_sdk_ssm::types::ParameterType::SecureString) {
            return Err(("it is not a SecureString".to_owned(), Kind::Permanent));
        }
        Ok(SecretString::from(parameter.value.unwrap_or_default()))
    }

    /// The secret is one that rotation knows, too.
    async fn of_secret(&self, arn: &str) -> Result<SecretString, Failure> {
        let answer = self.secrets.get_secret_value().secret_id(arn).send().await;
        let output = answer.map_err(|error| (service_text(&error), kind_of(&error)))?;
        let text = SecretString::from(output.secret_string.unwrap_or_default());
        let credential = Credential::read(&text).map_err(|error| (error.to_string(), Kind::Permanent))?;
        Ok(credential.password)
    }
}

#[cfg(test)]
mod tests;
