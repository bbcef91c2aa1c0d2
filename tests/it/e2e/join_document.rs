//! The document that joins a Linux host, really run by Systems Manager on hosts of the lab, against its domain controller.

mod computer;
mod host;
mod refusals;
mod seal;
mod secrecy;

use crate::directory::{add_to_group, can_log_in, create_group, create_users, disable, is_enabled};
use crate::finding::finding;
use crate::lab::{aws, lab, variable};
use crate::session::{Session, Way};
use crate::stack::deliver;

use computer::{attribute, create, password_set};
use host::{Ended, Host, REBOOT};

const ONE_TIME: &str = "One-Time.4711-Password";

/// Joins a new host by a one-time password.
fn joined(computer: &str, more: &[(&str, &str)]) -> Host {
    let host = Host::start(computer);
    let ended = join(&host, more);
    assert_eq!((ended.word(), ended.code), ("joined", 0), "{ended:?}");
    host
}

fn join(host: &Host, more: &[(&str, &str)]) -> Ended {
    host.join(ONE_TIME, more, || create(&host.computer, ONE_TIME))
}

/// What has changed on the host since the last time that this was asked.
fn changes(host: &Host) -> String {
    host.sh("cd /run; test ! -e mark || find /etc /var/lib/adsteward /run/adsteward /run/sssd.pid -type f -newer mark ! -name lock; touch mark")
}

#[test]
fn a_host_joins_by_a_one_time_password_that_is_worth_nothing_afterwards() {
    let host = joined("ec2-once", &[]);
    let principal = format!("{}$", host.computer);
    host.sh(&format!("kinit -k -c MEMORY: '{principal}'"));
    assert!(host.sh("id martha.rivera@corp.example.test").contains("engineering"));
    assert!(!can_log_in(&principal, ONE_TIME), "the one-time password still works");
    assert_eq!(attribute(&host.computer, "dNSHostName"), format!("{}.corp.example.test", host.computer));
    assert_eq!(host.sh("uname -n").trim(), host.computer);
    assert_eq!(host.sh("stat -c '%a %U' /etc/sssd/sssd.conf /etc/krb5.keytab"), "600 root\n600 root\n");
    assert_eq!(host.sh("ls /run/adsteward"), "lock\n", "no key pair, no work file is left");
}

#[test]
fn a_second_run_finds_nothing_to_do() {
    let host = joined("ec2-twice", &[("Groups", "Engineering")]);
    let password = password_set(&host.computer);
    changes(&host);
    let again = [
        host.run("join", &[("Groups", "Engineering"), ("Secret", &"A".repeat(512))]),
        host.prepare(&[("Groups", "Engineering")]),
        host.run("check", &[]),
    ];
    assert_eq!(again.each_ref().map(Ended::word), ["already", "member", "member"], "{again:?}");
    assert!(again.iter().all(|ended| ended.code == 0), "{again:?}");
    assert_eq!(again[1].answer["verified"], true);
    assert_eq!(changes(&host), "");
    assert_eq!(password_set(&host.computer), password);
}

#[test]
fn members_of_the_groups_are_admitted_and_nobody_else() {
    create_users(["ragna", "ruben", "runa", "rasmus"]);
    create_group("Linux People");
    create_group("Night Shift");
    add_to_group("Linux People", "ragna");
    add_to_group("Linux People", "Night Shift");
    add_to_group("Night Shift", "ruben");
    add_to_group("Linux People", "runa");
    disable("runa");
    let host = joined("ec2-groups", &[("Groups", "No Such Group,Linux People")]);
    let admitted = ["ragna", "ruben", "runa", "rasmus"].map(|user| host.admits(user));
    assert_eq!(
        admitted,
        [true, true, false, false],
        "a member, one of a group in it, a disabled one, a stranger"
    );

    let opened = host.prepare(&[]);
    assert_eq!(opened.word(), "member", "{opened:?}");
    assert_eq!(
        ["rasmus", "runa"].map(|user| host.admits(user)),
        [true, false],
        "everybody but who is disabled"
    );
    let closed = host.prepare(&[("Groups", "No Such Group")]);
    assert_eq!(closed.answer["detail"], "no group is called No Such Group", "{closed:?}");
    assert!(!host.admits("ragna"), "nobody is a member of a group that is not there");
}

#[test]
fn a_join_user_makes_the_object_and_leaves_taken_names_alone() {
    let parameter = ["ssm", "get-parameter", "--with-decryption", "--name", variable("JOIN_USER_PARAMETER")];
    let found = aws(&parameter);
    let password = found["Parameter"]["Value"].as_str().unwrap();
    let user = variable("JOIN_USER");
    let more = [("Mode", "join-user"), ("JoinUser", user), ("Ou", variable("JOIN_OU"))];
    let host = Host::start("ec2-by-user");
    let ended = host.join(password, &more, || ());
    assert_eq!((ended.word(), ended.code), ("joined", 0), "{ended:?}");
    host.sh("kinit -k -c MEMORY: 'ec2-by-user$' && id -u martha.rivera@corp.example.test");
    assert!(
        attribute("ec2-by-user", "description").starts_with("adsteward "),
        "the attempt can be told by its nonce"
    );
    assert!(can_log_in(user, password));

    host.sh("rm /etc/krb5.keytab /etc/sssd/sssd.conf");
    let ended = host.join(password, &more, || ());
    assert_eq!(
        (ended.word(), ended.code),
        ("joined", 0),
        "what it has made itself is no name that is taken: {ended:?}"
    );

    let before = password_set("ec2-by-user");
    let other = Host::start("ec2-by-user");
    let refused = other.join(password, &more, || ());
    assert_eq!((refused.word(), refused.code), ("name-taken", 21), "{refused:?}");
    assert_eq!(password_set("ec2-by-user"), before);
    other.sh("! test -e /etc/krb5.keytab && ! test -e /etc/sssd/sssd.conf");
}

#[test]
fn an_image_of_a_joined_host_becomes_a_member_of_its_own() {
    let mut host = joined("ec2-original", &[]);
    let (before, name) = (password_set("ec2-original"), std::mem::take(&mut host.computer));
    host.computer = "ec2-copy".to_owned();
    let ended = join(&host, &[]);
    assert_eq!((ended.word(), ended.code), ("joined", 0), "{ended:?}");
    assert!(!host.sh("klist -k").contains(&name), "the original's key is gone");
    assert_eq!(password_set("ec2-original"), before);
}

#[test]
fn a_host_restarts_once_and_then_says_that_it_has_joined() {
    let host = Host::start("ec2-reboot");
    let asked = join(&host, &[("Reboot", "true")]);
    assert_eq!(asked.code, REBOOT, "{asked:?}");
    lab(&["instance", "stop", host.id]);
    lab(&["instance", "start", host.id]);
    let again = || {
        let ended = host.run("join", &[("Reboot", "true"), ("Secret", &"A".repeat(512))]);
        assert_eq!(ended.code, 0, "{ended:?}");
        (ended.word().to_owned(), ended.answer["reboot"].as_bool())
    };
    assert_eq!(again(), ("joined".to_owned(), Some(true)));
    assert_eq!(again(), ("already".to_owned(), Some(false)));
}

#[test]
fn sudo_is_for_its_group_only_and_only_while_asked_for() {
    create_users(["kurt", "rosalie"]);
    create_group("Host Admins");
    add_to_group("Host Admins", "kurt");
    let host = joined("ec2-sudo", &[("SudoGroup", "Host Admins")]);
    let may = |user: &str| host.sh(&format!("sudo -l -U {user} || true")).contains("ALL) ALL");
    assert_eq!(["kurt", "rosalie"].map(may), [true, false]);
    assert_eq!(host.prepare(&[]).word(), "member");
    assert!(!may("kurt"));
}

#[test]
fn the_user_behind_a_finding_is_contained_on_a_host_that_the_document_has_joined() {
    create_users(["rieke"]);
    let host = joined("ec2-contain", &[]);
    let session = Way::log_in("rieke").on(host.id).start();
    let outcome = deliver(&finding(&session, "rieke"));
    assert_eq!(outcome.decision(), ("contain", "identity-proved"));
    assert!(!is_enabled("rieke"));
    drop::<Session>(session);
    assert!(!host.admits("rieke"), "a disabled user is out, also without a password");
}
