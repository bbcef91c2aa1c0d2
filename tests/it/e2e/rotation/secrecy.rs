//! A password stands nowhere but in the calls that carry it.

use std::collections::BTreeSet;
use std::fs;
use std::io::Write;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{scope, sleep};
use std::time::Duration;

use super::account::{Account, Directory, LeastLength};
use super::secret::{Secret, Shape};
use crate::lab::{aws, command, folder, lab, root};
use crate::secrecy::{function_logs, lab_logs};
use crate::stack::output;

const CANARY: &str = "Canary-In-The-Mine-7";
const PLANTED: &str = "Planted-To-Be-Found-7";

/// Reads texts, and prints the files written after one, in places where a function or the lab may write, that contain any.
const SEARCH: &str = r#"
texts=$(cat)
{ find /tmp /var/tmp -xdev -maxdepth 2 -type f -newer "$1"; find /dev/shm /run "$2" -xdev -type f -newer "$1"; } 2>/dev/null |
while read -r file; do
  if grep -qF -f <(printf '%s\n' "$texts") "$file"; then echo "$file"; fi
done
"#;

/// Arguments and environments of all processes that were seen while something was done.
fn processes_during(action: impl FnOnce()) -> BTreeSet<Vec<u8>> {
    let (done, mut seen) = (AtomicBool::new(false), BTreeSet::new());
    scope(|scope| {
        let looking = scope.spawn(|| {
            let mut seen = BTreeSet::new();
            while !done.load(Ordering::Relaxed) {
                for process in fs::read_dir("/proc").unwrap().map(Result::unwrap) {
                    let texts = ["cmdline", "environ"].map(|name| fs::read(process.path().join(name)));
                    seen.extend(texts.into_iter().flatten());
                }
                sleep(Duration::from_millis(20));
            }
            seen
        });
        action();
        done.store(true, Ordering::Relaxed);
        seen = looking.join().unwrap();
    });
    seen
}

fn have(processes: &BTreeSet<Vec<u8>>, text: &str) -> bool {
    processes.iter().any(|seen| seen.windows(text.len()).any(|part| part == text.as_bytes()))
}

/// The files with any of the texts, of those written since a file was.
fn files_with(texts: &[String], since: &str) -> String {
    let kept = folder();
    let arguments = ["exec", "--", "bash", "-c", SEARCH, "search", since, kept.to_str().unwrap()];
    let mut searching = command(&arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    writeln!(searching.stdin.take().unwrap(), "{}", texts.join("\n")).unwrap();
    String::from_utf8(searching.wait_with_output().unwrap().stdout).unwrap()
}

/// Passwords of all versions of a secret, also those without a label.
fn passwords(secret: &Secret) -> BTreeSet<String> {
    let list =
        ["secretsmanager", "list-secret-version-ids", "--include-deprecated", "--secret-id", &secret.arn];
    let versions = aws(&list);
    let ids = versions["Versions"].as_array().unwrap().iter();
    ids.map(|version| secret.password_of(version["VersionId"].as_str().unwrap())).collect()
}

/// Everything that may be done with passwords: a rotation that ends well, one whose domain controllers talk nonsense, one
/// that the policy refuses, one that is undone.
fn rotations(secret: &Secret) {
    assert!(secret.turn_on().succeeded());
    for kind in ["garbage", "lost-answer"] {
        lab(&["fault", "kerberos", "Exchange", kind, "3", "--for", &secret.arn]);
        assert!(secret.rotate().succeeded());
    }
    {
        let _strict = LeastLength::of(Directory::ManagedMicrosoftAd, 40);
        assert!(!secret.rotate().succeeded());
    }
    secret.delay_step(3);
    secret.start(&[]);
    secret.wait_for_step("testSecret");
    secret.account.reset("Somebody-Elses-7");
    assert!(!secret.settled().succeeded());
}

#[test]
fn a_password_that_is_rotated_stands_nowhere_but_in_the_calls_that_carry_it() {
    let account = Account::managed("rot-canary").create(CANARY);
    let secret = Secret::of(account, Shape::Article, CANARY);
    let stamp = root().join("target/e2e/canary.stamp");
    fs::write(&stamp, "").unwrap();
    let stamp = stamp.to_str().unwrap();

    let processes = processes_during(|| rotations(&secret));

    let passwords: Vec<String> = passwords(&secret).into_iter().collect();
    assert!(passwords.len() >= 5 && passwords.contains(&CANARY.to_owned()), "{} passwords", passwords.len());
    let table = aws(&["dynamodb", "scan", "--table-name", output("DecisionTableName"), "--consistent-read"]);
    let describe = ["secretsmanager", "describe-secret", "--secret-id", &secret.arn];
    let places = [
        ("logs of the functions", function_logs()),
        ("logs of the lab", lab_logs()),
        ("the table", table.to_string()),
        ("mails", lab(&["mail"])),
        ("calls", lab(&["calls"])),
        ("errors of rotations", lab(&["rotations"])),
        ("what is shown of the secret", aws(&describe).to_string()),
    ];
    let processes = &processes;
    for password in &passwords {
        for (place, text) in &places {
            assert!(!text.contains(password.as_str()), "a password stands in {place}");
        }
        assert!(!have(processes, password), "a password is an argument or a variable of a process");
    }
    assert_eq!(files_with(&passwords, stamp), "", "these files hold a password");
    assert!(have(processes, "bootstrap"), "the function's process was not looked at");
}

#[test]
fn what_stands_in_an_argument_a_variable_or_a_file_is_found() {
    let planted = root().join("target/e2e/planted.stamp");
    fs::write(&planted, "").unwrap();
    let processes = processes_during(|| {
        let mut sleeping = Command::new("sleep").env("PLANTED", PLANTED).arg("0.5").spawn().unwrap();
        let mut shell = Command::new("sh").args(["-c", "sleep 0.5", "Planted-Argument-7"]).spawn().unwrap();
        assert!(sleeping.wait().unwrap().success() && shell.wait().unwrap().success());
    });
    assert!(have(&processes, PLANTED) && have(&processes, "Planted-Argument-7"));
    let file = std::env::temp_dir().join("adsteward-planted");
    fs::write(&file, format!("text with {PLANTED} in it")).unwrap();
    let found = files_with(&[PLANTED.to_owned()], planted.to_str().unwrap());
    fs::remove_file(&file).unwrap();
    assert_eq!(found.trim(), file.to_str().unwrap());
}
