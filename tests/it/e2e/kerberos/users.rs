//! Users of the lab's directory in all states, written straight to it: in AWS some of these states cannot be reached by a call.

use std::io::Write;
use std::process::Stdio;

use crate::lab::{command, variable};
use crate::ldif::{change, domain, ldap, quoted_in_base64};

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
        change(&format!("dn: {}\nchangetype: add\nobjectClass: organizationalUnit\n", users.unit()));
        users
    }

    /// A user with the password `PASSWORD`; `more` are lines of LDIF.
    pub(super) fn add(&self, user: &str, flags: u32, more: &str) {
        change(&format!(
            "dn: {}\nchangetype: add\nobjectClass: user\nsAMAccountName: {user}\nunicodePwd:: {}\n\
             userAccountControl: {flags}\n{more}",
            self.dn(user),
            quoted_in_base64(PASSWORD),
        ));
    }

    /// What an administrator's reset writes.
    pub(super) fn reset(&self, user: &str, password: &str) {
        let password = quoted_in_base64(password);
        change(&format!(
            "dn: {}\nchangetype: modify\nreplace: unicodePwd\nunicodePwd:: {password}\n",
            self.dn(user)
        ));
    }

    /// Password settings for one user: locked out after a few wrong passwords.
    pub(super) fn be_strict_with(&self, user: &str) {
        change(&format!(
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
