use std::sync::atomic::{AtomicBool, Ordering};

use crate::error::Kind;
use crate::wire::{Answer, Asked, fake};
use serde_json::{Value, json};

use super::*;

const ROW: &str = r#"{"Item":{"accountId":{"S":"111122223333"},"dnsName":{"S":"corp.example.com"},
    "dnsIP1":{"S":"10.0.0.10"}}}"#;

fn id() -> AccountId {
    "111122223333".parse().unwrap()
}

fn table(answer: impl Fn() -> Answer + Send + Sync + 'static) -> (AccountTable, Asked) {
    let (sdk, asked) = fake(move |_, _| answer());
    let defaults = Defaults {
        own_account: id(),
        directory: "d-9067012345".parse().unwrap(),
        ou: "OU=Computers,DC=corp,DC=example,DC=com".to_owned(),
    };
    (AccountTable::new(Client::new(&sdk), "accounts".to_owned(), defaults), asked)
}

#[tokio::test]
async fn asks_for_the_account_and_for_what_holds_now() {
    let (table, asked) = table(|| Answer::ok(ROW));
    assert_eq!(table.account(&id()).await.unwrap().unwrap().domain, "corp.example.com");
    let asked = asked.lock().unwrap();
    let (target, body) = asked[0].split_once(' ').unwrap();
    let body: Value = serde_json::from_str(body).unwrap();
    assert_eq!(target, "DynamoDB_20120810.GetItem");
    let expected =
        json!({"TableName": "accounts", "Key": {"accountId": {"S": "111122223333"}}, "ConsistentRead": true});
    assert_eq!(body, expected);
}

#[tokio::test]
async fn an_answer_counts_for_a_minute_whatever_it_is() {
    for answer in ["{}", ROW, r#"{"Item":{"accountId":{"S":"x"}}}"#] {
        let (table, asked) = table(move || Answer::ok(answer));
        let told = |answer: Result<Option<Account>, AccountError>| format!("{answer:?}");
        clock::simulated::set(Some(1000));
        let first = told(table.account(&id()).await);
        clock::simulated::set(Some(1059));
        assert_eq!(told(table.account(&id()).await), first);
        assert_eq!(asked.lock().unwrap().len(), 1, "{answer}");
        clock::simulated::set(Some(1060));
        assert_eq!(told(table.account(&id()).await), first);
        assert_eq!(asked.lock().unwrap().len(), 2, "{answer}");
    }
}

#[tokio::test]
async fn a_failure_is_told_and_not_kept() {
    static BROKEN: AtomicBool = AtomicBool::new(true);
    let (table, _) = table(|| match BROKEN.load(Ordering::SeqCst) {
        true => Answer::error(400, "ThrottlingException", r#"{"message":"slow down"}"#),
        false => Answer::ok(ROW),
    });
    let error = table.account(&id()).await.unwrap_err();
    assert!(matches!(error, AccountError::Table { kind: Kind::Transient, .. }), "{error}");
    BROKEN.store(false, Ordering::SeqCst);
    assert!(table.account(&id()).await.unwrap().is_some());
}

#[tokio::test]
async fn an_account_without_a_row_is_none_and_a_bad_row_is_an_error() {
    let (table_without, _) = table(|| Answer::ok("{}"));
    assert!(table_without.account(&id()).await.unwrap().is_none());
    let (table_with, _) = table(|| Answer::ok(r#"{"Item":{"accountId":{"S":"111122223333"}}}"#));
    let error = table_with.account(&id()).await.unwrap_err();
    assert!(matches!(&error, AccountError::Row(_)) && error.to_string().contains("dnsName"), "{error}");
}
