//! A fresh host of the lab, and runs of the document on it through Systems Manager.

use std::sync::OnceLock;
use std::thread;
use std::time::Duration;

use serde_json::{Map, Value, json};

use super::seal::seal;
use crate::instance;
use crate::lab::{lab, variable};
use crate::operator::{aws, try_aws};
use crate::template::template_at;

/// By this SSM Agent restarts the host and runs the document again, which only then answers.
pub(crate) const REBOOT: i64 = 194;

/// What a run of the document ended with.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) code: i64,
    /// The one line on stdout; null where the host is to restart first.
    pub(crate) answer: Value,
    pub(crate) stderr: String,
}

impl Ended {
    /// The answer's outcome, or its reason where it failed.
    pub(crate) fn word(&self) -> &str {
        let name = if self.answer["outcome"] == "failed" { "reason" } else { "outcome" };
        self.answer[name].as_str().unwrap_or_else(|| panic!("{self:?}"))
    }
}

pub(crate) struct Host {
    pub(crate) id: &'static str,
    /// The name that the host is to have in the domain.
    pub(crate) computer: String,
    nonce: String,
}

impl Host {
    pub(crate) fn start(computer: &str) -> Self {
        Self::named(computer, &["--unjoined"])
    }

    pub(crate) fn named(computer: &str, options: &[&str]) -> Self {
        // domain-joiner leaves it to the test.
        let opted_out = ["--tag", "autoadjoin=false"];
        let id = lab(&[&["instance", "run"], &opted_out[..], options].concat()).trim().to_owned();
        let nonce =
            format!("{:0<32}", computer.bytes().map(|byte| format!("{byte:02x}")).collect::<String>());
        Self { id: id.leak(), computer: computer.to_owned(), nonce }
    }

    pub(crate) fn prepare(&self, more: &[(&str, &str)]) -> Ended {
        self.run("prepare", more)
    }

    /// Prepares, has `between` do what is to be done then, and joins with the password.
    pub(crate) fn join(&self, password: &str, more: &[(&str, &str)], between: impl FnOnce()) -> Ended {
        let prepared = self.prepare(more);
        assert_eq!((prepared.word(), prepared.code), ("ready", 0), "{prepared:?}");
        assert_eq!(prepared.answer["nonce"], self.nonce);
        between();
        let secret = seal(prepared.answer["publicKey"].as_str().unwrap(), password);
        self.run("join", &[more, &[("Secret", &secret)]].concat())
    }

    /// Runs the document and waits for its end.
    pub(crate) fn run(&self, action: &str, more: &[(&str, &str)]) -> Ended {
        let nonce = self.nonce[..32].to_owned();
        let mut parameters = Map::new();
        let usual = [("Action", action), ("Domain", variable("AD_DOMAIN")), ("ComputerName", &self.computer)];
        for (name, value) in usual.into_iter().chain([("Nonce", nonce.as_str())]).chain(more.iter().copied())
        {
            parameters.insert(name.to_owned(), json!([value]));
        }
        let request = json!({"DocumentName": document(), "InstanceIds": [self.id], "Parameters": parameters});
        let sent = aws("ssm", "send_command", &request);
        self.wait_for(&sent["Command"]["CommandId"])
    }

    fn wait_for(&self, command: &Value) -> Ended {
        let request = json!({"CommandId": command, "InstanceId": self.id});
        loop {
            thread::sleep(Duration::from_millis(200));
            let Ok(found) = try_aws("ssm", "get_command_invocation", &request) else { continue };
            if !["Pending", "InProgress"].contains(&found["Status"].as_str().unwrap()) {
                let stdout = found["StandardOutputContent"].as_str().unwrap();
                let stderr = found["StandardErrorContent"].as_str().unwrap().to_owned();
                let code = found["ResponseCode"].as_i64().unwrap();
                let lines = usize::from(code != REBOOT);
                assert_eq!(stdout.lines().count(), lines, "{code}: {stdout:?} {stderr}");
                return Ended { code, answer: serde_json::from_str(stdout).unwrap_or_default(), stderr };
            }
        }
    }

    /// What a script of root's prints there.
    pub(crate) fn sh(&self, script: &str) -> String {
        instance::sh(self.id, script)
    }

    /// Whether a log-in of the user succeeds, as with an SSH key: without a password.
    pub(crate) fn admits(&self, user: &str) -> bool {
        instance::admits(self.id, user)
    }
}

/// The document of `stacks/member.yaml`, as a document of these tests.
fn document() -> &'static str {
    static NAME: OnceLock<String> = OnceLock::new();
    NAME.get_or_init(|| {
        let name = format!("e2e-join-{}", std::process::id());
        let content =
            &template_at("stacks/member.yaml")["Resources"]["JoinLinuxDocument"]["Properties"]["Content"];
        let request =
            json!({"Name": name, "DocumentType": "Command", "DocumentFormat": "JSON", "Content": content.to_string()});
        aws("ssm", "create_document", &request);
        name
    })
}
