//! What people write into the input of a state machine, checked member by member, all problems together.

use serde_json::Value;
use steward_core::ids::UserName;

/// Longest reason that is kept.
const LONGEST_REASON: usize = 500;

/// Longest name of a domain in DNS.
const LONGEST_DOMAIN: usize = 255;

/// Without a version it is version 1, the first.
pub(crate) fn check_version(input: &Value, problems: &mut Vec<String>) {
    let version = &input["version"];
    if !(version.is_null() || *version == 1 || *version == "1") {
        problems.push(format!("version is {version} but only 1 is known"));
    }
}

/// `user`, where it may be left out.
pub(crate) fn optional_user(input: &Value, problems: &mut Vec<String>) -> Option<UserName> {
    match input.get("user").filter(|user| !user.is_null())?.as_str().map(str::parse) {
        Some(Ok(user)) => Some(user),
        Some(Err(error)) => {
            problems.push(format!("user: {error}"));
            None
        }
        None => {
            problems.push("user must be a text".to_owned());
            None
        }
    }
}

/// `domain`, where it may be left out: the DNS name of a trusted domain, in lower case.
pub(crate) fn optional_domain(input: &Value, problems: &mut Vec<String>) -> Option<String> {
    let domain = input.get("domain").filter(|domain| !domain.is_null())?;
    let name = domain.as_str().unwrap_or_default();
    let label = |part: &str| {
        !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    if name.len() <= LONGEST_DOMAIN && name.contains('.') && name.split('.').all(label) {
        return Some(name.to_ascii_lowercase());
    }
    problems.push("domain must be the DNS name of a trusted domain, such as partner.example.com".to_owned());
    None
}

/// A text in which a person says why.
pub(crate) fn reason(input: &Value, member: &str, problems: &mut Vec<String>) -> String {
    let reason = input[member].as_str().unwrap_or_default().trim();
    if reason.is_empty() {
        problems.push(format!("{member} is missing: say why, it is recorded and told"));
    } else if reason.chars().count() > LONGEST_REASON {
        problems.push(format!("{member} is longer than {LONGEST_REASON} characters"));
    }
    reason.to_owned()
}
