//! What an instance's tags say: whether it is joined, and which AD group may log in.

use std::collections::BTreeMap;
use std::str::FromStr;

use super::GroupName;

/// The tag that keeps an instance out, with the value `false`.
const OPT_OUT: &str = "autoadjoin";

/// The tag that names the AD group whose members may log in.
const GROUP: &str = "adGroupName";

/// Longest name of a group.
const LONGEST: usize = 64;

/// A text that is not taken for a group's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "a group's name must begin with a letter or digit and have at most 64 letters, digits, spaces, '.', '_' or '-'"
)]
pub struct InvalidGroup;

impl FromStr for GroupName {
    type Err = InvalidGroup;

    fn from_str(text: &str) -> Result<Self, InvalidGroup> {
        let text = text.trim_matches(' ');
        let starts = text.bytes().next().is_some_and(|b| b.is_ascii_alphanumeric());
        let fits = text.bytes().all(|b| b.is_ascii_alphanumeric() || b" ._-".contains(&b));
        if starts && fits && text.len() <= LONGEST { Ok(Self(text.to_owned())) } else { Err(InvalidGroup) }
    }
}

/// The values of a tag, however its key is spelled: whoever types it by hand means it.
fn values<'a>(tags: &'a BTreeMap<String, String>, key: &str) -> impl Iterator<Item = &'a str> {
    tags.iter()
        .filter(move |(name, _)| name.trim().eq_ignore_ascii_case(key))
        .map(|(_, value)| value.as_str())
}

/// Whether an instance is not to be joined.
pub fn is_opted_out(tags: &BTreeMap<String, String>) -> bool {
    values(tags, OPT_OUT).any(|value| value.trim().eq_ignore_ascii_case("false"))
}

/// The group that an instance's tag names, if there is such a tag.
///
/// # Errors
/// When it is no group's name, or there are two: an instance that is to be closed to most is never joined open to all.
pub fn tagged_group(tags: &BTreeMap<String, String>) -> Result<Option<GroupName>, InvalidGroup> {
    let mut named = values(tags, GROUP);
    match (named.next(), named.next()) {
        (None, _) => Ok(None),
        (Some(name), None) => name.parse().map(Some),
        (Some(_), Some(_)) => Err(InvalidGroup),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn tags(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn an_instance_is_left_out_whatever_the_case_and_the_blanks() {
        for (key, value) in [("autoadjoin", "false"), ("AutoAdJoin", " FALSE "), (" autoadjoin ", "False")] {
            assert!(is_opted_out(&tags(&[(key, value)])), "{key}={value}");
        }
        for (key, value) in [("autoadjoin", "true"), ("autoadjoin", ""), ("autoadjoin2", "false")] {
            assert!(!is_opted_out(&tags(&[(key, value)])), "{key}={value}");
        }
    }

    #[test]
    fn a_tag_names_one_group_or_nothing_is_joined() {
        let group =
            |pairs: &[(&str, &str)]| tagged_group(&tags(pairs)).map(|group| group.map(|group| group.0));
        assert_eq!(group(&[("Name", "web")]), Ok(None));
        assert_eq!(group(&[("adGroupName", " Linux Admins ")]), Ok(Some("Linux Admins".to_owned())));
        assert_eq!(group(&[("adgroupname", "ops")]), Ok(Some("ops".to_owned())));
        for wrong in ["", " ", "-x", "a,b", "a\nb", "a$(id)", "CORP\\ops", "ops@corp", "ä", &"x".repeat(65)]
        {
            assert_eq!(group(&[("adGroupName", wrong)]), Err(InvalidGroup), "{wrong:?}");
        }
        assert_eq!(group(&[("adGroupName", "a"), ("adgroupname", "b")]), Err(InvalidGroup));
    }

    proptest! {
        #[test]
        fn a_group_never_holds_anything_that_a_shell_or_a_configuration_file_could_misread(text in "\\PC{0,80}") {
            if let Ok(name) = text.parse::<GroupName>() {
                prop_assert!(name.as_str().chars().all(|c| c.is_ascii_alphanumeric() || " ._-".contains(c)));
                prop_assert!((1..=64).contains(&name.as_str().len()));
            }
        }
    }
}
