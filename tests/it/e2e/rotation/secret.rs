//! Secrets with passwords, and their rotation as a person starts it.

use std::fs;
use std::process::Command;
use std::thread::sleep;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::account::Account;
use crate::lab::{aws, environment, lab, root, variable};
use crate::stack::output;

const PATIENCE: Duration = Duration::from_secs(240);

/// How a secret writes directory, user and password.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    /// Of AWS's blog post.
    Article,
    /// Of the seamless domain join, and of AWS's own function.
    SeamlessJoin,
}

impl Shape {
    fn members(self) -> [&'static str; 3] {
        match self {
            Self::Article => ["Directory ID", "UserName", "Password"],
            Self::SeamlessJoin => {
                ["awsSeamlessDomainDirectoryId", "awsSeamlessDomainUsername", "awsSeamlessDomainPassword"]
            }
        }
    }
}

/// A secret that the function may rotate. Gone when dropped.
#[derive(Debug)]
pub(crate) struct Secret {
    pub(crate) arn: String,
    pub(crate) account: Account,
    shape: Shape,
}

/// One of its versions.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Version {
    pub(crate) id: String,
    pub(crate) password: String,
    /// Everything else in it.
    pub(crate) others: Value,
}

/// A rotation at its end.
#[derive(Debug)]
pub(crate) struct Rotation(Value);

impl Secret {
    /// With the password that the account has. Rotation is not configured yet.
    pub(crate) fn of(account: Account, shape: Shape, password: &str) -> Self {
        let [directory, user, member] = shape.members();
        let value =
            json!({directory: account.directory.id(), user: account.user, member: password, "note": "kept"});
        // Not among the arguments of a process: secrets are looked for there.
        let folder = root().join("target/e2e");
        fs::create_dir_all(&folder).unwrap();
        let file = folder.join(format!("{}.json", account.user));
        fs::write(&file, value.to_string()).unwrap();
        let name = format!("rotated/{}-{}", account.user, uuid());
        let text = format!("file://{}", file.display());
        let created = aws(&["secretsmanager", "create-secret", "--name", &name, "--secret-string", &text]);
        fs::remove_file(file).unwrap();
        Self { arn: created["ARN"].as_str().unwrap().to_owned(), account, shape }
    }

    /// Turns rotation on, which rotates at once, and waits.
    pub(crate) fn turn_on(&self) -> Rotation {
        self.start(&[
            "--rotation-lambda-arn",
            output("SecretRotatorFunctionArn"),
            "--rotation-rules",
            "AutomaticallyAfterDays=30",
        ]);
        self.settled()
    }

    /// The console's button, and its end.
    pub(crate) fn rotate(&self) -> Rotation {
        self.start(&[]);
        self.settled()
    }

    pub(crate) fn start(&self, more: &[&str]) {
        aws(&[&["secretsmanager", "rotate-secret", "--secret-id", &self.arn], more].concat());
    }

    /// Takes a rotation up again that has not ended well: asking for another one does that.
    pub(crate) fn start_again(&self) {
        assert!(self.refusal().contains("will be reattempted"));
    }

    /// The next rotation waits at the beginning of a step, the first of which is 1.
    pub(crate) fn delay_step(&self, number: usize) {
        // Each step asks for the labels first; setSecret asks again when it has set a password.
        let before = if number > 2 { number } else { number - 1 };
        lab(&[
            "fault",
            "secretsmanager",
            "DescribeSecret",
            "delay",
            "--delay-ms",
            "6000",
            "--after",
            &before.to_string(),
            "--for",
            &self.arn,
        ]);
    }

    /// What the AWS command line says when a rotation is refused.
    pub(crate) fn refusal(&self) -> String {
        let mut command = Command::new(root().join(".lab/bin/aws"));
        command.args(["--endpoint-url", variable("AWS_ENDPOINT_URL"), "secretsmanager", "rotate-secret"]);
        command.args(["--secret-id", &self.arn]).envs(environment().iter().cloned());
        let refused = command.output().unwrap();
        assert!(!refused.status.success(), "it is not refused");
        String::from_utf8(refused.stderr).unwrap()
    }

    /// Waits until no rotation of it is under way; the last one.
    pub(crate) fn settled(&self) -> Rotation {
        let began = Instant::now();
        loop {
            let last = self.rotations().pop().unwrap();
            if last["outcome"] != "InProgress" {
                return Rotation(last);
            }
            assert!(began.elapsed() < PATIENCE, "{last}");
            sleep(Duration::from_millis(300));
        }
    }

    /// Waits until its rotation has begun a step.
    pub(crate) fn wait_for_step(&self, step: &str) {
        let began = Instant::now();
        while !self.rotations().last().unwrap()["steps"]
            .as_array()
            .unwrap()
            .iter()
            .any(|taken| taken["step"] == step)
        {
            assert!(began.elapsed() < PATIENCE, "no {step}");
            sleep(Duration::from_millis(100));
        }
    }

    fn rotations(&self) -> Vec<Value> {
        let all = lab(&["rotations"]);
        let all = all.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
        all.filter(|run| run["secret"] == self.arn.as_str()).collect()
    }

    pub(crate) fn version(&self, label: &str) -> Version {
        self.get(&["--version-stage", label])
    }

    pub(crate) fn password_of(&self, version: &str) -> String {
        self.get(&["--version-id", version]).password
    }

    fn get(&self, which: &[&str]) -> Version {
        let answer =
            aws(&[&["secretsmanager", "get-secret-value", "--secret-id", &self.arn], which].concat());
        let mut value: Value = serde_json::from_str(answer["SecretString"].as_str().unwrap()).unwrap();
        let password = value.as_object_mut().unwrap().remove(self.shape.members()[2]).unwrap();
        Version {
            id: answer["VersionId"].as_str().unwrap().to_owned(),
            password: password.as_str().unwrap().to_owned(),
            others: value,
        }
    }

    pub(crate) fn current(&self) -> Version {
        self.version("AWSCURRENT")
    }

    /// Whether a version that is not AWSCURRENT has AWSPENDING.
    pub(crate) fn is_pending(&self) -> bool {
        let described = aws(&["secretsmanager", "describe-secret", "--secret-id", &self.arn]);
        let versions = described["VersionIdsToStages"].as_object().unwrap();
        versions.values().any(|labels| {
            let has = |label: &str| labels.as_array().unwrap().iter().any(|one| one == label);
            has("AWSPENDING") && !has("AWSCURRENT")
        })
    }

    /// AWSCURRENT logs in and AWSPREVIOUS does not.
    pub(crate) fn is_proved(&self) {
        let (current, previous) = (self.current(), self.version("AWSPREVIOUS"));
        assert_ne!(current.password, previous.password, "{}", self.arn);
        assert!(self.account.logs_in(&current.password), "AWSCURRENT does not log {:?} in", self.account);
        assert!(!self.account.logs_in(&previous.password), "AWSPREVIOUS logs {:?} in", self.account);
    }
}

impl Drop for Secret {
    fn drop(&mut self) {
        let delete = ["secretsmanager", "delete-secret", "--force-delete-without-recovery", "--secret-id"];
        aws(&[&delete[..], &[&self.arn]].concat());
    }
}

impl Rotation {
    pub(crate) fn succeeded(&self) -> bool {
        self.0["outcome"] == "Succeeded"
    }

    /// The steps with their attempts and errors, for reading.
    pub(crate) fn steps(&self) -> Vec<String> {
        let step = |taken: &Value| taken["step"].as_str().unwrap().to_owned();
        self.0["steps"].as_array().unwrap().iter().map(step).collect()
    }

    /// What the steps failed with, in their order.
    pub(crate) fn errors(&self) -> Vec<String> {
        let steps = self.0["steps"].as_array().unwrap();
        steps.iter().filter_map(|taken| taken["error"].as_str().map(str::to_owned)).collect()
    }
}

fn uuid() -> String {
    fs::read_to_string("/proc/sys/kernel/random/uuid").unwrap().trim().to_owned()
}
