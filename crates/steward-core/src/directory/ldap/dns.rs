//! A computer's record in the domain's own DNS zone.
//!
//! Active Directory's DNS servers look for changed nodes and never for missing ones: a node that is deleted is served on
//! until the server starts anew. So the last record of a node is replaced by a tombstone, as these servers do themselves
//! and which they clear away after two weeks. That takes the right to write `dnsRecord` and `dNSTombstoned`, and none to
//! delete. Source: MS-DNSP 2.3.2.2 (records), 2.2.2.2.4.23 (tombstones); MS-ADA1 2.191.

use std::collections::HashSet;
use std::net::IpAddr;

use ldap3::{Mod, Scope};

use super::super::DirectoryError;
use super::LdapDirectory;
use super::entry::Entry;
use super::failure::{Failure, NO_SUCH_OBJECT};
use super::session::Session;
use crate::clock;

const RECORDS: &str = "dnsRecord";
const TOMBSTONED: &str = "dNSTombstoned";

/// Types of records (MS-DNSP 2.2.2.1.1).
const ZERO: u16 = 0;
const A: u16 = 1;
const SOA: u16 = 6;
const AAAA: u16 = 28;

/// `VERSION` and `RANK_ZONE` (2.2.2.2.5).
const HEAD: [u8; 2] = [5, 0xf0];
/// From 1601, when Windows' time begins, to 1970.
const SECONDS_TO_1970: u64 = 11_644_473_600;

impl LdapDirectory {
    /// Removes from the domain's zone that a host has this address; nothing else that is known of the host. Whether there
    /// was something to remove.
    ///
    /// Only names of the domain itself are looked for, in the zone that its domain controllers share (`DomainDnsZones`).
    ///
    /// # Errors
    /// When the directory did not confirm it.
    pub async fn remove_dns_record(&self, host: &str, address: IpAddr) -> Result<bool, DirectoryError> {
        let Some(name) = self.name_in_zone(host) else { return Ok(false) };
        let zone = format!("DC={},CN=MicrosoftDNS,DC=DomainDnsZones,{}", self.domain, self.base);
        let mut controllers = self.controllers();
        while let Some(mut session) = controllers.next().await? {
            let Some(node) = node(&mut session, &name, &zone).await? else { continue };
            let (gone, kept): (Vec<_>, Vec<_>) =
                node.values(RECORDS).iter().cloned().partition(|record| leads_to(record, address));
            if gone.is_empty() {
                continue;
            }
            let mut changes = vec![Mod::Delete(RECORDS.into(), HashSet::from_iter(gone))];
            if kept.is_empty() {
                let tombstone = tombstone(serial(&mut session, &zone).await?, clock::now());
                changes.push(Mod::Add(RECORDS.into(), [tombstone].into()));
                changes.push(Mod::Replace(TOMBSTONED.into(), [b"TRUE".to_vec()].into()));
            }
            session.modify(&node.itself()?, changes).await?;
            return Ok(true);
        }
        Ok(false)
    }

    /// A host's name within the zone, if it can be one: the host has chosen it.
    fn name_in_zone(&self, host: &str) -> Option<String> {
        let host = host.to_ascii_lowercase();
        let name = host.strip_suffix(&self.domain)?.strip_suffix('.')?;
        let plain = name.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._".contains(&b));
        (plain && !name.is_empty()).then(|| name.to_owned())
    }
}

/// A node of the zone that is in use.
async fn node(session: &mut Session, name: &str, zone: &str) -> Result<Option<Entry>, Failure> {
    let filter = format!("(&(objectClass=dnsNode)(!({TOMBSTONED}=TRUE)))");
    let dn = format!("DC={name},{zone}");
    match session.search(&dn, Scope::Base, &filter, &["objectGUID", RECORDS]).await {
        Ok(mut found) => Ok(found.pop()),
        Err(failure) if failure.code() == Some(NO_SUCH_OBJECT) => Ok(None),
        Err(failure) => Err(failure),
    }
}

/// The zone's serial number, which each new record carries.
async fn serial(session: &mut Session, zone: &str) -> Result<u32, Failure> {
    let top = node(session, "@", zone).await?;
    let records = top.iter().flat_map(|top| top.values(RECORDS));
    let serials = records.filter_map(|record| match parts(record)? {
        (SOA, data) => data.first_chunk().copied().map(u32::from_be_bytes),
        _ => None,
    });
    Ok(serials.max().unwrap_or(0))
}

fn leads_to(record: &[u8], address: IpAddr) -> bool {
    match (parts(record), address) {
        (Some((A, data)), IpAddr::V4(address)) => data == address.octets(),
        (Some((AAAA, data)), IpAddr::V6(address)) => data == address.octets(),
        _ => false,
    }
}

/// Type and data of a record.
fn parts(record: &[u8]) -> Option<(u16, &[u8])> {
    let (head, data) = record.split_first_chunk::<24>()?;
    let [low, high, ..] = *head;
    (data.len() == usize::from(u16::from_le_bytes([low, high])))
        .then(|| (u16::from_le_bytes([head[2], head[3]]), data))
}

/// The record that says since when there are none.
fn tombstone(serial: u32, now: u64) -> Vec<u8> {
    let since = ((now + SECONDS_TO_1970) * 10_000_000).to_le_bytes();
    let mut record = vec![8, 0];
    record.extend(ZERO.to_le_bytes());
    record.extend(HEAD);
    record.extend([0; 2]);
    record.extend(serial.to_le_bytes());
    record.extend([0; 12]);
    record.extend(since);
    record
}
