//! The lab's directory, changed by LDAP itself with the operator's rights: whatever AWS has no call for.

use std::io::Write;
use std::process::{Output, Stdio};

use crate::lab::{command, variable};

/// Changes the directory by these lines of LDIF.
pub(crate) fn change(ldif: &str) {
    assert!(ldap("ldapmodify", &[], ldif), "{ldif}");
}

/// Whether an LDAP tool succeeds.
pub(crate) fn ldap(tool: &str, arguments: &[&str], input: &str) -> bool {
    run(tool, arguments, input).status.success()
}

/// The values of an attribute of all that a filter finds below an object.
pub(crate) fn search(base: &str, filter: &str, attribute: &str) -> Vec<String> {
    let found = run("ldapsearch", &["-LLL", "-o", "ldif-wrap=no", "-b", base, filter, attribute], "");
    assert!(found.status.success(), "{filter}: {}", String::from_utf8_lossy(&found.stderr));
    let start = format!("{attribute}: ");
    let printed = String::from_utf8(found.stdout).unwrap();
    printed.lines().filter_map(|line| line.strip_prefix(&start)).map(str::to_owned).collect()
}

fn run(tool: &str, arguments: &[&str], input: &str) -> Output {
    let script = "tool=$1; shift; LDAPTLS_CACERT=$AD_CA_FILE \
        \"$tool\" -x -H $AD_LDAPS_URL -D $AD_OPERATOR_USER@$AD_DOMAIN -w \"$AD_OPERATOR_PASSWORD\" \"$@\"";
    let mut child = command(&["exec", "--", "bash", "-c", script, "ldap", tool])
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    child.wait_with_output().unwrap()
}

/// The domain's distinguished name.
pub(crate) fn domain() -> String {
    let (_, base) = variable("AD_USERS_OU").split_once(",DC=").unwrap();
    format!("DC={base}")
}

/// How unicodePwd wants a password: quoted, in UTF-16.
pub(crate) fn quoted_in_base64(password: &str) -> String {
    let bytes: Vec<u8> = format!("\"{password}\"").encode_utf16().flat_map(u16::to_le_bytes).collect();
    in_base64(&bytes)
}

pub(crate) fn in_base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let triples = bytes.chunks(3).map(|chunk| {
        let number =
            chunk.iter().chain(&[0; 3]).take(3).fold(0_u32, |number, byte| number << 8 | u32::from(*byte));
        let digit =
            |place: u32| char::from(DIGITS[usize::try_from(number >> (18 - 6 * place) & 63).unwrap()]);
        (0..4).map(|place| if place as usize <= chunk.len() { digit(place) } else { '=' }).collect::<String>()
    });
    triples.collect()
}
