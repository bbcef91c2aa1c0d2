//! Whether passwords log in, by one process for each directory: a command of the lab for each password would be most of the
//! matrix's time.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdout, Stdio};
use std::sync::{Mutex, OnceLock};

use crate::lab::{command, variable};

/// Reads principals and passwords, and says of each whether MIT's kinit gets a ticket.
const ASK: &str = r#"
while read -r principal password; do
  if printf '%s\n' "$password" | kinit -c MEMORY:faults "$principal" >/dev/null 2>&1; then echo yes; else echo no; fi
done
"#;

type Door = Mutex<(Child, BufReader<ChildStdout>)>;

pub(super) fn logs_in(user: &str, password: &str) -> bool {
    static DOOR: OnceLock<Door> = OnceLock::new();
    ask(DOOR.get_or_init(open), user, variable("AD_REALM"), password)
}

pub(super) fn logs_in_to_simple_ad(user: &str, password: &str) -> bool {
    static DOOR: OnceLock<Door> = OnceLock::new();
    ask(DOOR.get_or_init(open), user, variable("SIMPLE_AD_REALM"), password)
}

/// It closes with this process.
fn open() -> Door {
    let mut asking = command(&["exec", "--", "sh", "-c", ASK])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let answers = BufReader::new(asking.stdout.take().unwrap());
    Mutex::new((asking, answers))
}

fn ask(door: &Door, user: &str, realm: &str, password: &str) -> bool {
    let mut door = door.lock().unwrap();
    let (asking, answers) = &mut *door;
    writeln!(asking.stdin.as_mut().unwrap(), "{user}@{realm} {password}").unwrap();
    let mut answer = String::new();
    answers.read_line(&mut answer).unwrap();
    match answer.trim() {
        "yes" => true,
        "no" => false,
        other => panic!("{other:?}"),
    }
}
