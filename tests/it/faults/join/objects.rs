//! The directory's computers, seen at once for all runs.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::lab::variable;
use crate::ldif::search;

/// Which of these names have an object in the OU.
pub(super) fn named(names: &[&str]) -> BTreeSet<String> {
    found(names.iter().map(|name| named_so(name)).collect())
}

/// The names of the items whose recorded SID is that of the object of their name.
pub(super) fn recorded(items: &[&Value]) -> BTreeSet<String> {
    let recorded = items.iter().filter_map(|item| {
        let (name, sid) = (item["name"].as_str()?, item["sid"].as_str()?);
        Some(format!("(&{}(objectSid={sid}))", named_so(name)))
    });
    found(recorded.collect())
}

fn named_so(name: &str) -> String {
    format!("(sAMAccountName={name}$)")
}

fn found(filters: Vec<String>) -> BTreeSet<String> {
    if filters.is_empty() {
        return BTreeSet::new();
    }
    let filter = format!("(&(objectClass=computer)(|{}))", filters.concat());
    let names = search(variable("JOIN_OU"), &filter, "sAMAccountName");
    names.iter().map(|name| name.trim_end_matches('$').to_owned()).collect()
}

/// How often every computer was changed that has none of these names: a change of any of them shows.
pub(super) fn others(names: &[&str]) -> Vec<String> {
    let ours: String = names.iter().map(|name| format!("(!{})", named_so(name))).collect();
    let mut changes = search(variable("JOIN_OU"), &format!("(&(objectClass=computer){ours})"), "uSNChanged");
    changes.sort();
    changes
}
