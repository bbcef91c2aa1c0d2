//! A key pair of the tests, and a password that is encrypted to it.

use std::io::Write;
use std::process::{Command, Stdio};
use std::sync::OnceLock;

pub(crate) const PASSWORD: &str = "One-Time.4711-Password";

pub(crate) struct Sealed {
    pub(crate) private_key: String,
    pub(crate) secret: String,
}

/// Made once, since a key pair takes its time.
pub(crate) fn sealed() -> &'static Sealed {
    static SEALED: OnceLock<Sealed> = OnceLock::new();
    SEALED.get_or_init(|| {
        let private_key = shell("openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:3072 2>/dev/null", "");
        let script = format!(
            "openssl pkeyutl -encrypt -inkey /dev/stdin -in <(printf %s '{PASSWORD}') -pkeyopt rsa_padding_mode:oaep \
             -pkeyopt rsa_oaep_md:sha256 | base64 -w 0"
        );
        let secret = shell(&script, &private_key);
        Sealed { private_key, secret }
    })
}

fn shell(script: &str, input: &str) -> String {
    let mut bash = Command::new("bash")
        .args(["-c", script])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    bash.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    String::from_utf8(bash.wait_with_output().unwrap().stdout).unwrap()
}
