//! The user table, which two crates read: what `user-provisioner` writes, `ad-event-starter` must know. Neither depends on the
//! other.

use std::collections::BTreeSet;

use regex::Regex;

use crate::template::read;

const PROVISIONER: &str = "crates/user-provisioner/src/records/user.rs";
const STARTER: &str = "crates/ad-event-starter/src/standing.rs";

/// The variants of the states of a user in this source.
fn states(source: &str) -> BTreeSet<String> {
    let source = read(source);
    let states = source.split_once("pub enum State {").unwrap().1.split_once("\n}").unwrap().0;
    let variant = Regex::new(r"(?m)^    ([A-Z]\w+),$").unwrap();
    variant.captures_iter(states).map(|found| found[1].to_owned()).collect()
}

#[test]
fn a_user_who_was_enabled_is_looked_for_where_he_was_written() {
    for source in [PROVISIONER, STARTER] {
        let key = r##"Key { pk: format!("user#{directory}#{sid}"), sk: "user".to_owned() }"##;
        assert!(read(source).contains(key), "{source} has another key");
    }
}

#[test]
fn every_state_in_which_something_is_gone_is_known_to_who_puts_it_back() {
    let written = states(PROVISIONER);
    let mut known = states(STARTER);
    assert!(known.remove("Other"), "{known:?}");
    // Nothing was taken from these.
    let whole = ["Onboarding", "Onboarded", "Failed", "Untouched"].map(str::to_owned).into();
    assert_eq!(written.difference(&whole).cloned().collect::<BTreeSet<_>>(), known);
    let spelling = Regex::new(r#"rename_all = "kebab-case"\)\]\s*pub enum State"#).unwrap();
    for source in [PROVISIONER, STARTER] {
        assert!(spelling.is_match(&read(source)), "{source} spells the states otherwise");
    }
}
