//! What is said on the wire, to whom, and what becomes of the answer. `tests/it/e2e/ldap.rs` asks a real directory.

mod dns;
mod users;

use std::time::Instant;

use super::testing::{Answer, Authority, DOMAIN, Object, PASSWORD, after_bind};
use super::*;
use crate::error::Kind;
use crate::ids::Sid;

const SID: &str = "S-1-5-21-1-2-4294967295-1104";
/// The cookie `second` in the bytes of a control.
const SECOND: &str = "7365636f6e64";
const GUID: &str = "03020100-0504-0706-0809-0a0b0c0d0e0f";

fn computer(flags: &str) -> Object {
    let sid =
        [1, 5, 0, 0, 0, 0, 0, 5, 21, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 255, 255, 255, 255, 0x50, 4, 0, 0];
    let text = |value: &str| vec![value.as_bytes().to_vec()];
    let attributes = vec![
        ("sAMAccountName", text("ec2-abc$")),
        ("objectSid", vec![sid.to_vec()]),
        ("objectGUID", vec![(0..16).collect()]),
        ("userAccountControl", text(flags)),
        ("description", text("adsteward i-0123456789abcdef0")),
    ];
    ("CN=ec2-abc,OU=Computers,DC=corp,DC=example,DC=test".to_owned(), attributes)
}

fn sid() -> Sid {
    SID.parse().unwrap()
}

/// A domain with one controller.
async fn domain(answer: impl Fn(&str) -> Answer + Send + Sync + 'static) -> (LdapDirectory, testing::Asked) {
    let authority = Authority::new();
    let (address, asked) = authority.controller(DOMAIN, answer).await;
    (authority.directory(vec![address]), asked)
}

#[tokio::test]
async fn binds_by_principal_name_and_reads_a_computer() {
    let (directory, asked) = domain(after_bind(|_| Answer::Objects(vec![computer("4096")], ""))).await;
    let found = directory.computer_named("ec2-abc").await.unwrap().unwrap();
    assert_eq!((found.name.as_str(), &found.sid, found.guid.as_str()), ("ec2-abc", &sid(), GUID));
    assert_eq!(found.description.as_deref(), Some("adsteward i-0123456789abcdef0"));
    assert!(found.enabled && found.dns_host_name.is_none());
    let asked = asked.lock().unwrap();
    assert!(asked[0].contains(&format!("svc-leave@{DOMAIN} {PASSWORD}")), "{}", asked[0]);
    assert!(
        asked[1].contains("DC=corp,DC=example,DC=test") && asked[1].contains("(sAMAccountName ec2-abc$)")
    );
}

#[tokio::test]
async fn a_name_cannot_change_the_filter() {
    let (directory, asked) = domain(after_bind(|_| Answer::Objects(vec![], ""))).await;
    assert_eq!(directory.computer_named("*)(objectClass=*").await, Ok(None));
    assert!(asked.lock().unwrap()[1].contains("(sAMAccountName *)(objectClass=*$)"), "{asked:?}");
}

#[tokio::test]
async fn asks_for_a_sid_by_its_bytes() {
    let (directory, asked) = domain(after_bind(|_| Answer::Objects(vec![computer("4098")], ""))).await;
    assert!(!directory.computer_of(&sid()).await.unwrap().unwrap().enabled);
    let expected = "(objectSid 010500000000000515000000".to_owned() + "0100000002000000ffffffff50040000)";
    assert!(asked.lock().unwrap()[1].contains(&expected), "{asked:?}");
}

#[tokio::test]
async fn reads_all_pages_and_no_reference_to_another_domain() {
    let (directory, asked) = domain(after_bind(|asked| {
        if asked.contains(SECOND) {
            Answer::WithReference(vec![computer("4096")])
        } else {
            Answer::Objects(vec![computer("4096")], "second")
        }
    }))
    .await;
    let ou = "OU=Computers,DC=corp,DC=example,DC=test";
    assert_eq!(directory.computers_in(ou).await.unwrap().len(), 2);
    let asked = asked.lock().unwrap();
    assert_eq!(asked.len(), 3, "a bind and two pages: {asked:?}");
    assert!(asked[1..].iter().all(|asked| asked.contains(ou)), "below the OU and nowhere else: {asked:?}");
}

#[tokio::test]
async fn trusts_the_given_authority_and_the_domains_name_alone() {
    let authority = Authority::new();
    let (stranger, strangers) = Authority::new().controller(DOMAIN, after_bind(|_| Answer::Close)).await;
    let (other, others) = authority.controller("dc1.corp.example.test", after_bind(|_| Answer::Close)).await;
    for (address, asked, words) in
        [(stranger, strangers, "UnknownIssuer"), (other, others, "not valid for name")]
    {
        let error = authority.directory(vec![address]).computer_named("x").await.unwrap_err();
        assert!(error.to_string().contains(words), "{error}");
        assert_eq!((error.kind(), asked.lock().unwrap().len()), (Kind::Permanent, 0), "{error}");
    }
}

#[tokio::test]
async fn passes_over_a_controller_that_cannot_be_reached() {
    let authority = Authority::new();
    let (good, _) =
        authority.controller(DOMAIN, after_bind(|_| Answer::Objects(vec![computer("4096")], ""))).await;
    let (busy, _) = authority.controller(DOMAIN, |_| Answer::Result(51, "busy")).await;
    let (silent, _) = authority.controller(DOMAIN, |_| Answer::Silence).await;
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    for bad in [busy, silent, closed] {
        let began = Instant::now();
        assert!(authority.directory(vec![bad, good]).computer_of(&sid()).await.unwrap().is_some());
        assert!(began.elapsed() < Duration::from_millis(2500), "{:?}", began.elapsed());
        let error = authority.directory(vec![bad]).computer_of(&sid()).await.unwrap_err();
        assert!(matches!(error, DirectoryError::NoController { .. }), "{error}");
        assert_eq!(error.kind(), Kind::Transient, "{error}");
    }
}

#[tokio::test]
async fn looks_on_each_controller_before_it_says_that_there_is_none() {
    let authority = Authority::new();
    let (behind, _) = authority.controller(DOMAIN, after_bind(|_| Answer::Objects(vec![], ""))).await;
    let (ahead, asked) = authority.controller(DOMAIN, after_bind(known(0))).await;
    let directory = authority.directory(vec![behind, ahead]);
    let computer = directory.computer_of(&sid()).await.unwrap().expect("the second one has it");
    directory.remove_computer(&computer).await.unwrap();
    assert!(asked.lock().unwrap().last().unwrap().starts_with("delete"), "{asked:?}");
}

#[tokio::test]
async fn shows_refused_credentials_to_one_controller_only() {
    let authority = Authority::new();
    let refused = |_: &str| Answer::Result(49, "80090308: LdapErr: data 52e, v4563\0");
    let (first, _) = authority.controller(DOMAIN, refused).await;
    let (second, asked) = authority.controller(DOMAIN, refused).await;
    let error = authority.directory(vec![first, second]).computer_of(&sid()).await.unwrap_err();
    assert!(matches!(error, DirectoryError::CredentialsRefused { .. }), "{error}");
    assert!(
        error.to_string().ends_with("data 52e, v4563") && !format!("{error:?}").contains(PASSWORD),
        "{error:?}"
    );
    assert_eq!((error.kind(), asked.lock().unwrap().len()), (Kind::Permanent, 0));
}

#[tokio::test]
async fn each_result_is_transient_or_permanent() {
    let cases = [
        (1, Kind::Transient, ""),
        (3, Kind::Transient, ""),
        (10, Kind::Permanent, "referrals are not followed"),
        (11, Kind::Transient, ""),
        (32, Kind::Permanent, "noSuchObject"),
        (50, Kind::Permanent, "Delegate"),
        (51, Kind::Transient, ""),
        (52, Kind::Transient, ""),
        (80, Kind::Transient, ""),
    ];
    for (code, kind, words) in cases {
        let (directory, asked) = domain(after_bind(move |_| Answer::Result(code, "words"))).await;
        let error = directory.computer_of(&sid()).await.unwrap_err();
        assert_eq!(error.kind(), kind, "{error}");
        assert!(error.to_string().contains("words") && error.to_string().contains(words), "{error}");
        assert_eq!(asked.lock().unwrap().len(), 2, "{error}");
    }
}

#[tokio::test]
async fn gives_up_in_time_whatever_breaks_after_the_bind() {
    for broken in [|| Answer::Silence, || Answer::Close] {
        let (directory, _) = domain(after_bind(move |_| broken())).await;
        let directory = LdapDirectory { operation: Duration::from_secs(1), ..directory };
        let began = Instant::now();
        let error = directory.computer_of(&sid()).await.unwrap_err();
        assert_eq!(error.kind(), Kind::Transient, "{error}");
        assert!(began.elapsed() < Duration::from_secs(3), "{:?}", began.elapsed());
    }
}

/// Knows the computer, and answers a deletion so; a tree's with success.
fn known(deleted: u32) -> impl Fn(&str) -> Answer {
    move |asked| match asked {
        _ if asked.contains("1.2.840.113556.1.4.805") => Answer::Result(0, ""),
        _ if asked.starts_with("delete") => Answer::Result(deleted, ""),
        _ => Answer::Objects(vec![computer("4096")], ""),
    }
}

async fn removed(
    answer: impl Fn(&str) -> Answer + Send + Sync + 'static,
) -> (Result<(), DirectoryError>, Vec<String>) {
    let (directory, asked) = domain(after_bind(answer)).await;
    let computer = Computer {
        name: "ec2-abc".to_owned(),
        dn: "CN=renamed since".to_owned(),
        sid: sid(),
        guid: "made anew since".to_owned(),
        description: None,
        dns_host_name: None,
        enabled: true,
    };
    let done = directory.remove_computer(&computer).await;
    let asked = asked.lock().unwrap().iter().filter(|line| line.starts_with("delete")).cloned().collect();
    (done, asked)
}

#[tokio::test]
async fn removes_a_computer_by_its_guid_and_one_that_is_gone_is_success() {
    let deletion = format!("delete <GUID={GUID}>");
    assert_eq!(removed(known(0)).await, (Ok(()), vec![deletion.clone()]));
    assert_eq!(removed(known(32)).await, (Ok(()), vec![deletion]));
    assert_eq!(removed(|_| Answer::Objects(vec![], "")).await, (Ok(()), vec![]));
}

#[tokio::test]
async fn removes_what_hangs_below_a_computer_but_no_other_account() {
    let (done, deletions) = removed(known(66)).await;
    assert_eq!((done, deletions.len()), (Ok(()), 2));
    assert!(deletions[1].contains(GUID) && deletions[1].contains("1.2.840.113556.1.4.805"), "{deletions:?}");
    let mut stranger = computer("512");
    *stranger.1[1].1[0].last_mut().unwrap() = 9;
    let (done, deletions) = removed(move |asked| match asked {
        _ if asked.starts_with("delete") => Answer::Result(66, ""),
        _ if asked.contains("<GUID") => Answer::Objects(vec![computer("4096"), stranger.clone()], ""),
        _ => Answer::Objects(vec![computer("4096")], ""),
    })
    .await;
    assert!(matches!(done, Err(DirectoryError::NotRemoved { .. })), "{done:?}");
    assert_eq!(deletions.len(), 1);
}

#[tokio::test]
async fn never_removes_a_domain_controller() {
    for flags in ["532480", "67112960"] {
        let (done, deletions) = removed(move |_| Answer::Objects(vec![computer(flags)], "")).await;
        assert!(matches!(done, Err(DirectoryError::NotRemoved { .. })) && deletions.is_empty(), "{done:?}");
    }
}

#[test]
fn refuses_settings_that_would_let_somebody_else_answer_or_us_in_as_nobody() {
    let authority = Authority::new().pem();
    let fine = || LdapSettings {
        domain: DOMAIN.to_owned(),
        controllers: vec!["192.0.2.1".parse().unwrap()],
        ca_pem: authority.clone(),
        user: "svc-leave".to_owned(),
        password: PASSWORD.to_owned().into(),
    };
    assert!(LdapDirectory::new(fine()).is_ok());
    let cases = [
        LdapSettings { domain: "corp".to_owned(), ..fine() },
        LdapSettings { domain: "corp.example.test/x".to_owned(), ..fine() },
        LdapSettings { domain: "corp,DC=x.test".to_owned(), ..fine() },
        LdapSettings { domain: "192.0.2.1".to_owned(), ..fine() },
        LdapSettings { controllers: vec![], ..fine() },
        LdapSettings { ca_pem: String::new(), ..fine() },
        LdapSettings {
            ca_pem: "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n".to_owned(),
            ..fine()
        },
        LdapSettings { user: String::new(), ..fine() },
        LdapSettings { password: String::new().into(), ..fine() },
    ];
    for settings in cases {
        let text = format!("{settings:?}");
        assert!(!text.contains(PASSWORD), "{text}");
        assert!(matches!(LdapDirectory::new(settings), Err(DirectoryError::Settings { .. })), "{text}");
    }
}
