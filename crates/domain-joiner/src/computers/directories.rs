//! Directories of AWS Directory Service: made by its API, everything else by LDAP, for which it has no call.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Mutex;

use aws_sdk_directory::Client;
use aws_sdk_directory::config::retry::RetryConfig;
use aws_sdk_directory::operation::create_computer::CreateComputerError;
use aws_sdk_directory::types::Attribute;
use secrecy::{ExposeSecret, SecretString};
use steward_core::directory::{self, Access, DirectoryError, LdapDirectory, LdapSettings};
use steward_core::error::{Kind, kind_of, service_text};
use steward_core::ids::{InstanceId, Sid};
use steward_core::member::Reply;

use super::{Computer, Computers, ComputersError, Creation, Order, Removal, ToolsHost};
use crate::account::Account;
use crate::name::ComputerName;

mod access;

/// The directories of all accounts.
#[derive(Debug)]
pub struct Directories {
    directory: Client,
    parameters: (aws_sdk_ssm::Client, String),
    secrets: (aws_sdk_secretsmanager::Client, String),
    host: Option<ToolsHost>,
    access: Mutex<Option<Access>>,
}

impl Directories {
    /// Directories whose controllers' authorities stand in that parameter, entered with the account in that secret.
    pub fn new(
        directory: Client,
        parameters: (aws_sdk_ssm::Client, String),
        secrets: (aws_sdk_secretsmanager::Client, String),
    ) -> Self {
        Self { directory, parameters, secrets, host: None, access: Mutex::default() }
    }

    /// The same, and a host that removes the objects of terminated instances.
    pub fn with_host(self, host: Option<ToolsHost>) -> Self {
        Self { host, ..self }
    }

    /// Asks a directory. When it refuses our account, whose password may just have been rotated, it is asked again with
    /// the password of now.
    async fn ask<T, F>(
        &self,
        operation: &'static str,
        account: &Account,
        question: impl Fn(LdapDirectory) -> F,
    ) -> Result<T, ComputersError>
    where
        F: Future<Output = Result<T, DirectoryError>>,
    {
        let failed = |error: DirectoryError| failed(operation, &error);
        let access = self.access().await?;
        let refusal = match question(enter(account, &access).map_err(failed)?).await {
            Err(refusal @ DirectoryError::CredentialsRefused { .. }) => refusal,
            answer => return answer.map_err(failed),
        };
        let fresh = self.read_access().await?;
        // Each wrong password counts towards a lockout.
        if fresh.user == access.user && fresh.password.expose_secret() == access.password.expose_secret() {
            return Err(failed(refusal));
        }
        question(enter(account, &fresh).map_err(failed)?).await.map_err(failed)
    }

    async fn find(&self, account: &Account, name: &ComputerName) -> Result<Option<Computer>, ComputersError> {
        let name = name.as_str();
        let found = self
            .ask("looking for the computer", account, |ldap| async move { ldap.computer_named(name).await });
        Ok(found.await?.map(seen))
    }
}

impl Computers for Directories {
    async fn named(
        &self,
        account: &Account,
        name: &ComputerName,
    ) -> Result<Option<Computer>, ComputersError> {
        self.find(account, name).await
    }

    async fn of_sid(&self, account: &Account, sid: &Sid) -> Result<Option<Computer>, ComputersError> {
        let found = self
            .ask("looking for the computer", account, |ldap| async move { ldap.computer_of(sid).await })
            .await?;
        Ok(found.map(seen))
    }

    async fn create(
        &self,
        account: &Account,
        name: &ComputerName,
        description: &str,
        password: &SecretString,
    ) -> Result<Creation, ComputersError> {
        let answer = self
            .directory
            .create_computer()
            .directory_id(account.directory.as_str())
            .computer_name(name.as_str())
            .password(password.expose_secret())
            .organizational_unit_distinguished_name(&account.ou)
            .computer_attributes(Attribute::builder().name("description").value(description).build())
            .customize()
            // Once: only the caller can tell whether the one who is there then was made by the first attempt.
            .config_override(aws_sdk_directory::config::Builder::new().retry_config(RetryConfig::disabled()))
            .send()
            .await;
        let output = match answer {
            Ok(output) => output,
            Err(error) => match error.as_service_error() {
                Some(CreateComputerError::EntityAlreadyExistsException(_)) => return Ok(Creation::NameTaken),
                _ => {
                    let reason = service_text(&error).replace(password.expose_secret(), "(the password)");
                    return Err(ComputersError { operation: CREATE, reason, kind: kind_of(&error) });
                }
            },
        };
        let id = output.computer().and_then(|computer| computer.computer_id()).unwrap_or_default();
        if let Ok(sid) = id.parse() {
            return Ok(Creation::Created(sid));
        }
        // The reference does not say what the id is.
        let made = self.find(account, name).await?;
        let ours = made.filter(|computer| computer.description.as_deref() == Some(description));
        ours.map(|computer| Creation::Created(computer.sid)).ok_or_else(|| ComputersError {
            operation: CREATE,
            reason: "the computer cannot be found in the directory yet".to_owned(),
            kind: Kind::Transient,
        })
    }

    async fn remove(&self, account: &Account, computer: &Computer) -> Result<(), ComputersError> {
        let computer = &known(computer);
        self.ask("removing the computer", account, |ldap| async move { ldap.remove_computer(computer).await })
            .await
    }

    async fn remove_dns_record(
        &self,
        account: &Account,
        host: &str,
        address: Ipv4Addr,
    ) -> Result<(), ComputersError> {
        self.ask("removing the DNS record", account, |ldap| async move {
            ldap.remove_dns_record(host, IpAddr::V4(address)).await
        })
        .await
        .map(|_| ())
    }

    async fn order_removal(&self, removal: &Removal) -> Result<Order, ComputersError> {
        match &self.host {
            Some(host) => host.order(removal).await,
            None => Ok(Order::NoHost("no tag of such a host is configured".to_owned())),
        }
    }

    async fn removal(&self, host: &InstanceId, command: &str) -> Result<Reply, ComputersError> {
        match &self.host {
            Some(tools) => tools.reply(host, command).await,
            // The command of an earlier deployment.
            None => Ok(Reply::Lost("Unknown".to_owned())),
        }
    }
}

/// The API's operation.
const CREATE: &str = "CreateComputer";

fn seen(computer: directory::Computer) -> Computer {
    let directory::Computer { name, dn, sid, description, .. } = computer;
    Computer { name, dn, sid, description }
}

/// What is removed is found again by its SID.
fn known(computer: &Computer) -> directory::Computer {
    let Computer { name, dn, sid, description } = computer.clone();
    let (guid, dns_host_name, enabled) = (String::new(), None, false);
    directory::Computer { name, dn, sid, description, dns_host_name, guid, enabled }
}

fn enter(account: &Account, access: &Access) -> Result<LdapDirectory, DirectoryError> {
    LdapDirectory::new(LdapSettings {
        domain: account.domain.clone(),
        controllers: account.controllers.iter().copied().map(IpAddr::V4).collect(),
        ca_pem: access.ca_pem.clone(),
        user: access.user.clone(),
        password: access.password.clone(),
    })
}

/// A refused password may be one that is being rotated right now: the message comes back.
fn failed(operation: &'static str, error: &DirectoryError) -> ComputersError {
    let kind = match error {
        DirectoryError::CredentialsRefused { .. } => Kind::Transient,
        error => error.kind(),
    };
    ComputersError { operation, reason: error.to_string(), kind }
}

#[cfg(test)]
mod tests;
