//! sudo and password log-ins: only when asked for, never with a configuration that its program refuses, and taken back.

use super::distributions::join;
use super::sandbox::Sandbox;

const INCLUDE: &str = "Include /etc/ssh/sshd_config.d/*.conf\nPermitRootLogin no\n";
const PLAIN: &str = "PermitRootLogin no\nPasswordAuthentication no\n";
const PART: &str = "etc/ssh/sshd_config.d/10-adsteward.conf";

#[test]
fn nothing_of_sudo_and_sshd_changes_unless_asked_for() {
    let sandbox = Sandbox::new("plain", "rhel-9");
    sandbox.write("etc/ssh/sshd_config", PLAIN);
    assert_eq!(join(&sandbox, &[]).word(), "joined");
    assert_eq!(sandbox.text("etc/ssh/sshd_config"), PLAIN);
    assert!(!sandbox.root.join("etc/sudoers.d/adsteward").exists());
    assert!(!sandbox.calls().iter().any(|call| call.starts_with("sshd") || call.starts_with("visudo")));
}

#[test]
fn sshd_takes_passwords_while_asked_for_and_reads_it_first() {
    for (distribution, main) in [("ubuntu-24.04", INCLUDE), ("amazon-linux-2", PLAIN)] {
        let sandbox = Sandbox::new("sshd", distribution);
        sandbox.write("etc/ssh/sshd_config", main);
        sandbox.write("state/active/sshd", "");
        assert_eq!(join(&sandbox, &[("PasswordLogin", "true")]).word(), "joined");
        let (now, part) = (sandbox.text("etc/ssh/sshd_config"), sandbox.text(PART));
        if main == INCLUDE {
            assert_eq!((now.as_str(), part.as_str()), (main, "PasswordAuthentication yes\n"));
        } else {
            assert_eq!(
                now,
                format!("# adsteward: begin\nPasswordAuthentication yes\n# adsteward: end\n{main}")
            );
        }
        let calls = sandbox.calls();
        let at = |wanted: &str| calls.iter().position(|call| call == wanted).unwrap();
        assert!(at("sshd -t") < at("systemctl reload sshd"));

        assert_eq!(sandbox.run(&[("Action", "prepare")]).word(), "member");
        assert_eq!((sandbox.text("etc/ssh/sshd_config").as_str(), sandbox.text(PART).as_str()), (main, ""));
    }
}

#[test]
fn what_sshd_refuses_is_taken_back() {
    for (distribution, main) in [("ubuntu-24.04", INCLUDE), ("amazon-linux-2", PLAIN)] {
        let sandbox = Sandbox::new("refused", distribution);
        sandbox.write("etc/ssh/sshd_config", main);
        sandbox.write("state/sshd-complains", "");
        let ended = join(&sandbox, &[("PasswordLogin", "true")]);
        assert_eq!((ended.word(), ended.code), ("not-verified", 19), "{ended:?}");
        assert_eq!((sandbox.text("etc/ssh/sshd_config").as_str(), sandbox.text(PART).as_str()), (main, ""));
        assert!(!sandbox.calls().iter().any(|call| call.starts_with("systemctl reload")));
    }
}

#[test]
fn a_group_may_become_root_while_asked_for() {
    let sandbox = Sandbox::new("sudo", "debian-12");
    assert_eq!(join(&sandbox, &[("SudoGroup", "Linux Admins")]).word(), "joined");
    assert_eq!(sandbox.text("etc/sudoers.d/adsteward"), "%linux\\ admins ALL=(ALL) ALL\n");
    assert!(sandbox.calls().iter().any(|call| call == "visudo -c -f /run/adsteward/sudoers"));
    assert_eq!(sandbox.run(&[("Action", "prepare")]).word(), "member");
    assert!(!sandbox.root.join("etc/sudoers.d/adsteward").exists());
}

#[test]
fn a_rule_that_sudo_refuses_is_never_installed() {
    let sandbox = Sandbox::new("visudo", "debian-12");
    sandbox.write("state/visudo-complains", "");
    let ended = join(&sandbox, &[("SudoGroup", "Linux Admins")]);
    assert_eq!((ended.word(), ended.code), ("not-verified", 19), "{ended:?}");
    assert!(!sandbox.root.join("etc/sudoers.d/adsteward").exists());
}

#[test]
fn groups_become_a_filter_that_disabled_users_do_not_pass() {
    let sandbox = Sandbox::new("groups", "sles-15");
    assert_eq!(join(&sandbox, &[("Groups", "Linux Admins,Operators")]).word(), "joined");
    let configuration = sandbox.text("etc/sssd/sssd.conf");
    let place = "OU=Users,OU=CORP,DC=corp,DC=example,DC=test";
    let one =
        |name: &str| format!("(memberOf:1.2.840.113556.1.4.1941:=CN={name},{place})(primaryGroupID=1105)");
    let filter = format!("(|{}{})", one("Linux Admins"), one("Operators"));
    assert!(
        configuration.contains(&format!("\nad_access_filter = DOM:corp.example.test:{filter}\n")),
        "{configuration}"
    );
    assert!(configuration.contains("\naccess_provider = ad\n"), "simple would let disabled users in");

    assert_eq!(sandbox.run(&[("Action", "prepare")]).word(), "member");
    assert!(!sandbox.text("etc/sssd/sssd.conf").contains("ad_access_filter"), "everybody again");
}

#[test]
fn a_host_restarts_once_and_answers_only_then() {
    let sandbox = Sandbox::new("reboot", "rhel-9");
    let asked = join(&sandbox, &[("Reboot", "true")]);
    assert_eq!((asked.code, &asked.answer), (194, &serde_json::Value::Null), "{asked:?}");
    let after = join(&sandbox, &[("Reboot", "true")]);
    assert_eq!(
        (after.word(), after.code, after.answer["reboot"].as_bool()),
        ("joined", 0, Some(true)),
        "{after:?}"
    );
    let later = join(&sandbox, &[("Reboot", "true")]);
    assert_eq!(
        (later.word(), later.code, later.answer["reboot"].as_bool()),
        ("already", 0, Some(false)),
        "{later:?}"
    );
}
