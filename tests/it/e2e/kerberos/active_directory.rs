//! Samba's Active Directory, as the lab runs it.

use super::users::{DISABLED, ENABLED, LOCKOUT_THRESHOLD, NEEDS_NO_PROOF, PASSWORD, Users};
use super::{Realm, checker, offset, said};
use crate::lab::{command, root, variable};

fn directory() -> Realm {
    let name = variable("AD_REALM");
    Realm { name, kdcs: vec![variable("AD_KDC").to_owned()], in_lab: true }
}

/// A password that is too old and one that must be changed are one state to Active Directory. (Samba lets none expire
/// within a day, so the former cannot be had here.)
#[test]
fn active_directory_tells_the_state_of_an_account_to_who_knows_its_password() {
    let users = Users::new("kerberos-states");
    users.add("krb-right", ENABLED, "");
    users.add("krb-jürgen", ENABLED, "");
    users.add("krb-open", NEEDS_NO_PROOF, "");
    users.add("krb-disabled", DISABLED, "");
    users.add("krb-ended", ENABLED, "accountExpires: 116444736000000000\n");
    users.add("krb-must", ENABLED, "pwdLastSet: 0\n");
    users.add("krb-hours", ENABLED, "logonHours:: AAAAAAAAAAAAAAAAAAAAAAAAAAAA\n");
    for (user, expected) in [
        ("krb-right", "Accepted"),
        ("KRB-Right", "Accepted"),
        ("krb-jürgen", "Accepted"),
        ("krb-open", "Accepted"),
        ("krb-disabled", "Revoked(Disabled)"),
        ("krb-ended", "Revoked(AccountExpired)"),
        ("krb-must", "PasswordExpired"),
        ("krb-hours", "PolicyRejected"),
    ] {
        assert_eq!(directory().says(user, PASSWORD), expected, "{user}");
        assert_eq!(directory().says(user, "Wrong-One-1"), "WrongPassword", "{user}");
    }
    assert_eq!(directory().says("krb-nobody", PASSWORD), "UnknownPrincipal");
}

#[test]
fn the_old_password_is_rejected_right_after_a_reset_where_a_bind_still_takes_it() {
    let users = Users::new("kerberos-reset");
    users.add("krb-reset", ENABLED, "");
    assert_eq!(directory().says("krb-reset", PASSWORD), "Accepted");
    users.reset("krb-reset", "Another-Right-2");
    assert_eq!(directory().says("krb-reset", PASSWORD), "WrongPassword");
    assert_eq!(directory().says("krb-reset", "Another-Right-2"), "Accepted");
    assert!(users.can_bind("krb-reset", PASSWORD), "a bind would have done");
    assert!(!users.can_bind("krb-reset", "Wrong-One-1"), "a bind accepts anything");
}

#[test]
fn active_directory_locks_an_account_out_for_the_right_password_too() {
    let users = Users::new("kerberos-lockout");
    users.add("krb-locked", ENABLED, "");
    users.be_strict_with("krb-locked");
    for _ in 0..LOCKOUT_THRESHOLD {
        assert_eq!(directory().says("krb-locked", "Wrong-One-1"), "WrongPassword");
    }
    assert_eq!(directory().says("krb-locked", PASSWORD), "Revoked(Unstated)");
    assert_eq!(directory().says("krb-locked", "Wrong-One-1"), "Revoked(Unstated)");
}

#[test]
fn a_clock_that_is_six_minutes_off_is_told_from_a_wrong_password() {
    let users = Users::new("kerberos-clock");
    users.add("krb-clock", ENABLED, "");
    for ahead in [360, -360, 100_000, -100_000] {
        let offset = offset(&directory().says_at(ahead, "krb-clock", PASSWORD));
        assert!((offset + ahead).abs() <= 2, "{ahead}: {offset}");
        assert_eq!(directory().says_at(ahead, "krb-clock", "Wrong-One-1"), "WrongPassword");
    }
    assert_eq!(directory().says_at(240, "krb-clock", PASSWORD), "Accepted");
}

/// Samba goes by what the KDC supports and not, as Windows does, by the account's msDS-SupportedEncryptionTypes: a
/// second KDC on the snapshot's data, with the operator as the user.
#[test]
fn a_directory_without_aes256_is_asked_with_aes128_and_one_without_aes_not_at_all() {
    let with_types = |types: &str, password: &str| {
        let script = root().join("tests/it/e2e/kerberos/narrow_kdc.sh");
        let mut arguments = vec![script.to_str().unwrap(), types, "127.0.0.88", checker()];
        arguments.extend([variable("AD_REALM"), variable("AD_OPERATOR_USER"), "3", "127.0.0.88"]);
        said(command(&["exec", "--", "bash"]), &arguments, password)
    };
    let right = variable("AD_OPERATOR_PASSWORD");
    assert_eq!(with_types("aes128-cts-hmac-sha1-96", right), "Accepted");
    assert_eq!(with_types("aes128-cts-hmac-sha1-96", "Wrong-One-1"), "WrongPassword");
    assert_eq!(with_types("arcfour-hmac-md5", right), "NoCommonEncryption");
}

#[test]
fn what_is_not_a_kdc_is_named_and_the_next_is_asked() {
    let users = Users::new("kerberos-ways");
    users.add("krb-ways", ENABLED, "");
    let kdc = variable("AD_KDC");
    let host = kdc.split_once(':').unwrap().0;
    let ldap = format!("{host}:389");
    let said =
        directory().of(&["10.98.255.254", "no-such-host.example.test", &ldap]).says("krb-ways", PASSWORD);
    assert!(said.starts_with("Unreachable"), "{said}");
    for address in ["10.98.255.254:88", "no-such-host.example.test", &ldap] {
        assert!(said.contains(address), "{said}");
    }
    assert_eq!(directory().of(&["10.98.255.254", &ldap, kdc]).says("krb-ways", PASSWORD), "Accepted");
    let by_name = format!("dc1.{}", variable("AD_DOMAIN"));
    assert_eq!(directory().of(&[&by_name]).says("krb-ways", PASSWORD), "Accepted");
}
