//! The wire: what `ds-data` and `ds` answer, and what becomes of it.

use secrecy::SecretString;

use super::*;
use crate::error::Kind;
use crate::wire::{Answer, Asked, fake};

fn directory(answer: impl Fn(&str, &str) -> Answer + Send + Sync + 'static) -> (DirectoryService, Asked) {
    let (sdk, asked) = fake(answer);
    (DirectoryService::new(&sdk, "d-9067012345".parse().unwrap()), asked)
}

const ALICE: &str =
    r#"{"SAMAccountName":"alice","SID":"S-1-5-21-1-2-3-1104","Realm":"Corp.Example.Test","Enabled":true}"#;

fn alice() -> UserName {
    "alice".parse().unwrap()
}

#[tokio::test]
async fn reads_a_user() {
    let (directory, asked) = directory(|_, _| Answer::ok(ALICE));
    let user = directory.user(&alice()).await.unwrap();
    assert_eq!(
        (user.name.as_str(), user.domain.as_str(), user.enabled),
        ("alice", "corp.example.test", true)
    );
    assert_eq!(asked.lock().unwrap()[0], r#"/Users/DescribeUser {"SAMAccountName":"alice"}"#);
}

#[tokio::test]
async fn an_answer_without_what_it_always_has_is_an_error() {
    for missing in ["SAMAccountName", "SID", "Realm", "Enabled"] {
        let (directory, _) = directory(move |_, _| Answer::ok(ALICE.replace(missing, "Other")));
        let error = directory.user(&alice()).await.unwrap_err();
        assert!(matches!(error, DirectoryError::Answer { .. }), "{missing}: {error}");
    }
    let (directory, _) = directory(|_, _| Answer::ok(ALICE.replace("alice", "bob")));
    assert!(directory.user(&alice()).await.is_err(), "an answer about somebody else");
}

#[tokio::test]
async fn tells_an_unknown_user_from_a_failure() {
    let (directory, _) = directory(|_, _| Answer::error(404, "ResourceNotFoundException", "{}"));
    assert_eq!(directory.user(&alice()).await, Err(DirectoryError::UserNotFound("alice".to_owned())));
}

#[tokio::test]
async fn each_failure_is_transient_or_permanent_and_says_what_to_do() {
    let cases = [
        (400, "DirectoryUnavailableException", "{}", Kind::Transient, ""),
        (429, "ThrottlingException", "{}", Kind::Transient, ""),
        (500, "InternalServerException", "{}", Kind::Transient, ""),
        (400, "ValidationException", "{}", Kind::Permanent, ""),
        (
            403,
            "AccessDeniedException",
            r#"{"Reason":"DATA_DISABLED"}"#,
            Kind::Permanent,
            "enable-directory-data-access",
        ),
        (403, "AccessDeniedException", r#"{"Reason":"DIRECTORY_AUTH"}"#, Kind::Permanent, "customer OU"),
        (403, "AccessDeniedException", r#"{"Reason":"IAM_AUTH"}"#, Kind::Permanent, "ds:AccessDSData"),
    ];
    for (status, code, body, kind, advice) in cases {
        let (directory, _) = directory(move |_, _| Answer::error(status, code, body));
        let token = ClientToken::new("t");
        for error in [
            directory.user(&alice()).await.unwrap_err(),
            directory.disable(&alice(), &token).await.unwrap_err(),
            directory.groups(&directory_user()).await.unwrap_err(),
        ] {
            assert_eq!(error.kind(), kind, "{error}");
            assert!(error.to_string().contains(code) && error.to_string().contains(advice), "{error}");
        }
    }
}

#[tokio::test]
async fn disabling_names_directory_user_and_token() {
    let (directory, asked) = directory(|_, _| Answer::ok("{}"));
    directory.disable(&alice(), &ClientToken::new("to ken\n")).await.unwrap();
    assert_eq!(
        asked.lock().unwrap()[0],
        r#"/Users/DisableUser {"ClientToken":"token","SAMAccountName":"alice"}"#
    );
}

#[tokio::test]
async fn enabling_is_the_passwords_work_and_makes_no_call() {
    let (directory, asked) = directory(|_, _| Answer::ok("{}"));
    directory.enable(&alice()).await.unwrap();
    assert!(asked.lock().unwrap().is_empty());
}

#[tokio::test]
async fn follows_groups_of_groups_and_ends_on_a_circle() {
    let group = |name: &str| {
        format!(r#"{{"SAMAccountName":"{name}","SID":"S-1","GroupType":"Security","GroupScope":"Global"}}"#)
    };
    let (directory, asked) = directory(move |_, body| {
        let groups = match body {
            body if body.contains("alice") => group("Team"),
            body if body.contains("Team") => format!("{},{}", group("Tier 0"), group("Team")),
            _ => group("TEAM"),
        };
        Answer::ok(format!(r#"{{"Groups":[{groups}]}}"#))
    });
    let groups = directory.groups(&directory_user()).await.unwrap();
    assert_eq!(groups, ["team".to_owned(), "tier 0".to_owned()].into());
    assert_eq!(asked.lock().unwrap().len(), 3);
}

fn directory_user() -> User {
    User {
        name: alice(),
        sid: "S-1-5-21-1-2-3-1104".parse().unwrap(),
        domain: "corp.example.test".to_owned(),
        enabled: true,
    }
}

#[tokio::test]
async fn a_refused_password_is_told_without_the_password() {
    let (directory, _) =
        directory(|_, _| Answer::error(400, "InvalidPasswordException", r#"{"Message":"too simple"}"#));
    let password = SecretString::from("canary-secret");
    let error = directory.reset_password(&alice(), &password).await.unwrap_err();
    assert!(matches!(error, DirectoryError::PasswordRefused { .. }), "{error}");
    assert!(!format!("{error} {error:?}").contains("canary"), "{error:?}");
}

#[tokio::test]
async fn knows_the_names_of_its_domain() {
    let body = r#"{"DirectoryDescriptions":[{"Name":"Corp.Example.Test","ShortName":"CORP"}]}"#;
    let (directory, _) = directory(move |_, _| Answer::ok(body));
    let names = directory.domain_names().await.unwrap();
    assert_eq!((names.dns.as_str(), names.netbios.as_str()), ("corp.example.test", "CORP"));
}
