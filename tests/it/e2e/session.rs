//! Log-ins on lab instances, and what GuardDuty's agent would see of their processes.

use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, Stdio};

use serde_json::{Value, json};

use crate::directory::PASSWORD;
use crate::instance::instance;
use crate::lab::command;

/// Prints `pid parent uid euid start name` of the shell and its parents, outward.
pub(crate) const REPORT: &str = r#"
btime=$(awk '$1 == "btime" { print $2 }' /proc/stat) ticks=$(getconf CLK_TCK)
read -r pid rest </proc/self/stat
while [ "$pid" -gt 0 ]; do
  stat=$(cat "/proc/$pid/stat"); name=${stat#*(}; name=${name%)*}; set -- ${stat##*) }
  echo "$pid $2 $(awk '$1 == "Uid:" { print $2, $3 }' "/proc/$pid/status") $((btime + ${20} / ticks)) $name"
  pid=$2
done
echo end
"#;

/// Runs its arguments as a child, and lives on until its input is closed.
const OUTLIVE: &str = r#""$@" </dev/null; exec cat"#;

/// Runs its arguments as a child, and ends with it.
const ENCLOSE: &str = r#""$@"; exit"#;

/// Leaves its arguments behind as a process without a parent.
const ABANDON: &str = r#"exec 3<&0; { sleep 0.3; exec "$@"; } <&3 3<&- &"#;

/// How somebody gets to a shell: a log-in or none, and the users that he becomes one after the other.
pub(crate) struct Way {
    instance: &'static str,
    login: Option<String>,
    argv: Vec<String>,
    /// Whether su would not ask for a password here.
    is_root: bool,
    passwords: usize,
}

impl Way {
    /// A log-in, such as by SSH.
    pub(crate) fn log_in(user: &str) -> Self {
        Self { login: Some(user.to_owned()), is_root: false, ..Self::service() }
    }

    /// A root process without a log-in: a service, or a Session Manager session of root.
    pub(crate) fn service() -> Self {
        Self { instance: instance(), login: None, argv: Vec::new(), is_root: true, passwords: 0 }
    }

    /// The same on another instance.
    pub(crate) fn on(self, instance: &'static str) -> Self {
        Self { instance, ..self }
    }

    /// As a service manager starts a service of this user, or SSM Agent a session of `ssm-user`.
    pub(crate) fn drop_to(self, user: &str) -> Self {
        let user_option = format!("--reuid={user}");
        self.hop(false, &["setpriv", &user_option, "--clear-groups", "--"])
    }

    /// `su - user`, with his password where it is asked for.
    pub(crate) fn su(self, user: &str) -> Self {
        let passwords = self.passwords + usize::from(!self.is_root);
        let hop = ["su", "--login", "--command", r#"exec "$0" "$@""#, "--", user];
        Self { passwords, ..self.hop(user == "root", &hop) }
    }

    pub(crate) fn sudo(self) -> Self {
        self.hop(true, &["sudo", "--"])
    }

    pub(crate) fn sudo_as(self, user: &str) -> Self {
        self.hop(false, &["sudo", "-u", user, "--"])
    }

    /// Shells within shells.
    pub(crate) fn shells(self, count: usize) -> Self {
        (0..count).fold(self, |way, _| way.shell(ENCLOSE))
    }

    /// A process in a process namespace of its own, as in a container.
    pub(crate) fn container(self, user: &str) -> Self {
        self.sudo().hop(true, &["unshare", "--pid", "--fork", "--"]).drop_to(user)
    }

    /// A process that outlives its parent.
    pub(crate) fn orphan(self) -> Self {
        self.shell(ABANDON)
    }

    /// The session of a process that lives.
    pub(crate) fn start(self) -> Session {
        let report = format!("{REPORT}exec cat");
        Session::start(self.hop(false, &["sh", "-c", &report]))
    }

    /// The session of a process that has ended together with all but one of its parents of this number.
    pub(crate) fn start_and_end(self, ended: usize) -> Session {
        Session::start(self.shell(OUTLIVE).shells(ended - 1).hop(false, &["sh", "-c", REPORT]))
    }

    fn shell(self, script: &str) -> Self {
        let is_root = self.is_root;
        self.hop(is_root, &["sh", "-c", script, "sh"])
    }

    fn hop(mut self, is_root: bool, argv: &[&str]) -> Self {
        self.argv.extend(argv.iter().map(|word| (*word).to_owned()));
        Self { is_root, ..self }
    }
}

/// A session that lasts until the value is dropped, and the process in it that a finding is about.
pub(crate) struct Session {
    pub(crate) instance: &'static str,
    child: Child,
    /// The process and its parents, outward, in the members of GuardDuty's `ProcessDetails`.
    processes: Vec<Value>,
}

impl Session {
    /// A log-in shell of a user.
    pub(crate) fn of(user: &str) -> Self {
        Way::log_in(user).start()
    }

    /// Whether nothing of it runs any more, which its output's end shows.
    pub(crate) fn has_ended(&self) -> bool {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        status.lines().any(|line| line.starts_with("State:") && line.contains('Z'))
    }

    fn start(way: Way) -> Self {
        let login = way.login.iter().flat_map(|user| ["--user", user]);
        let words = login.chain([way.instance, "--"]).chain(way.argv.iter().map(String::as_str));
        let arguments: Vec<_> = ["instance", "exec"].into_iter().chain(words).collect();
        let mut child = command(&arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let answers = format!("{PASSWORD}\n").repeat(way.passwords);
        child.stdin.as_mut().unwrap().write_all(answers.as_bytes()).unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
        let processes: Vec<_> = lines.take_while(|line| line != "end").map(|line| process(&line)).collect();
        if processes.is_empty() {
            let mut complaint = String::new();
            child.stderr.take().unwrap().read_to_string(&mut complaint).unwrap();
            let status = child.wait().unwrap();
            panic!("{:?} of {:?} did not start, {status}: {complaint}", way.argv, way.login);
        }
        Self { instance: way.instance, child, processes }
    }

    /// The flagged process with its lineage, as in `service.runtimeDetails.process`.
    pub(crate) fn process(&self, user: &str) -> Value {
        flagged(&self.processes, user)
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        // The end of its input ends the process on the instance.
        drop(self.child.stdin.take());
        let _ = self.child.wait();
    }
}

/// The first of processes that are given outward, with the others as its lineage.
pub(crate) fn flagged(processes: &[Value], user: &str) -> Value {
    let mut process = processes[0].clone();
    process["user"] = user.into();
    process["lineage"] = processes[1..].into();
    process
}

/// A process, from a line of the report.
pub(crate) fn process(line: &str) -> Value {
    let words: Vec<_> = line.splitn(6, ' ').collect();
    let [pid, parent, uid, euid, start, name] = words[..] else { panic!("unforeseen {line:?}") };
    let number = |word: &str| word.parse::<u64>().unwrap();
    json!({
        "pid": number(pid),
        "namespacePid": number(pid),
        "userId": number(uid),
        "euid": number(euid),
        "startTime": number(start),
        "name": name,
        "executablePath": format!("/usr/bin/{name}"),
        "uuid": uuid(pid),
        "parentUuid": uuid(parent),
    })
}

fn uuid(pid: &str) -> String {
    format!("c0ffee00-0000-4000-8000-{pid:0>12}")
}
