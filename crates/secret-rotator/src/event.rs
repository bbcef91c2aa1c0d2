//! What Secrets Manager calls the function with.

use std::fmt;
use std::str::FromStr;

use secrecy::SecretString;
use serde_json::Value;
use steward_core::ids::AccountId;

use crate::error::Error;

/// A step of a rotation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Step {
    /// Makes a password and stores it as AWSPENDING.
    Create,
    /// Sets it in the directory.
    Set,
    /// Proves that it logs in.
    Test,
    /// Makes it AWSCURRENT.
    Finish,
}

impl Step {
    /// All steps, in their order.
    pub const ALL: [Self; 4] = [Self::Create, Self::Set, Self::Test, Self::Finish];

    /// The name that Secrets Manager gives it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Create => "createSecret",
            Self::Set => "setSecret",
            Self::Test => "testSecret",
            Self::Finish => "finishSecret",
        }
    }
}

impl FromStr for Step {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        Self::ALL.into_iter().find(|step| step.word() == text).ok_or(())
    }
}

/// A version of a secret: the token of the request that made it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct VersionId(String);

impl VersionId {
    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for VersionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for VersionId {
    type Err = ();

    /// Source: Secrets Manager API reference, `ClientRequestToken`: 32 to 64 characters.
    fn from_str(text: &str) -> Result<Self, ()> {
        let fits = (32..=64).contains(&text.len())
            && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        if fits { Ok(Self(text.to_owned())) } else { Err(()) }
    }
}

/// A secret of this account and Region.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SecretArn(String);

impl SecretArn {
    /// The ARN as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The secret's name with the characters that Secrets Manager adds to it.
    pub fn name(&self) -> &str {
        self.0.splitn(7, ':').nth(6).unwrap_or(&self.0)
    }

    fn read(text: &str, scope: &Scope) -> Result<Self, String> {
        let parts: Vec<&str> = text.splitn(7, ':').collect();
        let ["arn", partition, "secretsmanager", region, account, "secret", name] = parts[..] else {
            return Err("SecretId is not the ARN of a secret".to_owned());
        };
        let is_plain = |c: char| c.is_ascii_alphanumeric() || "/_+=.@-".contains(c);
        if !partition.starts_with("aws") || name.is_empty() || !name.chars().all(is_plain) {
            return Err("SecretId is not the ARN of a secret".to_owned());
        }
        if account != scope.account.as_str() || region != scope.region {
            return Err(format!(
                "SecretId is in account {account}, Region {region}, and this function rotates secrets of {}, {}",
                scope.account, scope.region
            ));
        }
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Display for SecretArn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Whose secrets are rotated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scope {
    /// The account.
    pub account: AccountId,
    /// The Region.
    pub region: String,
}

/// One call of Secrets Manager.
#[derive(Debug, Clone)]
pub struct Event {
    /// What is to be done.
    pub step: Step,
    /// To which secret.
    pub secret: SecretArn,
    /// The version that the rotation is about.
    pub version: VersionId,
    /// Lets a role of this account write to a secret of another one; whoever has it can.
    pub rotation_token: Option<SecretString>,
}

impl Event {
    /// Reads an event, all problems together. They never show the rotation token.
    ///
    /// # Errors
    /// [`Error::Input`].
    pub fn read(event: &Value, scope: &Scope) -> Result<Self, Error> {
        let mut problems = Vec::new();
        let mut text = |member: &str| match event[member].as_str() {
            Some(text) => text.to_owned(),
            None => {
                problems.push(format!("{member} is missing"));
                String::new()
            }
        };
        let (step, secret, version) = (text("Step"), text("SecretId"), text("ClientRequestToken"));
        if !problems.is_empty() {
            return Err(Error::Input(problems.join("; ")));
        }
        let secret = SecretArn::read(&secret, scope).map_err(|problem| problems.push(problem)).ok();
        let version = version.parse().map_err(|()| problems.push(BAD_TOKEN.to_owned())).ok();
        let step = step.parse().map_err(|()| problems.push("Step is none of the four steps".to_owned())).ok();
        match (step, secret, version) {
            (Some(step), Some(secret), Some(version)) => {
                let rotation_token = event["RotationToken"].as_str().map(SecretString::from);
                Ok(Self { step, secret, version, rotation_token })
            }
            _ => Err(Error::Input(problems.join("; "))),
        }
    }
}

const BAD_TOKEN: &str = "ClientRequestToken is not 32 to 64 letters, digits or hyphens";

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn scope() -> Scope {
        Scope { account: "111122223333".parse().unwrap(), region: "us-east-1".to_owned() }
    }

    fn event() -> Value {
        json!({
            "Step": "createSecret",
            "SecretId": "arn:aws:secretsmanager:us-east-1:111122223333:secret:id-ABCD1E",
            "ClientRequestToken": "1ab23456-cde7-8912-34fg-h56i78j9k12l",
            "RotationToken": "canary-abcd1234",
        })
    }

    #[test]
    fn reads_what_secrets_manager_sends() {
        let read = Event::read(&event(), &scope()).unwrap();
        assert_eq!((read.step, read.secret.name()), (Step::Create, "id-ABCD1E"));
        assert!(read.rotation_token.is_some());
        assert!(!format!("{read:?}").contains("canary"), "{read:?}");
        let mut without = event();
        without.as_object_mut().unwrap().remove("RotationToken");
        assert!(Event::read(&without, &scope()).unwrap().rotation_token.is_none());
    }

    #[test]
    fn refuses_what_is_not_a_call_about_a_secret_of_this_account_and_region() {
        let cases = [
            ("Step", json!("rotateSecret"), "four steps"),
            ("Step", Value::Null, "Step is missing"),
            ("SecretId", json!("my-secret"), "not the ARN"),
            (
                "SecretId",
                json!("arn:aws:secretsmanager:us-east-1:444455556666:secret:a"),
                "account 444455556666",
            ),
            ("SecretId", json!("arn:aws:secretsmanager:eu-west-1:111122223333:secret:a"), "Region eu-west-1"),
            ("SecretId", json!("arn:aws:secretsmanager:us-east-1:111122223333:secret:a\nb"), "not the ARN"),
            ("SecretId", json!("arn:aws:kms:us-east-1:111122223333:secret:a"), "not the ARN"),
            ("ClientRequestToken", json!("short"), "32 to 64"),
            ("ClientRequestToken", json!(7), "ClientRequestToken is missing"),
        ];
        for (member, value, problem) in cases {
            let mut event = event();
            event[member] = value;
            let error = Event::read(&event, &scope()).unwrap_err().to_string();
            assert!(error.contains(problem) && !error.contains("canary"), "{error}");
        }
    }
}
