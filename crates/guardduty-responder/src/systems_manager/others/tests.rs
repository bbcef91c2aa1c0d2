use std::sync::{Arc, Mutex};

use aws_smithy_types::body::SdkBody;
use steward_core::accounts::Defaults;
use steward_core::wire;

use super::*;
use crate::systems_manager::{Asked, Reply, RunCommand, SessionOwner, SystemsManager};

const MEMBER: &str = "222233334444";
const INSTANCE: &str = "i-0123456789abcdef0";

/// A request: to which host, signed by whom, the operation, the body.
#[derive(Debug, Clone)]
struct Request {
    host: String,
    authorization: String,
    operation: String,
    body: String,
}

type Requests = Arc<Mutex<Vec<Request>>>;

/// The row of the member account, without an attribute or with another value.
fn row(change: (&str, &str)) -> Value {
    let mut row = json!({
        "accountId": {"S": MEMBER},
        "dnsName": {"S": "corp.example.test"},
        "dnsIP1": {"S": "10.0.0.10"},
        "assumeRoleARN": {"S": format!("arn:aws:iam::{MEMBER}:role/adsteward-member")},
        "externalId": {"S": "canary-external"},
        "regions": {"S": "eu-central-1,eu-west-1"},
    });
    match change {
        ("", _) => {}
        (name, "") => drop(row.as_object_mut().unwrap().remove(name)),
        (name, value) => row[name] = json!({"S": value}),
    }
    json!({"Item": row})
}

fn assumed() -> String {
    "<AssumeRoleResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><AssumeRoleResult><Credentials>\
     <AccessKeyId>MEMBERKEY</AccessKeyId><SecretAccessKey>member-secret</SecretAccessKey>\
     <SessionToken>member-token</SessionToken><Expiration>2036-11-11T21:29:54Z</Expiration></Credentials>\
     </AssumeRoleResult></AssumeRoleResponse>"
        .to_owned()
}

/// Systems Manager of a stack with other accounts; the table answers with `row`.
fn run_command(row: (u16, Value)) -> (RunCommand, Requests) {
    let requests = Requests::default();
    let log = requests.clone();
    let http =
        aws_smithy_http_client::test_util::infallible_client_fn(move |request: http::Request<SdkBody>| {
            let header = |name: &str| {
                request.headers().get(name).map_or("", |value| value.to_str().unwrap()).to_owned()
            };
            let body = String::from_utf8(request.body().bytes().unwrap().to_vec()).unwrap();
            let operation = match header("x-amz-target") {
                target if target.is_empty() => "AssumeRole".to_owned(),
                target => target.rsplit('.').next().unwrap().to_owned(),
            };
            let (status, text) = match operation.as_str() {
                "GetItem" => (row.0, row.1.to_string()),
                "AssumeRole" => (200, assumed()),
                "SendCommand" => (200, json!({"Command": {"CommandId": "c-1"}}).to_string()),
                "GetCommandInvocation" => (200, json!({"Status": "InProgress"}).to_string()),
                _ => (200, json!({"InstanceInformationList": []}).to_string()),
            };
            let host = request.uri().host().unwrap().to_owned();
            let authorization = header("authorization");
            log.lock().unwrap().push(Request { host, authorization, operation, body });
            http::Response::builder().status(status).body(SdkBody::from(text)).unwrap()
        });
    let (sdk, _) = wire::fake(|_, _| wire::Answer::ok("{}"));
    let sdk = sdk.into_builder().http_client(http).build();
    let documents = |prefix: &str| Documents {
        identify: format!("{prefix}-identify-user"),
        end_sessions: format!("{prefix}-end-sessions"),
    };
    let defaults = Defaults {
        own_account: "111122223333".parse().unwrap(),
        directory: "d-9067012345".parse().unwrap(),
        ou: "OU=Computers,DC=corp,DC=example,DC=test".to_owned(),
    };
    let table = aws_sdk_dynamodb::Client::new(&sdk);
    let systems = RunCommand {
        client: Client::new(&sdk),
        account: "111122223333".parse().unwrap(),
        region: "eu-west-1".parse().unwrap(),
        documents: documents("home"),
        kill_switch_parameter: "/adsteward/kill-switch".to_owned(),
        others: Some(OtherAccounts {
            accounts: AccountTable::new(table, "adsteward-accounts".to_owned(), defaults),
            documents: documents("adsteward"),
            sdk,
        }),
    };
    (systems, requests)
}

fn place(account: &str, region: &str) -> Place {
    let instance = INSTANCE.parse().unwrap();
    Place { account: account.parse().unwrap(), region: region.parse().unwrap(), instance }
}

fn there() -> Place {
    place(MEMBER, "eu-central-1")
}

fn owner() -> SessionOwner {
    SessionOwner { user: "alice".parse().unwrap(), uid: 5, process: "7:0".to_owned() }
}

/// A field of a form, decoded.
fn field(body: &str, name: &str) -> String {
    let pair = body.split('&').find_map(|pair| pair.strip_prefix(&format!("{name}="))).unwrap();
    let mut parts = pair.split('%');
    let mut bytes = parts.next().unwrap().as_bytes().to_vec();
    for part in parts {
        bytes.push(u8::from_str_radix(&part[..2], 16).unwrap());
        bytes.extend_from_slice(&part.as_bytes()[2..]);
    }
    String::from_utf8(bytes).unwrap()
}

#[tokio::test]
async fn each_call_goes_by_the_role_with_its_external_id_and_may_do_nothing_else() {
    let (systems, requests) = run_command((200, row(("", ""))));
    assert_eq!(systems.closed(&there()).await.unwrap(), None);
    assert_eq!(systems.ask(&there(), "7:5:0").await.unwrap(), Asked::Command("c-1".to_owned()));
    systems.end_sessions(&there(), &owner()).await.unwrap();
    assert_eq!(systems.reply(&there(), "c-1").await.unwrap(), Reply::Pending);
    systems.members(&there(), "corp.example.test").await.unwrap();

    let run = |document: &str| {
        let document = format!("arn:aws:ssm:eu-central-1:{MEMBER}:document/{document}");
        let instance = format!("arn:aws:ec2:eu-central-1:{MEMBER}:instance/{INSTANCE}");
        ("ssm:SendCommand", json!([document, instance]))
    };
    let expected = [
        ("SendCommand", run("adsteward-identify-user")),
        ("SendCommand", run("adsteward-end-sessions")),
        ("GetCommandInvocation", ("ssm:GetCommandInvocation", json!("*"))),
        ("DescribeInstanceInformation", ("ssm:DescribeInstanceInformation", json!("*"))),
    ];
    let requests = requests.lock().unwrap().clone();
    assert_eq!(requests[0].operation, "GetItem", "the row is read once, and kept for a minute");
    assert_eq!(requests.len(), 1 + 2 * expected.len());
    for ((operation, (action, resource)), pair) in expected.into_iter().zip(requests[1..].chunks(2)) {
        let [role, call] = pair else { panic!("{pair:?}") };
        assert_eq!((role.operation.as_str(), call.operation.as_str()), ("AssumeRole", operation));
        assert_eq!(field(&role.body, "RoleArn"), format!("arn:aws:iam::{MEMBER}:role/adsteward-member"));
        assert_eq!(field(&role.body, "ExternalId"), "canary-external");
        assert_eq!(field(&role.body, "RoleSessionName"), format!("adsteward-{INSTANCE}"));
        let policy: Value = serde_json::from_str(&field(&role.body, "Policy")).unwrap();
        let granted = json!([{"Effect": "Allow", "Action": action, "Resource": resource}]);
        assert_eq!(policy["Statement"], granted);
        assert_eq!(call.host, "ssm.eu-central-1.amazonaws.com");
        assert!(call.authorization.contains("Credential=MEMBERKEY/"), "{}", call.authorization);
    }
    assert!(
        requests[2].body.contains("\"DocumentName\":\"adsteward-identify-user\""),
        "{}",
        requests[2].body
    );
}

#[tokio::test]
async fn the_stacks_own_place_needs_no_row_and_no_role() {
    let (systems, requests) = run_command((200, json!({})));
    let home = place("111122223333", "eu-west-1");
    assert_eq!(systems.closed(&home).await.unwrap(), None);
    systems.ask(&home, "7:5:0").await.unwrap();
    let [request] = &requests.lock().unwrap()[..] else { panic!("one request") };
    assert_eq!(request.host, "ssm.eu-west-1.amazonaws.com");
    assert!(request.authorization.contains("Credential=access/"), "{}", request.authorization);
    assert!(request.body.contains("\"DocumentName\":\"home-identify-user\""), "{}", request.body);
}

/// Nobody is reached: not by the look before, and not by any call after it.
async fn check_closed(answer: Value, place: &Place, reason: Refusal) {
    let (systems, requests) = run_command((200, answer));
    assert_eq!(systems.closed(place).await.unwrap(), Some(reason));
    let errors = [
        systems.ask(place, "7:5:0").await.err(),
        systems.end_sessions(place, &owner()).await.err(),
        systems.reply(place, "c-1").await.err(),
        systems.members(place, "corp.example.test").await.err(),
    ];
    for error in errors {
        let error = error.unwrap();
        assert!(error.kind() == Kind::Permanent && error.to_string().contains(reason.text()), "{error}");
    }
    let requests = requests.lock().unwrap();
    assert!(requests.iter().all(|request| request.operation == "GetItem"), "{reason}: {requests:?}");
}

#[tokio::test]
async fn without_a_row_that_fits_and_has_the_region_nobody_is_reached() {
    check_closed(json!({}), &there(), Refusal::NoAccountRow).await;
    check_closed(row(("regions", "eu-west-1")), &there(), Refusal::OtherRegion).await;
    for change in [
        ("assumeRoleARN", "arn:aws:iam::444455556666:role/adsteward-member"),
        ("assumeRoleARN", ""),
        ("externalId", ""),
        ("dnsIP1", "10.0.0"),
        ("regions", ","),
        ("accountId", "444455556666"),
    ] {
        check_closed(row(change), &there(), Refusal::RowUnusable).await;
    }
    // The own account's row may do without a role, which then leads to its own Region only.
    let own = row(("assumeRoleARN", "")).to_string().replace(MEMBER, "111122223333");
    let elsewhere = place("111122223333", "eu-central-1");
    check_closed(serde_json::from_str(&own).unwrap(), &elsewhere, Refusal::RowUnusable).await;
}

#[tokio::test]
async fn a_table_that_cannot_be_read_is_no_answer_and_asked_again() {
    let busy = json!({"__type": "ProvisionedThroughputExceededException"});
    let (systems, requests) = run_command((400, busy));
    assert_eq!(systems.closed(&there()).await.unwrap_err().kind(), Kind::Transient);
    assert_eq!(systems.ask(&there(), "7:5:0").await.unwrap_err().kind(), Kind::Transient);
    assert!(requests.lock().unwrap().iter().all(|request| request.operation == "GetItem"));
}

#[tokio::test]
async fn a_stack_without_other_accounts_reaches_none() {
    let (mut systems, requests) = run_command((200, row(("", ""))));
    systems.others = None;
    assert_eq!(systems.closed(&there()).await.unwrap(), Some(Refusal::NoAccountRow));
    assert!(systems.ask(&there(), "7:5:0").await.is_err());
    assert!(requests.lock().unwrap().is_empty());
}
