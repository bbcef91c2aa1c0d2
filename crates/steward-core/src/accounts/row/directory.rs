//! The attributes that say where the domain is.

use std::net::Ipv4Addr;

use super::{Row, shown, wrong};

/// What an address of a domain controller must be.
const ADDRESS: &str = "the IPv4 address of a domain controller";

/// Longest name of a domain. Source: RFC 1035, 2.3.4.
const LONGEST_DOMAIN: usize = 255;

pub(super) fn is_domain(text: &str) -> bool {
    let label = |part: &str| {
        (1..=63).contains(&part.len())
            && part.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
            && !part.starts_with('-')
            && !part.ends_with('-')
    };
    text.len() <= LONGEST_DOMAIN && text.contains('.') && text.split('.').all(label)
}

/// One or two controllers.
pub(super) fn controllers(row: &Row) -> Result<Vec<Ipv4Addr>, String> {
    let mut found = Vec::new();
    for name in ["dnsIP1", "dnsIP2"] {
        if let Some(address) = row.parsed::<Ipv4Addr>(name, ADDRESS)? {
            if !can_be_controller(address) {
                return Err(wrong(name, &address.to_string(), ADDRESS));
            }
            if !found.contains(&address) {
                found.push(address);
            }
        }
    }
    if found.is_empty() {
        return Err(format!("dnsIP1 and dnsIP2 are missing or empty; one must be {ADDRESS}"));
    }
    Ok(found)
}

/// Not the instance itself, nor the metadata service, nor many at once.
fn can_be_controller(address: Ipv4Addr) -> bool {
    !(address.is_unspecified()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_multicast()
        || address.is_broadcast())
}

/// The document takes no other spelling: it is handed on to a shell.
pub(super) fn check_ou(ou: &str, domain: &str) -> Result<(), String> {
    let parts: Vec<(&str, &str)> = ou.split(',').filter_map(|part| part.split_once('=')).collect();
    let known = |kind: &str| ["OU", "CN", "DC", "ou", "cn", "dc"].contains(&kind);
    let named = |value: &str| {
        (1..=64).contains(&value.len())
            && value.starts_with(|c: char| c.is_ascii_alphanumeric())
            && value.bytes().all(|b| b.is_ascii_alphanumeric() || b" ._-".contains(&b))
    };
    let spelled = parts.len() == ou.split(',').count()
        && (2..=16).contains(&parts.len())
        && parts.iter().all(|(kind, value)| known(kind) && named(value));
    if !spelled {
        return Err(wrong(
            "ou",
            ou,
            "a distinguished name such as OU=Computers,OU=CORP,DC=corp,DC=example,DC=com",
        ));
    }
    let is_component = |(kind, _): &&(&str, &str)| kind.eq_ignore_ascii_case("dc");
    let of: Vec<&str> = parts.iter().filter(is_component).map(|(_, value)| *value).collect();
    let units = parts.iter().take_while(|part| !is_component(part)).count();
    if units > 0 && units + of.len() == parts.len() && of.join(".").eq_ignore_ascii_case(domain) {
        Ok(())
    } else {
        Err(format!("ou is {} but must be an OU of the domain {domain}", shown(ou)))
    }
}
