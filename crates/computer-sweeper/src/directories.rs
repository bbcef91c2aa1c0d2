//! The directories' computers, by LDAP.

use std::net::IpAddr;

use steward_core::accounts::Account;
use steward_core::directory::{Access, DirectoryError, LdapDirectory, LdapSettings};

use crate::error::Error;
use crate::find::Object;

/// The directories.
pub trait Objects {
    /// Every computer below the OU of an account's row.
    ///
    /// # Errors
    /// When the directory did not list to the end.
    fn all(&self, account: &Account) -> impl Future<Output = Result<Vec<Object>, Error>> + Send;
}

/// The directories, by LDAP.
#[derive(Debug, Clone)]
pub struct Directories {
    /// The parameter with the authorities that issue the domain controllers' certificates.
    pub ca: (aws_sdk_ssm::Client, String),
    /// The secret of the account that asks.
    pub secret: (aws_sdk_secretsmanager::Client, String),
}

impl Objects for Directories {
    async fn all(&self, account: &Account) -> Result<Vec<Object>, Error> {
        let access = Access::read((&self.ca.0, &self.ca.1), (&self.secret.0, &self.secret.1)).await;
        let access = access.map_err(|error| Error::Call {
            operation: error.operation,
            reason: error.reason,
            kind: error.kind,
        })?;
        let failed = |source: DirectoryError| Error::Directory { ou: account.ou.clone(), source };
        let directory = LdapDirectory::new(LdapSettings {
            domain: account.domain.clone(),
            controllers: account.controllers.iter().copied().map(IpAddr::V4).collect(),
            ca_pem: access.ca_pem,
            user: access.user,
            password: access.password,
        });
        let found = directory.map_err(failed)?.computers_in(&account.ou).await.map_err(failed)?;
        Ok(found.into_iter().map(|one| Object { sid: one.sid, description: one.description }).collect())
    }
}
