use serde_json::json;
use steward_core::wire::{Answer, Asked, fake};

use super::*;

const SECRET: &str = "arn:aws:secretsmanager:eu-west-1:999999999999:secret:join-AbCdEf";

fn stores(answer: impl Fn(&str) -> Answer + Send + Sync + 'static) -> (PasswordStores, Asked) {
    let (sdk, asked) = fake(move |what, _| answer(what));
    let parameters = aws_sdk_ssm::Client::new(&sdk);
    (PasswordStores { parameters, secrets: aws_sdk_secretsmanager::Client::new(&sdk) }, asked)
}

fn parameter(kind: &str, value: &str) -> String {
    json!({"Parameter": {"Name": "p", "Type": kind, "Value": value}}).to_string()
}

#[tokio::test]
async fn reads_a_secure_parameter() {
    let (stores, asked) = stores(|_| Answer::ok(parameter("SecureString", "canary-1")));
    assert_eq!(stores.join_password("/join/password").await.unwrap().expose_secret(), "canary-1");
    assert_eq!(
        asked.lock().unwrap()[..],
        [r#"AmazonSSM.GetParameter {"Name":"/join/password","WithDecryption":true}"#]
    );
}

#[tokio::test]
async fn reads_a_secret_in_the_shapes_that_rotation_knows() {
    let text = r#"{"Directory ID":"d-9067012345","UserName":"svc-join","Password":"canary-1"}"#;
    let (stores, asked) = stores(move |_| Answer::ok(json!({"SecretString": text}).to_string()));
    assert_eq!(stores.join_password(SECRET).await.unwrap().expose_secret(), "canary-1");
    assert_eq!(
        asked.lock().unwrap()[..],
        [format!(r#"secretsmanager.GetSecretValue {{"SecretId":"{SECRET}"}}"#)]
    );
}

#[tokio::test]
async fn what_is_readable_for_many_or_empty_or_no_credential_is_refused_without_its_value() {
    let answers = [
        (parameter("String", "canary-1"), "/p", "not a SecureString"),
        (parameter("SecureString", ""), "/p", "empty"),
        ("{}".to_owned(), "/p", "no Parameter"),
        (json!({"SecretString": "canary-1"}).to_string(), SECRET, "JSON"),
        (json!({"SecretBinary": "Y2FuYXJ5"}).to_string(), SECRET, "JSON"),
    ];
    for (answer, place, words) in answers {
        let (stores, _) = stores(move |_| Answer::ok(answer.clone()));
        let error = stores.join_password(place).await.unwrap_err();
        assert!(error.to_string().contains(words), "{error}");
        assert_eq!(error.to_string().contains(SECRET), place == SECRET, "{error}");
        assert!(error.kind == Kind::Permanent && !format!("{error:?}").contains("canary"), "{error:?}");
    }
}

#[tokio::test]
async fn a_failure_is_told_with_its_kind() {
    for (code, kind) in [("ThrottlingException", Kind::Transient), ("AccessDeniedException", Kind::Permanent)]
    {
        for place in ["/p", SECRET] {
            let (stores, _) = stores(move |_| Answer::error(400, code, "{}"));
            let error = stores.join_password(place).await.unwrap_err();
            assert!(error.kind == kind && error.to_string().contains(code), "{error}");
        }
    }
}

/// Into adJoinUserPwParam a hurried person writes the password itself.
#[tokio::test]
async fn what_stands_where_a_parameters_name_should_is_never_shown() {
    let denied = r#"{"message":"not allowed: ssm:GetParameter on arn:aws:ssm:eu-west-1:111122223333:parameter/canary-1"}"#;
    let (stores, _) = stores(move |_| Answer::error(400, "AccessDeniedException", denied));
    let error = stores.join_password("canary-1").await.unwrap_err();
    assert!(error.to_string().contains("not allowed"), "{error}");
    assert!(error.to_string().contains("adJoinUserPwParam"), "{error}");
    assert!(!format!("{error} {error:?}").contains("canary"), "{error:?}");
}
