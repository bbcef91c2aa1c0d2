//! The attributes that say who acts in the account, and who joins.

use crate::ids::{AccountId, UserName};
use secrecy::SecretString;

use super::{Row, shown, wrong};
use crate::accounts::{MemberRole, Mode};

/// What the role must be.
const ROLE: &str = "the ARN of a role of that account";

/// The role, which the function's own account does not need.
pub(super) fn role(row: &Row, id: &AccountId, own: &AccountId) -> Result<Option<MemberRole>, String> {
    let Some(arn) = row.text("assumeRoleARN")? else {
        return if id == own {
            Ok(None)
        } else {
            Err(format!("assumeRoleARN is missing or empty; it must be {ROLE}"))
        };
    };
    let parts: Vec<&str> = arn.splitn(6, ':').collect();
    let ["arn", partition, "iam", "", account, name] = parts[..] else {
        return Err(wrong("assumeRoleARN", &arn, ROLE));
    };
    if !(partition == "aws" || partition.starts_with("aws-")) || !is_role(name) {
        return Err(wrong("assumeRoleARN", &arn, ROLE));
    }
    if account != id.as_str() {
        return Err(format!("assumeRoleARN is {} but must be of the account {id}", shown(&arn)));
    }
    // What it is stays unsaid: it is as good as half of a password.
    let external_id = row.text("externalId")?.filter(|text| is_external_id(text));
    let external_id = external_id.ok_or(
        "externalId is missing or not usable; with assumeRoleARN it must be 2 to 1224 letters, digits or =,.@:/-+_",
    )?;
    Ok(Some(MemberRole { arn, external_id: SecretString::from(external_id) }))
}

/// Source: IAM API Reference, `CreateRole` (`Path`, `RoleName`).
fn is_role(text: &str) -> bool {
    text.strip_prefix("role/").is_some_and(|name| {
        (1..=576).contains(&name.len())
            && !name.ends_with('/')
            && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"/_+=,.@-".contains(&b))
    })
}

/// Source: STS API Reference, `AssumeRole`.
fn is_external_id(text: &str) -> bool {
    (2..=1224).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"_+=,.@:/-".contains(&b))
}

/// Whose password joins, and where it is.
pub(super) fn join_user(row: &Row) -> Result<Mode, String> {
    let user = "the join account's user name, without its domain";
    let name = row.required("adJoinUserName", user)?;
    // The document's first character is none that an option begins with.
    let fits = name.parse::<UserName>().is_ok() && !name.starts_with(['-', '.']);
    if !fits {
        return Err(wrong("adJoinUserName", &name, user));
    }
    let place = "the name of the SecureString parameter, or the ARN of the secret, that holds the password";
    let password = row.required("adJoinUserPwParam", place)?;
    if !is_parameter(&password) && !is_secret(&password) {
        // What it is stays unsaid: it may be the password itself.
        return Err(format!("adJoinUserPwParam is not usable; it must be {place}"));
    }
    Ok(Mode::JoinUser { user: name, password })
}

/// Source: Systems Manager API Reference, `PutParameter` (`Name`).
fn is_parameter(text: &str) -> bool {
    (1..=1011).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"/_.-".contains(&b))
}

/// Whether it names a secret, and no parameter.
pub fn is_secret(text: &str) -> bool {
    let parts: Vec<&str> = text.splitn(7, ':').collect();
    let name = |text: &str| text.bytes().all(|b| b.is_ascii_alphanumeric() || b"/_+=.@!-".contains(&b));
    matches!(parts[..], ["arn", _, "secretsmanager", _, _, "secret", last] if !last.is_empty() && name(last))
}
