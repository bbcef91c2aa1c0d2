//! Many users at once, straight into the directory: two API calls for each would be most of the matrix's time.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::process::Stdio;

use serde_json::{Value, json};

use crate::directory::PASSWORD;
use crate::lab::{command, root, variable};
use crate::operator::aws;

/// The account's state: a normal account, and a disabled one (MS-ADTS, "userAccountControl Bits").
const ENABLED: u32 = 0x200;
const DISABLED: u32 = 0x202;

/// Creates users who can log in.
pub(crate) fn create_users(names: &[String]) {
    create(names, ENABLED, &Place::managed());
}

/// Creates users who are disabled.
pub(crate) fn create_disabled_users(names: &[String]) {
    create(names, DISABLED, &Place::managed());
}

/// Creates users of the Simple AD who can log in.
pub(crate) fn create_simple_users(names: &[String]) {
    create(names, ENABLED, &Place::simple());
}

/// Where users are created.
pub(crate) struct Place {
    pub(crate) unit: String,
    domain: &'static str,
    server: &'static str,
    operator_password: &'static str,
}

impl Place {
    pub(crate) fn managed() -> Self {
        Self {
            unit: variable("AD_USERS_OU").to_owned(),
            domain: variable("AD_DOMAIN"),
            server: variable("AD_LDAPS_URL"),
            operator_password: variable("AD_OPERATOR_PASSWORD"),
        }
    }

    fn simple() -> Self {
        let domain = variable("SIMPLE_AD_DOMAIN");
        Self {
            unit: format!("CN=Users,DC={}", domain.replace('.', ",DC=")),
            domain,
            server: variable("SIMPLE_AD_LDAPS_URL"),
            operator_password: variable("SIMPLE_AD_OPERATOR_PASSWORD"),
        }
    }

    /// What one of `OpenLDAP`'s tools reads from its standard input.
    pub(crate) fn change(&self, tool: &str, input: &str) {
        let operator = format!("{}@{}", variable("AD_OPERATOR_USER"), self.domain);
        let server = ["-H", self.server, "-D", &operator, "-w", self.operator_password];
        let mut changing = command(&[&["exec", "--", tool, "-x"], &server[..]].concat())
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        changing.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
        assert!(changing.wait().unwrap().success());
    }
}

fn create(names: &[String], control: u32, place: &Place) {
    let folder = root().join("target/faults");
    fs::create_dir_all(&folder).unwrap();
    let password = folder.join("password");
    let quoted: Vec<u8> = format!("\"{PASSWORD}\"").encode_utf16().flat_map(u16::to_le_bytes).collect();
    fs::write(&password, quoted).unwrap();
    let Place { unit, domain, .. } = place;
    let mut entries = String::new();
    for name in names {
        write!(
            entries,
            "dn: CN={name},{unit}\nobjectClass: user\nsAMAccountName: {name}\nuserPrincipalName: {name}@{domain}\n\
             userAccountControl: {control}\nunicodePwd:< file://{}\n\n",
            password.display()
        )
        .unwrap();
    }
    place.change("ldapadd", &entries);
}

/// Whether the directory says that a user is enabled.
pub(crate) fn is_enabled(user: &str) -> bool {
    let request = json!({"DirectoryId": variable("DIRECTORY_ID"), "SAMAccountName": user});
    aws("ds-data", "describe_user", &request)["Enabled"] == true
}

/// The SIDs of all users by their names.
pub(crate) fn sids() -> BTreeMap<String, String> {
    listed().iter().map(|user| (text(&user["SAMAccountName"]), text(&user["SID"]))).collect()
}

/// The names of all users who are enabled.
pub(crate) fn all_enabled() -> BTreeSet<String> {
    listed().iter().filter(|user| user["Enabled"] == true).map(|user| text(&user["SAMAccountName"])).collect()
}

/// What the directory lists of each user.
fn listed() -> Vec<Value> {
    let mut users = Vec::new();
    let mut request = json!({ "DirectoryId": variable("DIRECTORY_ID") });
    loop {
        let mut page = aws("ds-data", "list_users", &request);
        users.append(page["Users"].as_array_mut().unwrap());
        match page["NextToken"].as_str() {
            Some(next) => request["NextToken"] = next.into(),
            None => return users,
        }
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

/// The key of a user's item in the decision table.
pub(crate) fn user_key(user: &str) -> String {
    format!("user#{}#{user}", variable("DIRECTORY_ID"))
}
