//! A one-time password is seen nowhere but by those who need it, even while it is used.

use super::computer::create;
use super::host::Host;
use crate::lab::{folder, lab};

/// Gathers what all processes show of themselves, again and again, until it is told to stop.
const WATCH: &str = "setsid sh -c 'while ! test -e /run/enough; do
    cat /proc/[0-9]*/cmdline /proc/[0-9]*/environ 2>/dev/null | tr \"\\0\" \"\\n\" | sort -u >>/run/seen; done; touch /run/done' \
    </dev/null >/dev/null 2>&1 &";

#[test]
fn the_password_is_in_no_process_list_file_log_or_command_history() {
    // In two parts, so that no command of this test shows it.
    let (first, second) = ("Canary.8f3d2a", "61c7-Secret");
    let password = format!("{first}{second}");
    let host = Host::start("ec2-secrecy");
    host.sh(WATCH);
    let ended = host.join(&password, &[("Groups", "Engineering")], || create("ec2-secrecy", &password));
    assert_eq!(ended.word(), "joined", "{ended:?}");
    host.sh("touch /run/enough; until test -e /run/done; do sleep 0.1; done");
    assert!(
        host.sh("cat /run/seen").contains("--login-type=computer"),
        "the processes were looked at while it joined"
    );

    let search =
        format!("a={first}; grep -rlaF \"${{a}}{second}\" /run /etc /var /tmp /root /dev/shm || test $? = 1");
    assert_eq!(host.sh(&search), "", "on the host's disk or in its memory file systems");
    assert!(!ended.stderr.contains(&password) && !ended.answer.to_string().contains(&password));
    let calls = lab(&["calls"]);
    let with_it = calls.lines().filter(|call| call.contains(&password));
    assert!(with_it.clone().all(|call| call.contains("CreateComputer")), "{:?}", with_it.collect::<Vec<_>>());
    let logs =
        std::process::Command::new("grep").args(["-rlaF", &password]).arg(folder().join("logs")).output();
    assert_eq!(String::from_utf8_lossy(&logs.unwrap().stdout), "", "logs of the lab");
}
