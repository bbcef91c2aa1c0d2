//! The account, the places and the settings of the tests.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use secrecy::{ExposeSecret, SecretString};

use crate::account::{Account, Mode};
use crate::joiner::Settings;
use crate::place::Place;
use crate::seal::SealError;

pub(crate) const ACCOUNT: &str = "111122223333";
pub(crate) const DOMAIN: &str = "corp.example.test";
pub(crate) const OU: &str = "OU=Computers,OU=CORP,DC=corp,DC=example,DC=test";
pub(crate) const JOIN_USER: &str = "svc-join";
pub(crate) const JOIN_PASSWORD: &str = "canary-of-the-join-account";

pub(crate) fn place(instance: &str) -> Place {
    Place {
        account: ACCOUNT.parse().unwrap(),
        region: "eu-central-1".parse().unwrap(),
        instance: instance.parse().unwrap(),
    }
}

pub(crate) fn account(mode: Mode) -> Account {
    Account {
        id: ACCOUNT.parse().unwrap(),
        domain: DOMAIN.to_owned(),
        controllers: vec!["10.0.0.10".parse().unwrap(), "10.0.1.10".parse().unwrap()],
        directory: "d-9067012345".parse().unwrap(),
        ou: OU.to_owned(),
        role: None,
        mode,
        regions: Vec::new(),
        groups: Vec::new(),
        reboot: false,
    }
}

pub(crate) fn join_user() -> Mode {
    Mode::JoinUser { user: JOIN_USER.to_owned(), password: "/adsteward/join".to_owned() }
}

pub(crate) fn settings() -> Settings {
    Settings {
        prefix: "ec2-".parse().unwrap(),
        linux_document: "adsteward-join-linux".to_owned(),
        windows_document: None,
        agent_attempts: 12,
        join_attempts: 3,
        retry: Duration::from_secs(300),
        look_again: Duration::from_secs(900),
        hourly_notices: 10,
        by_tools_host: false,
        computer_table: "computers".to_owned(),
    }
}

/// As little to be read in clear as what RSA makes of it, and opened by whoever has the same bytes.
pub(crate) fn seal(key: &[u8], password: &SecretString) -> Result<String, SealError> {
    if key.is_empty() {
        return Err(SealError("it is empty"));
    }
    let mut padded = password.expose_secret().as_bytes().to_vec();
    padded.resize(384, 0);
    let sealed = padded.iter().zip(key.iter().cycle()).map(|(a, b)| a ^ b ^ 0x80);
    Ok(STANDARD.encode(sealed.collect::<Vec<u8>>()))
}

pub(crate) fn unseal(key: &[u8], secret: &str) -> Option<String> {
    let sealed = STANDARD.decode(secret).ok()?;
    let padded = sealed.iter().zip(key.iter().cycle()).map(|(a, b)| a ^ b ^ 0x80);
    String::from_utf8(padded.take_while(|byte| *byte != 0).collect()).ok()
}
