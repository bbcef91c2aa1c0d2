//! Many users at once, straight into the directory: two API calls for each would be most of the matrix's time.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::process::Stdio;
use std::sync::Mutex;
use std::time::Instant;

use serde_json::json;

use crate::directory::PASSWORD;
use crate::lab::{command, root, variable};
use crate::operator;

/// Creates users who can log in.
pub(crate) fn create_users(names: &[String]) {
    let folder = root().join("target/faults");
    fs::create_dir_all(&folder).unwrap();
    let password = folder.join("password");
    let quoted: Vec<u8> = format!("\"{PASSWORD}\"").encode_utf16().flat_map(u16::to_le_bytes).collect();
    fs::write(&password, quoted).unwrap();
    let (unit, domain) = (variable("AD_USERS_OU"), variable("AD_DOMAIN"));
    let mut entries = String::new();
    for name in names {
        write!(
            entries,
            "dn: CN={name},{unit}\nobjectClass: user\nsAMAccountName: {name}\nuserPrincipalName: {name}@{domain}\n\
             userAccountControl: 512\nunicodePwd:< file://{}\n\n",
            password.display()
        )
        .unwrap();
    }
    let operator = format!("{}@{domain}", variable("AD_OPERATOR_USER"));
    let server = ["-H", variable("AD_LDAPS_URL"), "-D", &operator, "-w", variable("AD_OPERATOR_PASSWORD")];
    let mut adding = command(&[&["exec", "--", "ldapadd", "-x"], &server[..]].concat())
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    adding.stdin.take().unwrap().write_all(entries.as_bytes()).unwrap();
    assert!(adding.wait().unwrap().success());
}

/// Who is enabled, asked for once for all who want to know at about the same time.
#[derive(Default)]
pub(crate) struct Census(Mutex<Option<(Instant, BTreeMap<String, bool>)>>);

impl Census {
    /// Whether a user is enabled now, or was after this call began.
    pub(crate) fn is_enabled(&self, user: &str) -> bool {
        let asked = Instant::now();
        let mut known = self.0.lock().unwrap();
        let (_, users) = match known.take().filter(|(taken, _)| *taken >= asked) {
            Some(recent) => known.insert(recent),
            None => known.insert((Instant::now(), all())),
        };
        users[user]
    }
}

fn all() -> BTreeMap<String, bool> {
    let mut users = BTreeMap::new();
    let mut request = json!({ "DirectoryId": variable("DIRECTORY_ID") });
    loop {
        let page = operator::aws("ds-data", "list_users", &request);
        for user in page["Users"].as_array().unwrap() {
            users.insert(user["SAMAccountName"].as_str().unwrap().to_owned(), user["Enabled"] == true);
        }
        match page["NextToken"].as_str() {
            Some(next) => request["NextToken"] = next.into(),
            None => return users,
        }
    }
}
