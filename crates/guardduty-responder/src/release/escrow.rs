//! Keeps the new password of a released user in Secrets Manager, before the directory is given it.

use aws_sdk_secretsmanager::Client;
use aws_sdk_secretsmanager::operation::create_secret::CreateSecretError;
use aws_sdk_secretsmanager::operation::put_secret_value::PutSecretValueError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};
use steward_core::error::{Kind, kind_of, service_text};
use steward_core::ids::UserName;

use crate::home::Home;

/// Characters of a new password; Active Directory's limit for a reset through the service is 127.
const PASSWORD_LENGTH: i64 = 32;

/// A password that could not be kept.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{operation} failed: {reason}")]
pub struct EscrowError {
    operation: &'static str,
    reason: String,
    kind: Kind,
}

impl EscrowError {
    /// Whether trying again can help.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    #[cfg(test)]
    pub(crate) fn injected() -> Self {
        Self { operation: "Injected", reason: "by the test".to_owned(), kind: Kind::Transient }
    }
}

/// Where new passwords are kept.
pub trait Escrow {
    /// Makes a strong password for a user and keeps it; answers the name of the secret and the password. For the
    /// same execution it is the same password, however often it is asked.
    ///
    /// # Errors
    /// When the password could not be made or kept.
    fn keep(
        &self,
        home: &Home,
        user: &UserName,
        execution: &str,
    ) -> impl Future<Output = Result<(String, SecretString), EscrowError>> + Send;
}

/// AWS Secrets Manager: one secret for each released user.
#[derive(Debug, Clone)]
pub struct Secrets {
    /// The client.
    pub client: Client,
    /// What the secrets' names begin with.
    pub prefix: String,
}

impl Escrow for Secrets {
    async fn keep(
        &self,
        home: &Home,
        user: &UserName,
        execution: &str,
    ) -> Result<(String, SecretString), EscrowError> {
        let name = self.name(home, user);
        let token = version_token(execution);
        let password = self.new_password().await?;
        if self.store(&name, &token, &password).await? {
            return Ok((name, password));
        }
        // This execution has kept one before: that one counts.
        let kept = self.kept(&name, &token).await?;
        Ok((name, kept))
    }
}

impl Secrets {
    /// No user's name has a slash: users of one name in two domains have two secrets.
    fn name(&self, home: &Home, user: &UserName) -> String {
        match home {
            Home::Own(_) => format!("{}{}", self.prefix, user.lower()),
            Home::Trusted(domain) => format!("{}{domain}/{}", self.prefix, user.lower()),
        }
    }

    /// Source: Secrets Manager API reference, `GetRandomPassword`: one of each type is what AD's complexity asks for.
    async fn new_password(&self) -> Result<SecretString, EscrowError> {
        let answer = self
            .client
            .get_random_password()
            .password_length(PASSWORD_LENGTH)
            .exclude_characters("\"'\\`$ ")
            .require_each_included_type(true)
            .send()
            .await
            .map_err(|error| failed("GetRandomPassword", &error))?;
        answer.random_password.map(SecretString::from).ok_or_else(|| EscrowError {
            operation: "GetRandomPassword",
            reason: "the answer has no password".to_owned(),
            kind: Kind::Transient,
        })
    }

    /// Stores a version of the secret under a token; false when that version is there already.
    async fn store(&self, name: &str, token: &str, password: &SecretString) -> Result<bool, EscrowError> {
        let put = self
            .client
            .put_secret_value()
            .secret_id(name)
            .client_request_token(token)
            .secret_string(password.expose_secret())
            .send()
            .await;
        match put {
            Ok(_) => return Ok(true),
            Err(error) => match error.as_service_error() {
                Some(PutSecretValueError::ResourceExistsException(_)) => return Ok(false),
                Some(PutSecretValueError::ResourceNotFoundException(_)) => {}
                _ => return Err(failed("PutSecretValue", &error)),
            },
        }
        let created = self
            .client
            .create_secret()
            .name(name)
            .description("adsteward: the password of a released directory user")
            .client_request_token(token)
            .secret_string(password.expose_secret())
            .send()
            .await;
        match created {
            Ok(_) => Ok(true),
            Err(error) => match error.as_service_error() {
                Some(CreateSecretError::ResourceExistsException(_)) => Ok(false),
                _ => Err(failed("CreateSecret", &error)),
            },
        }
    }

    async fn kept(&self, name: &str, token: &str) -> Result<SecretString, EscrowError> {
        let answer = self
            .client
            .get_secret_value()
            .secret_id(name)
            .version_id(token)
            .send()
            .await
            .map_err(|error| failed("GetSecretValue", &error))?;
        answer.secret_string.map(SecretString::from).ok_or_else(|| EscrowError {
            operation: "GetSecretValue",
            reason: "the version holds no text".to_owned(),
            kind: Kind::Permanent,
        })
    }
}

/// The version's token: 32 to 64 characters, the same for the same execution.
fn version_token(execution: &str) -> String {
    Sha256::digest(execution.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn failed<E>(operation: &'static str, error: &aws_sdk_secretsmanager::error::SdkError<E>) -> EscrowError
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
{
    EscrowError { operation, reason: service_text(error), kind: kind_of(error) }
}

#[cfg(test)]
mod tests {
    use steward_core::wire::{Answer, Asked, fake};

    use super::*;

    const PASSWORD: &str = r#"{"RandomPassword":"canary-1"}"#;

    fn secrets(answer: impl Fn(&str) -> Answer + Send + Sync + 'static) -> (Secrets, Asked) {
        let (sdk, asked) = fake(move |what, _| match what {
            "secretsmanager.GetRandomPassword" => Answer::ok(PASSWORD),
            other => answer(other),
        });
        (Secrets { client: Client::new(&sdk), prefix: "adsteward/released/".to_owned() }, asked)
    }

    fn own() -> Home {
        Home::Own("d-9067012345".parse().unwrap())
    }

    async fn keep(secrets: &Secrets) -> Result<(String, String), EscrowError> {
        let kept = secrets.keep(&own(), &"Alice".parse().unwrap(), "arn:x:1").await;
        kept.map(|(name, password)| (name, password.expose_secret().to_owned()))
    }

    #[tokio::test]
    async fn keeps_a_new_version_of_a_secret_that_is_there() {
        let (secrets, asked) = secrets(|_| Answer::ok("{}"));
        assert_eq!(
            keep(&secrets).await.unwrap(),
            ("adsteward/released/alice".to_owned(), "canary-1".to_owned())
        );
        assert_eq!(asked.lock().unwrap().len(), 2);
    }

    #[test]
    fn a_namesake_in_another_domain_has_another_secret() {
        let (secrets, _) = secrets(|_| Answer::ok("{}"));
        let partner = Home::Trusted("partner.example.test".to_owned());
        let alice = "alice".parse().unwrap();
        assert_eq!(secrets.name(&own(), &alice), "adsteward/released/alice");
        assert_eq!(secrets.name(&partner, &alice), "adsteward/released/partner.example.test/alice");
    }

    #[tokio::test]
    async fn makes_the_secret_when_it_is_not_there() {
        let (secrets, asked) = secrets(|what| match what {
            "secretsmanager.PutSecretValue" => Answer::error(400, "ResourceNotFoundException", "{}"),
            _ => Answer::ok("{}"),
        });
        assert_eq!(keep(&secrets).await.unwrap().1, "canary-1");
        assert!(asked.lock().unwrap()[2].starts_with("secretsmanager.CreateSecret"));
    }

    #[tokio::test]
    async fn takes_the_password_that_the_same_execution_has_kept_before() {
        let (secrets, _) = secrets(|what| match what {
            "secretsmanager.GetSecretValue" => Answer::ok(r#"{"SecretString":"canary-0"}"#),
            _ => Answer::error(400, "ResourceExistsException", "{}"),
        });
        assert_eq!(keep(&secrets).await.unwrap().1, "canary-0");
    }

    #[tokio::test]
    async fn no_error_shows_a_password() {
        let (secrets, _) =
            secrets(|_| Answer::error(400, "LimitExceededException", r#"{"Message":"too many"}"#));
        let error = keep(&secrets).await.unwrap_err();
        assert!(!format!("{error} {error:?}").contains("canary"), "{error:?}");
    }
}
