//! The directories whose users are contained here, each chosen by a user's domain: the stack's own one, by AWS's
//! interfaces, and those of trusted forests, which are self-managed, by LDAPS.
//!
//! The secrets of `TrustedForestSecretArns` are the one list of trusted domains. They are read when the first user of
//! another domain comes: whatever is wrong with one of them costs no user of the own domain his containment.

mod secret;
mod trusted;

use std::collections::BTreeSet;
use std::sync::Arc;

use secrecy::SecretString;
use steward_core::directory::{
    ClientToken, Directory, DirectoryError, DirectoryService, DomainNames, LdapDirectory, User,
};
use steward_core::ids::UserName;

pub use secret::ForestError;
pub use trusted::{TrustedDirectory, TrustedForests};

use crate::error::Error;
use crate::home::Home;

/// The directories, by domain.
pub trait Directories {
    /// One of them.
    type One: Directory + Send + Sync;

    /// The names of the own directory's domain.
    ///
    /// # Errors
    /// When the directory cannot be described.
    fn own_names(&self) -> impl Future<Output = Result<DomainNames, Error>> + Send;

    /// The names of the trusted domains, of which none is the own one.
    ///
    /// # Errors
    /// When a secret cannot be read or used, or two of them or one and the own directory have a name in common.
    fn trusted_names(
        &self,
        own: &DomainNames,
    ) -> impl Future<Output = Result<Vec<DomainNames>, Error>> + Send;

    /// The directory that serves the users of a home; none for a domain that is not configured.
    ///
    /// # Errors
    /// When a secret cannot be read or used.
    fn serving(&self, home: &Home) -> impl Future<Output = Result<Option<Self::One>, Error>> + Send;
}

/// The directories as the functions reach them.
#[derive(Debug)]
pub struct Forests {
    own: DirectoryService,
    trusted: Arc<TrustedForests<LdapDirectory>>,
}

impl Forests {
    /// The own directory, and the domains that these secrets describe.
    pub fn new(own: DirectoryService, secrets: aws_sdk_secretsmanager::Client, arns: Vec<String>) -> Self {
        Self { own, trusted: Arc::new(TrustedForests::new(secrets, arns, LdapDirectory::new)) }
    }
}

impl Directories for Forests {
    type One = Served;

    async fn own_names(&self) -> Result<DomainNames, Error> {
        Ok(self.own.domain_names().await?)
    }

    async fn trusted_names(&self, own: &DomainNames) -> Result<Vec<DomainNames>, Error> {
        Ok(self.trusted.names(own).await?)
    }

    async fn serving(&self, home: &Home) -> Result<Option<Served>, Error> {
        Ok(match home {
            Home::Own(_) => Some(Served::Own(self.own.clone())),
            Home::Trusted(domain) => self.trusted.of(domain).await?.map(Served::Trusted),
        })
    }
}

/// One of the two ways to a directory.
#[derive(Debug)]
pub enum Served {
    /// By AWS's interfaces.
    Own(DirectoryService),
    /// By LDAPS.
    Trusted(TrustedDirectory<LdapDirectory>),
}

impl Directory for Served {
    async fn user(&self, name: &UserName) -> Result<User, DirectoryError> {
        match self {
            Self::Own(own) => own.user(name).await,
            Self::Trusted(trusted) => trusted.user(name).await,
        }
    }

    async fn groups(&self, user: &User) -> Result<BTreeSet<String>, DirectoryError> {
        match self {
            Self::Own(own) => own.groups(user).await,
            Self::Trusted(trusted) => trusted.groups(user).await,
        }
    }

    async fn disable(&self, name: &UserName, token: &ClientToken) -> Result<(), DirectoryError> {
        match self {
            Self::Own(own) => own.disable(name, token).await,
            Self::Trusted(trusted) => trusted.disable(name, token).await,
        }
    }

    async fn reset_password(&self, name: &UserName, password: &SecretString) -> Result<(), DirectoryError> {
        match self {
            Self::Own(own) => own.reset_password(name, password).await,
            Self::Trusted(trusted) => trusted.reset_password(name, password).await,
        }
    }

    async fn enable(&self, name: &UserName) -> Result<(), DirectoryError> {
        match self {
            Self::Own(own) => own.enable(name).await,
            Self::Trusted(trusted) => trusted.enable(name).await,
        }
    }

    async fn domain_names(&self) -> Result<DomainNames, DirectoryError> {
        match self {
            Self::Own(own) => own.domain_names().await,
            Self::Trusted(trusted) => trusted.domain_names().await,
        }
    }
}
