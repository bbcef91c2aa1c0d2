//! When a host is not joined: the reason, its exit code, and that nothing of others is touched.

use super::computer::{create, password_set};
use super::host::{Ended, Host};
use super::seal::seal_for_nobody;
use super::{ONE_TIME, join};

fn check(ended: &Ended, reason: &str, code: i64) {
    assert_eq!((ended.word(), ended.code), (reason, code), "{ended:?}");
}

#[test]
fn a_wrong_password_joins_nothing_and_costs_the_key_pair() {
    let host = Host::start("ec2-wrong");
    let ended = host.join("not the one-time password", &[], || create("ec2-wrong", ONE_TIME));
    check(&ended, "bad-credentials", 16);
    assert!(
        crate::directory::can_log_in("ec2-wrong$", ONE_TIME),
        "the object waits for its computer as before"
    );
    host.sh("! test -e /etc/krb5.keytab && ! test -e /etc/sssd/sssd.conf");
    let again = host.run("join", &[("Secret", &"A".repeat(512))]);
    check(&again, "no-key", 15);
}

#[test]
fn an_object_of_somebody_else_is_left_alone() {
    create("ec2-foreign", "the password of another host 1");
    let before = password_set("ec2-foreign");
    let host = Host::start("ec2-foreign");
    check(&host.join(ONE_TIME, &[], || ()), "bad-credentials", 16);
    assert_eq!(password_set("ec2-foreign"), before);
}

#[test]
fn a_secret_for_another_key_is_shown_to_nobody() {
    let host = Host::start("ec2-sealed");
    assert_eq!(host.prepare(&[]).word(), "ready");
    create("ec2-sealed", ONE_TIME);
    check(&host.run("join", &[("Secret", &seal_for_nobody(ONE_TIME))]), "no-key", 15);
    assert_eq!(host.sh("ls /run/adsteward"), "lock\n", "the key pair is gone");
}

#[test]
fn a_computer_that_is_not_there_is_waited_for_and_then_missing() {
    let host = Host::start("ec2-missing");
    check(&host.join(ONE_TIME, &[], || ()), "no-permission", 17);
}

#[test]
fn a_domain_without_domain_controllers_is_not_found() {
    let host = Host::start("ec2-nowhere");
    check(&host.prepare(&[("Domain", "nowhere.example.test")]), "no-domain", 13);
    let before = host.sh("cat /etc/resolv.conf");
    check(
        &host.prepare(&[("Domain", "nowhere.example.test"), ("DnsServers", "10.98.0.99")]),
        "no-domain",
        13,
    );
    assert!(before.starts_with("nameserver 10.98.0.1\n"), "{before}");
}

#[test]
fn dns_servers_are_set_only_where_the_domain_is_not_found_without_them() {
    let host = Host::start("ec2-dns");
    let before = host.sh("cat /etc/resolv.conf");
    assert_eq!(host.prepare(&[("DnsServers", "10.98.0.99")]).word(), "ready");
    assert_eq!(host.sh("cat /etc/resolv.conf"), before);
    host.sh("echo 'nameserver 10.98.0.99' >/etc/resolv.conf");
    let ended = join(&host, &[("DnsServers", "10.98.0.1,10.98.0.98")]);
    assert_eq!(ended.word(), "joined", "{ended:?}");
}

#[test]
fn no_answer_of_a_domain_controller_is_no_connection() {
    let host = Host::start("ec2-silent");
    assert_eq!(host.prepare(&[]).word(), "ready");
    // DNS answers, and nothing else does.
    host.sh("for kind in udp tcp; do ip rule add to 10.98.0.1 ipproto $kind dport 389 unreachable; done");
    check(&host.prepare(&[]), "no-connection", 14);
}

#[test]
fn a_member_of_another_domain_stays_one() {
    let host = Host::start("ec2-other");
    host.sh(
        "mkdir -p /etc/sssd; printf '[sssd]\n[domain/other.test]\nid_provider = ad\n' >/etc/sssd/sssd.conf",
    );
    check(&host.prepare(&[]), "other-domain", 18);
    host.sh("rm /etc/sssd/sssd.conf; printf 'addent -password -p EC2-OTHER$@OTHER.TEST -k 1 -e aes256-cts\nx\nwkt /etc/krb5.keytab\n' | ktutil");
    let before = host.sh("sha256sum /etc/krb5.keytab");
    check(&host.prepare(&[]), "other-domain", 18);
    check(&host.run("join", &[("Secret", &seal_for_nobody("x"))]), "other-domain", 18);
    assert_eq!(host.sh("sha256sum /etc/krb5.keytab"), before);
}

#[test]
fn a_host_that_others_have_joined_under_another_name_stays_theirs() {
    let host = Host::named("ec2-ours", &["--joined"]);
    let before = host.sh("sha256sum /etc/krb5.keytab /etc/sssd/sssd.conf");
    check(&host.prepare(&[]), "other-domain", 18);
    assert_eq!(host.sh("sha256sum /etc/krb5.keytab /etc/sssd/sssd.conf"), before);
}

#[test]
fn two_runs_do_not_meet() {
    let host = Host::start("ec2-locked");
    assert_eq!(host.prepare(&[]).word(), "ready");
    host.sh("setsid flock /run/adsteward/lock sleep 3 </dev/null >/dev/null 2>&1 & sleep 0.5");
    check(&host.run("join", &[("Secret", &seal_for_nobody("x"))]), "locked", 20);
    assert_ne!(host.sh("ls /run/adsteward"), "lock\n", "the key pair of the run under way is still there");
}

#[test]
fn a_host_that_never_joined_is_absent() {
    let host = Host::start("ec2-absent");
    let ended = host.run("check", &[]);
    assert_eq!((ended.word(), ended.code), ("absent", 0), "{ended:?}");
}
