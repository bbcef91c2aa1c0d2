use super::launched::Launched;
use super::object::{attributes, named};
use super::stranger::Stranger;
use crate::lab::{Journal, lab};
use crate::ldif::ldap;
use crate::mail::{body, subject};
use crate::stack::eventually;

/// Everything by which a change of it would show.
pub(super) fn seen(name: &str) -> [Vec<String>; 4] {
    let filter = format!("(sAMAccountName={name}$)");
    ["distinguishedName", "description", "pwdLastSet", "uSNChanged"]
        .map(|attribute| attributes(&filter, attribute))
}

#[test]
fn a_foreign_computer_of_its_name_stays_untouched_and_people_are_told_until_it_is_gone() {
    let mail = Journal::from_now("mail");
    // Its agent comes when the name is known, and taken.
    let instance = Launched::with(&["--agent-delay", "9"]);
    let name = eventually("a name", || instance.item()["name"].as_str().map(str::to_owned));
    let foreign = Stranger::called(&name);
    let before = seen(&name);
    assert_eq!(before[0].len(), 1);

    let item = instance.until("failed");

    assert_eq!(item["reason"], "name-taken", "{item}");
    let told: Vec<_> = mail.read().into_iter().filter(|mail| subject(mail).contains(&instance.id)).collect();
    let [told] = &told[..] else { panic!("one mail, not {told:?}") };
    assert!(
        subject(told).contains("not joined to the domain") && body(told).contains("name-taken"),
        "{told}"
    );
    instance.sh("! test -e /etc/krb5.keytab");
    assert_eq!(seen(&name), before);

    drop(foreign);
    lab(&["instance", "stop", &instance.id]);
    lab(&["instance", "start", &instance.id]);
    instance.until("joined");
    assert_eq!(named(&name).len(), 1);
}

#[test]
fn a_foreign_computer_of_its_name_survives_the_instance() {
    let instance = Launched::with(&["--agent-delay", "9"]);
    let name = eventually("a name", || instance.item()["name"].as_str().map(str::to_owned));
    let _foreign = Stranger::called(&name);
    let before = seen(&name);
    instance.until("failed");
    instance.terminate();
    instance.until("left");
    assert_eq!(seen(&name), before);
}

#[test]
fn a_computer_that_has_taken_the_name_of_a_joined_instance_stays_when_it_is_terminated() {
    let instance = Launched::joined(&[]);
    let name = instance.name();
    assert!(ldap("ldapdelete", &["-r", &named(&name)[0]], ""));
    let _foreign = Stranger::called(&name);
    let before = seen(&name);
    instance.terminate();
    instance.until("left");
    assert_eq!(seen(&name), before);
}
