use secrecy::SecretString;

use super::super::super::{ClientToken, Directory, User};
use super::*;

/// Knows `alice` with these flags, and answers a change so.
async fn with_alice(flags: &'static str, changed: (u32, &'static str)) -> (LdapDirectory, testing::Asked) {
    domain(after_bind(move |asked| match asked {
        _ if asked.starts_with("modify") => Answer::Result(changed.0, changed.1),
        _ => {
            let (dn, mut attributes) = computer(flags);
            attributes[0].1 = vec![b"Alice".to_vec()];
            Answer::Objects(vec![(dn, attributes)], "")
        }
    }))
    .await
}

fn changes(asked: &testing::Asked) -> Vec<String> {
    asked.lock().unwrap().iter().filter(|line| line.starts_with("modify")).cloned().collect()
}

async fn disable(flags: &'static str) -> Vec<String> {
    let (directory, asked) = with_alice(flags, (0, "")).await;
    directory.disable(&"alice".parse().unwrap(), &ClientToken::new("t")).await.unwrap();
    changes(&asked)
}

#[tokio::test]
async fn disables_a_user_and_leaves_his_other_flags_as_they_are() {
    let [change] = &disable("66048").await[..] else { panic!("one change") };
    assert!(
        change.contains(&format!("<GUID={GUID}>")) && change.contains("(userAccountControl (66050))"),
        "{change}"
    );
    assert_eq!(disable("66050").await, Vec::<String>::new(), "he is disabled already");
    let [change] = &disable("-2147483136").await[..] else { panic!("one change") };
    assert!(change.contains("(-2147483134)"), "{change}");
}

async fn enable(flags: &'static str) -> Vec<String> {
    let (directory, asked) = with_alice(flags, (0, "")).await;
    directory.enable(&"alice".parse().unwrap()).await.unwrap();
    changes(&asked)
}

#[tokio::test]
async fn enables_a_user_and_leaves_his_other_flags_as_they_are() {
    let [change] = &enable("66050").await[..] else { panic!("one change") };
    assert!(
        change.contains(&format!("<GUID={GUID}>")) && change.contains("(userAccountControl (66048))"),
        "{change}"
    );
    assert_eq!(enable("66048").await, Vec::<String>::new(), "he is enabled already");
    let [change] = &enable("-2147483134").await[..] else { panic!("one change") };
    assert!(change.contains("(-2147483136)"), "{change}");
}

#[tokio::test]
async fn a_password_goes_quoted_and_nothing_else_is_changed() {
    let (directory, asked) = with_alice("514", (0, "")).await;
    directory.reset_password(&"alice".parse().unwrap(), &SecretString::from("né")).await.unwrap();
    let [change] = &changes(&asked)[..] else { panic!("one change") };
    assert!(change.ends_with("(unicodePwd (22006e00e9002200)))))"), "{change}");
}

#[tokio::test]
async fn tells_what_the_policy_refuses_from_other_failures() {
    let cases = [
        ((19, "0000052D: too short"), true),
        ((53, "0000052D: SvcErr: DSID-031A12D2"), true),
        ((53, "0000001F: SvcErr: no secure connection"), false),
        ((50, "00000005: SecErr"), false),
    ];
    for (answer, refused) in cases {
        let (directory, _) = with_alice("512", answer).await;
        let error =
            directory.reset_password(&"alice".parse().unwrap(), &"Secret-One-1".into()).await.unwrap_err();
        assert_eq!(matches!(error, DirectoryError::PasswordRefused { .. }), refused, "{error}");
        assert!(
            error.kind() == Kind::Permanent && !format!("{error:?}").contains("Secret-One-1"),
            "{error:?}"
        );
    }
}

#[tokio::test]
async fn an_unknown_user_is_not_found_and_another_ones_answer_is_unusable() {
    let (directory, _) = domain(after_bind(|_| Answer::Objects(vec![], ""))).await;
    let nobody = "nobody".parse().unwrap();
    let not_found = Err(DirectoryError::UserNotFound("nobody".to_owned()));
    assert_eq!(directory.user(&nobody).await, not_found);
    assert_eq!(
        directory.disable(&nobody, &ClientToken::new("t")).await.map(|()| None::<()>),
        not_found.map(|_| None)
    );
    assert!(matches!(directory.enable(&nobody).await, Err(DirectoryError::UserNotFound(_))));
    let (directory, _) = with_alice("512", (0, "")).await;
    assert!(matches!(directory.user(&nobody).await, Err(DirectoryError::Answer { .. })));
    assert_eq!(directory.user(&"ALICE".parse().unwrap()).await.unwrap().name.as_str(), "Alice");
}

#[tokio::test]
async fn asks_for_groups_of_groups_by_a_name_that_cannot_change_the_filter() {
    let (directory, asked) = domain(after_bind(|asked| {
        let (_, mut attributes) = computer("512");
        attributes[0].1 = vec![b"Staff".to_vec()];
        attributes.push(("primaryGroupID", vec![b"513".to_vec()]));
        let dn = if asked.contains("0102") { "CN=Staff" } else { "CN=Alice (cn=*)" };
        Answer::Objects(vec![(format!("{dn},DC=corp,DC=example,DC=test"), attributes)], "")
    }))
    .await;
    let alice = User { name: "alice".parse().unwrap(), sid: sid(), domain: DOMAIN.to_owned(), enabled: true };
    assert_eq!(directory.groups(&alice).await, Ok(["staff".to_owned()].into()));
    let asked = asked.lock().unwrap();
    // The primary group is another account of the same domain: 513 instead of 1104.
    assert!(
        asked[2].contains("(objectSid 0105000000000005150000000100000002000000ffffffff01020000)"),
        "{asked:?}"
    );
    for dn in ["CN=Alice (cn=*)", "CN=Staff"] {
        assert!(asked[3].contains(&format!("(1.2.840.113556.1.4.1941 member {dn},DC=corp")), "{asked:?}");
    }
}
