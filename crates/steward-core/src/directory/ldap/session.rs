//! What is asked of one domain controller, within its share of the deadline.

use std::future::Future;

use ldap3::adapters::PagedResults;
use ldap3::controls::RawControl;
use ldap3::{Ldap, LdapError, LdapResult, Mod, Scope, SearchEntry};
use tokio::time::{Instant, timeout_at};

use super::super::DirectoryError;
use super::entry::{Entry, unusable};
use super::failure::Failure;
use crate::error::Kind;

/// Active Directory hands out 1000 entries at once (`MaxPageSize`).
const PAGE: i32 = 500;
/// More than a function has memory for.
const MOST: usize = 50_000;
/// `LDAP_SERVER_TREE_DELETE_OID`, MS-ADTS 3.1.1.3.4.1.15.
const TREE_DELETE: &str = "1.2.840.113556.1.4.805";

/// A domain controller that knows us.
pub(super) struct Session {
    pub(super) ldap: Ldap,
    /// When its share of the deadline ends.
    pub(super) until: Instant,
}

impl Session {
    /// All objects that a filter finds. References to other domains are left out.
    pub(super) async fn search(
        &mut self,
        base: &str,
        scope: Scope,
        filter: &str,
        attributes: &[&'static str],
    ) -> Result<Vec<Entry>, Failure> {
        const OPERATION: &str = "LDAP search";
        let found = timeout_at(self.until, search(&mut self.ldap, base, scope, filter, attributes));
        match found.await {
            Err(_) => Err(Failure::late(OPERATION)),
            Ok(Err(error)) => Err(Failure::broken(OPERATION, &error)),
            Ok(Ok(None)) => Err(Failure::Broken {
                operation: OPERATION,
                reason: format!("there are more than {MOST} objects"),
                kind: Kind::Permanent,
            }),
            Ok(Ok(Some((_, result)))) if result.rc != 0 => Err(Failure::refused(OPERATION, &result)),
            Ok(Ok(Some((entries, _)))) => Ok(entries),
        }
    }

    /// The one object of the domain that a filter finds.
    pub(super) async fn one(
        &mut self,
        base: &str,
        filter: &str,
        attributes: &[&'static str],
    ) -> Result<Option<Entry>, DirectoryError> {
        let mut found = self.search(base, Scope::Subtree, filter, attributes).await?;
        match (found.pop(), found.is_empty()) {
            (found, true) => Ok(found),
            (_, false) => Err(unusable(filter, "there is more than one")),
        }
    }

    /// Changes an object.
    pub(super) async fn modify(&mut self, dn: &str, changes: Vec<Mod<Vec<u8>>>) -> Result<(), Failure> {
        confirmed("LDAP modify", self.until, self.ldap.modify(dn, changes)).await
    }

    /// Deletes an object that has none below it.
    pub(super) async fn delete(&mut self, dn: &str) -> Result<(), Failure> {
        confirmed("LDAP delete", self.until, self.ldap.delete(dn)).await
    }

    /// Deletes an object and all below it.
    pub(super) async fn delete_tree(&mut self, dn: &str) -> Result<(), Failure> {
        let control = RawControl { ctype: TREE_DELETE.to_owned(), crit: true, val: None };
        confirmed("LDAP tree delete", self.until, self.ldap.with_controls(control).delete(dn)).await
    }
}

/// The entries and the result; nothing when there are too many of them.
async fn search(
    ldap: &mut Ldap,
    base: &str,
    scope: Scope,
    filter: &str,
    attributes: &[&'static str],
) -> Result<Option<(Vec<Entry>, LdapResult)>, LdapError> {
    let pages = PagedResults::new(PAGE);
    let mut stream = ldap.streaming_search_with(pages, base, scope, filter, attributes.to_vec()).await?;
    let mut entries = Vec::new();
    while let Some(item) = stream.next().await? {
        if item.is_ref() || item.is_intermediate() {
            continue;
        }
        entries.push(Entry::new(SearchEntry::construct(item)));
        if entries.len() > MOST {
            return Ok(None);
        }
    }
    Ok(Some((entries, stream.finish().await)))
}

/// Waits for the answer to a change.
pub(super) async fn confirmed(
    operation: &'static str,
    until: Instant,
    asked: impl Future<Output = Result<LdapResult, LdapError>>,
) -> Result<(), Failure> {
    match timeout_at(until, asked).await {
        Err(_) => Err(Failure::late(operation)),
        Ok(Err(error)) => Err(Failure::broken(operation, &error)),
        Ok(Ok(result)) if result.rc != 0 => Err(Failure::refused(operation, &result)),
        Ok(Ok(_)) => Ok(()),
    }
}
