use std::io::Write;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Value, json};
use steward_core::config::Variables;
use steward_core::wire::{Answer, fake};

use super::*;

const FUNCTION: &str = "arn:aws:lambda:eu-west-1:111122223333:function:adsteward-secret-rotator";
const DAY: u64 = 24 * 3600;
/// Now, in days after 1970.
const TODAY: u64 = 20_000;

#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// A secret that was rotated as many days ago, every 30 days.
fn secret(function: &str, days_ago: u64) -> Value {
    json!({
        "Name": "Admin",
        "RotationEnabled": true,
        "RotationLambdaARN": function,
        "RotationRules": {"AutomaticallyAfterDays": 30},
        "LastRotatedDate": (TODAY - days_ago) * DAY,
        "NextRotationDate": (TODAY - days_ago + 30) * DAY,
    })
}

fn without(mut secret: Value, member: &str) -> Value {
    secret.as_object_mut().unwrap().remove(member).unwrap();
    secret
}

/// Looks at secrets, those of each page; how many were counted, or the error.
async fn counted(pages: Vec<Vec<Value>>) -> Result<usize, String> {
    let (sdk, _asked) = fake(move |target, body| {
        assert_eq!(target, "secretsmanager.ListSecrets");
        let asked: Value = serde_json::from_str(body).unwrap();
        let page: usize = asked["NextToken"].as_str().map_or(0, |token| token.parse().unwrap());
        let Some(secrets) = pages.get(page) else {
            return Answer::error(400, "AccessDeniedException", r#"{"message": "no"}"#);
        };
        let mut answer = json!({ "SecretList": secrets });
        if page + 1 < pages.len() {
            answer["NextToken"] = (page + 1).to_string().into();
        }
        Answer::ok(answer.to_string())
    });
    let lines = Lines::default();
    let watcher = Watcher {
        secrets: SecretsManager { client: aws_sdk_secretsmanager::Client::new(&sdk) },
        metrics: Metrics::writing_to("adsteward-rotation-watcher".to_owned(), Box::new(lines.clone())),
        config: Config::read(Variables::from_pairs([("ROTATION_FUNCTION_ARN", FUNCTION)])).unwrap(),
    };
    let now = SystemTime::UNIX_EPOCH + Duration::from_secs(TODAY * DAY);
    watcher.look(now).await.map_err(|error| format!("{}: {}", error.error_type, error.error_message))?;
    let written = String::from_utf8(lines.0.lock().unwrap().clone()).unwrap();
    assert!(written.lines().all(|line| line.contains(r#""RotationOverdue":1"#)), "{written}");
    Ok(written.lines().count())
}

#[tokio::test]
async fn a_secret_that_is_rotated_in_time_is_not_counted() {
    assert_eq!(counted(vec![vec![secret(FUNCTION, 36)]]).await, Ok(0));
}

#[tokio::test]
async fn each_overdue_secret_of_every_page_is_counted() {
    let pages = vec![vec![secret(FUNCTION, 37), secret(FUNCTION, 1)], vec![secret(FUNCTION, 400)]];
    assert_eq!(counted(pages).await, Ok(2));
}

#[tokio::test]
async fn a_secret_whose_rotation_was_turned_off_is_counted() {
    let off = without(without(secret(FUNCTION, 1), "RotationEnabled"), "NextRotationDate");
    assert_eq!(counted(vec![vec![off]]).await, Ok(1));
}

#[tokio::test]
async fn a_secret_of_another_function_or_of_none_is_no_concern() {
    let longer = format!("{FUNCTION}-of-others");
    let none = without(secret(FUNCTION, 400), "RotationLambdaARN");
    assert_eq!(counted(vec![vec![secret(&longer, 400), none]]).await, Ok(0));
}

#[tokio::test]
async fn a_secret_that_names_an_alias_of_the_function_is_looked_at() {
    assert_eq!(counted(vec![vec![secret(&format!("{FUNCTION}:live"), 400)]]).await, Ok(1));
}

#[tokio::test]
async fn a_secret_that_was_never_rotated_counts_from_its_last_change() {
    let with_change = |days_ago: u64| {
        let mut secret = without(without(secret(FUNCTION, 1), "LastRotatedDate"), "NextRotationDate");
        secret["CreatedDate"] = 0.into();
        secret["LastChangedDate"] = ((TODAY - days_ago) * DAY).into();
        secret
    };
    assert_eq!(counted(vec![vec![with_change(1), with_change(37)]]).await, Ok(1));
}

#[tokio::test]
async fn a_list_that_cannot_be_read_is_an_error_and_counts_nothing() {
    let error = counted(Vec::new()).await.unwrap_err();
    assert!(error.starts_with("PermanentError: ListSecrets failed: AccessDenied"), "{error}");
}
