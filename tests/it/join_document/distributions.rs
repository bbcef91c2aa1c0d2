//! What the document does on each distribution, against recorded package managers and tools.

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt;

use super::document::NONCE;
use super::sandbox::{DISTRIBUTIONS, Ended, Sandbox, section};
use super::seal::{PASSWORD, sealed};

pub(crate) fn join(sandbox: &Sandbox, more: &[(&str, &str)]) -> Ended {
    sandbox.write(&format!("run/adsteward/key-{NONCE}.pem"), &sealed().private_key);
    sandbox.run(&[&[("Action", "join"), ("Secret", sealed().secret.as_str())], more].concat())
}

fn joined(test: &str, distribution: &str, more: &[(&str, &str)]) -> Sandbox {
    let sandbox = Sandbox::new(test, distribution);
    let ended = join(&sandbox, more);
    assert_eq!((ended.word(), ended.code), ("joined", 0), "{distribution}: {ended:?}");
    sandbox
}

#[test]
fn each_distribution_is_joined_by_its_own_packages_and_tools() {
    for distribution in DISTRIBUTIONS {
        let sandbox = joined("joined", distribution, &[("Groups", "Linux Admins,Operators")]);
        let calls = sandbox.calls().join("\n");
        assert_eq!(calls.trim(), section(distribution, "calls").trim(), "{distribution}");
        assert_eq!(sandbox.text("state/password"), PASSWORD);
        assert_eq!(sandbox.text("etc/hostname"), "ec2-abc\n");
        let names = sandbox.text("etc/nsswitch.conf");
        for table in ["passwd", "group"] {
            let line = names.lines().find(|line| line.starts_with(&format!("{table}:"))).unwrap();
            assert!(line.split_whitespace().any(|word| word == "sss"), "{distribution}: {line}");
        }
    }
}

#[test]
fn each_distribution_is_left_alone_by_a_second_run() {
    for distribution in DISTRIBUTIONS {
        let sandbox = joined("twice", distribution, &[]);
        sandbox.calls();
        let again = join(&sandbox, &[]);
        assert_eq!((again.word(), again.code), ("already", 0), "{distribution}: {again:?}");
        let looks = ["adcli info", "klist", "kinit -k", "id -u", "systemctl -q", "restorecon"];
        for call in sandbox.calls() {
            assert!(looks.iter().any(|look| call.starts_with(look)), "{distribution}: {call}");
        }
    }
}

#[test]
fn a_password_is_only_in_the_pipe_to_adcli() {
    for distribution in DISTRIBUTIONS {
        let sandbox = joined("secret", distribution, &[]);
        let places = ["state/calls", "var/lib/adsteward/adjoin.json", "etc/sssd/sssd.conf"];
        assert!(places.iter().all(|place| !sandbox.text(place).contains(PASSWORD)), "{distribution}");
        let left: Vec<_> = std::fs::read_dir(sandbox.root.join("run/adsteward")).unwrap().collect();
        assert_eq!(left.len(), 1, "the lock only: {left:?}");
    }
}

#[test]
fn packages_that_do_not_come_are_said_to_be_missing() {
    for distribution in DISTRIBUTIONS {
        let sandbox = Sandbox::new("packages", distribution);
        let kept = section(distribution, "packages").replace("adcli", "no-adcli");
        sandbox.write("state/packages", &kept);
        let ended = sandbox.run(&[("Action", "prepare")]);
        assert_eq!((ended.word(), ended.code), ("packages", 12), "{distribution}: {ended:?}");
        assert!(ended.answer["detail"].as_str().unwrap().contains("adcli"), "{ended:?}");
        assert!(
            ended.stderr.contains("No match for argument: adcli"),
            "what the package manager said: {ended:?}"
        );
    }
}

#[test]
fn a_distribution_that_nobody_has_tried_is_left_alone() {
    for os_release in [
        "ID=fedora\nVERSION_ID=43",
        "ID=alpine\nVERSION_ID=3.22",
        "ID=rhel\nVERSION_ID=7.9",
        "ID=sles\nVERSION_ID=12.5",
        "",
    ] {
        let sandbox = Sandbox::new("unsupported", "rhel-9");
        sandbox.write("etc/os-release", os_release);
        let ended = sandbox.run(&[("Action", "prepare")]);
        assert_eq!((ended.word(), ended.code), ("unsupported-distribution", 11), "{os_release}: {ended:?}");
        assert_eq!(sandbox.calls(), [""; 0]);
    }
}

#[test]
fn an_authselect_profile_that_asks_sssd_already_only_gains_home_directories() {
    let sandbox = Sandbox::new("profile", "rhel-9");
    sandbox.write("state/profile", "sssd with-fingerprint\n");
    assert_eq!(join(&sandbox, &[]).word(), "joined");
    let calls = sandbox.calls();
    assert!(calls.contains(&"authselect enable-feature with-mkhomedir".to_owned()), "{calls:?}");
    assert!(!calls.iter().any(|call| call.starts_with("authselect select")), "{calls:?}");
}

#[test]
fn the_host_keeps_its_name_where_cloud_init_would_give_it_another() {
    let sandbox = joined("name", "ubuntu-24.04", &[]);
    assert_eq!(sandbox.text("etc/cloud/cloud.cfg.d/99-adsteward.cfg"), "preserve_hostname: true\n");
    assert!(sandbox.text("etc/hosts").contains("127.0.1.1 ec2-abc.corp.example.test ec2-abc\n"));
}

#[test]
fn kerberos_settings_of_the_distribution_stay_where_they_have_a_folder() {
    let sandbox = Sandbox::new("kerberos", "amazon-linux-2023");
    let theirs =
        "includedir /etc/krb5.conf.d/\n[libdefaults]\n default_ccache_name = KEYRING:persistent:%{uid}\n";
    sandbox.write("etc/krb5.conf", theirs);
    assert_eq!(join(&sandbox, &[]).word(), "joined");
    assert_eq!(sandbox.text("etc/krb5.conf"), theirs);
    assert!(sandbox.text("etc/krb5.conf.d/adsteward.conf").contains("default_realm = CORP.EXAMPLE.TEST"));
}

#[test]
fn an_sssd_that_lets_its_group_read_its_configuration_is_not_started_again() {
    let sandbox = joined("group", "debian-12", &[]);
    let file = sandbox.root.join("etc/sssd/sssd.conf");
    let mode = |mode| std::fs::set_permissions(&file, Permissions::from_mode(mode)).unwrap();
    let restarts = || {
        assert_eq!(join(&sandbox, &[]).word(), "already");
        sandbox.calls().iter().filter(|call| *call == "systemctl restart sssd").count()
    };
    mode(0o640);
    sandbox.calls();
    assert_eq!(restarts(), 0);
    mode(0o644);
    assert_eq!(restarts(), 1, "what everybody may read is mended");
    assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600);
}

#[test]
fn a_run_that_fails_leaves_no_key_pair_either() {
    let sandbox = Sandbox::new("key", "rocky-8");
    let prepared = sandbox.run(&[("Action", "prepare")]);
    assert_eq!(prepared.word(), "ready", "{prepared:?}");
    let keys = || {
        let files = std::fs::read_dir(sandbox.root.join("run/adsteward")).unwrap();
        files.filter(|file| file.as_ref().unwrap().path().extension().is_some()).count()
    };
    assert_eq!(keys(), 1);
    let ended = sandbox.run(&[("Action", "join"), ("Secret", sealed().secret.as_str())]);
    assert_eq!((ended.word(), ended.code), ("no-key", 15), "it was sealed for another: {ended:?}");
    assert_eq!(keys(), 0);
    assert!(
        !sandbox.calls().iter().any(|call| call.starts_with("adcli join")),
        "and nobody was shown anything"
    );
}
