//! The directories whose users are rotated. [`DirectoryServices`] is the real thing.

use std::collections::BTreeMap;

use secrecy::SecretString;
use steward_core::directory::{Directory, DirectoryError, DirectoryKind, DirectoryService};
use steward_core::ids::{DirectoryId, UserName};

/// The domain of a directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Domain {
    /// The directory.
    pub directory: DirectoryId,
    /// Its kind: only AWS Managed Microsoft AD tells whether a user is enabled.
    pub kind: DirectoryKind,
    /// The DNS name, in lower case.
    pub dns: String,
    /// The addresses of the domain controllers.
    pub controllers: Vec<String>,
}

/// What AWS Managed Microsoft AD says of a user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// Whether the account can log in.
    pub enabled: bool,
    /// The names that people know the user by.
    pub names: Vec<String>,
}

/// The directories whose users are rotated.
pub trait Directories {
    /// Looks a directory up; `None` when this function is not to touch it.
    ///
    /// # Errors
    /// When it does not exist, may not be described or is of another kind.
    fn domain(
        &self,
        directory: &DirectoryId,
    ) -> impl Future<Output = Result<Option<Domain>, DirectoryError>> + Send;

    /// Looks a user of an AWS Managed Microsoft AD up.
    ///
    /// # Errors
    /// [`DirectoryError::UserNotFound`] when there is no such user.
    fn account(
        &self,
        domain: &Domain,
        user: &UserName,
    ) -> impl Future<Output = Result<Account, DirectoryError>> + Send;

    /// Sets a password. **This enables a disabled user.**
    ///
    /// # Errors
    /// [`DirectoryError::PasswordRefused`] when the policy refuses. After any other it may have happened all the same.
    fn reset_password(
        &self,
        domain: &Domain,
        user: &UserName,
        password: &SecretString,
    ) -> impl Future<Output = Result<(), DirectoryError>> + Send;
}

/// Directories of AWS Directory Service.
#[derive(Debug, Clone)]
pub struct DirectoryServices(BTreeMap<DirectoryId, DirectoryService>);

impl DirectoryServices {
    /// These directories.
    pub fn new(directories: impl IntoIterator<Item = (DirectoryId, DirectoryService)>) -> Self {
        Self(directories.into_iter().collect())
    }

    fn service(&self, domain: &Domain) -> Result<&DirectoryService, DirectoryError> {
        self.0.get(&domain.directory).ok_or_else(|| DirectoryError::Answer {
            subject: domain.directory.to_string(),
            problem: "this function is not to touch it".to_owned(),
        })
    }
}

impl Directories for DirectoryServices {
    async fn domain(&self, directory: &DirectoryId) -> Result<Option<Domain>, DirectoryError> {
        let Some(service) = self.0.get(directory) else { return Ok(None) };
        let description = service.description().await?;
        Ok(Some(Domain {
            directory: directory.clone(),
            kind: description.kind,
            dns: description.dns,
            controllers: description.controllers,
        }))
    }

    async fn account(&self, domain: &Domain, user: &UserName) -> Result<Account, DirectoryError> {
        let account = self.service(domain)?.account(user).await?;
        Ok(Account { enabled: account.user.enabled, names: account.names })
    }

    async fn reset_password(
        &self,
        domain: &Domain,
        user: &UserName,
        password: &SecretString,
    ) -> Result<(), DirectoryError> {
        self.service(domain)?.reset_password(user, password).await
    }
}
