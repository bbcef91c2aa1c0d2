use std::net::Ipv4Addr;

use proptest::prelude::*;
use secrecy::ExposeSecret;

use super::*;
use crate::place::Region;

const EXTERNAL_ID: &str = "canary-7f3a";

fn text(value: &str) -> AttributeValue {
    AttributeValue::S(value.to_owned())
}

fn defaults() -> Defaults {
    Defaults {
        own_account: "999999999999".parse().unwrap(),
        directory: "d-9067012345".parse().unwrap(),
        ou: "OU=Computers,OU=CORP,DC=corp,DC=example,DC=com".to_owned(),
    }
}

/// The article's row, with what keeps others from having its role assumed.
fn usual() -> HashMap<String, AttributeValue> {
    let pairs = [
        ("accountId", "111122223333"),
        ("adJoinUserName", "svc-join"),
        ("adJoinUserPwParam", "ADJoinUser-PwParam"),
        ("dnsName", "corp.example.com"),
        ("dnsIP1", "10.0.0.10"),
        ("dnsIP2", "10.0.1.10"),
        ("assumeRoleARN", "arn:aws:iam::111122223333:role/adJoinLambdaRole"),
        ("externalId", EXTERNAL_ID),
    ];
    pairs.iter().map(|(name, value)| ((*name).to_owned(), text(value))).collect()
}

/// The usual row of an account with other attributes; `None` removes one.
fn read_of(id: &str, own: &[(&str, Option<AttributeValue>)]) -> Result<Account, RowProblem> {
    let mut item = usual();
    for (name, value) in own {
        match value {
            Some(value) => drop(item.insert((*name).to_owned(), value.clone())),
            None => drop(item.remove(*name)),
        }
    }
    read(&id.parse().unwrap(), &item, &defaults())
}

fn with(name: &str, value: &str) -> Result<Account, RowProblem> {
    read_of("111122223333", &[(name, Some(text(value)))])
}

fn check_refused(name: &str, value: &str, words: &str) {
    let error = with(name, value).unwrap_err().to_string();
    assert!(error.contains("111122223333") && error.contains(words), "{name}={value}: {error}");
    assert!(!error.contains("canary"), "{error}");
}

#[test]
fn reads_the_articles_row() {
    let account = read_of("111122223333", &[]).unwrap();
    assert_eq!(account.domain, "corp.example.com");
    assert_eq!(account.controllers, [Ipv4Addr::new(10, 0, 0, 10), Ipv4Addr::new(10, 0, 1, 10)]);
    assert_eq!((account.directory.as_str(), account.ou.as_str()), ("d-9067012345", defaults().ou.as_str()));
    assert_eq!((account.mode, account.reboot), (Mode::OneTime, false));
    assert!(account.regions.is_empty() && account.groups.is_empty());
    let role = account.role.unwrap();
    assert_eq!(role.arn, "arn:aws:iam::111122223333:role/adJoinLambdaRole");
    assert_eq!(role.external_id.expose_secret(), EXTERNAL_ID);
}

#[test]
fn takes_off_the_blanks_that_the_articles_example_has_around_names_and_values() {
    let mut item = HashMap::new();
    for (name, value) in usual() {
        let AttributeValue::S(value) = value else { unreachable!() };
        item.insert(format!(" {name}\t"), text(&format!(" {value}\n")));
    }
    let account = read(&"111122223333".parse().unwrap(), &item, &defaults()).unwrap();
    assert_eq!(account.domain, "corp.example.com");
    assert_eq!(account.role.unwrap().external_id.expose_secret(), EXTERNAL_ID);
}

#[test]
fn an_attribute_that_is_there_twice_or_misspelled_is_refused() {
    check_refused(" dnsIP1", "10.9.9.9", "dnsIP1 is there twice");
    for name in ["Groups", "group", "Group ", "group_s"] {
        check_refused(name, "ops", "must be spelled groups");
    }
    check_refused("region", "eu-west-1", "must be spelled regions");
    check_refused("assumeRoleArn", "x", "must be spelled assumeRoleARN");
    assert!(with("owner", "the web team").is_ok(), "what others write beside it is theirs");
}

#[test]
fn a_row_is_refused_with_the_attribute_what_it_is_and_what_it_must_be() {
    check_refused("accountId", "444455556666", "accountId is not 111122223333");
    check_refused("accountId", "1111", "accountId is \"1111\" but must be");
    check_refused("dnsName", "", "dnsName is missing or empty; it must be the domain's DNS name");
    for domain in ["corp", "corp..com", "-a.com", "corp.example.com/x", "c$(id).com"] {
        check_refused("dnsName", domain, "dnsName is");
    }
    for address in ["10.0.0", "10.0.0.256", "::1", "127.0.0.1", "169.254.169.254", "0.0.0.0", "224.0.0.1"] {
        check_refused("dnsIP1", address, "but must be the IPv4 address of a domain controller");
    }
    check_refused("directoryId", "d-1", "directoryId is \"d-1\" but must be a directory id");
    check_refused("joinMode", "oneTime", "joinMode is \"oneTime\" but must be one-time or join-user");
    check_refused("reboot", "yes", "reboot is \"yes\" but must be true or false");
    check_refused("regions", "eu-west-1,moon", "regions holds \"moon\"");
    check_refused("groups", "ops,$(id)", "groups holds");
}

#[test]
fn one_address_is_enough_and_none_is_not() {
    let none = [("dnsIP1", Some(text(" "))), ("dnsIP2", None)];
    let error = read_of("111122223333", &none).unwrap_err().to_string();
    assert!(error.contains("dnsIP1 and dnsIP2 are missing"), "{error}");
    assert_eq!(read_of("111122223333", &[("dnsIP1", None)]).unwrap().controllers.len(), 1);
    assert_eq!(with("dnsIP2", "10.0.0.10").unwrap().controllers.len(), 1, "the same twice");
}

#[test]
fn a_role_of_another_account_or_without_an_external_id_is_refused() {
    check_refused("assumeRoleARN", "arn:aws:iam::444455556666:role/x", "must be of the account 111122223333");
    for arn in [
        "adJoinLambdaRole",
        "arn:aws:iam::111122223333:user/x",
        "arn:aws:iam::111122223333:role/",
        "arn:aws:sts::111122223333:role/x",
        "arn:other:iam::111122223333:role/x",
        "arn:aws:iam::111122223333:role/x\", \"y",
    ] {
        check_refused("assumeRoleARN", arn, "must be the ARN of a role of that account");
    }
    for id in ["", "x", "canary with blanks", "canary\u{e4}"] {
        check_refused("externalId", id, "externalId is missing or not usable");
    }
    let error = read_of("111122223333", &[("assumeRoleARN", None)]).unwrap_err().to_string();
    assert!(error.contains("assumeRoleARN is missing"), "{error}");
}

#[test]
fn the_functions_own_account_needs_no_role() {
    let own = |arn| [("accountId", Some(text("999999999999"))), ("assumeRoleARN", arn), ("externalId", None)];
    assert!(read_of("999999999999", &own(None)).unwrap().role.is_none());
    let error = read_of("999999999999", &own(Some(text("arn:aws:iam::999999999999:role/x")))).unwrap_err();
    assert!(error.to_string().contains("externalId"), "{error}");
}

#[test]
fn lists_come_as_texts_sets_or_lists_and_never_empty() {
    let set = AttributeValue::Ss(vec!["eu-west-1".to_owned(), " us-east-1".to_owned()]);
    let list = AttributeValue::L(vec![text("eu-west-1"), text("us-east-1")]);
    for regions in [text("eu-west-1, us-east-1"), set, list] {
        let account = read_of("111122223333", &[("regions", Some(regions))]).unwrap();
        let names: Vec<&str> = account.regions.iter().map(Region::as_str).collect();
        assert_eq!(names, ["eu-west-1", "us-east-1"]);
    }
    for nothing in [text(""), text(" , "), AttributeValue::L(Vec::new()), AttributeValue::Null(true)] {
        for name in ["regions", "groups"] {
            let refused = read_of("111122223333", &[(name, Some(nothing.clone()))]);
            assert!(refused.is_err(), "{name} {nothing:?}");
        }
    }
    let many = (0..17).map(|number| format!("group{number}")).collect::<Vec<_>>().join(",");
    check_refused("groups", &many, "groups holds 17");
    let mixed = AttributeValue::L(vec![text("ops"), AttributeValue::Bool(true)]);
    assert!(read_of("111122223333", &[("groups", Some(mixed))]).is_err());
}

#[test]
fn a_join_user_has_a_name_and_a_place_for_his_password() {
    let mode = |own: &[(&str, &str)]| {
        let mut all = vec![("joinMode", Some(text("join-user")))];
        all.extend(own.iter().map(|(name, value)| (*name, Some(text(value)))));
        read_of("111122223333", &all).map(|account| account.mode)
    };
    let expected = Mode::JoinUser { user: "svc-join".to_owned(), password: "ADJoinUser-PwParam".to_owned() };
    assert_eq!(mode(&[]), Ok(expected));
    let secret = "arn:aws:secretsmanager:eu-west-1:999999999999:secret:join-AbCdEf";
    assert!(mode(&[("adJoinUserPwParam", secret)]).is_ok());
    assert!(is_secret(secret) && !is_secret("ADJoinUser-PwParam"));
    for user in ["", "CORP\\svc", "svc@corp", "-svc", "svc join", "$(id)"] {
        assert!(mode(&[("adJoinUserName", user)]).is_err(), "{user}");
    }
    for place in ["", "a b", "arn:aws:ssm:eu-west-1:999999999999:parameter/x:y", "$(id)"] {
        assert!(mode(&[("adJoinUserPwParam", place)]).is_err(), "{place}");
    }
    // Whoever wrote the password itself there must not read it in a mail.
    for password in ["canary!", "canary 7", "arn:canary"] {
        let error = mode(&[("adJoinUserPwParam", password)]).unwrap_err().to_string();
        assert!(error.contains("adJoinUserPwParam") && !error.contains("canary"), "{error}");
    }
}

#[test]
fn an_ou_is_one_of_the_domain_and_spelled_as_the_document_takes_it() {
    for ou in ["OU=EC2,OU=CORP,DC=Corp,DC=example,DC=com", "ou=Web Servers_1,dc=corp,dc=example,dc=com"] {
        assert_eq!(with("ou", ou).unwrap().ou, ou);
    }
    for ou in [
        "DC=corp,DC=example,DC=com",
        "OU=x,DC=other,DC=com",
        "OU=x",
        "Computers",
        "OU=a\\,b,DC=corp,DC=example,DC=com",
        "OU=$(id),DC=corp,DC=example,DC=com",
        "OU= x,DC=corp,DC=example,DC=com",
        "OU=x,,DC=corp,DC=example,DC=com",
        "OU=x,DC=corp,OU=y,DC=example,DC=com",
    ] {
        check_refused("ou", ou, "ou is");
    }
}

#[test]
fn a_truth_value_is_taken_as_one() {
    let account = read_of("111122223333", &[("reboot", Some(AttributeValue::Bool(true)))]).unwrap();
    assert!(account.reboot && with("reboot", "TRUE").unwrap().reboot);
}

proptest! {
    #[test]
    fn whatever_stands_in_an_attribute_no_text_shows_the_external_id_and_nothing_panics(
        at in 0..NAMES.len(), value in "\\PC{0,40}",
    ) {
        let shown = match with(NAMES[at], &value) {
            Ok(account) => format!("{account:?}"),
            Err(error) => format!("{error} {error:?}"),
        };
        prop_assert!(!shown.contains("canary"), "{}", shown);
    }

    #[test]
    fn what_is_read_is_what_the_document_takes(name in "dnsName|ou|groups|adJoinUserName", value in "\\PC{0,40}") {
        let own = [("joinMode", Some(text("join-user"))), (name.as_str(), Some(text(&value)))];
        if let Ok(account) = read_of("111122223333", &own) {
            let plain = |text: &str| text.chars().all(|c| c.is_ascii_alphanumeric() || " ,=._-".contains(c));
            prop_assert!(plain(&account.domain) && plain(&account.ou));
            prop_assert!(account.groups.iter().all(|group| plain(group.as_str())));
            let Mode::JoinUser { user, .. } = account.mode else { unreachable!() };
            prop_assert!(plain(&user));
        }
    }
}
