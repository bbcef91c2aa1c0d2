//! What a secret of `TrustedForestSecretArns` holds: a domain, where its controllers are, and the account that asks them.

use std::net::IpAddr;

use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;
use steward_core::directory::{DomainNames, LdapSettings};
use steward_core::error::Kind;

/// Why trusted domains cannot be reached. No text holds a value of a secret but names of domains.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ForestError {
    /// A secret cannot be read.
    #[error("GetSecretValue failed for {secret} of TrustedForestSecretArns: {reason}")]
    Unread {
        /// Its ARN.
        secret: String,
        /// The service's words.
        reason: String,
        /// Whether trying again can help.
        kind: Kind,
    },
    /// A secret does not hold what it must.
    #[error("the secret {secret} of TrustedForestSecretArns cannot be used: {problem}. Correct the secret")]
    Unusable {
        /// Its ARN.
        secret: String,
        /// What is wrong, by the member's name.
        problem: String,
    },
    /// Nobody could say which directory a user belongs to.
    #[error(
        "{name} is the name of two domains: that of {one} and that of {other}. Take one out of TrustedForestSecretArns"
    )]
    Ambiguous {
        /// The name.
        name: String,
        /// What has it.
        one: String,
        /// What has it, too.
        other: String,
    },
}

impl ForestError {
    /// Whether trying again can help.
    pub fn kind(&self) -> Kind {
        match self {
            Self::Unread { kind, .. } => *kind,
            Self::Unusable { .. } | Self::Ambiguous { .. } => Kind::Permanent,
        }
    }
}

/// The members as they are written: what is wrong with one is told without its value. Others are left to whoever put
/// them there.
#[derive(Deserialize)]
struct Members {
    domain: Option<Box<RawValue>>,
    netbios: Option<Box<RawValue>>,
    controllers: Option<Box<RawValue>>,
    username: Option<Box<RawValue>>,
    password: Option<Box<RawValue>>,
    ca: Option<Box<RawValue>>,
}

/// Reads a secret's text: the domain's names, and how it is reached.
///
/// # Errors
/// What is wrong with it, all members together.
pub(super) fn read(text: &SecretString) -> Result<(DomainNames, LdapSettings), String> {
    let members: Members = serde_json::from_str(text.expose_secret())
        .map_err(|_| "it is not one object in JSON with each member once".to_owned())?;
    let mut problems = Vec::new();
    let domain = required::<String>(&mut problems, "domain", members.domain, "a text");
    let controllers =
        required::<Vec<String>>(&mut problems, "controllers", members.controllers, "a list of texts");
    let username = required::<String>(&mut problems, "username", members.username, "a text");
    let password = required::<String>(&mut problems, "password", members.password, "a text");
    let ca = required::<String>(&mut problems, "ca", members.ca, "a text");
    let netbios = match members.netbios {
        None => Some(None),
        some => required::<String>(&mut problems, "netbios", some, "a text").map(Some),
    };
    let controllers: Option<Vec<IpAddr>> = controllers.and_then(|controllers| {
        let addresses: Result<Vec<IpAddr>, _> = controllers.iter().map(|address| address.parse()).collect();
        addresses.map_err(|_| problems.push("\"controllers\" must be IP addresses".to_owned())).ok()
    });
    let (Some(domain), Some(netbios), Some(controllers), Some(user), Some(password), Some(ca_pem)) =
        (domain, netbios, controllers, username, password, ca)
    else {
        return Err(problems.join("; "));
    };
    let domain = domain.to_ascii_lowercase();
    let first_label = || domain.split('.').next().unwrap_or_default().to_ascii_uppercase();
    let names = DomainNames { netbios: netbios.unwrap_or_else(first_label), dns: domain.clone() };
    Ok((names, LdapSettings { domain, controllers, ca_pem, user, password: password.into() }))
}

/// A member that must be there and not be empty.
fn required<T: DeserializeOwned + Emptiness>(
    problems: &mut Vec<String>,
    member: &str,
    value: Option<Box<RawValue>>,
    what: &str,
) -> Option<T> {
    let Some(value) = value else {
        problems.push(format!("it has no \"{member}\""));
        return None;
    };
    match serde_json::from_str::<T>(value.get()) {
        Ok(value) if !value.is_empty() => Some(value),
        Ok(_) => {
            problems.push(format!("\"{member}\" is empty"));
            None
        }
        Err(_) => {
            problems.push(format!("\"{member}\" must be {what}"));
            None
        }
    }
}

trait Emptiness {
    fn is_empty(&self) -> bool;
}

impl Emptiness for String {
    fn is_empty(&self) -> bool {
        self.trim().is_empty()
    }
}

impl Emptiness for Vec<String> {
    fn is_empty(&self) -> bool {
        self.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn secret(changes: Value) -> SecretString {
        let mut secret = json!({
            "domain": "Partner.Example.Test", "controllers": ["10.1.0.10", "fd00::10"], "username": "svc-contain",
            "password": "canary-1", "ca": "-----BEGIN CERTIFICATE-----", "rotated": {"by": "others"},
        });
        for (member, value) in changes.as_object().unwrap() {
            secret[member] = value.clone();
        }
        SecretString::from(secret.to_string())
    }

    #[test]
    fn reads_a_domain_and_the_way_to_it() {
        let (names, settings) = read(&secret(json!({}))).unwrap();
        assert_eq!((names.dns.as_str(), names.netbios.as_str()), ("partner.example.test", "PARTNER"));
        assert_eq!(
            (settings.domain.as_str(), settings.user.as_str()),
            ("partner.example.test", "svc-contain")
        );
        assert_eq!(settings.controllers.len(), 2);
        assert_eq!(settings.password.expose_secret(), "canary-1");
        let (names, _) = read(&secret(json!({"netbios": "OLDNAME"}))).unwrap();
        assert_eq!(names.netbios, "OLDNAME");
    }

    #[test]
    fn names_all_members_that_are_wrong_and_never_a_value() {
        let cases = [
            (json!({"domain": null, "netbios": null}), vec!["it has no \"domain\""]),
            (json!({"domain": " ", "username": ""}), vec!["\"domain\" is empty", "\"username\" is empty"]),
            (json!({"controllers": []}), vec!["\"controllers\" is empty"]),
            (json!({"controllers": ["dc1"]}), vec!["\"controllers\" must be IP addresses"]),
            (json!({"controllers": "10.1.0.10"}), vec!["\"controllers\" must be a list"]),
            (
                json!({"password": ["canary-1"], "ca": 7}),
                vec!["\"password\" must be a text", "\"ca\" must be a text"],
            ),
            (json!({"password": ""}), vec!["\"password\" is empty"]),
            (json!({"netbios": 7}), vec!["\"netbios\" must be a text"]),
        ];
        for (changes, problems) in cases {
            let text = read(&secret(changes)).unwrap_err();
            for problem in problems {
                assert!(text.contains(problem), "{problem}: {text}");
            }
            assert!(!text.contains("canary"), "{text}");
        }
        for text in ["canary-1", "[]", r#"{"password":"canary-1","password":"canary-2"}"#] {
            let problem = read(&SecretString::from(text)).unwrap_err();
            assert!(problem.contains("one object") && !problem.contains("canary"), "{problem}");
        }
        let text = read(&SecretString::from("{}")).unwrap_err();
        for member in ["domain", "controllers", "username", "password", "ca"] {
            assert!(text.contains(&format!("it has no \"{member}\"")), "{text}");
        }
    }
}
