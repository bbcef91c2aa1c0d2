//! MIT's krb5kdc, with a realm of its own in a folder of its own.

use std::fs;
use std::io::Write;
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

use super::{Realm, offset};

const REALM: &str = "MIT.EXAMPLE.TEST";
const PASSWORD: &str = "Right-One-1";

/// A KDC that ends with the test.
struct Mit {
    folder: PathBuf,
    port: u16,
    process: Option<Child>,
}

impl Mit {
    /// Starts a KDC whose principals these commands of kadmin make.
    fn start(name: &str, commands: &[&str]) -> Self {
        let folder = std::env::temp_dir().join(format!("adsteward-mit-{name}-{}", std::process::id()));
        let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().port();
        fs::create_dir_all(&folder).unwrap();
        let mut kdc = Self { folder, port, process: None };
        kdc.configure();
        kdc.run(kdc.command("kdb5_util").args(["create", "-s", "-W", "-P", "master"]), "");
        kdc.administer(commands);
        kdc.process = Some(
            kdc.command("krb5kdc").arg("-n").stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap(),
        );
        kdc.wait_until_it_answers();
        kdc
    }

    fn configure(&self) {
        let (folder, port) = (self.folder.display(), self.port);
        let files = [
            ("krb5.conf", format!("[libdefaults]\ndefault_realm = {REALM}\ndns_lookup_kdc = false\n")),
            (
                "kdc.conf",
                format!(
                    "[kdcdefaults]\nkdc_listen = \"\"\nkdc_tcp_listen = 127.0.0.1:{port}\n[realms]\n{REALM} = {{\n\
                     database_name = {folder}/principal\nkey_stash_file = {folder}/stash\n\
                     supported_enctypes = aes256-cts-hmac-sha1-96:normal aes128-cts-hmac-sha1-96:normal\n\
                     default_principal_flags = +preauth\n}}\n[logging]\nkdc = FILE:{folder}/kdc.log\n"
                ),
            ),
        ];
        for (name, text) in files {
            fs::write(self.folder.join(name), text).unwrap();
        }
    }

    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(format!("/usr/sbin/{program}"));
        command.args(["-r", REALM]);
        command.env("KRB5_CONFIG", self.folder.join("krb5.conf"));
        command.env("KRB5_KDC_PROFILE", self.folder.join("kdc.conf"));
        command
    }

    /// Runs commands of kadmin.
    fn administer(&self, commands: &[&str]) {
        let printed = self.run(&mut self.command("kadmin.local"), &(commands.join("\n") + "\n"));
        assert!(!printed.contains("while "), "{printed}");
    }

    /// What a command prints; it must succeed.
    fn run(&self, command: &mut Command, input: &str) -> String {
        let piped = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = piped.spawn().unwrap();
        child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
        let output = child.wait_with_output().unwrap();
        let printed = [output.stdout, output.stderr].concat();
        let printed = String::from_utf8_lossy(&printed).into_owned();
        assert!(output.status.success(), "{command:?}: {printed}");
        printed
    }

    fn wait_until_it_answers(&self) {
        for _ in 0..100 {
            if TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)).is_ok() {
                return;
            }
            sleep(Duration::from_millis(50));
        }
        panic!("krb5kdc does not listen; see {}/kdc.log", self.folder.display());
    }

    /// Sends the process a signal.
    fn signal(&self, name: &str) {
        let id = self.process.as_ref().unwrap().id().to_string();
        assert!(Command::new("kill").args(["-s", name, &id]).status().unwrap().success());
    }

    fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    fn realm(&self) -> Realm {
        Realm { name: REALM, kdcs: vec![self.address()], in_lab: false }
    }

    fn says(&self, user: &str, password: &str) -> String {
        self.realm().says(user, password)
    }
}

impl Drop for Mit {
    fn drop(&mut self) {
        if let Some(process) = &mut self.process {
            process.kill().and_then(|()| process.wait()).map(drop).unwrap_or_default();
        }
        fs::remove_dir_all(&self.folder).unwrap_or_default();
    }
}

#[test]
fn mit_tells_the_state_of_an_account() {
    let kdc = Mit::start(
        "states",
        &[
            "addprinc -pw Right-One-1 right",
            "addprinc -pw Right-One-1 jürgen",
            "addprinc -requires_preauth -pw Right-One-1 open",
            "addprinc -e aes128-cts-hmac-sha1-96:normal -pw Right-One-1 aes128",
            "addprinc -allow_tix -pw Right-One-1 disabled",
            "addprinc -expire 2020-01-01 -pw Right-One-1 ended",
            "addprinc -pwexpire 2020-01-01 -pw Right-One-1 aged",
            "addprinc +needchange -pw Right-One-1 must",
            "addprinc -e arcfour-hmac:normal -pw Right-One-1 rc4",
        ],
    );
    for (user, right, wrong) in [
        ("right", "Accepted", "WrongPassword"),
        ("jürgen", "Accepted", "WrongPassword"),
        ("open", "Accepted", "WrongPassword"),
        ("aes128", "Accepted", "WrongPassword"),
        // Before any proof: unlike Active Directory, MIT tells anybody.
        ("disabled", "Revoked(Unstated)", "Revoked(Unstated)"),
        ("ended", "Revoked(AccountExpired)", "Revoked(AccountExpired)"),
        ("aged", "PasswordExpired", "PasswordExpired"),
        ("must", "PasswordExpired", "PasswordExpired"),
        ("rc4", "NoCommonEncryption", "NoCommonEncryption"),
        ("nobody", "UnknownPrincipal", "UnknownPrincipal"),
    ] {
        assert_eq!(kdc.says(user, PASSWORD), right, "{user}");
        assert_eq!(kdc.says(user, "Wrong-One-1"), wrong, "{user}");
    }
}

#[test]
fn mit_rejects_the_old_password_right_after_a_reset() {
    let kdc = Mit::start("reset", &["addprinc -pw Right-One-1 right"]);
    assert_eq!(kdc.says("right", PASSWORD), "Accepted");
    kdc.administer(&["cpw -pw Another-Right-2 right"]);
    assert_eq!(kdc.says("right", PASSWORD), "WrongPassword");
    assert_eq!(kdc.says("right", "Another-Right-2"), "Accepted");
}

#[test]
fn mit_locks_an_account_out_for_the_right_password_too() {
    let kdc = Mit::start(
        "lockout",
        &[
            "addpol -maxfailure 3 -lockoutduration 3600s strict",
            "addprinc -policy strict -pw Right-One-1 locked",
        ],
    );
    for _ in 0..3 {
        assert_eq!(kdc.says("locked", "Wrong-One-1"), "WrongPassword");
    }
    assert_eq!(kdc.says("locked", PASSWORD), "Revoked(Unstated)");
}

#[test]
fn mit_tells_a_clock_that_is_six_minutes_off_from_a_wrong_password() {
    let kdc = Mit::start("clock", &["addprinc -pw Right-One-1 right"]);
    for ahead in [360, -360, 100_000, -100_000] {
        let offset = offset(&kdc.realm().says_at(ahead, "right", PASSWORD));
        assert!((offset + ahead).abs() <= 2, "{ahead}: {offset}");
    }
    for ahead in [360, -360] {
        assert_eq!(kdc.realm().says_at(ahead, "right", "Wrong-One-1"), "WrongPassword");
    }
    assert_eq!(kdc.realm().says_at(240, "right", PASSWORD), "Accepted");
}

#[test]
fn takes_any_password_that_a_directory_takes() {
    let kdc = Mit::start("passwords", &["addprinc -randkey right"]);
    for password in ["ends in blanks  ", "Grüße-日本-🔑-1", "$(id) `id` %s \\ ' <&>|;", &"Lang-1".repeat(40)]
    {
        kdc.administer(&[&format!("cpw -pw \"{password}\" right")]);
        assert_eq!(kdc.says("right", password), "Accepted", "{password}");
        let (last, _) = password.char_indices().next_back().unwrap();
        assert_eq!(kdc.says("right", &password[..last]), "WrongPassword", "{password}");
    }
}

#[test]
fn a_kdc_that_hangs_or_has_ended_is_named_and_the_next_is_asked() {
    let user = ["addprinc -pw Right-One-1 right"];
    let (mut first, second) = (Mit::start("hangs", &user), Mit::start("answers", &user));
    let alone = first.realm();
    let both = alone.of(&[&first.address(), &second.address()]);
    first.signal("STOP");
    assert!(alone.says("right", PASSWORD).contains("reason: TimedOut"));
    assert_eq!(both.says("right", PASSWORD), "Accepted");
    first.signal("CONT");
    assert_eq!(alone.says("right", PASSWORD), "Accepted");
    first.process.as_mut().unwrap().kill().unwrap();
    first.process.as_mut().unwrap().wait().unwrap();
    assert!(alone.says("right", PASSWORD).contains("reason: Refused"));
    assert_eq!(both.says("right", "Wrong-One-1"), "WrongPassword");
}
