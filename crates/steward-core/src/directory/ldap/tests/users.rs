use secrecy::SecretString;

use super::super::super::{ClientToken, Directory};
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
    let (directory, _) = with_alice("512", (0, "")).await;
    assert!(matches!(directory.user(&nobody).await, Err(DirectoryError::Answer { .. })));
    assert_eq!(directory.user(&"ALICE".parse().unwrap()).await.unwrap().name.as_str(), "Alice");
}
