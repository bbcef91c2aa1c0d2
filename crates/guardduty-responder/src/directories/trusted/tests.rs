use std::collections::BTreeMap;

use serde_json::json;
use steward_core::error::Kind;
use steward_core::wire::{Answer, Asked, fake};

use super::*;

/// A domain that lets in who has this password.
#[derive(Debug, Clone)]
struct Fake {
    domain: String,
    password: String,
}

const RIGHT: &str = "canary-new";

fn enter(settings: LdapSettings) -> Result<Fake, DirectoryError> {
    if settings.ca_pem == "broken" {
        let problem = "its authorities are not PEM".to_owned();
        return Err(DirectoryError::Settings { domain: settings.domain, problem });
    }
    Ok(Fake { domain: settings.domain, password: settings.password.expose_secret().to_owned() })
}

impl Fake {
    fn bound<T>(&self, answer: T) -> Result<T, DirectoryError> {
        match self.password == RIGHT {
            true => Ok(answer),
            false => {
                let user = "svc-contain".to_owned();
                Err(DirectoryError::CredentialsRefused { user, reason: "49".to_owned() })
            }
        }
    }
}

impl Directory for Fake {
    async fn user(&self, name: &UserName) -> Result<User, DirectoryError> {
        let (name, sid) = (name.clone(), "S-1-5-21-1-2-3-1104".parse().unwrap());
        self.bound(User { name, sid, domain: self.domain.clone(), enabled: true })
    }

    async fn groups(&self, _: &User) -> Result<BTreeSet<String>, DirectoryError> {
        self.bound(BTreeSet::new())
    }

    async fn disable(&self, _: &UserName, _: &ClientToken) -> Result<(), DirectoryError> {
        self.bound(())
    }

    async fn reset_password(&self, _: &UserName, _: &SecretString) -> Result<(), DirectoryError> {
        self.bound(())
    }

    async fn enable(&self, _: &UserName) -> Result<(), DirectoryError> {
        self.bound(())
    }

    async fn domain_names(&self) -> Result<DomainNames, DirectoryError> {
        self.bound(DomainNames { dns: self.domain.clone(), netbios: "FAKE".to_owned() })
    }
}

/// The secrets' texts, which may change.
type Texts = Arc<Mutex<BTreeMap<String, String>>>;

fn text(domain: &str, password: &str) -> String {
    json!({
        "domain": domain, "controllers": ["10.1.0.10"], "username": "svc-contain", "password": password, "ca": "pem",
    })
    .to_string()
}

fn forests(secrets: &[(&str, String)]) -> (Arc<TrustedForests<Fake>>, Texts, Asked) {
    let texts = secrets.iter().map(|(name, text)| ((*name).to_owned(), text.clone())).collect();
    let texts: Texts = Arc::new(Mutex::new(texts));
    let known = texts.clone();
    let (sdk, asked) = fake(move |_, body| {
        let known = known.lock().unwrap();
        let found = known.iter().find(|(name, _)| body.contains(&format!("\"{name}\"")));
        match found {
            Some((_, text)) if text == "denied" => Answer::error(400, "AccessDeniedException", "{}"),
            Some((_, text)) if text == "down" => Answer::error(500, "InternalServiceError", "{}"),
            Some((_, text)) => Answer::ok(json!({ "SecretString": text }).to_string()),
            None => Answer::error(400, "ResourceNotFoundException", "{}"),
        }
    });
    let arns = secrets.iter().map(|(name, _)| (*name).to_owned()).collect();
    (Arc::new(TrustedForests::new(Client::new(&sdk), arns, enter)), texts, asked)
}

fn own() -> DomainNames {
    DomainNames { dns: "corp.example.test".to_owned(), netbios: "CORP".to_owned() }
}

async fn problem(secrets: &[(&str, String)]) -> ForestError {
    let error = forests(secrets).0.names(&own()).await.unwrap_err();
    assert!(!format!("{error} {error:?}").contains("canary"), "{error:?}");
    error
}

#[tokio::test]
async fn each_domain_is_served_by_its_own_directory_and_others_by_none() {
    let (forests, _, asked) =
        forests(&[("one", text("one.example.test", RIGHT)), ("two", text("two.example.test", RIGHT))]);
    let alice = "alice".parse().unwrap();
    for domain in ["one.example.test", "TWO.example.test"] {
        let user = forests.of(domain).await.unwrap().unwrap().user(&alice).await.unwrap();
        assert_eq!(user.domain, domain.to_lowercase());
    }
    assert!(forests.of("three.example.test").await.unwrap().is_none());
    assert_eq!(forests.names(&own()).await.unwrap().len(), 2);
    assert_eq!(asked.lock().unwrap().len(), 2, "each secret is read once");
}

#[tokio::test]
async fn without_secrets_there_is_no_domain_and_no_call() {
    let (forests, _, asked) = forests(&[]);
    assert!(forests.names(&own()).await.unwrap().is_empty());
    assert!(forests.of("one.example.test").await.unwrap().is_none());
    assert!(asked.lock().unwrap().is_empty());
}

#[tokio::test]
async fn a_name_that_two_domains_have_is_refused() {
    let twice = [("one", text("one.example.test", RIGHT)), ("two", text("ONE.example.test", RIGHT))];
    let as_own = [("one", text("Corp.example.test", RIGHT))];
    let netbios = [("one", text("one.example.test", RIGHT)), ("two", text("one.example.org", RIGHT))];
    let own_netbios = [("one", text("corp.example.org", RIGHT))];
    for (secrets, name, other) in [
        (&twice[..], "one.example.test", "two"),
        (&as_own, "corp.example.test", "own directory"),
        (&netbios, "ONE", "two"),
        (&own_netbios, "CORP", "own directory"),
    ] {
        let error = problem(secrets).await;
        let said = error.to_string().to_lowercase();
        assert!(said.contains(&name.to_lowercase()) && said.contains(other), "{error}");
        assert_eq!(error.kind(), Kind::Permanent);
    }
}

#[tokio::test]
async fn a_secret_that_cannot_be_read_or_used_is_named_with_what_is_wrong() {
    let broken = text("one.example.test", "canary-1").replace("\"pem\"", "\"broken\"");
    for (text, word, kind) in [
        ("denied".to_owned(), "AccessDeniedException", Kind::Permanent),
        ("down".to_owned(), "InternalServiceError", Kind::Transient),
        ("{\"password\":\"canary-1\"}".to_owned(), "it has no \"domain\"", Kind::Permanent),
        (broken, "authorities", Kind::Permanent),
    ] {
        let error = problem(&[("arn:one", text)]).await;
        assert!(error.to_string().contains(word) && error.to_string().contains("arn:one"), "{error}");
        assert!(error.to_string().contains("TrustedForestSecretArns"), "{error}");
        assert_eq!(error.kind(), kind, "{error}");
    }
}

#[tokio::test]
async fn a_password_that_was_rotated_is_read_again_and_a_wrong_one_is_tried_once() {
    let (forests, texts, asked) = forests(&[("one", text("one.example.test", "canary-old"))]);
    let alice: UserName = "alice".parse().unwrap();
    let domain = forests.of("one.example.test").await.unwrap().unwrap();
    let refused = domain.user(&alice).await.unwrap_err();
    assert!(matches!(refused, DirectoryError::CredentialsRefused { .. }), "{refused}");
    assert_eq!(asked.lock().unwrap().len(), 2, "it looked whether there is another one");
    texts.lock().unwrap().insert("one".to_owned(), text("one.example.test", RIGHT));
    domain.disable(&alice, &ClientToken::new("t")).await.unwrap();
    let again = forests.of("one.example.test").await.unwrap().unwrap();
    again.enable(&alice).await.unwrap();
    assert_eq!(asked.lock().unwrap().len(), 3, "the new one is kept");
}
