//! How directories are entered: their controllers' authorities from a parameter, our account from a secret.

use secrecy::SecretString;

use crate::credential::Credential;
use crate::error::{Kind, kind_of, service_text};

/// How directories are entered.
#[derive(Debug, Clone)]
pub struct Access {
    /// The authorities that issue the domain controllers' certificates.
    pub ca_pem: String,
    /// Our account.
    pub user: String,
    /// Its password.
    pub password: SecretString,
}

/// What of it cannot be had. Its text holds no secret.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{operation} failed: {reason}")]
pub struct AccessError {
    /// The API's operation.
    pub operation: &'static str,
    /// The service's words.
    pub reason: String,
    /// Whether trying again can help.
    pub kind: Kind,
}

impl Access {
    /// What holds now: the parameter and the secret, each with its client and its name.
    ///
    /// # Errors
    /// When one of them cannot be read, or the secret holds no account.
    pub async fn read(
        (parameters, parameter): (&aws_sdk_ssm::Client, &str),
        (secrets, secret): (&aws_sdk_secretsmanager::Client, &str),
    ) -> Result<Self, AccessError> {
        let failed =
            |operation: &'static str, reason: String, kind: Kind| AccessError { operation, reason, kind };
        let answer = parameters.get_parameter().name(parameter).send().await;
        let output = answer.map_err(|error| failed("GetParameter", service_text(&error), kind_of(&error)))?;
        let ca_pem = output.parameter.and_then(|parameter| parameter.value).unwrap_or_default();

        let answer = secrets.get_secret_value().secret_id(secret).send().await;
        let output =
            answer.map_err(|error| failed("GetSecretValue", service_text(&error), kind_of(&error)))?;
        let text = SecretString::from(output.secret_string.unwrap_or_default());
        let credential = Credential::read(&text)
            .map_err(|error| failed("GetSecretValue", format!("{secret}: {error}"), Kind::Permanent))?;
        Ok(Self { ca_pem, user: credential.user.to_string(), password: credential.password })
    }
}
