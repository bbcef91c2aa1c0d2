//! What the notices say: who, what became of each account, what was not done and why, what to do, how to undo.
//!
//! Written for the person on call: the first line says what happened. Names come from the directory and from services, so
//! every value passes [`plain`].

mod leaving;
mod onboarding;

use std::fmt::Write;

use steward_core::notice::plain;

pub use leaving::{Left, left_alone, off_boarded, overtaken, suspended};
pub use onboarding::{not_onboarded, nothing_given, onboarded};

use crate::config::Common;
use crate::records::{Account, AccountState, Run, UserItem};
use crate::services::Services;

/// Who tells, and why.
#[derive(Debug, Clone)]
pub struct Told<'a> {
    /// The execution.
    pub execution: &'a str,
    /// What started it, in a few words.
    pub event: String,
    /// Where readers go.
    pub common: &'a Common,
}

impl Told<'_> {
    fn details(&self, body: &mut String, sid: Option<&str>) {
        let _ = writeln!(body, "\nDETAILS\n  execution  {}", plain(self.execution));
        if let Some(sid) = sid {
            let _ = writeln!(
                body,
                "  record     table {}, key user#{}#{}",
                self.common.user_table,
                self.common.directory,
                plain(sid)
            );
        }
    }

    /// The command that starts `onboard-user` for this user.
    fn onboard_again(&self, body: &mut String, user: &str, sid: Option<&str>) {
        let sid = sid.map_or_else(String::new, |sid| format!(",\"sid\":\"{}\"", plain(sid)));
        let _ = writeln!(
            body,
            "  aws stepfunctions start-execution --region {} \\\n    --state-machine-arn {} \\\n    \
             --input '{{\"version\":1,\"directoryId\":\"{}\",\"user\":\"{}\"{sid},\"event\":{{\"kind\":\"custom\"}}}}'",
            self.common.region,
            self.common.onboard_state_machine_arn,
            self.common.directory,
            plain(user)
        );
    }
}

fn row(body: &mut String, label: &str, value: &str) {
    let _ = writeln!(body, "{label:<9} {}", plain(value));
}

fn who(body: &mut String, user: &str, sid: Option<&str>, upn: Option<&str>) {
    let sid = sid.map_or_else(String::new, |sid| format!(" ({sid})"));
    row(body, "WHO", &format!("{user}{sid}"));
    if let Some(upn) = upn {
        row(body, "", upn);
    }
}

/// One line for each account, and lines below with what there is to say of it.
fn accounts(body: &mut String, item: &UserItem, run: &Run, services: &Services) {
    let _ = writeln!(body, "\nACCOUNTS");
    let nothing = Account::default();
    for service in &run.services {
        let account = item.services.get(service).unwrap_or(&nothing);
        let state = match account.state {
            AccountState::Failed => "FAILED",
            other => other.word(),
        };
        let id = account.id.as_deref().unwrap_or("");
        let line = format!("  {:<18} {state:<10} {}", title(services, service), plain(id));
        let _ = writeln!(body, "{}", line.trim_end());
        for remark in [&account.detail, &account.reason].into_iter().flatten() {
            for line in wrapped(&plain(remark), 72) {
                let _ = writeln!(body, "    {line}");
            }
        }
    }
    if run.services.is_empty() {
        let _ = writeln!(body, "  none");
    }
}

/// The service's name for people.
fn title(services: &Services, name: &str) -> String {
    services.get(name).map_or_else(|| plain(name), |service| service.title().to_owned())
}

/// The names of these services for people.
fn titles(services: &Services, names: &[&String]) -> String {
    let titles: Vec<String> = names.iter().map(|name| title(services, name)).collect();
    titles.join(", ")
}

/// The groups that could not be put back, or left.
fn kept_groups(body: &mut String, item: &UserItem) {
    for (group, why) in &item.memberships.kept {
        for (number, line) in wrapped(&plain(&format!("{group}: {why}")), 72).iter().enumerate() {
            let _ = writeln!(body, "  {}{line}", if number == 0 { "- " } else { "  " });
        }
    }
}

/// A text in lines of at most so many characters, broken between words.
fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= width => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

#[cfg(test)]
mod tests;
