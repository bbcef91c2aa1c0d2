//! Asks a domain by LDAP from the command line, for a look from where the function runs:
//! `printf %s "$PASSWORD" | ldap DOMAIN CONTROLLER,.. CA-FILE USER OPERATION [WORD..]`. Prints the answer; exit code 1 with the
//! error and its kind when there is none. `reset NAME` takes the new password from a second line of its input.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "what it is for")]

use std::fmt::Debug;
use std::io::{self, Read};
use std::process::ExitCode;

use secrecy::SecretString;
use steward_core::directory::{ClientToken, Directory, DirectoryError, LdapDirectory, LdapSettings};

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let Some((settings, rest, new)) = settings(&words) else {
        eprintln!(
            "usage: printf %s \"$PASSWORD\" | ldap DOMAIN CONTROLLER,.. CA-FILE USER OPERATION [WORD..]"
        );
        return ExitCode::from(2);
    };
    let said = match LdapDirectory::new(settings) {
        Ok(directory) => ask(&directory, rest, &new).await,
        Err(error) => Some(Err(error)),
    };
    match said {
        Some(Ok(answer)) => println!("{answer}"),
        Some(Err(error)) => {
            println!("{:?}: {error}", error.kind());
            return ExitCode::FAILURE;
        }
        None => {
            eprintln!(
                "operations: named NAME, of SID, in OU, remove SID, forget HOST ADDRESS, user NAME, groups NAME, \
                 disable NAME, reset NAME, names"
            );
            return ExitCode::from(2);
        }
    }
    ExitCode::SUCCESS
}

fn settings<'a>(words: &'a [&'a str]) -> Option<(LdapSettings, &'a [&'a str], SecretString)> {
    let [domain, controllers, ca_file, user, rest @ ..] = words else { return None };
    let mut secrets = String::new();
    io::stdin().read_to_string(&mut secrets).ok()?;
    let (password, new) = secrets.split_once('\n').unwrap_or((&secrets, ""));
    let settings = LdapSettings {
        domain: (*domain).to_owned(),
        controllers: controllers.split(',').map(|address| address.parse().ok()).collect::<Option<_>>()?,
        ca_pem: std::fs::read_to_string(ca_file).ok()?,
        user: (*user).to_owned(),
        password: SecretString::from(password),
    };
    Some((settings, rest, SecretString::from(new)))
}

/// The answer as a text; nothing if there is no such operation.
async fn ask(
    directory: &LdapDirectory,
    words: &[&str],
    new: &SecretString,
) -> Option<Result<String, DirectoryError>> {
    Some(match words {
        ["named", name] => shown(directory.computer_named(name).await),
        ["of", sid] => shown(directory.computer_of(&sid.parse().ok()?).await),
        ["in", ou] => shown(directory.computers_in(ou).await),
        ["remove", sid] => shown(remove(directory, sid).await?),
        ["forget", host, address] => shown(directory.remove_dns_record(host, address.parse().ok()?).await),
        ["user", name] => shown(directory.user(&name.parse().ok()?).await),
        ["groups", name] => shown(groups(directory, name).await?),
        ["disable", name] => shown(directory.disable(&name.parse().ok()?, &ClientToken::new("ldap")).await),
        ["reset", name] => shown(directory.reset_password(&name.parse().ok()?, new).await),
        ["names"] => shown(directory.domain_names().await),
        _ => return None,
    })
}

async fn remove(directory: &LdapDirectory, sid: &str) -> Option<Result<(), DirectoryError>> {
    Some(match directory.computer_of(&sid.parse().ok()?).await {
        Ok(Some(computer)) => directory.remove_computer(&computer).await,
        Ok(None) => Ok(()),
        Err(error) => Err(error),
    })
}

async fn groups(directory: &LdapDirectory, name: &str) -> Option<Result<impl Debug, DirectoryError>> {
    Some(match directory.user(&name.parse().ok()?).await {
        Ok(user) => directory.groups(&user).await,
        Err(error) => Err(error),
    })
}

fn shown(answer: Result<impl Debug, DirectoryError>) -> Result<String, DirectoryError> {
    answer.map(|answer| format!("{answer:?}"))
}
