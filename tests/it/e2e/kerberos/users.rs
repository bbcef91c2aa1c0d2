//! Users of the lab's directory in all states, written straight to it: in AWS some of these states cannot be reached by a call.

use std::io::Write;
use std::process::Stdio;

use crate::lab::{command, variable};

pub(super) const PASSWORD: &str = "Right-One-1";
pub(super) const LOCKOUT_THRESHOLD: usize = 3;

const NORMAL: u32 = 0x200;
pub(super) const ENABLED: u32 = NORMAL;
pub(super) const DISABLED: u32 = NORMAL | 0x2;
pub(super) const NEEDS_NO_PROOF: u32 = NORMAL | 0x40_0000;

/// An OU with a test's users and password settings of their own. Gone when dropped.
pub(super) struct Users {
    name: &'static str,
}

impl Users {
    pub(super) fn new(name: &'static str) -> Self {
        let users = Self { name };
        users.remove();
        users.write(&format!("dn: {}\nchangetype: add\nobjectClass: organizationalUnit\n", users.unit()));
        users
    }

    /// A user with the password `PASSWORD`; `more` are lines of LDIF.
    pub(super) fn add(&self, user: &str, flags: u32, more: &str) {
        self.write(&format!(
            "dn: {}\nchangetype: add\nobjectClass: user\nsAMAccountName: {user}\nunicodePwd:: {}\n\
             userAccountControl: {flags}\n{more}",
            self.dn(user),
            quoted_in_base64(PASSWORD),
        ));
    }

    /// What an administrator's reset writes.
    pub(super) fn reset(&self, user: &str, password: &str) {
        let password = quoted_in_base64(password);
        self.write(&format!(
            "dn: {}\nchangetype: modify\nreplace: unicodePwd\nunicodePwd:: {password}\n",
            self.dn(user)
        ));
    }

    /// Password settings for one user: locked out after a few wrong passwords.
    pub(super) fn be_strict_with(&self, user: &str) {
        self.write(&format!(
            "dn: {}\nchangetype: add\nobjectClass: msDS-PasswordSettings\nmsDS-PasswordSettingsPrecedence: 10\n\
             msDS-PasswordReversibleEncryptionEnabled: FALSE\nmsDS-PasswordHistoryLength: 0\n\
             msDS-PasswordComplexityEnabled: FALSE\nmsDS-MinimumPasswordLength: 1\nmsDS-MinimumPasswordAge: 0\n\
             msDS-MaximumPasswordAge: -9223372036854775808\nmsDS-LockoutThreshold: {LOCKOUT_THRESHOLD}\n\
             msDS-LockoutObservationWindow: -18000000000\nmsDS-LockoutDuration: -18000000000\n\
             msDS-PSOAppliesTo: {}\n",
            self.settings(),
            self.dn(user)
        ));
    }

    /// Whether a simple bind with the password succeeds.
    pub(super) fn can_bind(&self, user: &str, password: &str) -> bool {
        let script = "LDAPTLS_CACERT=$AD_CA_FILE \
            ldapsearch -x -H $AD_LDAPS_URL -D \"$1@$AD_DOMAIN\" -y /dev/stdin -b '' -s base 1.1";
        let mut child = command(&["exec", "--", "bash", "-c", script, "bind", user])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(password.as_bytes()).unwrap();
        child.wait().unwrap().success()
    }

    fn unit(&self) -> String {
        format!("OU={},{}", self.name, variable("AD_USERS_OU"))
    }

    fn dn(&self, user: &str) -> String {
        format!("CN={user},{}", self.unit())
    }

    fn write(&self, changes: &str) {
        assert!(ldap("ldapmodify", &[], changes), "{changes}");
    }

    fn settings(&self) -> String {
        format!("CN={},CN=Password Settings Container,CN=System,{}", self.name, domain())
    }

    fn remove(&self) {
        ldap("ldapdelete", &["-r", &self.unit()], "");
        ldap("ldapdelete", &[&self.settings()], "");
    }
}

impl Drop for Users {
    fn drop(&mut self) {
        self.remove();
    }
}

fn domain() -> String {
    let (_, base) = variable("AD_USERS_OU").split_once(",DC=").unwrap();
    format!("DC={base}")
}

/// An LDAP tool with the operator's rights.
fn ldap(tool: &str, arguments: &[&str], input: &str) -> bool {
    let script = "tool=$1; shift; LDAPTLS_CACERT=$AD_CA_FILE \
        \"$tool\" -x -H $AD_LDAPS_URL -D $AD_OPERATOR_USER@$AD_DOMAIN -w \"$AD_OPERATOR_PASSWORD\" \"$@\"";
    let mut child = command(&["exec", "--", "bash", "-c", script, "ldap", tool])
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    child.wait().unwrap().success()
}

/// How unicodePwd wants a password: quoted, in UTF-16.
fn quoted_in_base64(password: &str) -> String {
    let bytes: Vec<u8> = format!("\"{password}\"").encode_utf16().flat_map(u16::to_le_bytes).collect();
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
