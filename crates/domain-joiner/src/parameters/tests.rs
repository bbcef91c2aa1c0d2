use std::collections::BTreeMap;

use proptest::prelude::*;
use regex::Regex;

use super::*;
use crate::testing::{account, place};

const DOCUMENTS: [&str; 2] = ["JoinLinuxDocument:", "JoinWindowsDocument:"];

/// What a document's own patterns say, by parameter.
fn patterns(document: &str) -> BTreeMap<&'static str, Regex> {
    let stack = include_str!("../../../../stacks/member.yaml");
    let document = stack.split_once(document).unwrap().1;
    let declared = document.split_once("        parameters:").unwrap().1.split_once("mainSteps:").unwrap().0;
    let mut name = "";
    let mut patterns = BTreeMap::new();
    for line in declared.lines() {
        let text = line.trim();
        if let Some(pattern) = text.strip_prefix("allowedPattern: ") {
            patterns.insert(name, Regex::new(pattern).unwrap());
        } else if text.ends_with(':') && !text.contains(' ') {
            name = text.trim_end_matches(':');
        }
    }
    patterns
}

fn item() -> Computer {
    let name = "ec2-mfrggzdfmzt".to_owned().try_into().unwrap();
    Computer::new(&place("i-0123456789abcdef0"), name, "0123456789abcdef0123456789abcdef".to_owned())
}

/// Whether a value is taken, and then it fits what the document declares.
fn is_taken(account: &Account, tagged: Option<&GroupName>, secret: &str) -> bool {
    let Ok(taken) = parameters(Action::Join, account, tagged, &item(), secret) else { return false };
    for patterns in DOCUMENTS.map(patterns) {
        for (name, value) in &taken {
            assert!(patterns[name].is_match(value), "{name} is {value:?}, not {}", patterns[name]);
        }
    }
    true
}

fn join_user(user: &str) -> Mode {
    Mode::JoinUser { user: user.to_owned(), password: "/adsteward/join".to_owned() }
}

#[test]
fn what_the_flow_says_is_what_both_documents_take() {
    let row = Account {
        groups: ["Staff", "Linux Users"].map(|name| name.parse().unwrap()).to_vec(),
        reboot: true,
        ..account(join_user("svc-join"))
    };
    assert!(is_taken(&row, None, &"A+/9".repeat(128)));
    assert!(is_taken(&account(Mode::OneTime), Some(&"ops".parse().unwrap()), ""));
    for action in [Action::Prepare, Action::Join] {
        assert!(DOCUMENTS.iter().all(|document| patterns(document)["Action"].is_match(action.word())));
    }
}

#[test]
fn what_the_document_would_not_take_is_refused_before_it_is_sent() {
    let good = account(Mode::OneTime);
    let row = |change: fn(&mut Account)| {
        let mut row = good.clone();
        change(&mut row);
        is_taken(&row, None, "")
    };
    assert!(!row(|row| row.domain = "corp".to_owned()));
    assert!(!row(|row| row.domain = "corp..test".to_owned()));
    assert!(!row(|row| row.domain = "corp.test';id;'".to_owned()));
    assert!(!row(|row| row.ou = String::new()));
    assert!(!row(|row| row.ou = "OU=a,,DC=b".to_owned()));
    assert!(!row(|row| row.ou = "OU=$(id),DC=b".to_owned()));
    assert!(!row(|row| row.groups = vec!["a".parse().unwrap(); 17]));
    assert!(!row(|row| row.mode = join_user("a'b")));
    assert!(!is_taken(&good, None, "AAAA"), "sealed to a key of another size");
    assert!(!is_taken(&good, None, &"é".repeat(256)));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn nothing_that_the_document_would_not_take_is_ever_sent(
        domain in "[a-zA-Z0-9.;'$ -]{0,20}",
        ou in "((OU|cn|Dc|DC)=[a-zA-Z0-9 ._;'$-]{0,10},?){0,4}",
        user in "[a-z_.@'-]{0,8}",
        any in "\\PC{0,30}",
        which in 0..5,
    ) {
        let mut row = account(join_user(&user));
        match which {
            0 => row.domain = domain,
            1 => row.ou = ou,
            2 => row.domain = any,
            3 => row.ou = any,
            _ => {}
        }
        is_taken(&row, None, "");
    }
}
