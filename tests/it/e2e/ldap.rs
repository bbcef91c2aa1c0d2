//! `LdapDirectory` of `crates/steward-core` on a real Active Directory, as the lab's `svc-leave` with no more rights than a
//! leave needs, and as its operator.

mod computers;
mod reach;
mod users;
pub(crate) mod zone;

use std::io::Write;
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use serde_json::Value;

use crate::lab::{aws, command, root, variable};

/// Both lead to the one domain controller.
const CONTROLLERS: &str = "10.98.0.11,10.98.0.12";

/// Who asks whom, and whom he trusts.
struct Asker {
    domain: &'static str,
    controllers: &'static str,
    authority: String,
    user: String,
    password: String,
}

impl Asker {
    /// The account that removes computers.
    fn leaver() -> Self {
        let secret = ["secretsmanager", "get-secret-value", "--secret-id", variable("COMPUTER_SECRET_ARN")];
        let secret: Value = serde_json::from_str(aws(&secret)["SecretString"].as_str().unwrap()).unwrap();
        let part = |name: &str| secret[name].as_str().unwrap().to_owned();
        Self {
            user: part("awsSeamlessDomainUsername"),
            password: part("awsSeamlessDomainPassword"),
            ..Self::operator()
        }
    }

    /// An administrator of the domain.
    fn operator() -> Self {
        Self {
            domain: variable("AD_DOMAIN"),
            controllers: CONTROLLERS,
            authority: variable("AD_CA_FILE").to_owned(),
            user: variable("AD_OPERATOR_USER").to_owned(),
            password: variable("AD_OPERATOR_PASSWORD").to_owned(),
        }
    }

    /// What the directory answers, as the code writes it.
    fn asks(&self, words: &[&str]) -> String {
        self.asks_with("", words)
    }

    /// The same with a second secret.
    fn asks_with(&self, secret: &str, words: &[&str]) -> String {
        let settings = [self.domain, self.controllers, &self.authority, &self.user];
        let mut program = command(&["exec", "--", asker()]);
        program.args(settings).args(words).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = program.spawn().unwrap();
        let input = format!("{}\n{secret}", self.password);
        child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
        let output = String::from_utf8(child.wait_with_output().unwrap().stdout).unwrap();
        assert!(
            !output.contains(&self.password) && (secret.is_empty() || !output.contains(secret)),
            "{output}"
        );
        output.trim_end().to_owned()
    }
}

/// The crate's own command line, built once.
fn asker() -> &'static str {
    static ASKER: OnceLock<String> = OnceLock::new();
    ASKER.get_or_init(|| {
        let mut cargo = Command::new(env!("CARGO"));
        cargo.args(["build", "--locked", "--quiet", "--package", "steward-core"]);
        cargo.args(["--features", "ldap", "--example", "ldap"]);
        assert!(cargo.current_dir(root()).status().unwrap().success());
        let test = std::env::current_exe().unwrap();
        let built = test.parent().unwrap().parent().unwrap().join("examples/ldap");
        built.to_str().unwrap().to_owned()
    })
}

/// What stands between two texts.
fn between<'a>(text: &'a str, before: &str, after: &str) -> &'a str {
    let rest = text.split_once(before).unwrap_or_else(|| panic!("{text}")).1;
    rest.split_once(after).unwrap_or_else(|| panic!("{text}")).0
}
