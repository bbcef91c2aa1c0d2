use std::sync::{Arc, Mutex};

use crate::wire;
use aws_smithy_types::body::SdkBody;
use secrecy::SecretString;
use serde_json::json;

use super::*;
use crate::accounts::Mode;
use crate::member::{Instance, Member, Platform, Reply, Sent, State};

const INSTANCE: &str = "i-0123456789abcdef0";
const ROLE: &str = "arn:aws:iam::111122223333:role/adsteward-member";
const COMMAND: &str = "e8d3c0e4-71f7-4491-898f-c9b35bee5f3b";

fn place(instance: &str) -> Place {
    Place {
        account: "111122223333".parse().unwrap(),
        region: "eu-central-1".parse().unwrap(),
        instance: instance.parse().unwrap(),
    }
}

fn account(mode: Mode) -> Account {
    Account {
        id: "111122223333".parse().unwrap(),
        domain: "corp.example.com".to_owned(),
        controllers: vec!["10.0.0.10".parse().unwrap()],
        directory: "d-9067012345".parse().unwrap(),
        ou: "OU=Computers,OU=CORP,DC=corp,DC=example,DC=com".to_owned(),
        role: None,
        mode,
        regions: Vec::new(),
        groups: Vec::new(),
        reboot: false,
    }
}

/// A request: where to, for whom, what.
#[derive(Debug, Clone)]
struct Request {
    host: String,
    authorization: String,
    what: String,
    body: String,
}

type Requests = Arc<Mutex<Vec<Request>>>;

/// Member accounts of which each request is answered by its operation.
fn accounts(
    answer: impl Fn(&str, &str) -> (u16, String) + Send + Sync + 'static,
) -> (MemberAccounts, Requests) {
    let requests = Requests::default();
    let log = requests.clone();
    let http =
        aws_smithy_http_client::test_util::infallible_client_fn(move |request: http::Request<SdkBody>| {
            let header = |name: &str| {
                request.headers().get(name).map_or("", |value| value.to_str().unwrap()).to_owned()
            };
            let body = String::from_utf8(request.body().bytes().unwrap().to_vec()).unwrap();
            let what = match header("x-amz-target") {
                target if target.is_empty() => {
                    body.split('&').find_map(|pair| pair.strip_prefix("Action=")).unwrap().to_owned()
                }
                target => target.rsplit('.').next().unwrap().to_owned(),
            };
            let host = request.uri().host().unwrap().to_owned();
            let (status, text) = answer(&what, &body);
            let authorization = header("authorization");
            log.lock().unwrap().push(Request { host, authorization, what, body });
            http::Response::builder().status(status).body(SdkBody::from(text)).unwrap()
        });
    let (sdk, _) = wire::fake(|_, _| wire::Answer::ok("{}"));
    let sdk = sdk.into_builder().http_client(http).build();
    let documents = vec!["adsteward-join-linux".to_owned(), "adsteward-join-windows".to_owned()];
    (MemberAccounts::new(&sdk, documents), requests)
}

fn assumed() -> String {
    "<AssumeRoleResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><AssumeRoleResult><Credentials>\
     <AccessKeyId>MEMBERKEY</AccessKeyId><SecretAccessKey>member-secret</SecretAccessKey>\
     <SessionToken>member-token</SessionToken><Expiration>2036-11-11T21:29:54Z</Expiration></Credentials>\
     </AssumeRoleResult></AssumeRoleResponse>"
        .to_owned()
}

fn described(id: &str, state: &str, platform: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<DescribeInstancesResponse \
         xmlns=\"http://ec2.amazonaws.com/doc/2016-11-15/\"><requestId>r</requestId><reservationSet><item>\
         <ownerId>111122223333</ownerId><groupSet/><instancesSet>\n <item>\n  <instanceId>{id}</instanceId>\
         <instanceState><code>16</code><name>{state}</name></instanceState>{platform}\
         <networkInterfaceSet><item><privateIpAddress>10.9.9.9</privateIpAddress><tagSet><item><key>no</key>\
         </item></tagSet></item></networkInterfaceSet><privateIpAddress>10.0.3.7</privateIpAddress><tagSet>\
         <item><key>adGroupName</key><value>Linux &amp; &#x41;&lt;b&gt;</value></item><item><key>empty</key>\
         <value/></item></tagSet></item>\n</instancesSet></item></reservationSet></DescribeInstancesResponse>"
    )
}

fn failure(code: &str) -> String {
    format!(
        "<Response><Errors><Error><Code>{code}</Code><Message>words</Message></Error></Errors></Response>"
    )
}

fn member_account() -> Account {
    let external_id = SecretString::from("canary-external");
    let role = Some(MemberRole { arn: ROLE.to_owned(), external_id });
    Account { role, ..account(Mode::OneTime) }
}

/// An own account's instance, each of whose requests gets this answer.
async fn open(status: u16, answer: String) -> (OpenMember, Requests) {
    let (accounts, requests) = accounts(move |_, _| (status, answer.clone()));
    (accounts.open(&account(Mode::OneTime), &place(INSTANCE)).await.unwrap(), requests)
}

async fn look(status: u16, answer: String) -> Result<Option<Instance>, MemberError> {
    open(status, answer).await.0.instance().await
}

fn form(body: &str, name: &str) -> String {
    let value = body.split('&').find_map(|pair| pair.strip_prefix(&format!("{name}="))).unwrap();
    let mut bytes = Vec::new();
    let mut rest = value.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'%' => {
                let digits = [rest.next().unwrap(), rest.next().unwrap()];
                u8::from_str_radix(std::str::from_utf8(&digits).unwrap(), 16).unwrap()
            }
            byte => byte,
        });
    }
    String::from_utf8(bytes).unwrap()
}

#[tokio::test]
async fn a_role_is_assumed_for_this_instance_and_our_documents_and_nothing_else() {
    let (accounts, requests) = accounts(|_, _| (200, assumed()));
    accounts.open(&member_account(), &place(INSTANCE)).await.unwrap();
    let request = requests.lock().unwrap()[0].clone();
    assert_eq!((request.what.as_str(), requests.lock().unwrap().len()), ("AssumeRole", 1));
    assert_eq!(form(&request.body, "RoleArn"), ROLE);
    assert_eq!(form(&request.body, "ExternalId"), "canary-external");
    assert_eq!(form(&request.body, "RoleSessionName"), format!("adsteward-{INSTANCE}"));
    assert_eq!(form(&request.body, "DurationSeconds"), "900");
    let policy: Value = serde_json::from_str(&form(&request.body, "Policy")).unwrap();
    let expected = json!({
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Action": "ssm:SendCommand",
                "Resource": [
                    "arn:aws:ssm:eu-central-1:111122223333:document/adsteward-join-linux",
                    "arn:aws:ssm:eu-central-1:111122223333:document/adsteward-join-windows",
                    format!("arn:aws:ec2:eu-central-1:111122223333:instance/{INSTANCE}"),
                ],
            },
            {
                "Effect": "Allow",
                "Action": ["ec2:DescribeInstances", "ssm:GetCommandInvocation"],
                "Resource": "*",
            },
        ],
    });
    assert_eq!(policy, expected);
    // STS takes 2048 characters, and role session names of 64.
    assert!(policy.to_string().len() < 1000);
}

#[tokio::test]
async fn other_partitions_have_arns_of_their_own() {
    let policy = session_policy("arn:aws-cn:iam::111122223333:role/x", &place(INSTANCE), &["d".to_owned()]);
    let text = policy.to_string();
    assert!(
        text.contains("arn:aws-cn:ssm:") && text.contains("arn:aws-cn:ec2:") && !text.contains("arn:aws:")
    );
}

#[tokio::test]
async fn calls_go_to_the_instances_region_with_the_roles_credentials() {
    let (accounts, requests) = accounts(|what, _| match what {
        "AssumeRole" => (200, assumed()),
        "DescribeInstances" => (200, described(INSTANCE, "running", "")),
        _ => (200, json!({"Command": {"CommandId": COMMAND}}).to_string()),
    });
    let member = accounts.open(&member_account(), &place(INSTANCE)).await.unwrap();
    member.instance().await.unwrap();
    member.send("adsteward-join-linux", &[]).await.unwrap();
    let requests = requests.lock().unwrap();
    let [sts, ec2, ssm] = &requests[..] else { panic!("{requests:?}") };
    assert!(sts.host == "sts.eu-west-1.amazonaws.com" && sts.authorization.contains("Credential=access/"));
    assert_eq!(ec2.host, "ec2.eu-central-1.amazonaws.com");
    assert_eq!(ssm.host, "ssm.eu-central-1.amazonaws.com");
    for (request, service) in [(ec2, "ec2"), (ssm, "ssm")] {
        let scope = format!("/eu-central-1/{service}/aws4_request");
        let signed = &request.authorization;
        assert!(signed.contains("Credential=MEMBERKEY/") && signed.contains(&scope), "{signed}");
        assert!(!request.body.contains("canary"), "{}", request.body);
    }
}

#[tokio::test]
async fn the_own_account_is_entered_without_a_role() {
    let (member, requests) = open(200, described(INSTANCE, "running", "")).await;
    member.instance().await.unwrap();
    let requests = requests.lock().unwrap();
    assert_eq!(requests[0].what, "DescribeInstances");
    assert_eq!(requests[0].host, "ec2.eu-central-1.amazonaws.com");
    assert_eq!(
        requests[0].body,
        format!("Action=DescribeInstances&Version=2016-11-15&InstanceId.1={INSTANCE}")
    );
}

#[tokio::test]
async fn a_role_that_cannot_be_assumed_is_an_error_without_the_external_id() {
    let denied = "<ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied</Code><Message>no</Message></Error>\
                  </ErrorResponse>";
    for (status, answer, kind) in [
        (403, denied.to_owned(), Kind::Permanent),
        (503, String::new(), Kind::Transient),
        (400, denied.replace("AccessDenied", "Throttling"), Kind::Transient),
        (200, "<AssumeRoleResponse><AssumeRoleResult/></AssumeRoleResponse>".to_owned(), Kind::Permanent),
    ] {
        let (accounts, _) = accounts(move |_, _| (status, answer.clone()));
        let error = accounts.open(&member_account(), &place(INSTANCE)).await.unwrap_err();
        assert_eq!((error.operation, error.kind), ("AssumeRole", kind), "{error}");
        assert!(error.to_string().contains("111122223333"), "{error}");
        assert!(!format!("{error} {error:?}").contains("canary"), "{error:?}");
    }
}

#[tokio::test]
async fn reads_what_ec2_says_and_only_of_the_instance_itself() {
    let instance = look(200, described(INSTANCE, "running", "")).await.unwrap().unwrap();
    let tags = [("adGroupName", "Linux & A<b>"), ("empty", "")];
    let expected = Instance {
        state: State::Running,
        platform: Platform::Linux,
        address: Some("10.0.3.7".parse().unwrap()),
        tags: tags.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect(),
    };
    assert_eq!(instance, expected);
    let windows = described(INSTANCE, "running", "<platform>windows</platform>");
    assert_eq!(look(200, windows).await.unwrap().unwrap().platform, Platform::Windows);
    for (name, state) in [
        ("terminated", State::Terminated),
        ("pending", State::Between),
        ("shutting-down", State::Between),
        ("stopping", State::Between),
        ("stopped", State::Between),
    ] {
        assert_eq!(look(200, described(INSTANCE, name, "")).await.unwrap().unwrap().state, state);
    }
}

#[tokio::test]
async fn only_ec2s_own_word_makes_an_instance_unknown() {
    assert_eq!(look(400, failure("InvalidInstanceID.NotFound")).await.unwrap(), None);
    let nothing = "<DescribeInstancesResponse><reservationSet/></DescribeInstancesResponse>".to_owned();
    let doctype = format!("<!DOCTYPE x [<!ENTITY a \"b\">]>{}", described(INSTANCE, "running", ""));
    let entity = described(INSTANCE, "running", "<x>&unknown;</x>");
    let deep = format!("{}{}", "<a>".repeat(100_000), "</a>".repeat(100_000));
    for (status, answer, kind) in [
        (403, failure("UnauthorizedOperation"), Kind::Permanent),
        (400, failure("InvalidInstanceID.Malformed"), Kind::Permanent),
        (503, failure("RequestLimitExceeded"), Kind::Transient),
        (500, "<html>".to_owned(), Kind::Transient),
        (200, nothing, Kind::Transient),
        (200, described("i-00000000000000000", "running", ""), Kind::Transient),
        (200, described(INSTANCE, "rebooting", ""), Kind::Transient),
        (200, String::new(), Kind::Transient),
        (200, described(INSTANCE, "running", "")[..200].to_owned(), Kind::Transient),
        (200, doctype, Kind::Transient),
        (200, entity, Kind::Transient),
        (200, deep, Kind::Transient),
    ] {
        let start: String = answer.chars().take(120).collect();
        let error = look(status, answer).await.unwrap_err();
        assert_eq!((error.operation, error.kind), ("DescribeInstances", kind), "{start}: {error}");
    }
}

#[tokio::test]
async fn a_command_goes_to_the_one_instance_with_its_parameters_and_a_plain_comment() {
    let (member, requests) = open(200, json!({"Command": {"CommandId": COMMAND}}).to_string()).await;
    let parameters = [("Action", "join".to_owned()), ("Secret", "sealed-password-sealed".to_owned())];
    assert_eq!(
        member.send("adsteward-join-linux", &parameters).await.unwrap(),
        Sent::Command(COMMAND.to_owned())
    );
    let body: Value = serde_json::from_str(&requests.lock().unwrap()[0].body).unwrap();
    let expected = json!({
        "DocumentName": "adsteward-join-linux",
        "InstanceIds": [INSTANCE],
        "TimeoutSeconds": 120,
        "Comment": "adsteward: domain join",
        "Parameters": {"Action": ["join"], "Secret": ["sealed-password-sealed"]},
    });
    assert_eq!(body, expected);
}

#[tokio::test]
async fn an_agent_that_is_not_there_is_no_failure_and_a_failure_repeats_no_long_value() {
    let (absent, _) = open(400, json!({"__type": "InvalidInstanceId"}).to_string()).await;
    assert_eq!(absent.send("d", &[]).await.unwrap(), Sent::AgentAbsent);
    let sealed = "c2VhbGVkLXBhc3N3b3Jk".repeat(10);
    let told = json!({"__type": "InvalidParameters", "message": format!("Secret {sealed} does not fit")});
    let (refusing, _) = open(400, told.to_string()).await;
    let error = refusing.send("d", &[("Secret", sealed.clone())]).await.unwrap_err();
    assert_eq!((error.operation, error.kind), ("SendCommand", Kind::Permanent));
    assert!(error.to_string().contains("Secret (Secret) does not fit"), "{error}");
    let (throttled, _) = open(400, json!({"__type": "ThrottlingException"}).to_string()).await;
    assert_eq!(throttled.send("d", &[]).await.unwrap_err().kind, Kind::Transient);
    let (odd, _) = open(200, "{}".to_owned()).await;
    assert!(odd.send("d", &[]).await.is_err());
}

async fn reply(answer: Value) -> Reply {
    open(200, answer.to_string()).await.0.reply(COMMAND).await.unwrap()
}

#[tokio::test]
async fn each_status_of_a_command_is_pending_ended_or_lost_and_none_is_taken_for_success() {
    for status in ["Pending", "InProgress", "Delayed", "Cancelling"] {
        assert_eq!(reply(json!({"Status": status, "ResponseCode": -1})).await, Reply::Pending, "{status}");
    }
    let ended = |status, code| json!({"Status": status, "ResponseCode": code, "StandardOutputContent": "{}\n", "StatusDetails": status});
    for (status, code) in [("Success", 0), ("Failed", 13), ("Failed", 1)] {
        let expected = Reply::Ended { code, output: "{}\n".to_owned() };
        assert_eq!(reply(ended(status, code)).await, expected);
    }
    for (status, details) in [
        ("Failed", "Undeliverable"),
        ("Failed", "InvalidPlatform"),
        ("Cancelled", "Terminated"),
        ("Cancelled", "Cancelled"),
        ("TimedOut", "DeliveryTimedOut"),
        ("TimedOut", "ExecutionTimedOut"),
        ("SomethingNew", "SomethingNew"),
    ] {
        let told = json!({"Status": status, "StatusDetails": details, "ResponseCode": -1});
        assert_eq!(reply(told).await, Reply::Lost(details.to_owned()), "{status}");
    }
    assert_eq!(reply(json!({})).await, Reply::Lost("unknown".to_owned()));
}

#[tokio::test]
async fn a_command_that_is_not_shown_yet_is_pending_and_a_failure_is_told() {
    let (early, requests) = open(400, json!({"__type": "InvocationDoesNotExist"}).to_string()).await;
    assert_eq!(early.reply(COMMAND).await.unwrap(), Reply::Pending);
    let body: Value = serde_json::from_str(&requests.lock().unwrap()[0].body).unwrap();
    assert_eq!(body, json!({"CommandId": COMMAND, "InstanceId": INSTANCE}));
    let (denied, _) = open(400, json!({"__type": "AccessDeniedException"}).to_string()).await;
    let error = denied.reply(COMMAND).await.unwrap_err();
    assert_eq!((error.operation, error.kind), ("GetCommandInvocation", Kind::Permanent));
}
