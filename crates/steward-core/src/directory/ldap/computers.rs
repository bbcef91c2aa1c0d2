//! Computer objects: found, listed, and removed one by one.

use ldap3::{Scope, ldap_escape};

use super::super::DirectoryError;
use super::LdapDirectory;
use super::entry::{ACCOUNT_DISABLE, Entry, FLAGS, sid_in_filter};
use super::failure::{Failure, NO_SUCH_OBJECT, NOT_ALLOWED_ON_NON_LEAF};
use super::session::Session;
use crate::ids::Sid;

const ATTRIBUTES: [&str; 6] =
    ["sAMAccountName", "objectSid", "objectGUID", "description", "dNSHostName", FLAGS];

/// `userAccountControl`, MS-ADTS 2.2.16: it is a domain controller (`SERVER_TRUST_ACCOUNT`), or a read-only one (`PARTIAL_SECRETS_ACCOUNT`).
const CONTROLLER: u32 = 0x2000 | 0x0400_0000;

/// A computer object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Computer {
    /// Its `sAMAccountName` without `$`.
    pub name: String,
    /// Its distinguished name.
    pub dn: String,
    /// Its security identifier, which is never given to another.
    pub sid: Sid,
    /// Its `objectGUID`, with dashes.
    pub guid: String,
    /// Its description.
    pub description: Option<String>,
    /// The DNS name that it gave itself.
    pub dns_host_name: Option<String>,
    /// Whether the account can log in.
    pub enabled: bool,
}

impl LdapDirectory {
    /// The computer of a name (without `$`), anywhere in the domain.
    ///
    /// # Errors
    /// When the directory cannot be asked.
    pub async fn computer_named(&self, name: &str) -> Result<Option<Computer>, DirectoryError> {
        self.first(&format!("(&(objectClass=computer)(sAMAccountName={}$))", ldap_escape(name))).await
    }

    /// The computer with a SID, whatever its name is now.
    ///
    /// # Errors
    /// When the directory cannot be asked.
    pub async fn computer_of(&self, sid: &Sid) -> Result<Option<Computer>, DirectoryError> {
        self.first(&with_sid(sid)).await
    }

    /// All computers below an OU.
    ///
    /// # Errors
    /// When the directory cannot be asked, or there is no such OU.
    pub async fn computers_in(&self, ou: &str) -> Result<Vec<Computer>, DirectoryError> {
        // Not managed service accounts, which are computers by class.
        const FILTER: &str = "(objectCategory=computer)";
        let Some(mut session) = self.controllers().next().await? else { return Ok(Vec::new()) };
        let found = session.search(ou, Scope::Subtree, FILTER, &ATTRIBUTES).await?;
        found.iter().map(computer).collect()
    }

    /// Removes exactly the computer with this SID, and what hangs below it. One that is gone is success.
    ///
    /// It is deleted by its GUID, so nothing else is, whatever has been renamed or made anew meanwhile. The account that
    /// asks needs the right to delete computers; where something hangs below one, also the right to delete its subtree,
    /// and then none on what hangs there (MS-ADTS 3.1.1.5.5.7.1).
    ///
    /// # Errors
    /// When the directory did not confirm it; [`DirectoryError::NotRemoved`] for a domain controller, and when another
    /// account hangs below it.
    pub async fn remove_computer(&self, computer: &Computer) -> Result<(), DirectoryError> {
        let mut controllers = self.controllers();
        while let Some(mut session) = controllers.next().await? {
            if let Some(found) = session.one(&self.base, &with_sid(&computer.sid), &ATTRIBUTES).await? {
                return remove(&mut session, &computer.name, &found).await;
            }
        }
        Ok(())
    }

    /// What the first controller answers that knows one.
    async fn first(&self, filter: &str) -> Result<Option<Computer>, DirectoryError> {
        let mut controllers = self.controllers();
        while let Some(mut session) = controllers.next().await? {
            if let Some(found) = session.one(&self.base, filter, &ATTRIBUTES).await? {
                return computer(&found).map(Some);
            }
        }
        Ok(None)
    }
}

async fn remove(session: &mut Session, name: &str, found: &Entry) -> Result<(), DirectoryError> {
    let kept = |reason: &str| DirectoryError::NotRemoved { name: name.to_owned(), reason: reason.to_owned() };
    if found.must(FLAGS, found.flags(FLAGS))? & CONTROLLER != 0 {
        return Err(kept("it is a domain controller"));
    }
    let itself = found.itself()?;
    match session.delete(&itself).await {
        Err(failure) if failure.code() == Some(NOT_ALLOWED_ON_NON_LEAF) => {}
        done => return gone(done),
    }
    // Below a computer hang its own keys, service points and printers. Accounts would be somebody else's.
    let accounts = session.search(&itself, Scope::Subtree, "(objectSid=*)", &["objectSid"]).await;
    match accounts {
        Ok(accounts) if accounts.iter().all(|account| account.sid() == found.sid()) => {
            gone(session.delete_tree(&itself).await)
        }
        Ok(_) => Err(kept("another account hangs below it")),
        Err(failure) => gone(Err(failure)),
    }
}

/// What somebody else has removed meanwhile is removed.
fn gone(done: Result<(), Failure>) -> Result<(), DirectoryError> {
    match done {
        Err(failure) if failure.code() == Some(NO_SUCH_OBJECT) => Ok(()),
        done => Ok(done?),
    }
}

fn with_sid(sid: &Sid) -> String {
    format!("(&(objectClass=computer)(objectSid={}))", sid_in_filter(sid))
}

fn computer(entry: &Entry) -> Result<Computer, DirectoryError> {
    let name = entry.must("sAMAccountName", entry.text("sAMAccountName"))?;
    Ok(Computer {
        name: name.strip_suffix('$').unwrap_or(name).to_owned(),
        dn: entry.dn.clone(),
        sid: entry.must("objectSid", entry.sid())?,
        guid: entry.must("objectGUID", entry.guid())?,
        description: entry.text("description").map(str::to_owned),
        dns_host_name: entry.text("dNSHostName").map(str::to_owned),
        enabled: entry.must(FLAGS, entry.flags(FLAGS))? & ACCOUNT_DISABLE == 0,
    })
}
