//! Computer objects of the lab's directory.

use serde_json::json;

use crate::lab::{lab, variable};
use crate::operator::aws;

/// Creates an object that waits for its computer, which knows the password.
pub(crate) fn create(name: &str, password: &str) {
    let request = json!({
        "DirectoryId": variable("DIRECTORY_ID"),
        "ComputerName": name,
        "Password": password,
        "OrganizationalUnitDistinguishedName": variable("JOIN_OU"),
        "ComputerAttributes": [{"Name": "description", "Value": "adsteward e2e"}],
    });
    aws("ds", "create_computer", &request);
}

/// An attribute of a computer object; nothing where there is no object, or no such attribute.
pub(crate) fn attribute(name: &str, attribute: &str) -> String {
    let bind = format!("{}@{}", variable("AD_OPERATOR_USER"), variable("AD_DOMAIN"));
    let filter = format!("(sAMAccountName={name}$)");
    let connection =
        ["-x", "-H", variable("AD_LDAPS_URL"), "-D", &bind, "-w", variable("AD_OPERATOR_PASSWORD")];
    let search = ["-LLL", "-o", "ldif-wrap=no", "-b", variable("JOIN_OU"), &filter, attribute];
    let printed = lab(&[&["exec", "--", "ldapsearch"], &connection[..], &search].concat());
    let start = format!("{attribute}: ");
    printed.lines().find_map(|line| line.strip_prefix(&start)).unwrap_or_default().to_owned()
}

/// When its password was set, which any join changes.
pub(crate) fn password_set(name: &str) -> String {
    attribute(name, "pwdLastSet")
}
