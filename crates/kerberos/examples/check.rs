//! Tests a password from the command line, for a look at a domain from where the function runs:
//! `printf %s "$PASSWORD" | check REALM USER SECONDS KDC..`. Prints the verdict, what to do, and how long it took; exit
//! code 0 only if the password is accepted.
//!
//! With `+360` or `-360` in front it goes by a clock that is off by so many seconds.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "what it is for")]

use std::io::{self, Read};
use std::process::ExitCode;
use std::time::{Duration, Instant, SystemTime};

use kerberos::{Client, Verdict};
use secrecy::SecretString;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let mut arguments: Vec<String> = std::env::args().skip(1).collect();
    let ahead =
        arguments.first().filter(|first| first.starts_with(['+', '-'])).and_then(|first| first.parse().ok());
    if ahead.is_some() {
        arguments.remove(0);
    }
    let [realm, user, seconds, kdcs @ ..] = &arguments[..] else { return usage() };
    let (Ok(seconds), Some(password)) = (seconds.parse(), password()) else { return usage() };
    let (client, began) = (Client::with_clock(move || shifted(ahead.unwrap_or(0))), Instant::now());
    let verdict = client.check(kdcs, realm, user, &password, Duration::from_secs(seconds)).await;
    println!("{verdict:?}\n{verdict}\n{} ms", began.elapsed().as_millis());
    if verdict == Verdict::Accepted { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn usage() -> ExitCode {
    eprintln!("usage: printf %s \"$PASSWORD\" | check [+SECONDS|-SECONDS] REALM USER SECONDS KDC..");
    ExitCode::from(2)
}

fn password() -> Option<SecretString> {
    let mut password = String::new();
    io::stdin().read_to_string(&mut password).ok().map(|_| SecretString::from(password))
}

fn shifted(ahead: i64) -> SystemTime {
    let by = Duration::from_secs(ahead.unsigned_abs());
    if ahead < 0 { SystemTime::now() - by } else { SystemTime::now() + by }
}
