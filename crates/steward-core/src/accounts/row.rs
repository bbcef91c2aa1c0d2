//! Reads a row of the account table.
//!
//! The table is written by hand, often pasted from an article whose example has stray blanks: names and values are taken
//! without them. Whatever else is odd is refused: a limit that is not understood must not become no limit.

use std::collections::{BTreeMap, HashMap};
use std::str::FromStr;

use crate::ids::{AccountId, DirectoryId};
use aws_sdk_dynamodb::types::AttributeValue;

use super::{Account, GroupName, Mode, RowProblem};

mod directory;
mod role;

pub use role::is_secret;

/// The attributes of a row.
const NAMES: [&str; 14] = [
    "accountId",
    "adJoinUserName",
    "adJoinUserPwParam",
    "dnsName",
    "dnsIP1",
    "dnsIP2",
    "assumeRoleARN",
    "directoryId",
    "ou",
    "externalId",
    "joinMode",
    "regions",
    "groups",
    "reboot",
];

/// What a group must be.
const GROUP: &str =
    "an AD group's name of at most 64 letters, digits, blanks or ._- that begins with a letter or a digit";

/// Most groups that the documents take.
const MOST_GROUPS: usize = 16;

/// What holds where a row says nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Defaults {
    /// The account that the function runs in: it needs no role there.
    pub own_account: AccountId,
    /// The directory.
    pub directory: DirectoryId,
    /// The OU of computer objects.
    pub ou: String,
}

/// Reads the row of an account.
///
/// # Errors
/// The first attribute that does not fit, what it is and what it must be.
pub fn read(
    id: &AccountId,
    item: &HashMap<String, AttributeValue>,
    defaults: &Defaults,
) -> Result<Account, RowProblem> {
    read_row(id, item, defaults).map_err(|problem| RowProblem { account: id.clone(), problem })
}

fn read_row(
    id: &AccountId,
    item: &HashMap<String, AttributeValue>,
    defaults: &Defaults,
) -> Result<Account, String> {
    let row = Row::of(id, item)?;
    row.parsed::<AccountId>("accountId", "the account's twelve digits")?
        .filter(|named| named == id)
        .ok_or_else(|| format!("accountId is not {id}"))?;
    let domain = row.required("dnsName", "the domain's DNS name, such as corp.example.com")?;
    let domain = domain.to_ascii_lowercase();
    if !directory::is_domain(&domain) {
        return Err(wrong("dnsName", &domain, "the domain's DNS name, such as corp.example.com"));
    }
    let ou = row.text("ou")?.unwrap_or_else(|| defaults.ou.clone());
    directory::check_ou(&ou, &domain)?;
    Ok(Account {
        id: id.clone(),
        controllers: directory::controllers(&row)?,
        directory: row
            .parsed("directoryId", "a directory id such as d-9067012345")?
            .unwrap_or_else(|| defaults.directory.clone()),
        role: role::role(&row, id, &defaults.own_account)?,
        mode: mode(&row)?,
        regions: row.all("regions", "a Region such as eu-central-1")?,
        groups: groups(&row)?,
        reboot: reboot(&row)?,
        domain,
        ou,
    })
}

fn mode(row: &Row) -> Result<Mode, String> {
    match row.text("joinMode")?.as_deref() {
        None | Some("one-time") => Ok(Mode::OneTime),
        Some("join-user") => role::join_user(row),
        Some(other) => Err(wrong("joinMode", other, "one-time or join-user")),
    }
}

fn groups(row: &Row) -> Result<Vec<GroupName>, String> {
    let groups: Vec<GroupName> = row.all("groups", GROUP)?;
    match groups.len() {
        count if count > MOST_GROUPS => {
            Err(format!("groups holds {count} but may hold {MOST_GROUPS} at most"))
        }
        _ => Ok(groups),
    }
}

fn reboot(row: &Row) -> Result<bool, String> {
    match row.text("reboot")?.map(|text| text.to_ascii_lowercase()).as_deref() {
        None | Some("false") => Ok(false),
        Some("true") => Ok(true),
        Some(other) => Err(wrong("reboot", other, "true or false")),
    }
}

/// What `groups`, `Group` and `group_s` have in common: whoever writes one of them means a limit.
fn stem(name: &str) -> String {
    let letters = name.chars().filter(char::is_ascii_alphanumeric);
    let lower = letters.collect::<String>().to_ascii_lowercase();
    lower.trim_end_matches('s').to_owned()
}

/// The attributes that are known, without blanks around their names, values or items.
struct Row(BTreeMap<&'static str, Value>);

enum Value {
    Text(String),
    List(Vec<String>),
}

impl Row {
    fn of(id: &AccountId, item: &HashMap<String, AttributeValue>) -> Result<Self, String> {
        let mut row = BTreeMap::new();
        for (name, value) in item {
            let Some(known) = NAMES.iter().find(|known| stem(known) == stem(name)) else {
                tracing::warn!(account.id = %id, attribute = name, "the account table's row has an unknown attribute");
                continue;
            };
            if *known != name.trim() {
                return Err(format!("the attribute {} must be spelled {known}", shown(name)));
            }
            let (value, blanks) = value_of(known, value)?;
            if blanks || *known != name {
                tracing::warn!(account.id = %id, attribute = known, "the account table's row has stray blanks");
            }
            if row.insert(*known, value).is_some() {
                return Err(format!(
                    "the attribute {known} is there twice, once with blanks around its name"
                ));
            }
        }
        Ok(Self(row))
    }

    /// An attribute's text; blank is as good as not there.
    fn text(&self, name: &'static str) -> Result<Option<String>, String> {
        match self.0.get(name) {
            None => Ok(None),
            Some(Value::Text(text)) => Ok(Some(text.clone()).filter(|text| !text.is_empty())),
            Some(Value::List(_)) => Err(format!("{name} is a list but must be one text")),
        }
    }

    fn required(&self, name: &'static str, what: &str) -> Result<String, String> {
        self.text(name)?.ok_or_else(|| format!("{name} is missing or empty; it must be {what}"))
    }

    fn parsed<T: FromStr>(&self, name: &'static str, what: &str) -> Result<Option<T>, String> {
        let parse = |text: String| text.parse().map_err(|_| wrong(name, &text, what));
        self.text(name)?.map(parse).transpose()
    }

    /// The items of a list, of a set or of a text with commas. One that holds nothing is refused: it would read as no
    /// limit.
    fn all<T: FromStr>(&self, name: &'static str, what: &str) -> Result<Vec<T>, String> {
        let items: Vec<&str> = match self.0.get(name) {
            None => return Ok(Vec::new()),
            Some(Value::Text(text)) => text.split(',').map(str::trim).collect(),
            Some(Value::List(items)) => items.iter().map(String::as_str).collect(),
        };
        let parse = |item: &&str| {
            item.parse().map_err(|_| format!("{name} holds {}; each must be {what}", shown(item)))
        };
        if items.is_empty() {
            return Err(format!("{name} holds nothing; write what it must hold, or remove the attribute"));
        }
        items.iter().map(parse).collect()
    }
}

/// A value in the forms that people write, and whether blanks were taken off.
fn value_of(name: &str, value: &AttributeValue) -> Result<(Value, bool), String> {
    let unreadable = || format!("{name} must be a text");
    let trimmed = |items: &[String]| {
        let blanks = items.iter().any(|item| item.trim() != item);
        (Value::List(items.iter().map(|item| item.trim().to_owned()).collect()), blanks)
    };
    match value {
        AttributeValue::S(text) | AttributeValue::N(text) => {
            Ok((Value::Text(text.trim().to_owned()), text.trim() != text))
        }
        AttributeValue::Bool(value) => Ok((Value::Text(value.to_string()), false)),
        AttributeValue::Ss(items) => Ok(trimmed(items)),
        AttributeValue::L(items) => {
            let items: Result<Vec<String>, _> = items.iter().map(|item| item.as_s().cloned()).collect();
            items.map(|items| trimmed(&items)).map_err(|_| format!("{name} must be a list of texts"))
        }
        _ => Err(unreadable()),
    }
}

fn wrong(name: &str, value: &str, what: &str) -> String {
    format!("{name} is {} but must be {what}", shown(value))
}

/// A value as people are shown it.
fn shown(value: &str) -> String {
    format!("{:?}", value.chars().take(80).collect::<String>())
}

#[cfg(test)]
mod tests;
