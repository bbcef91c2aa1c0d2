//! Log-ins of many users, by one process on the instance: a command of the lab for each would be most of the matrix's time.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdout, Stdio};
use std::sync::Mutex;

use serde_json::Value;

use crate::instance::instance;
use crate::lab::command;
use crate::session::{REPORT, flagged, process};

/// Reads names, and lets each log in as `instance exec --user` does. A session that ends says so.
const ADMIT: &str = r#"
while read -r user; do
  { (id=$(id --user -- "$user") && echo "$id" >/proc/self/loginuid &&
     exec su --login --command 'exec "$0" "$@"' -- "$user" sh -c "$1") </dev/null; echo "gone $user"; } 2>/dev/null &
done
"#;

/// Lasts longer than a run, and is what GuardDuty flags.
const STAY: &str = "exec sleep 900";

/// The instance's door. It closes with this process.
pub(crate) struct Logins(Mutex<(Child, BufReader<ChildStdout>)>);

impl Logins {
    pub(crate) fn open() -> Self {
        let script = format!("{REPORT}{STAY}");
        let mut admitting =
            command(&["instance", "exec", instance(), "--", "sh", "-c", ADMIT, "sh", &script])
                .stdin(Stdio::piped())
                .stdout(Stdio::piped())
                .spawn()
                .unwrap();
        let answers = BufReader::new(admitting.stdout.take().unwrap());
        Self(Mutex::new((admitting, answers)))
    }

    /// The process of a new session of a user, as in `service.runtimeDetails.process`.
    pub(crate) fn log_in(&self, user: &str) -> Value {
        let mut door = self.0.lock().unwrap();
        let (admitting, answers) = &mut *door;
        writeln!(admitting.stdin.as_mut().unwrap(), "{user}").unwrap();
        let mut processes = Vec::new();
        for line in answers.lines().map(Result::unwrap) {
            match line.strip_prefix("gone ") {
                Some(name) => assert_ne!(name, user, "he could not log in"),
                None if line == "end" => break,
                None => processes.push(process(&line)),
            }
        }
        flagged(&processes, user)
    }
}
