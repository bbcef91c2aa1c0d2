//! Identifiers that must not be swapped, each checked once, where it enters.

use std::fmt;
use std::str::FromStr;

/// A text that is not the identifier it should be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is not {expected}")]
pub struct InvalidId {
    text: String,
    expected: &'static str,
}

/// Defines a checked identifier.
macro_rules! identifier {
    ($(#[$docs:meta])* $name:ident, $expected:literal, $check:expr) => {
        $(#[$docs])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(String);

        impl $name {
            /// The identifier as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl FromStr for $name {
            type Err = InvalidId;

            fn from_str(text: &str) -> Result<Self, InvalidId> {
                let check: fn(&str) -> bool = $check;
                if check(text) {
                    Ok(Self(text.to_owned()))
                } else {
                    let text = text.chars().take(80).collect();
                    Err(InvalidId { text, expected: $expected })
                }
            }
        }
    };
}

identifier!(
    /// An AWS account: twelve digits.
    AccountId,
    "an account id of twelve digits",
    |text| text.len() == 12 && text.bytes().all(|b| b.is_ascii_digit())
);

identifier!(
    /// A directory of AWS Directory Service: `d-` and ten hexadecimal digits.
    DirectoryId,
    "a directory id such as d-9067012345",
    |text| text.strip_prefix("d-").is_some_and(|rest| rest.len() == 10 && is_lower_hex(rest))
);

identifier!(
    /// An EC2 instance: `i-` and 8 or 17 hexadecimal digits.
    InstanceId,
    "an instance id such as i-0123456789abcdef0",
    |text| text.strip_prefix("i-").is_some_and(|rest| matches!(rest.len(), 8 | 17) && is_lower_hex(rest))
);

identifier!(
    /// A user's `sAMAccountName` as the Directory Service Data API takes it: 1 to 20 of `[A-Za-z0-9_.-]`.
    ///
    /// Source: shape `UserName` of the API's model, narrowed to ASCII: a name from an instance is never trusted
    /// further than that.
    UserName,
    "a user name of 1 to 20 letters, digits, '.', '_' or '-'",
    |text| (1..=20).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-'))
);

identifier!(
    /// A security identifier of a domain's account: `S-1-5-21-`, three sub-authorities and the relative identifier.
    ///
    /// Source: MS-DTYP 2.4.2.1 (string format) and 2.4.2.4 (well-known structures).
    Sid,
    "a SID such as S-1-5-21-1-2-3-1104",
    |text| text.strip_prefix("S-1-5-21-").is_some_and(|rest| {
        let parts: Vec<&str> = rest.split('-').collect();
        parts.len() == 4 && parts.iter().all(|part| is_u32(part))
    })
);

impl UserName {
    /// Whether both name the same account: Active Directory compares names without regard to case.
    pub fn same_as(&self, other: &str) -> bool {
        self.0.eq_ignore_ascii_case(other)
    }

    /// The form used in keys.
    pub fn lower(&self) -> String {
        self.0.to_ascii_lowercase()
    }
}

impl Sid {
    /// The relative identifier: the account's number within its domain.
    pub fn relative_id(&self) -> u32 {
        // The check above guarantees that the last part is a u32.
        self.0.rsplit('-').next().and_then(|part| part.parse().ok()).unwrap_or(0)
    }
}

fn is_lower_hex(text: &str) -> bool {
    text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
}

fn is_u32(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit()) && text.parse::<u32>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn fits<T: FromStr>(text: &str) -> bool {
        text.parse::<T>().is_ok()
    }

    #[test]
    fn accepts_what_aws_writes_and_nothing_else() {
        assert!(fits::<AccountId>("111122223333") && !fits::<AccountId>("1111222233334"));
        assert!(fits::<DirectoryId>("d-9067012345") && !fits::<DirectoryId>("d-90670123456"));
        assert!(fits::<InstanceId>("i-0123456789abcdef0") && fits::<InstanceId>("i-99999999"));
        assert!(!fits::<InstanceId>("${instance_id}") && !fits::<InstanceId>("i-0123"));
        assert!(fits::<Sid>("S-1-5-21-1-2-4294967295-1104") && !fits::<Sid>("S-1-5-21-1-2-4294967296-1104"));
        assert!(!fits::<Sid>("S-1-5-18") && !fits::<Sid>("S-1-5-21-1-2-+3-4"));
    }

    #[test]
    fn knows_the_relative_identifier() {
        let sid: Sid = "S-1-5-21-1-2-3-1104".parse().unwrap();
        assert_eq!(sid.relative_id(), 1104);
    }

    proptest! {
        #[test]
        fn a_user_name_never_holds_anything_that_a_shell_or_a_mail_could_misread(text in "\\PC{0,30}") {
            if let Ok(name) = text.parse::<UserName>() {
                prop_assert!(name.as_str().chars().all(|c| c.is_ascii_alphanumeric() || "._-".contains(c)));
                prop_assert!((1..=20).contains(&name.as_str().len()));
            }
        }
    }
}
