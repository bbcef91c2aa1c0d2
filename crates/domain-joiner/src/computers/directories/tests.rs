use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use serde_json::{Value, json};
use steward_core::wire::{Answer, Asked, fake};

use super::*;
use crate::account::Mode;
use crate::testing::{account, place, settings};

const SECRET: &str = "arn:aws:secretsmanager:eu-west-1:999999999999:secret:computers-AbCdEf";
const SID: &str = "S-1-5-21-1-2-3-1104";

fn ca_pem() -> String {
    let key = rcgen::KeyPair::generate().unwrap();
    let mut parameters = rcgen::CertificateParams::new(Vec::new()).unwrap();
    parameters.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    parameters.self_signed(&key).unwrap().pem()
}

/// Directories whose requests are answered by their operation; the secret's password counts how often it was read.
fn directories(answer: impl Fn(&str) -> Option<Answer> + Send + Sync + 'static) -> (Directories, Asked) {
    let ca = ca_pem();
    let reads = AtomicUsize::new(0);
    let (sdk, asked) = fake(move |what, _| {
        if let Some(answer) = answer(what) {
            return answer;
        }
        match what {
            "AmazonSSM.GetParameter" => Answer::ok(json!({"Parameter": {"Value": ca}}).to_string()),
            "secretsmanager.GetSecretValue" => {
                let password = format!("canary-{}", reads.fetch_add(1, Ordering::SeqCst));
                let secret =
                    json!({"Directory ID": "d-9067012345", "UserName": "svc-leave", "Password": password});
                Answer::ok(json!({"SecretString": secret.to_string()}).to_string())
            }
            _ => Answer::ok(json!({"Computer": {"ComputerId": SID}}).to_string()),
        }
    });
    // As every function has it: what is not repeated is so by its own doing.
    let retries = RetryConfig::standard().with_initial_backoff(Duration::from_millis(1));
    let sdk = sdk.into_builder().retry_config(retries).build();
    let directories = Directories::new(
        Client::new(&sdk),
        (aws_sdk_ssm::Client::new(&sdk), "/adsteward/ldaps-ca".to_owned()),
        (aws_sdk_secretsmanager::Client::new(&sdk), SECRET.to_owned()),
    );
    (directories, asked)
}

fn name() -> ComputerName {
    settings().name_of(&place("i-0123456789abcdef0"))
}

async fn create(directories: &Directories) -> Result<Creation, ComputersError> {
    let password = SecretString::from("canary-once");
    let account = account(Mode::OneTime);
    directories.create(&account, &name(), "adsteward i-0123456789abcdef0 7f3a", &password).await
}

#[tokio::test]
async fn a_computer_is_made_in_the_rows_directory_and_ou_with_its_marker() {
    let (directories, asked) = directories(|_| None);
    assert_eq!(create(&directories).await.unwrap(), Creation::Created(SID.parse().unwrap()));
    let asked = asked.lock().unwrap();
    let [request] = &asked[..] else { panic!("{} requests", asked.len()) };
    let (target, body) = request.split_once(' ').unwrap();
    assert_eq!(target, "DirectoryService_20150416.CreateComputer");
    let expected = json!({
        "DirectoryId": "d-9067012345",
        "ComputerName": name().as_str(),
        "Password": "canary-once",
        "OrganizationalUnitDistinguishedName": account(Mode::OneTime).ou,
        "ComputerAttributes": [{"Name": "description", "Value": "adsteward i-0123456789abcdef0 7f3a"}],
    });
    assert_eq!(serde_json::from_str::<Value>(body).unwrap(), expected);
}

#[tokio::test]
async fn a_creation_that_was_not_confirmed_is_not_made_again_by_itself() {
    for (status, code, kind) in [
        (500, "ServiceException", Kind::Transient),
        (400, "DirectoryUnavailableException", Kind::Transient),
        (400, "InvalidParameterException", Kind::Permanent),
        (400, "AuthenticationFailedException", Kind::Permanent),
    ] {
        let words = json!({"Message": "the password canary-once does not fit"}).to_string();
        let (directories, asked) = directories(move |what| {
            what.ends_with("CreateComputer").then(|| Answer::error(status, code, words.clone()))
        });
        let error = create(&directories).await.unwrap_err();
        assert_eq!((error.operation, error.kind), ("CreateComputer", kind), "{error}");
        assert!(error.to_string().contains(code), "{error}");
        assert!(!format!("{error} {error:?}").contains("canary"), "{error:?}");
        assert_eq!(asked.lock().unwrap().len(), 1, "{code}");
    }
}

#[tokio::test]
async fn a_name_that_is_taken_is_no_failure() {
    let (directories, _) = directories(|what| {
        what.ends_with("CreateComputer").then(|| Answer::error(400, "EntityAlreadyExistsException", "{}"))
    });
    assert_eq!(create(&directories).await.unwrap(), Creation::NameTaken);
}

fn refused() -> DirectoryError {
    DirectoryError::CredentialsRefused { user: "svc-leave".to_owned(), reason: "52e".to_owned() }
}

#[tokio::test]
async fn the_way_in_is_read_once_and_again_when_the_directory_refuses_it() {
    let (directories, asked) = directories(|_| None);
    let account = account(Mode::OneTime);
    for _ in 0..2 {
        directories.ask("test", &account, |_| async { Ok(()) }).await.unwrap();
    }
    let read = |what: &str| asked.lock().unwrap().iter().filter(|line| line.contains(what)).count();
    assert_eq!((read("GetParameter"), read("GetSecretValue")), (1, 1));

    let tries = AtomicUsize::new(0);
    let question = |_| async {
        match tries.fetch_add(1, Ordering::SeqCst) {
            0 => Err(refused()),
            _ => Ok("in"),
        }
    };
    assert_eq!(directories.ask("test", &account, question).await.unwrap(), "in");
    assert_eq!((tries.load(Ordering::SeqCst), read("GetSecretValue")), (2, 2));
    directories.ask("test", &account, |_| async { Ok(()) }).await.unwrap();
    assert_eq!(read("GetSecretValue"), 2, "what was read last is kept");
}

#[tokio::test]
async fn an_account_that_stays_refused_may_be_let_in_later_and_no_text_shows_its_password() {
    let (directories, _) = directories(|_| None);
    let question = |_| async { Err::<(), _>(refused()) };
    let error = directories.ask("test", &account(Mode::OneTime), question).await.unwrap_err();
    assert_eq!(error.kind, Kind::Transient);
    assert!(!format!("{error:?} {directories:?}").contains("canary"), "{directories:?}");
}

/// Each wrong password counts towards a lockout.
#[tokio::test]
async fn a_password_that_has_not_changed_is_not_tried_again() {
    let same = r#"{"Directory ID":"d-9067012345","UserName":"svc-leave","Password":"canary"}"#;
    let (directories, asked) = directories(move |what| {
        what.ends_with("GetSecretValue").then(|| Answer::ok(json!({"SecretString": same}).to_string()))
    });
    let tries = AtomicUsize::new(0);
    let question = |_| async {
        tries.fetch_add(1, Ordering::SeqCst);
        Err::<(), _>(refused())
    };
    let error = directories.ask("test", &account(Mode::OneTime), question).await.unwrap_err();
    assert_eq!((error.kind, tries.load(Ordering::SeqCst)), (Kind::Transient, 1));
    assert_eq!(asked.lock().unwrap().iter().filter(|line| line.contains("GetSecretValue")).count(), 2);
}

#[tokio::test]
async fn another_failure_is_not_asked_again() {
    let (directories, asked) = directories(|_| None);
    let question = |_| async {
        Err::<(), _>(DirectoryError::NotRemoved { name: "x".to_owned(), reason: "y".to_owned() })
    };
    let error = directories.ask("test", &account(Mode::OneTime), question).await.unwrap_err();
    assert_eq!((error.operation, error.kind), ("test", Kind::Permanent));
    assert_eq!(asked.lock().unwrap().len(), 2);
}

#[tokio::test]
async fn authorities_or_a_secret_that_cannot_be_used_are_told_by_their_place() {
    let cases: [(&str, Answer, &str); 4] = [
        ("GetParameter", Answer::error(400, "ParameterNotFound", "{}"), "ParameterNotFound"),
        ("GetParameter", Answer::ok(r#"{"Parameter":{"Value":"canary"}}"#), "PEM"),
        ("GetSecretValue", Answer::ok(r#"{"SecretString":"canary"}"#), SECRET),
        ("GetSecretValue", Answer::error(400, "AccessDeniedException", "{}"), "AccessDeniedException"),
    ];
    for (operation, answer, words) in cases {
        let (directories, _) = directories(move |what| what.ends_with(operation).then(|| answer.clone()));
        let error = directories.named(&account(Mode::OneTime), &name()).await.unwrap_err();
        assert!(error.to_string().contains(words) && error.kind == Kind::Permanent, "{error}");
        assert!(!format!("{error:?}").contains("canary"), "{error:?}");
    }
}
