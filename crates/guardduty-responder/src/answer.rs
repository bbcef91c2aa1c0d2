//! The instance's answer: one JSON line from the SSM document, read as coming from an enemy.
//!
//! Whoever has root on the instance writes this line. So its form is checked strictly here, and its content counts
//! only where GuardDuty's own fields and the directory say the same ([`crate::identity`]).

use serde::Deserialize;

/// Longest answer that is looked at. SSM cuts standard output at 24,000 characters; a real answer has some thousands.
const LONGEST: usize = 12_000;

/// Facts from the instance.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Answer {
    v: u8,
    /// One entry for each process asked about, in the order asked.
    pub chain: Vec<Seen>,
    /// Who has which user id.
    pub accounts: Vec<Account>,
}

/// A process as the instance sees it now.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Seen {
    /// The process id that was asked about.
    pub pid: u32,
    /// Whether it is the same process.
    pub state: State,
    /// Its real user id.
    pub uid: Option<u32>,
    /// Its effective user id.
    pub euid: Option<u32>,
    /// The user id of the log-in that it descends from; the kernel keeps it through su and sudo.
    pub login_uid: Option<u32>,
    /// Whether it runs in another process namespace than the host's.
    pub container: Option<bool>,
}

/// What became of a process.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// It still runs.
    Live,
    /// No process has this id.
    Gone,
    /// Another process has this id.
    Reused,
}

/// The account behind a user id.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Account {
    /// The user id.
    pub uid: u32,
    /// Where the account comes from.
    pub kind: Origin,
    /// Its name without a domain.
    pub name: Option<String>,
    /// The DNS name of its domain.
    pub domain: Option<String>,
    /// Its security identifier.
    pub sid: Option<String>,
}

/// Where an account comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Origin {
    /// A directory, through SSSD.
    Directory,
    /// The instance's own files.
    Local,
    /// Nobody knows it.
    Unknown,
}

/// An answer that is not one line of the agreed form.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the instance's answer does not have the agreed form")]
pub struct NotUnderstood;

impl Answer {
    /// Reads the command's standard output, which must be one line about exactly these processes.
    ///
    /// # Errors
    /// For anything else: longer, several lines, control bytes, other members, other processes, two accounts for one
    /// user id.
    pub fn parse(output: &str, pids: &[u32]) -> Result<Self, NotUnderstood> {
        let line = output.strip_suffix('\n').unwrap_or(output);
        if line.len() > LONGEST || line.chars().any(char::is_control) {
            return Err(NotUnderstood);
        }
        let answer: Self = serde_json::from_str(line).map_err(|_| NotUnderstood)?;
        let same_processes = answer.chain.iter().map(|seen| seen.pid).eq(pids.iter().copied());
        if answer.v != 1 || !same_processes || answer.has_uid_twice() {
            return Err(NotUnderstood);
        }
        Ok(answer)
    }

    /// Who has this user id.
    pub fn account(&self, uid: u32) -> Option<&Account> {
        self.accounts.iter().find(|account| account.uid == uid)
    }

    fn has_uid_twice(&self) -> bool {
        let mut uids: Vec<u32> = self.accounts.iter().map(|account| account.uid).collect();
        uids.sort_unstable();
        uids.windows(2).any(|pair| pair[0] == pair[1])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const LINE: &str = r#"{"v":1,"chain":[{"pid":7,"state":"live","uid":5,"euid":5,"login_uid":5,"container":false}],"accounts":[{"uid":5,"kind":"directory","name":"alice","domain":"corp.example.test","sid":"S-1-5-21-1-2-3-1104"}]}"#;

    #[test]
    fn reads_one_line_of_the_agreed_form() {
        let answer = Answer::parse(&format!("{LINE}\n"), &[7]).unwrap();
        assert_eq!(answer.account(5).unwrap().name.as_deref(), Some("alice"));
    }

    #[test]
    fn refuses_everything_else() {
        let two_lines = format!("{LINE}\n{LINE}\n");
        let long = format!("{LINE}{}", " ".repeat(24_000));
        let ansi = LINE.replace("alice", "\u{1b}[31malice");
        let nul = LINE.replace("alice", "al\0ice");
        let crlf = format!("{LINE}\r\n");
        let extra = LINE.replace(r#""v":1"#, r#""v":1,"also":true"#);
        let version = LINE.replace(r#""v":1"#, r#""v":2"#);
        let twice = LINE.replace("\"accounts\":[", "\"accounts\":[{\"uid\":5,\"kind\":\"local\"},");
        for text in ["", "{}", "alice", &two_lines, &long, &ansi, &nul, &crlf, &extra, &version, &twice] {
            assert_eq!(Answer::parse(text, &[7]), Err(NotUnderstood), "{}", text.escape_debug());
        }
        assert_eq!(Answer::parse(LINE, &[8]), Err(NotUnderstood), "an answer about another process");
        assert_eq!(Answer::parse(LINE, &[7, 8]), Err(NotUnderstood), "an answer about fewer processes");
    }

    proptest! {
        #[test]
        fn never_panics(text in "\\PC{0,400}", noise in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = Answer::parse(&text, &[1]);
            let _ = Answer::parse(&String::from_utf8_lossy(&noise), &[1]);
        }
    }
}
