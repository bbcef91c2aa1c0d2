//! What a secret holds: a directory, a user, a password, and members of others that stay as they are.

use std::fmt;

use crate::ids::{DirectoryId, UserName};
use secrecy::{ExposeSecret, SecretBox, SecretString};
use serde::Deserialize;
use serde::de::{Deserializer, Error as _, MapAccess, Visitor};
use serde_json::value::RawValue;

/// The names of a secret's members.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Shape {
    directory: &'static str,
    user: &'static str,
    password: &'static str,
}

/// The article's shape; that of AWS's rotation function and of seamless domain join; that in the description of AWS's
/// rotation function.
const SHAPES: [Shape; 3] = [
    Shape { directory: "Directory ID", user: "UserName", password: "Password" },
    Shape {
        directory: "awsSeamlessDomainDirectoryId",
        user: "awsSeamlessDomainUsername",
        password: "awsSeamlessDomainPassword",
    },
    Shape { directory: "DirectoryId", user: "Username", password: "Password" },
];

/// Why a secret cannot be rotated as it is. No text shows a value of a password.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ShapeError {
    /// Not an object in JSON, or one with a member twice.
    #[error("it is not one object in JSON with each member once")]
    NotAnObject,
    /// None of the shapes.
    #[error(
        "it has none of the known sets of members: \"Directory ID\", \"UserName\", \"Password\"; or \
         \"awsSeamlessDomainDirectoryId\", \"awsSeamlessDomainUsername\", \"awsSeamlessDomainPassword\"; or \
         \"DirectoryId\", \"Username\", \"Password\""
    )]
    Unknown,
    /// More than one of them.
    #[error("it has more than one of the known sets of members: it is not clear which is meant")]
    Ambiguous,
    /// A member that is not what it should be.
    #[error("its member \"{member}\" {problem}")]
    Member {
        /// The member.
        member: &'static str,
        /// What is wrong with it.
        problem: String,
    },
}

/// What differs between two versions of a secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Difference {
    /// The user.
    #[error("another user")]
    User,
    /// The directory.
    #[error("another directory")]
    Directory,
}

/// A credential. `Debug` shows neither the password nor members of others.
pub struct Credential {
    shape: &'static Shape,
    /// All members in their order, as they are written in JSON.
    members: Vec<(String, SecretBox<str>)>,
    /// The directory.
    pub directory: DirectoryId,
    /// The user.
    pub user: UserName,
    /// The password.
    pub password: SecretString,
}

impl fmt::Debug for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credential")
            .field("directory", &self.directory)
            .field("user", &self.user)
            .finish_non_exhaustive()
    }
}

impl Credential {
    /// Reads a secret's text.
    ///
    /// # Errors
    /// Why it cannot be rotated as it is.
    pub fn read(text: &SecretString) -> Result<Self, ShapeError> {
        let Members(members) =
            serde_json::from_str(text.expose_secret()).map_err(|_| ShapeError::NotAnObject)?;
        let shape = shape_of(&members)?;
        let directory = text_of(&members, shape.directory)?;
        let user = text_of(&members, shape.user)?;
        let password = text_of(&members, shape.password)?;
        if password.expose_secret().is_empty() {
            return Err(ShapeError::Member { member: shape.password, problem: "is empty".to_owned() });
        }
        let bad = |member: &'static str| {
            move |problem: crate::ids::InvalidId| ShapeError::Member {
                member,
                problem: format!("cannot be used: {problem}"),
            }
        };
        Ok(Self {
            directory: directory.expose_secret().parse().map_err(bad(shape.directory))?,
            user: user.expose_secret().parse().map_err(bad(shape.user))?,
            password,
            shape,
            members,
        })
    }

    /// The secret's text with another password and everything else as it was.
    pub fn with_password(&self, password: &SecretString) -> SecretString {
        let written = SecretString::from(json(password.expose_secret()));
        // Long enough from the start, so that no copy of the text is left behind when it grows.
        let length: usize =
            self.members.iter().map(|(name, value)| name.len() * 6 + value.expose_secret().len() + 8).sum();
        let mut text = String::with_capacity(length + written.expose_secret().len());
        for (name, value) in &self.members {
            text.push(if text.is_empty() { '{' } else { ',' });
            text.push_str(&json(name));
            text.push(':');
            let is_password = name == self.shape.password;
            text.push_str(if is_password { written.expose_secret() } else { value.expose_secret() });
        }
        text.push('}');
        SecretString::from(text)
    }

    /// Whether another version is about the same account.
    ///
    /// # Errors
    /// What differs.
    pub fn same_account(&self, other: &Self) -> Result<(), Difference> {
        if self.directory != other.directory {
            return Err(Difference::Directory);
        }
        if !self.user.same_as(other.user.as_str()) {
            return Err(Difference::User);
        }
        Ok(())
    }

    /// Whether both have the same password.
    pub fn same_password(&self, other: &Self) -> bool {
        self.password.expose_secret() == other.password.expose_secret()
    }
}

/// A text as JSON writes it, in memory that is never left for a larger piece.
fn json(text: &str) -> String {
    let mut written = String::with_capacity(text.len() * 6 + 2);
    written.push('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => written.extend(['\\', c]),
            c if u32::from(c) < 0x20 => written.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => written.push(c),
        }
    }
    written.push('"');
    written
}

fn shape_of(members: &[(String, SecretBox<str>)]) -> Result<&'static Shape, ShapeError> {
    let has = |member: &str| members.iter().any(|(name, _)| name == member);
    let mut fitting =
        SHAPES.iter().filter(|shape| has(shape.directory) && has(shape.user) && has(shape.password));
    match (fitting.next(), fitting.next()) {
        (Some(shape), None) => Ok(shape),
        (None, _) => Err(ShapeError::Unknown),
        (Some(_), Some(_)) => Err(ShapeError::Ambiguous),
    }
}

fn text_of(members: &[(String, SecretBox<str>)], member: &'static str) -> Result<SecretString, ShapeError> {
    let value = members.iter().find(|(name, _)| name == member).map(|(_, value)| value.expose_secret());
    let text: Option<String> = value.and_then(|value| serde_json::from_str(value).ok());
    text.map(SecretString::from)
        .ok_or_else(|| ShapeError::Member { member, problem: "is not a text".to_owned() })
}

/// The members of an object, in their order.
struct Members(Vec<(String, SecretBox<str>)>);

impl<'de> Deserialize<'de> for Members {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Object;
        impl<'de> Visitor<'de> for Object {
            type Value = Members;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members, A::Error> {
                let mut members: Vec<(String, SecretBox<str>)> = Vec::new();
                while let Some((name, value)) = map.next_entry::<String, Box<RawValue>>()? {
                    if members.iter().any(|(known, _)| *known == name) {
                        return Err(A::Error::custom("a member is there twice"));
                    }
                    members.push((name, SecretBox::new(Box::<str>::from(value))));
                }
                Ok(Members(members))
            }
        }
        deserializer.deserialize_map(Object)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::Value;

    use super::*;

    const ARTICLE: &str = r#"{"Directory ID":"d-9067012345","UserName":"Admin","Password":"canary-1"}"#;
    const SEAMLESS: &str = r#"{"awsSeamlessDomainDirectoryId":"d-9067012345","awsSeamlessDomainUsername":"svc-join",
        "awsSeamlessDomainPassword":"canary-1"}"#;
    const DESCRIBED: &str = r#"{"DirectoryId":"d-9067012345","Username":"svc","Password":"canary-1"}"#;

    fn read(text: &str) -> Result<Credential, ShapeError> {
        Credential::read(&SecretString::from(text))
    }

    #[test]
    fn reads_each_shape_and_writes_the_same_one_back() {
        for (text, user) in [(ARTICLE, "Admin"), (SEAMLESS, "svc-join"), (DESCRIBED, "svc")] {
            let credential = read(text).unwrap();
            assert_eq!(credential.user.as_str(), user);
            assert_eq!(credential.password.expose_secret(), "canary-1");
            assert!(!format!("{credential:?}").contains("canary"), "{credential:?}");
            let written = credential.with_password(&SecretString::from("new \"\\\u{e4}"));
            let mut expected: Value = serde_json::from_str(text).unwrap();
            let password =
                expected.as_object_mut().unwrap().iter_mut().find(|(_, value)| **value == "canary-1");
            *password.unwrap().1 = "new \"\\\u{e4}".into();
            assert_eq!(serde_json::from_str::<Value>(written.expose_secret()).unwrap(), expected);
        }
    }

    #[test]
    fn members_of_others_stay_byte_by_byte_and_in_their_order() {
        let text = r#"{"z":1e400,"Directory ID":"d-9067012345","UserName":"Admin","a\u0062":{"x": [1,  2]},"Password":"p","n":12345678901234567890123}"#;
        let written = read(text).unwrap().with_password(&SecretString::from("q"));
        assert_eq!(
            written.expose_secret(),
            r#"{"z":1e400,"Directory ID":"d-9067012345","UserName":"Admin","ab":{"x": [1,  2]},"Password":"q","n":12345678901234567890123}"#
        );
    }

    #[test]
    fn refuses_what_is_not_a_credential_and_never_shows_the_password() {
        let cases = [
            ("canary-1", "one object"),
            (r#"["canary-1"]"#, "one object"),
            (r#"{"Password":"canary-1","Password":"canary-2"}"#, "each member once"),
            (r#"{"UserName":"Admin","Password":"canary-1"}"#, "none of the known"),
            (r#"{"Directory ID":"d-9067012345","UserName":"Admin","Password":["canary-1"]}"#, "not a text"),
            (r#"{"Directory ID":"d-9067012345","UserName":"Admin","Password":""}"#, "empty"),
            (r#"{"Directory ID":"corp","UserName":"Admin","Password":"canary-1"}"#, "directory id"),
            (
                r#"{"Directory ID":"d-9067012345","UserName":"CORP\\Admin","Password":"canary-1"}"#,
                "user name",
            ),
            (
                r#"{"Directory ID":"d-9067012345","UserName":"Admin","Password":"canary-1","DirectoryId":"d-9067012345","Username":"b"}"#,
                "more than one",
            ),
        ];
        for (text, problem) in cases {
            let error = read(text).unwrap_err();
            assert!(error.to_string().contains(problem), "{text}: {error}");
            assert!(!format!("{error} {error:?}").contains("canary"), "{error:?}");
        }
    }

    #[test]
    fn knows_another_account() {
        let alice = read(ARTICLE).unwrap();
        let spelled = read(&ARTICLE.replace("Admin", "ADMIN")).unwrap();
        assert_eq!(alice.same_account(&spelled), Ok(()), "Active Directory compares without regard to case");
        assert_eq!(
            alice.same_account(&read(&ARTICLE.replace("Admin", "bob")).unwrap()),
            Err(Difference::User)
        );
        let elsewhere = read(&ARTICLE.replace("9067012345", "9067012346")).unwrap();
        assert_eq!(alice.same_account(&elsewhere), Err(Difference::Directory));
    }

    proptest! {
        #[test]
        fn any_password_comes_back_as_it_was_given(password in "\\PC{1,127}") {
            let written = read(SEAMLESS).unwrap().with_password(&SecretString::from(password.as_str()));
            let again = Credential::read(&written).unwrap();
            prop_assert_eq!(again.password.expose_secret(), password.as_str());
        }
    }
}
