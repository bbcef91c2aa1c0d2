//! The parameters of the join document. Systems Manager puts them into a script as text: so nothing goes there that the
//! document's own patterns would not take, and a value that does not fit is the row's fault, said before anything is sent.

use crate::account::{Account, GroupName, Mode};
use crate::answer::Action;
use crate::records::Computer;

/// Groups that the document takes.
const MOST_GROUPS: usize = 16;

/// A value that the document would not take.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{what} is not what the join document takes: {must}")]
pub(crate) struct Unusable {
    what: &'static str,
    must: &'static str,
}

fn unusable(what: &'static str, must: &'static str) -> Unusable {
    Unusable { what, must }
}

/// The parameters for an instance.
pub(crate) fn parameters(
    action: Action,
    account: &Account,
    tagged: Option<&GroupName>,
    item: &Computer,
    secret: &str,
) -> Result<Vec<(&'static str, String)>, Unusable> {
    if !is_domain(&account.domain) {
        return Err(unusable("the domain's name", "it must be a DNS name of letters, digits and hyphens"));
    }
    if !is_ou(&account.ou) {
        let must = "it must be OU=, CN= and DC= parts of letters, digits, blanks, '.', '_' and '-'";
        return Err(unusable("the OU", must));
    }
    if !secret.is_empty() && !is_secret(secret) {
        return Err(unusable("the sealed password", "it must be sealed to a key of 3072 bits"));
    }
    let groups: Vec<&str> = match tagged {
        Some(group) => vec![group.as_str()],
        None => account.groups.iter().map(GroupName::as_str).collect(),
    };
    if groups.len() > MOST_GROUPS {
        return Err(unusable("the list of groups", "it must have at most 16"));
    }
    let (mode, user) = match &account.mode {
        Mode::OneTime => ("one-time", ""),
        Mode::JoinUser { user, .. } => ("join-user", user.as_str()),
    };
    if !user.is_empty() && !is_user(user) {
        return Err(unusable("the join account's name", "it must be letters, digits, '.', '_' and '-'"));
    }
    let servers: Vec<String> = account.controllers.iter().map(ToString::to_string).collect();
    let pairs = [
        ("Action", action.word()),
        ("Mode", mode),
        ("Domain", &account.domain),
        ("Ou", &account.ou),
        ("ComputerName", item.name.as_str()),
        ("DnsServers", &servers.join(",")),
        ("Groups", &groups.join(",")),
        ("JoinUser", user),
        ("Secret", secret),
        ("Reboot", if account.reboot { "true" } else { "false" }),
        ("Nonce", &item.nonce),
    ];
    Ok(pairs.map(|(name, value)| (name, value.to_owned())).to_vec())
}

fn is_domain(text: &str) -> bool {
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    text.contains('.') && text.split('.').all(label)
}

fn is_ou(text: &str) -> bool {
    let part = |part: &str| {
        let Some((kind, value)) = part.split_once('=') else { return false };
        ["OU", "CN", "DC", "ou", "cn", "dc"].contains(&kind)
            && (1..=64).contains(&value.len())
            && value.bytes().next().is_some_and(|b| b.is_ascii_alphanumeric())
            && value.bytes().all(|b| b.is_ascii_alphanumeric() || b" ._-".contains(&b))
    };
    text.split(',').count() <= 16 && text.split(',').all(part)
}

fn is_secret(text: &str) -> bool {
    text.len() == 512 && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"+/".contains(&b))
}

fn is_user(text: &str) -> bool {
    text.len() <= 64
        && text.bytes().next().is_some_and(|b| b.is_ascii_alphanumeric() || b == b'_')
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b))
}

#[cfg(test)]
mod tests;
