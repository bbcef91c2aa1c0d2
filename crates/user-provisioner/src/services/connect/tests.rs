//! The wire: what Connect is asked, what it answers, and what becomes of it.

use std::time::Duration;

use steward_core::wire::{Answer as Wire, Asked, fake};

use super::*;
use crate::rules::Rule;
use crate::testing::{DOMAIN, facts};

fn connect(answer: impl Fn(&str, &str) -> Wire + Send + Sync + 'static) -> (Connect, Asked) {
    let (sdk, asked) = fake(answer);
    let settings = ConnectSettings {
        instance: "i-1".to_owned(),
        routing_profile: "r-1".to_owned(),
        security_profiles: vec!["s-1".to_owned()],
        phone_type: "SOFT_PHONE".to_owned(),
        auto_accept: false,
        after_contact_work_seconds: 0,
        name_delimiter: ".".to_owned(),
        domain: DOMAIN.to_owned(),
    };
    (Connect::new(&sdk, settings), asked)
}

fn order(change: impl FnOnce(&mut Facts)) -> Order {
    let mut user = facts("alice", 1104);
    change(&mut user);
    let rule = Rule {
        group: "*".to_owned(),
        services: Vec::new(),
        bundle: None,
        routing_profile: None,
        security_profiles: None,
    };
    Order { user, rule }
}

async fn create(answer: Wire) -> Result<Creation, ServiceError> {
    let (connect, _) = connect(move |_, _| answer.clone());
    connect.create(&order(|_| ())).await
}

#[tokio::test]
async fn an_agent_has_the_user_principal_name_and_the_directorys_names_and_nothing_that_saml_forbids() {
    let (connect, asked) = connect(|_, _| Wire::ok(r#"{"UserId":"u-1","UserArn":"arn"}"#));
    let made = connect.create(&order(|user| user.upn = Some("Alice@Corp.Example.Test".to_owned()))).await;
    assert_eq!(made, Ok(Creation::Made { id: "u-1".to_owned(), standing: Standing::Ready }));
    let asked = asked.lock().unwrap()[0].clone();
    let (what, body) = asked.split_once(" {").unwrap();
    assert_eq!(what, "PUT /users/i-1");
    let body: Value = serde_json::from_str(&format!("{{{body}")).unwrap();
    let expected = json!({
        "Username": "Alice@Corp.Example.Test",
        "IdentityInfo": {"FirstName": "alice", "LastName": "Example"},
        "PhoneConfig": {"PhoneType": "SOFT_PHONE", "AutoAccept": false, "AfterContactWorkTimeLimit": 0},
        "SecurityProfileIds": ["s-1"],
        "RoutingProfileId": "r-1",
    });
    assert_eq!(body, expected);
}

/// An answer that is lost to the SDK is one that nobody knows of, and a user who was made is called one who was there.
#[tokio::test]
async fn a_user_is_asked_for_once_and_everything_else_again() {
    let (sdk, asked) = fake(|_, _| Wire::error(500, "InternalServiceException", "{}"));
    let retries = aws_config::retry::RetryConfig::standard().with_initial_backoff(Duration::from_millis(1));
    let settings = connect(|_, _| Wire::ok("{}")).0.settings;
    let connect = Connect::new(&sdk.into_builder().retry_config(retries).build(), settings);
    connect.create(&order(|_| ())).await.unwrap_err();
    connect.status("u-1").await.unwrap_err();
    let asked = asked.lock().unwrap().clone();
    let count = |what: &str| asked.iter().filter(|call| call.starts_with(what)).count();
    assert_eq!((count("PUT"), count("GET")), (1, 3), "{asked:?}");
}

#[tokio::test]
async fn a_rule_may_give_other_profiles() {
    let (connect, asked) = connect(|_, _| Wire::ok(r#"{"UserId":"u-1"}"#));
    let mut order = order(|_| ());
    order.rule.routing_profile = Some("r-9".to_owned());
    order.rule.security_profiles = Some(vec!["s-8".to_owned(), "s-9".to_owned()]);
    connect.create(&order).await.unwrap();
    let asked = asked.lock().unwrap()[0].clone();
    assert!(asked.contains(r#""RoutingProfileId":"r-9""#) && asked.contains(r#"["s-8","s-9"]"#), "{asked}");
}

#[tokio::test]
async fn a_quota_is_told_from_a_throttle_although_both_are_429() {
    let words = r#"{"Message":"no more users"}"#;
    let quota = create(Wire::error(429, "LimitExceededException", words)).await.unwrap_err();
    assert!(
        matches!(quota, ServiceError::Quota { .. }) && quota.to_string().contains("no more users"),
        "{quota}"
    );
    let throttle = create(Wire::error(429, "ThrottlingException", "{}")).await.unwrap_err();
    assert!(matches!(throttle, ServiceError::Throttled { .. }) && throttle.kind() == Kind::Transient);
    let fault = create(Wire::error(500, "InternalServiceException:http://x/", "{}")).await.unwrap_err();
    assert_eq!(fault.kind(), Kind::Transient);
    for code in ["InvalidParameterException", "InvalidRequestException", "AccessDeniedException"] {
        let error = create(Wire::error(400, code, r#"{"Message":"no"}"#)).await.unwrap_err();
        assert_eq!(error.kind(), Kind::Permanent, "{error}");
        assert!(error.to_string().contains(code), "{error}");
    }
    let unreadable = create(Wire::ok("<html>")).await.unwrap_err();
    assert_eq!(unreadable.kind(), Kind::Transient);
    assert_eq!(create(Wire::ok("{}")).await.unwrap_err().kind(), Kind::Transient);
    for (header, body) in [
        ("DuplicateResourceException", "{}"),
        ("com.amazonaws.connect#DuplicateResourceException:http://x/", "{}"),
        ("", r#"{"__type":"com.amazonaws.connect#DuplicateResourceException"}"#),
        ("", r#"{"code":"DuplicateResourceException"}"#),
    ] {
        assert_eq!(create(Wire::error(409, header, body)).await, Ok(Creation::Exists), "{header} {body}");
    }
}

#[tokio::test]
async fn a_name_is_the_same_persons_only_if_the_identity_fits() {
    let users = r#"{"Users":[
        {"Id":"u-0","Username":"alice2@corp.example.test","IdentityInfo":{"FirstName":"Alice","LastName":"Example"}},
        {"Id":"u-1","Username":"Alice@corp.example.test","IdentityInfo":{"FirstName":"ALICE","LastName":"Example"}}]}"#;
    let (connect, asked) = connect(move |_, _| Wire::ok(users));
    let found = connect.find(&facts("alice", 1104)).await.unwrap().unwrap();
    assert_eq!((found.id.as_str(), found.other), ("u-1", None));
    let asked = asked.lock().unwrap()[0].clone();
    assert!(asked.starts_with("/search-users ") && asked.contains(r#""ComparisonType":"EXACT""#), "{asked}");
    let mut married = facts("alice", 1104);
    married.surname = Some("Other".to_owned());
    let found = connect.find(&married).await.unwrap().unwrap();
    assert!(found.other.unwrap().contains("ALICE Example"));
    assert_eq!(connect.find(&facts("bob", 1105)).await, Ok(None));
}

/// A user whom adsteward never saw, and of whom the event of his deletion tells name and SID only.
#[tokio::test]
async fn whose_principal_name_nobody_knows_is_looked_for_by_his_implicit_one_and_others_are_not() {
    let users = r#"{"Users":[{"Id":"u-1","Username":"alice@corp.example.test","IdentityInfo":{}}]}"#;
    let (connect, asked) = connect(move |_, _| Wire::ok(users));
    let nameless = |name: &str| Facts { name: name.to_owned(), ..Facts::default() };
    let guess = |name: &str, id: Option<&str>| {
        Ok(Some(Guess { name: format!("{name}@{DOMAIN}"), id: id.map(str::to_owned) }))
    };
    assert_eq!(connect.guess(&nameless("Alice")).await, guess("Alice", Some("u-1")));
    assert_eq!(connect.guess(&nameless("bob")).await, guess("bob", None));
    let long = "a".repeat(50);
    assert_eq!(connect.guess(&nameless(&long)).await, guess(&long, None), "nobody can be called so");
    assert_eq!(connect.guess(&facts("alice", 1104)).await, Ok(None), "his name is known");
    let asked = asked.lock().unwrap().clone();
    assert_eq!(asked.len(), 2, "{asked:?}");
    assert!(asked[0].contains(r#""Value":"Alice@corp.example.test""#), "{asked:?}");
}

#[tokio::test]
async fn a_leavers_agent_is_deleted_and_a_contained_users_is_kept() {
    let (connect, asked) = connect(|_, _| Wire::error(404, "ResourceNotFoundException", "{}"));
    for leaving in [Leaving::Disabled, Leaving::Deleted] {
        assert_eq!(connect.suspend("u-1", leaving).await, Ok(Suspension::Unseen));
    }
    assert!(matches!(connect.suspend("u-1", Leaving::Contained).await, Ok(Suspension::Kept(_))));
    assert_eq!(connect.status("u-1").await, Ok(Standing::Gone));
    let asked = asked.lock().unwrap().clone();
    assert_eq!(asked, ["DELETE /users/i-1/u-1 ", "DELETE /users/i-1/u-1 ", "GET /users/i-1/u-1 "]);
}

#[test]
fn names_come_from_the_directory_and_from_the_user_name_only_where_it_has_none() {
    let named = |change: fn(&mut Facts), delimiter: &str| {
        let mut user = facts("sfnfirst.sfnlast", 1104);
        change(&mut user);
        names(&user, delimiter)
    };
    let pair = |first: &str, last: &str| (first.to_owned(), last.to_owned());
    assert_eq!(named(|_| (), "."), pair("sfnfirst.sfnlast", "Example"));
    let nameless: fn(&mut Facts) = |user| (user.given_name, user.surname) = (None, None);
    assert_eq!(named(nameless, "."), pair("sfnfirst", "sfnlast"));
    assert_eq!(named(nameless, ""), pair("sfnfirst.sfnlast", "sfnfirst.sfnlast"));
    assert_eq!(named(|user| user.surname = None, "."), pair("sfnfirst.sfnlast", "sfnlast"));
    let dots: fn(&mut Facts) = |user| {
        nameless_and(user, "..");
    };
    assert_eq!(named(dots, "."), pair("..", ".."));
}

fn nameless_and(user: &mut Facts, name: &str) {
    (user.given_name, user.surname) = (None, None);
    name.clone_into(&mut user.name);
}

#[test]
fn a_user_principal_name_that_connect_does_not_take_is_said_before_it_is_asked() {
    let name = |upn: Option<&str>| {
        let mut user = facts("alice", 1104);
        user.upn = upn.map(str::to_owned);
        user_name(&user)
    };
    let long = format!("{}@corp.example.test", "a".repeat(50));
    for upn in
        [None, Some("alice"), Some("a b@corp.test"), Some("@corp.test"), Some("a@@corp.test"), Some(&long)]
    {
        assert!(matches!(name(upn), Err(ServiceError::Unfit(_))), "{upn:?}");
    }
    assert_eq!(name(Some("A.b-c_d@Corp.test")).unwrap(), "A.b-c_d@Corp.test");
}

#[tokio::test]
async fn requests_are_signed_for_connect_in_the_clients_region() {
    let header = std::sync::Arc::new(std::sync::Mutex::new(String::new()));
    let seen = header.clone();
    let (sdk, _) = fake(|_, _| Wire::ok("{}"));
    let http = aws_smithy_http_client::test_util::infallible_client_fn(move |request| {
        let value =
            |name: &str| request.headers().get(name).map_or("", |value| value.to_str().unwrap()).to_owned();
        *seen.lock().unwrap() = format!("{} {}", request.uri(), value("authorization"));
        http::Response::builder().status(200).body(aws_smithy_types::body::SdkBody::from("{}")).unwrap()
    });
    let sdk = sdk.into_builder().http_client(http).build();
    let settings = connect(|_, _| Wire::ok("{}")).0.settings;
    let _ = Connect::new(&sdk, settings).status("u-1").await;
    let header = header.lock().unwrap().clone();
    assert!(
        header.starts_with("https://connect.eu-west-1.amazonaws.com/users/i-1/u-1 AWS4-HMAC-SHA256 "),
        "{header}"
    );
    assert!(header.contains("/eu-west-1/connect/aws4_request") && header.contains("Signature="), "{header}");
}

/// By its user agent a request is told from others' in `CloudTrail`, and by the name of the application on the lab.
#[tokio::test]
async fn requests_say_who_asks_as_the_other_clients_do() {
    let seen = std::sync::Arc::new(std::sync::Mutex::new(String::new()));
    let header = seen.clone();
    let http = aws_smithy_http_client::test_util::infallible_client_fn(move |request| {
        *header.lock().unwrap() =
            request.headers().get("x-amz-user-agent").unwrap().to_str().unwrap().to_owned();
        http::Response::builder().status(200).body(aws_smithy_types::body::SdkBody::from("{}")).unwrap()
    });
    let (sdk, _) = fake(|_, _| Wire::ok("{}"));
    let app = aws_config::AppName::new("adsteward-test").unwrap();
    let sdk = sdk.into_builder().http_client(http).app_name(app).build();
    let settings = connect(|_, _| Wire::ok("{}")).0.settings;
    let _ = Connect::new(&sdk, settings).status("u-1").await;
    let agent = seen.lock().unwrap().clone();
    assert!(agent.contains("api/connect") && agent.contains("app/adsteward-test"), "{agent}");
}
