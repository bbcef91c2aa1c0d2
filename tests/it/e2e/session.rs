//! Log-ins on a lab instance, and what GuardDuty's agent would see of their processes.

use std::io::{BufRead, BufReader};
use std::process::{Child, Stdio};
use std::sync::OnceLock;

use serde_json::{Value, json};

use crate::lab::{command, lab};

/// Prints `pid uid euid start` of the shell and its parents, then waits until its input is closed.
const REPORT: &str = r#"
btime=$(awk '$1 == "btime" { print $2 }' /proc/stat) ticks=$(getconf CLK_TCK) pid=$$
while [ "$pid" -gt 0 ]; do
  stat=$(cat "/proc/$pid/stat"); set -- ${stat##*) }
  echo "$pid $(awk '$1 == "Uid:" { print $2, $3 }' "/proc/$pid/status") $((btime + ${20} / ticks))"
  pid=$2
done
echo end
exec cat
"#;

/// A process that lives until the value is dropped.
pub(crate) struct Session {
    child: Child,
    /// The process and its parents, outward, in the members of GuardDuty's `ProcessDetails`.
    processes: Vec<Value>,
}

impl Session {
    /// A log-in shell of a user.
    pub(crate) fn of(user: &str) -> Self {
        Self::start(&["--user", user], &["sh", "-c", REPORT])
    }

    /// A root shell that a user has opened with sudo.
    pub(crate) fn of_root_by_sudo(user: &str) -> Self {
        let rule = format!("echo '{user} ALL=(ALL) NOPASSWD: ALL' >/etc/sudoers.d/{user}");
        lab(&["instance", "exec", instance(), "--", "sh", "-c", &rule]);
        Self::start(&["--user", user], &["sudo", "sh", "-c", REPORT])
    }

    /// A root process without a log-in, such as a service.
    pub(crate) fn of_root() -> Self {
        Self::start(&[], &["sh", "-c", REPORT])
    }

    fn start(options: &[&str], argv: &[&str]) -> Self {
        let mut child = command(&[&["instance", "exec"], options, &[instance(), "--"], argv].concat())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
        let processes: Vec<_> = lines.take_while(|line| line != "end").map(|line| process(&line)).collect();
        assert!(!processes.is_empty(), "{argv:?} with {options:?} did not start");
        Self { child, processes }
    }

    /// The flagged process with its lineage, as in `service.runtimeDetails.process`.
    pub(crate) fn process(&self, user: &str) -> Value {
        let mut process = self.processes[0].clone();
        process["user"] = user.into();
        process["lineage"] = self.processes[1..].into();
        process
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        // The end of its input ends the process on the instance.
        drop(self.child.stdin.take());
        let _ = self.child.wait();
    }
}

/// The joined instance of all tests.
pub(crate) fn instance() -> &'static str {
    static INSTANCE: OnceLock<String> = OnceLock::new();
    INSTANCE.get_or_init(|| lab(&["instance", "run", "--joined"]).trim().to_owned())
}

fn process(line: &str) -> Value {
    let numbers: Vec<u64> = line.split(' ').map(|number| number.parse().unwrap()).collect();
    let [pid, uid, euid, start] = numbers[..] else { panic!("unforeseen {line:?}") };
    json!({"pid": pid, "userId": uid, "euid": euid, "startTime": start, "executablePath": "/usr/bin/sh", "name": "sh"})
}
