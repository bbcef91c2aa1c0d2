//! After disabling: on the instance of the finding nothing of the user's is left, and nothing of anybody else's is touched.

use std::process::Command;
use std::thread::sleep;
use std::time::Duration;

use serde_json::Value;

use crate::directory::{PASSWORD, create_user, create_users, is_enabled};
use crate::finding::{emit, finding};
use crate::instance::{LOCAL_ACCOUNT, instance, other_instance};
use crate::lab::{Journal, aws, command, lab};
use crate::mail::{self, of_executions};
use crate::session::{Session, Way};
use crate::stack::{Detour, KillSwitch, Outcome, Reconfigured, deliver, eventually, output, text};

/// Where SSM Agent's program lies; a copy of `sleep` stands for it.
const AGENT: &str = "/usr/bin/amazon-ssm-agent";

fn run(instance: &str, script: &str) -> String {
    lab(&["instance", "exec", instance, "--", "sh", "-c", script])
}

/// Starts a process as a user that outlives its log-in, and returns its id.
fn background(user: &str, program: &str) -> String {
    let script = format!("setsid {program} </dev/null >/dev/null 2>&1 & echo $!");
    lab(&["instance", "exec", instance(), "--user", user, "--", "sh", "-c", &script]).trim().to_owned()
}

fn lives(pid: &str) -> bool {
    let script = format!("grep -qs '^State:.[^ZX]' /proc/{pid}/status && echo yes || echo no");
    run(instance(), &script).trim() == "yes"
}

/// By number, which holds although the name may no longer be known. `pgrep` ends with 1 where there are none, with more
/// where it could not look.
fn processes_of(uid: &str) -> String {
    run(instance(), &format!("pgrep -a -u {uid} || [ $? -eq 1 ]"))
}

fn ticket_caches_of(uid: &str) -> String {
    run(instance(), &format!("find /tmp -maxdepth 1 -name 'krb5cc_{uid}*'"))
}

/// Whether somebody with the user's password gets in, as by SSH: PAM's authentication and account check.
fn gets_in(user: &str) -> bool {
    let script = format!("echo '{PASSWORD}' | su --command true {user}");
    let arguments = ["instance", "exec", instance(), "--user", LOCAL_ACCOUNT, "--", "sh", "-c", &script];
    let mut attempt: Command = command(&arguments);
    attempt.output().unwrap().status.success()
}

/// No domain controller can be reached, for as long as the value lives, and SSSD knows.
struct Unreachable;

impl Unreachable {
    fn directory() -> Self {
        run(
            instance(),
            "ip route add unreachable 10.98.0.1 && kill -USR1 $(cat /run/sssd.pid || pidof sssd)",
        );
        Self
    }
}

impl Drop for Unreachable {
    fn drop(&mut self) {
        run(
            instance(),
            "ip route del unreachable 10.98.0.1 && kill -USR2 $(cat /run/sssd.pid || pidof sssd)",
        );
    }
}

/// Mails but for that of the state machine about itself.
fn own(mails: &[Value]) -> Vec<&Value> {
    mails.iter().filter(|sent| !mail::body(sent).contains("could not finish")).collect()
}

fn body(outcome: &Outcome) -> &str {
    let [told] = &own(&outcome.mail)[..] else { panic!("one mail, not {:?}", outcome.mail) };
    mail::body(told)
}

fn check_mail(outcome: &Outcome, parts: &[&str]) {
    for part in parts {
        assert!(body(outcome).contains(part), "{part:?} is not in:\n{}", body(outcome));
    }
}

#[test]
fn after_containment_nothing_of_the_user_is_left_on_the_instance() {
    create_users(["rita", "rhea", "ruth"]);
    let other = other_instance();
    run(instance(), &format!("cp /bin/sleep {AGENT}"));
    assert!(["rita", "rhea", "ruth"].into_iter().all(gets_in), "their credentials are cached now");
    {
        let _unreachable = Unreachable::directory();
        assert!(gets_in("rhea"), "the instance admits users while it cannot reach the directory");
    }
    eventually("the directory from the instance", || gets_in("rita").then_some(()));

    let shell = Session::of("rita");
    let root_shell = Way::log_in("rita").sudo().start();
    let left_behind = background("rita", "sleep 4711");
    let root_behind = background("rita", "sudo sleep 4712");
    let agent = background("rita", &format!("sudo {AGENT} 4713"));
    let bystander = Session::of("ruth");
    let uid = run(instance(), "id -u rita").trim().to_owned();
    assert!(ticket_caches_of(&uid).contains("krb5cc_"), "her log-in has left tickets");
    assert!(processes_of(&uid).contains("sleep 4711"), "{}", processes_of(&uid));
    let agents = run(instance(), &format!("pgrep -f '^{AGENT}'"));

    let outcome = deliver(&finding(&root_shell, "root"));

    assert_eq!((outcome.status.as_str(), outcome.decision()), ("SUCCEEDED", ("contain", "identity-proved")));
    assert_eq!((text(&outcome.record, "user"), outcome.count("DisableUser")), ("rita", 1));
    assert!(!is_enabled("rita"));
    assert!(shell.has_ended() && root_shell.has_ended(), "{}", body(&outcome));
    assert!(!lives(&left_behind) && !lives(&root_behind));
    assert_eq!(processes_of(&uid), "");
    assert!(!bystander.has_ended(), "another user's shell");
    assert_eq!(
        run(instance(), &format!("pgrep -f '^{AGENT}'")),
        agents,
        "SSM Agent, even if she had started it: {agent}"
    );
    assert!(run(instance(), "pgrep -c sssd").trim().parse::<u32>().unwrap() >= 3, "sssd");
    assert_eq!(ticket_caches_of(&uid), "");

    assert!(!gets_in("rita"), "the directory refuses her");
    {
        let _unreachable = Unreachable::directory();
        assert!(!gets_in("rita"), "SSSD's cache refuses her");
        assert!(gets_in("ruth"), "and admits others");
    }

    check_mail(
        &outcome,
        &[
            &format!("and ended this user's sessions on {}.", instance()),
            "the process that GuardDuty flagged is among them",
            "with Kerberos tickets removed",
            "it is refused, and by SSSD's cache too",
            "the tickets seen on the instance expire 20",
            other,
        ],
    );
    assert!(!body(&outcome).contains(&format!("    {}", instance())), "the instance is none of the others");
    let evidence = evidence(&outcome);
    for part in ["sleep", "tickets_end", "login_uid"] {
        assert!(evidence.contains(part), "{part} is not in {evidence}");
    }
    assert!(!evidence.contains("4711"), "arguments may hold secrets: {evidence}");
}

/// The item of what the instance reported.
fn evidence(outcome: &Outcome) -> String {
    let pk = text(&outcome.record, "pk").to_owned();
    let values = serde_json::json!({":pk": {"S": pk}, ":sk": {"S": "sessions#"}}).to_string();
    let query = ["dynamodb", "query", "--table-name", output("DecisionTableName"), "--consistent-read"];
    let condition = ["--key-condition-expression", "pk = :pk AND begins_with(sk, :sk)"];
    let found = aws(&[&query[..], &condition, &["--expression-attribute-values", &values]].concat());
    found["Items"].to_string()
}

#[test]
fn an_agent_that_has_gone_costs_neither_the_containment_nor_the_notice() {
    create_user("rolf");
    let lonely = lab(&["instance", "run", "--joined"]).trim().to_owned();
    let lonely: &'static str = lonely.leak();
    let session = Way::log_in("rolf").on(lonely).start();
    // The instance goes away between its answer and the end of the sessions: the step before is held up until it has.
    let journal = Journal::from_now("calls");
    let stopper = std::thread::spawn(move || {
        eventually("the user to be disabled", || {
            journal.read().iter().any(|call| call["operation"] == "DisableUser").then_some(())
        });
        lab(&["instance", "stop", lonely]);
    });
    let _detour = Detour::with("Disable the user", "Wait for the agent again");
    let outcome = deliver(&finding(&session, "rolf"));
    stopper.join().unwrap();
    assert_eq!((outcome.status.as_str(), outcome.decision()), ("SUCCEEDED", ("contain", "identity-proved")));
    assert!(!is_enabled("rolf"));
    check_mail(&outcome, &["BUT ENDED NO SESSIONS", "SESSIONS WERE NOT ENDED (agent-absent)", "Elsewhere:"]);
    lab(&["instance", "terminate", lonely]);
}

#[test]
fn a_step_that_breaks_is_told_as_what_remains_and_fails_the_execution() {
    create_user("rosa");
    let session = Session::of("rosa");
    let _broken = Reconfigured::with(&[("END_SESSIONS_DOCUMENT", Some("no-such-document"))]);
    let outcome = deliver(&finding(&session, "rosa"));
    assert_eq!(outcome.status, "FAILED");
    assert!(!is_enabled("rosa"));
    check_mail(&outcome, &["SESSIONS WERE NOT ENDED (no-report)"]);
    assert!(!session.has_ended());
}

#[test]
fn a_stack_that_only_disables_says_that_sessions_go_on() {
    create_user("rory");
    let session = Session::of("rory");
    let _only = Reconfigured::with(&[("AFTER_DISABLING", Some("nothing"))]);
    let outcome = deliver(&finding(&session, "rory"));
    assert_eq!((outcome.status.as_str(), outcome.count("SendCommand")), ("SUCCEEDED", 1));
    check_mail(&outcome, &["SESSIONS WERE NOT ENDED (not-configured)"]);
    assert!(!session.has_ended() && !is_enabled("rory"));
}

#[test]
fn the_kill_switch_stops_the_ending_of_sessions_too() {
    create_user("rafe");
    let session = Session::of("rafe");
    let event = finding(&session, "rafe");
    let (calls, mail) = (Journal::from_now("calls"), Journal::from_now("mail"));
    let _detour = Detour::with("Disable the user", "Wait for the agent again");
    emit(&event);
    eventually("the user to be disabled", || {
        calls.read().iter().any(|call| call["operation"] == "DisableUser").then_some(())
    });
    sleep(Duration::from_secs(1));
    let _switch = KillSwitch::on();
    let sent = eventually("the mail", || own(&of_executions(&mail)).first().map(|sent| (*sent).clone()));
    let body = sent["body"].as_str().unwrap();
    assert!(body.contains("SESSIONS WERE NOT ENDED (kill-switch)"), "{body}");
    assert!(!session.has_ended() && !is_enabled("rafe"));
}
