use super::Asker;
use crate::directory::{PASSWORD, add_to_group, can_log_in, create_group, create_user, disable, is_enabled};
use crate::lab::variable;

#[test]
fn a_users_groups_are_all_that_he_is_in_through_others_and_his_primary_one() {
    create_user("ldap-member");
    for group in ["ldap-inner", "ldap-outer", "ldap (odd)"] {
        create_group(group);
    }
    add_to_group("ldap-inner", "ldap-member");
    add_to_group("ldap-outer", "ldap-inner");
    add_to_group("ldap (odd)", "ldap-outer");
    let groups = Asker::operator().asks(&["groups", "LDAP-Member"]);
    assert_eq!(groups, r#"{"domain users", "ldap (odd)", "ldap-inner", "ldap-outer", "users"}"#);
    let nobody = Asker::operator().asks(&["groups", "ldap-nobody"]);
    assert_eq!(nobody, "Permanent: the directory has no user ldap-nobody");
}

#[test]
fn a_user_is_disabled_and_a_new_password_does_not_enable_him() {
    const NEW: &str = "Another-Right-2-Horse";
    create_user("ldap-leaver");
    let operator = Asker::operator();
    assert!(operator.asks(&["user", "ldap-leaver"]).ends_with("enabled: true }"));
    assert_eq!(operator.asks_with(NEW, &["reset", "ldap-leaver"]), "()");
    assert!(can_log_in("ldap-leaver", NEW) && !can_log_in("ldap-leaver", PASSWORD));
    for _ in 0..2 {
        assert_eq!(operator.asks(&["disable", "ldap-leaver"]), "()");
        assert!(!is_enabled("ldap-leaver"));
    }
    assert_eq!(operator.asks_with(PASSWORD, &["reset", "ldap-leaver"]), "()");
    assert!(!is_enabled("ldap-leaver"));
    let refused = operator.asks_with("Sh0rt!", &["reset", "ldap-leaver"]);
    assert!(refused.starts_with("Permanent: the directory refuses the password of ldap-leaver"), "{refused}");
}

#[test]
fn who_may_remove_computers_may_not_touch_users() {
    create_user("ldap-kept");
    let leaver = Asker::leaver();
    for refused in [
        leaver.asks(&["disable", "ldap-kept"]),
        leaver.asks_with("Another-Right-2-Horse", &["reset", "ldap-kept"]),
    ] {
        assert!(
            refused.starts_with("Permanent: ") && refused.contains("insufficientAccessRights"),
            "{refused}"
        );
    }
    assert!(is_enabled("ldap-kept") && can_log_in("ldap-kept", PASSWORD));
    disable("ldap-kept");
}

#[test]
fn the_domains_names_are_those_of_the_directory() {
    let names = Asker::leaver().asks(&["names"]);
    let expected = format!("dns: {:?}, netbios: {:?}", variable("AD_DOMAIN"), variable("AD_NETBIOS"));
    assert!(names.contains(&expected), "{names}");
}
