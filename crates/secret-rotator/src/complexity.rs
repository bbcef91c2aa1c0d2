//! Active Directory's rules for a password, as far as they can be checked before the directory is asked.
//!
//! Source: Windows security policy setting "Password must meet complexity requirements".

/// Shortest part of a name that counts; a shorter one is ignored.
const SHORTEST_PART: usize = 3;

/// Where a display name is cut into parts.
const DELIMITERS: [char; 8] = [',', '.', '-', '_', ' ', '#', '\t', '\u{a3}'];

/// What a password's characters count as non-alphanumeric; currency signs do not.
const SPECIAL: &str = "~!@#$%^&*_-+=`|\\(){}[]:;\"'<>,.?/";

/// Categories of five that a password must have.
const CATEGORIES: usize = 3;

/// Why Active Directory would refuse a password.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Weakness {
    /// Characters of too few categories.
    #[error("it has characters of fewer than 3 of the 5 categories")]
    TooFewCategories,
    /// The account's name is in it.
    #[error("it contains the account's name")]
    AccountName,
    /// A part of the user's name is in it.
    #[error("it contains a part of the user's name")]
    DisplayName,
}

/// Checks a password of an account with these names.
///
/// # Errors
/// The first rule that it breaks.
pub fn check(password: &str, account: &str, names: &[String]) -> Result<(), Weakness> {
    if categories(password) < CATEGORIES {
        return Err(Weakness::TooFewCategories);
    }
    let lower = password.to_lowercase();
    let has = |part: &str| part.chars().count() >= SHORTEST_PART && lower.contains(&part.to_lowercase());
    if has(account) {
        return Err(Weakness::AccountName);
    }
    if names.iter().flat_map(|name| name.split(DELIMITERS)).any(has) {
        return Err(Weakness::DisplayName);
    }
    Ok(())
}

fn categories(password: &str) -> usize {
    let any = |is: fn(char) -> bool| usize::from(password.chars().any(is));
    any(char::is_uppercase)
        + any(char::is_lowercase)
        + any(|c| c.is_ascii_digit())
        + any(|c| SPECIAL.contains(c))
        + any(|c| c.is_alphabetic() && !c.is_uppercase() && !c.is_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(password: &str) -> Result<(), Weakness> {
        check(password, "svc-join", &["Domain Join,Service".to_owned(), "Al".to_owned()])
    }

    #[test]
    fn wants_three_of_five_categories() {
        for good in ["Abcdefg1", "abcdef1!", "ABCDEF1!", "abcdef1\u{4e2d}"] {
            assert_eq!(of(good), Ok(()), "{good}");
        }
        for weak in ["abcdefgh", "abcdefg1", "ABCDEFG1", "12345678!", "", "abcdefg\u{20ac}"] {
            assert_eq!(of(weak), Err(Weakness::TooFewCategories), "{weak}");
        }
    }

    #[test]
    fn wants_no_name_in_it_in_any_case() {
        assert_eq!(of("Xx1-SVC-Join"), Err(Weakness::AccountName));
        for word in ["domain", "JOIN", "sErViCe"] {
            assert_eq!(of(&format!("Xx1!{word}")), Err(Weakness::DisplayName), "{word}");
        }
        assert_eq!(of("Xx1!Al-dom"), Ok(()), "parts of fewer than three characters do not count");
        assert_eq!(check("Xx1!ab", "ab", &[]), Ok(()), "nor do account names of fewer");
    }
}
