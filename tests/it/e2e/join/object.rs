//! Computer objects of the lab's directory, as its operator sees them.

use crate::ldif::{domain, search};

/// An attribute of all computers of the domain that a filter finds.
pub(crate) fn attributes(filter: &str, attribute: &str) -> Vec<String> {
    search(&domain(), &format!("(&(objectClass=computer){filter})"), attribute)
}

/// The distinguished names of the computers of this name.
pub(crate) fn named(name: &str) -> Vec<String> {
    attributes(&format!("(sAMAccountName={name}$)"), "distinguishedName")
}

/// The distinguished names of the computers with this SID.
pub(crate) fn with_sid(sid: &str) -> Vec<String> {
    attributes(&format!("(objectSid={sid})"), "distinguishedName")
}
