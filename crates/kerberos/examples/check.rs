//! Tests a password from the command line, for a look at a domain from where the function runs:
//! `printf %s "$PASSWORD" | check REALM USER SECONDS KDC..`. Prints the verdict; exit code 0 only if it is accepted.
//!
//! With `CLOCK_AHEAD` in front of the realm, as `+360` or `-360`, it goes by a clock that is off by so many seconds.
#![expect(clippy::print_stdout, reason = "what it is for")]

use std::io::{self, Read};
use std::process::ExitCode;
use std::time::{Duration, SystemTime};

use kerberos::{Client, Verdict};
use secrecy::SecretString;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let mut arguments: Vec<String> = std::env::args().skip(1).collect();
    let ahead = match arguments.first() {
        Some(first) if first.starts_with(['+', '-']) => arguments.remove(0).parse().unwrap_or(0),
        _ => 0,
    };
    let [realm, user, seconds, kdcs @ ..] = &arguments[..] else {
        println!("usage: check [CLOCK_AHEAD] REALM USER SECONDS KDC..");
        return ExitCode::from(2);
    };
    let mut password = String::new();
    if io::stdin().read_to_string(&mut password).is_err() {
        println!("the password on stdin is not UTF-8");
        return ExitCode::from(2);
    }
    let client = Client::with_clock(move || shifted(ahead));
    let deadline = Duration::from_secs(seconds.parse().unwrap_or(10));
    let verdict = client.check(kdcs, realm, user, &SecretString::from(password), deadline).await;
    println!("{verdict:?}\n{verdict}");
    if verdict == Verdict::Accepted { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn shifted(ahead: i64) -> SystemTime {
    let by = Duration::from_secs(ahead.unsigned_abs());
    if ahead < 0 { SystemTime::now() - by } else { SystemTime::now() + by }
}
