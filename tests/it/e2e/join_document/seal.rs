//! What the domain joiner does with a host's public key, by another implementation: OpenSSL's.

use std::io::Write;
use std::process::{Command, Stdio};

/// Encrypts a password to a public key (DER in base64) by RSA-OAEP with SHA-256, in base64.
pub(crate) fn seal(public_key: &str, password: &str) -> String {
    const SCRIPT: &str = "openssl pkeyutl -encrypt -pubin -keyform DER -inkey <(base64 -d <<<\"$1\") \
        -pkeyopt rsa_padding_mode:oaep -pkeyopt rsa_oaep_md:sha256 -pkeyopt rsa_mgf1_md:sha256 | base64 -w 0";
    let mut openssl = Command::new("bash")
        .args(["-c", SCRIPT, "seal", public_key])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    openssl.stdin.take().unwrap().write_all(password.as_bytes()).unwrap();
    String::from_utf8(openssl.wait_with_output().unwrap().stdout).unwrap()
}

/// The same to a key that nobody has.
pub(crate) fn seal_for_nobody(password: &str) -> String {
    const SCRIPT: &str = "openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:3072 2>/dev/null |
        openssl pkey -pubout -outform DER | base64 -w 0";
    let made = Command::new("bash").args(["-c", SCRIPT]).output().unwrap();
    seal(&String::from_utf8(made.stdout).unwrap(), password)
}
