//! The wire: what is sent to Secrets Manager, and what becomes of its answers.

use serde_json::{Value, json};
use steward_core::wire::{Answer, Asked, fake};

use super::*;
use crate::event::Scope;

const A: &str = "aaaaaaaa-aaaa-aaaa-aaaa-aaaaaaaaaaaa";
const T: &str = "tttttttt-tttt-tttt-tttt-tttttttttttt";

fn manager(answer: impl Fn(&str) -> Answer + Send + Sync + 'static) -> (SecretsManager, Asked) {
    let (sdk, asked) = fake(move |what, _| answer(what));
    (SecretsManager { client: Client::new(&sdk) }, asked)
}

fn event(rotation_token: Option<&str>) -> Event {
    let scope = Scope { account: "111122223333".parse().unwrap(), region: "eu-west-1".to_owned() };
    let mut event = json!({
        "Step": "createSecret",
        "SecretId": "arn:aws:secretsmanager:eu-west-1:111122223333:secret:join-Ab12Cd",
        "ClientRequestToken": T,
    });
    if let Some(token) = rotation_token {
        event["RotationToken"] = token.into();
    }
    Event::read(&event, &scope).unwrap()
}

fn sent(asked: &Asked, at: usize) -> (String, Value) {
    let line = asked.lock().unwrap()[at].clone();
    let (target, body) = line.split_once(' ').unwrap();
    (target.trim_start_matches("secretsmanager.").to_owned(), serde_json::from_str(body).unwrap())
}

#[tokio::test]
async fn reads_the_labels() {
    let body = format!(
        r#"{{"RotationEnabled":true,"VersionIdsToStages":{{"{A}":["AWSCURRENT"],"{T}":["AWSPENDING","mine"],
        "some-other":["AWSPREVIOUS"]}}}}"#
    );
    let (manager, _) = manager(move |_| Answer::ok(body.clone()));
    let labels = manager.labels(&event(None).secret).await.unwrap();
    let expected = Labels {
        current: Some(A.parse().unwrap()),
        pending: Some(T.parse().unwrap()),
        rotation_is_off: false,
    };
    assert_eq!(labels, expected);
}

#[tokio::test]
async fn rotation_is_off_only_where_the_service_says_so() {
    for (body, off) in
        [(r#"{"RotationEnabled":false}"#, true), (r#"{"RotationEnabled":true}"#, false), ("{}", false)]
    {
        let (manager, _) = manager(move |_| Answer::ok(body));
        assert_eq!(manager.labels(&event(None).secret).await.unwrap().rotation_is_off, off, "{body}");
    }
}

#[tokio::test]
async fn a_version_that_is_empty_or_not_there_has_no_text() {
    let (manager, asked) = manager(|_| Answer::error(400, "ResourceNotFoundException", "{}"));
    let secret = event(None).secret;
    let version = T.parse().unwrap();
    for (which, member, value) in [
        (Which::Current, "VersionStage", CURRENT),
        (Which::Previous, "VersionStage", PREVIOUS),
        (Which::Version(&version), "VersionId", T),
    ] {
        assert!(manager.text(&secret, which).await.unwrap().is_none());
        let at = asked.lock().unwrap().len() - 1;
        let (_, body) = sent(&asked, at);
        assert_eq!(body[member], value);
        assert_eq!(body.as_object().unwrap().len(), 2, "{body}");
    }
}

#[tokio::test]
async fn bytes_are_no_text() {
    let (manager, _) = manager(|_| Answer::ok(r#"{"SecretBinary":"Y2FuYXJ5"}"#));
    let error = manager.text(&event(None).secret, Which::Current).await.unwrap_err();
    assert_eq!(error.kind(), Kind::Permanent);
}

#[tokio::test]
async fn stores_the_version_as_awspending_and_passes_the_rotation_token_through() {
    for token in [None, Some("canary-token")] {
        let (manager, asked) = manager(|_| Answer::ok("{}"));
        let put = manager.put_pending(&event(token), &SecretString::from("canary-text")).await;
        assert_eq!(put, Ok(Put::Stored));
        let (operation, body) = sent(&asked, 0);
        assert_eq!(operation, "PutSecretValue");
        assert_eq!((&body["ClientRequestToken"], &body["VersionStages"]), (&json!(T), &json!([PENDING])));
        assert_eq!(body.get("RotationToken"), token.map(Value::from).as_ref());
    }
}

#[tokio::test]
async fn a_version_that_is_taken_is_told_from_a_failure_and_neither_shows_a_secret() {
    let put = async |status, code| {
        let (manager, _) = manager(move |_| Answer::error(status, code, "{}"));
        manager.put_pending(&event(Some("canary-token")), &SecretString::from("canary-text")).await
    };
    assert_eq!(put(400, "ResourceExistsException").await, Ok(Put::Taken));
    let cases = [
        (400, "ThrottlingException", Kind::Transient),
        (500, "InternalServiceError", Kind::Transient),
        (400, "AccessDeniedException", Kind::Permanent),
        (400, "EncryptionFailure", Kind::Permanent),
        (400, "InvalidRequestException", Kind::Permanent),
    ];
    for (status, code, kind) in cases {
        let error = put(status, code).await.unwrap_err();
        assert_eq!(error.kind(), kind, "{error}");
        assert!(!format!("{error} {error:?}").contains("canary"), "{error:?}");
    }
}

#[tokio::test]
async fn a_label_is_moved_only_from_where_it_was_seen() {
    let (manager, asked) = manager(|_| Answer::ok("{}"));
    let secret = event(None).secret;
    let (a, t) = (A.parse().unwrap(), T.parse().unwrap());
    assert_eq!(manager.make_current(&secret, Some(&a), &t).await, Ok(Moved::Yes));
    assert_eq!(manager.drop_pending(&secret, &t).await, Ok(Moved::Yes));
    let (_, body) = sent(&asked, 0);
    assert_eq!(
        (&body["VersionStage"], &body["MoveToVersionId"], &body["RemoveFromVersionId"]),
        (&json!(CURRENT), &json!(T), &json!(A))
    );
    let (_, body) = sent(&asked, 1);
    assert_eq!(
        (&body["VersionStage"], &body["RemoveFromVersionId"], body.get("MoveToVersionId")),
        (&json!(PENDING), &json!(T), None)
    );
}

#[tokio::test]
async fn a_label_that_was_elsewhere_is_told_from_a_failure() {
    let (manager, _) = manager(|_| Answer::error(400, "InvalidParameterException", "{}"));
    let version = T.parse().unwrap();
    assert_eq!(manager.drop_pending(&event(None).secret, &version).await, Ok(Moved::WasElsewhere));
}

#[tokio::test]
async fn asks_for_a_password_by_the_recipe() {
    let (manager, asked) = manager(|_| Answer::ok(r#"{"RandomPassword":"canary-1"}"#));
    let recipe = Recipe::new(40, "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~").unwrap();
    let password = manager.random_password(&recipe).await.unwrap();
    assert_eq!(password.expose_secret(), "canary-1");
    let (_, body) = sent(&asked, 0);
    assert_eq!(
        (&body["PasswordLength"], &body["ExcludePunctuation"], &body["ExcludeNumbers"]),
        (&json!(40), &json!(true), &json!(false))
    );
    assert_eq!((&body["IncludeSpace"], &body["RequireEachIncludedType"]), (&json!(false), &json!(true)));
    let (empty, _) = super::tests::manager(|_| Answer::ok("{}"));
    assert_eq!(empty.random_password(&recipe).await.unwrap_err().kind(), Kind::Transient);
}
