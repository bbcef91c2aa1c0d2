//! Permissions of the deployed stack, taken away for a while.

use serde_json::{Value, json};

use crate::lab::{aws, variable};

/// The name that `CloudFormation` has given a resource of the stack.
pub(crate) fn physical(logical_id: &str) -> String {
    let ask = ["cloudformation", "describe-stack-resource", "--stack-name", variable("STACK_NAME")];
    let described = aws(&[&ask[..], &["--logical-resource-id", logical_id]].concat());
    described["StackResourceDetail"]["PhysicalResourceId"].as_str().unwrap().to_owned()
}

/// A role without an action for as long as the value lives.
pub(crate) struct Without {
    role: String,
    policy: String,
    before: Value,
}

impl Without {
    /// Takes the action on resources whose ARNs contain `resource` (`""`: on all) from a role of the stack.
    pub(crate) fn permission(role: &str, action: &str, resource: &str) -> Self {
        let role = physical(role);
        let listed = aws(&["iam", "list-role-policies", "--role-name", &role]);
        let policy = listed["PolicyNames"][0].as_str().unwrap().to_owned();
        let got = aws(&["iam", "get-role-policy", "--role-name", &role, "--policy-name", &policy]);
        let before = got["PolicyDocument"].clone();
        let mut after = before.clone();
        let statements = after["Statement"].as_array_mut().unwrap();
        statements.retain_mut(|statement| revoke(statement, action, resource));
        if statements.is_empty() {
            // A policy must hold something.
            statements.push(json!({"Effect": "Deny", "Action": action, "Resource": "*"}));
        }
        assert_ne!(after, before, "{role} has no {action} on {resource}");
        put(&role, &policy, &after);
        Self { role, policy, before }
    }
}

impl Drop for Without {
    fn drop(&mut self) {
        put(&self.role, &self.policy, &self.before);
    }
}

/// Takes an action out of a statement; false when nothing is left of it.
fn revoke(statement: &mut Value, action: &str, resource: &str) -> bool {
    if statement["Effect"] != "Allow" || !statement["Resource"].to_string().contains(resource) {
        return true;
    }
    match &mut statement["Action"] {
        Value::Array(actions) => {
            actions.retain(|one| one != action);
            !actions.is_empty()
        }
        one => one != action,
    }
}

fn put(role: &str, policy: &str, document: &Value) {
    let put = ["iam", "put-role-policy", "--role-name", role, "--policy-name", policy];
    aws(&[&put[..], &["--policy-document", &document.to_string()]].concat());
}

/// A queue of the stack.
pub(crate) struct Queue(String);

impl Queue {
    pub(crate) fn of(logical_id: &str) -> Self {
        Self(physical(logical_id))
    }

    pub(crate) fn send(&self, body: &str) {
        self.ask("send-message", &["--message-body", body]);
    }

    pub(crate) fn purge(&self) {
        self.ask("purge-queue", &[]);
    }

    pub(crate) fn attribute(&self, name: &str) -> String {
        let got = self.ask("get-queue-attributes", &["--attribute-names", "All"]);
        got["Attributes"][name].as_str().unwrap().to_owned()
    }

    pub(crate) fn set_policy(&self, policy: &str) {
        let attributes = json!({ "Policy": policy }).to_string();
        self.ask("set-queue-attributes", &["--attributes", &attributes]);
    }

    /// The next message's `ERROR_CODE`, with which EventBridge says why it could not deliver.
    pub(crate) fn next_error_code(&self) -> Option<String> {
        let received = self.ask("receive-message", &["--message-attribute-names", "All"]);
        let code = &received["Messages"][0]["MessageAttributes"]["ERROR_CODE"]["StringValue"];
        code.as_str().map(str::to_owned)
    }

    /// The AWS command line takes the endpoint of this one service from its argument only.
    fn ask(&self, command: &str, arguments: &[&str]) -> Value {
        let queue = ["sqs", command, "--endpoint-url", variable("AWS_ENDPOINT_URL"), "--queue-url", &self.0];
        aws(&[&queue[..], arguments].concat())
    }
}
