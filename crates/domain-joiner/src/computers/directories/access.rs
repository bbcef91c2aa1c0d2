//! How directories are entered: read when first needed, and again when a directory refuses it.

use secrecy::SecretString;
use steward_core::credential::Credential;
use steward_core::error::{Kind, kind_of, service_text};

use super::Directories;
use crate::computers::ComputersError;

/// How directories are entered.
#[derive(Debug, Clone)]
pub(super) struct Access {
    /// The authorities that issue the domain controllers' certificates.
    pub(super) ca_pem: String,
    /// Our account.
    pub(super) user: String,
    /// Its password.
    pub(super) password: SecretString,
}

impl Directories {
    /// What was read before, or what holds now.
    pub(super) async fn access(&self) -> Result<Access, ComputersError> {
        let known = self.access.lock().ok().and_then(|access| access.clone());
        match known {
            Some(access) => Ok(access),
            None => self.read_access().await,
        }
    }

    /// What holds now.
    pub(super) async fn read_access(&self) -> Result<Access, ComputersError> {
        let (client, name) = &self.parameters;
        let answer = client.get_parameter().name(name).send().await;
        let output = answer.map_err(|error| failed("GetParameter", service_text(&error), kind_of(&error)))?;
        let ca_pem = output.parameter.and_then(|parameter| parameter.value).unwrap_or_default();

        let (client, arn) = &self.secrets;
        let answer = client.get_secret_value().secret_id(arn).send().await;
        let output =
            answer.map_err(|error| failed("GetSecretValue", service_text(&error), kind_of(&error)))?;
        let text = SecretString::from(output.secret_string.unwrap_or_default());
        let credential = Credential::read(&text)
            .map_err(|error| failed("GetSecretValue", format!("{arn}: {error}"), Kind::Permanent))?;
        let access = Access { ca_pem, user: credential.user.to_string(), password: credential.password };
        if let Ok(mut kept) = self.access.lock() {
            *kept = Some(access.clone());
        }
        Ok(access)
    }
}

fn failed(operation: &'static str, reason: String, kind: Kind) -> ComputersError {
    ComputersError { operation, reason, kind }
}
