//! What `scripts/doctor` is allowed, and what it says when it is not.

use serde_json::{Value, json};

use crate::doctor::visit::{UNKNOWN, Visit, empty_dead_letter_queues};
use crate::lab::{aws, variable};

const USER: &str = "e2e-doctor";
const POLICY: &str = "doctor";

/// An IAM user with one policy, for as long as the value lives.
struct Person {
    key: Value,
}

impl Person {
    fn new(policy: &Value) -> Self {
        aws(&["iam", "create-user", "--user-name", USER]);
        let key = aws(&["iam", "create-access-key", "--user-name", USER])["AccessKey"].clone();
        let person = Self { key };
        person.may(policy);
        person
    }

    fn may(&self, policy: &Value) {
        let put = ["iam", "put-user-policy", "--user-name", USER, "--policy-name", POLICY];
        aws(&[&put[..], &["--policy-document", &policy.to_string()]].concat());
    }

    fn doctor(&self) -> Visit {
        let text = |name: &str| self.key[name].as_str().unwrap();
        let id = format!("AWS_ACCESS_KEY_ID={}", text("AccessKeyId"));
        Visit::with(&[id, format!("AWS_SECRET_ACCESS_KEY={}", text("SecretAccessKey"))], &[])
    }
}

impl Drop for Person {
    fn drop(&mut self) {
        let id = self.key["AccessKeyId"].as_str().unwrap();
        aws(&["iam", "delete-access-key", "--user-name", USER, "--access-key-id", id]);
        aws(&["iam", "delete-user-policy", "--user-name", USER, "--policy-name", POLICY]);
        aws(&["iam", "delete-user", "--user-name", USER]);
    }
}

#[test]
fn the_policy_that_doctor_prints_reads_only_and_is_all_that_it_needs() {
    empty_dead_letter_queues();
    let policy = printed_policy();

    for action in actions(&policy) {
        let name = action.split(':').nth(1).unwrap();
        let reads = ["Describe", "Get", "List"].iter().any(|verb| name.starts_with(verb));
        assert!(reads || action == "ds:AccessDSData", "{action} may write");
    }
    let visit = Person::new(&policy).doctor();
    assert_eq!(visit.named(UNKNOWN), [""; 0], "{:#?}", visit.checks);
    assert_eq!(visit.code, 0);
}

#[test]
fn an_action_that_is_not_allowed_is_named_and_is_no_problem() {
    empty_dead_letter_queues();
    let mut policy = printed_policy();
    let statements = policy["Statement"].as_array_mut().unwrap();
    statements.push(json!({"Effect": "Deny", "Action": "sns:ListSubscriptionsByTopic", "Resource": "*"}));

    let visit = Person::new(&policy).doctor();

    assert_eq!(visit.named(UNKNOWN), ["notices"]);
    let fix = visit.of("notices")[0]["fix"].as_str().unwrap();
    assert!(fix.contains("sns:ListSubscriptionsByTopic"), "{fix}");
    assert_eq!(visit.code, 0);
}

fn printed_policy() -> Value {
    let printed = Visit::print(&["--policy", "--directory", variable("DIRECTORY_ID")]);
    serde_json::from_str(&printed).unwrap()
}

fn actions(policy: &Value) -> Vec<&str> {
    let statements = policy["Statement"].as_array().unwrap();
    let actions = statements.iter().flat_map(|statement| statement["Action"].as_array().unwrap());
    actions.map(|action| action.as_str().unwrap()).collect()
}
