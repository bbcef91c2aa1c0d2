use super::{Asker, between};
use crate::lab::variable;
use crate::ldif::{change, domain, ldap};

/// More than a page of `steward-core`.
const MANY: usize = 501;

/// A computer of the unit that instances join. Gone when dropped.
struct Computer {
    dn: String,
    name: &'static str,
}

impl Computer {
    fn new(name: &'static str) -> Self {
        Self::within(variable("JOIN_OU"), name)
    }

    fn within(unit: &str, name: &'static str) -> Self {
        let computer = Self { dn: format!("CN={name},{unit}"), name };
        computer.remove();
        change(&added(&computer.dn, name));
        computer
    }

    fn sid(&self) -> String {
        between(&Asker::operator().asks(&["named", self.name]), "Sid(\"", "\")").to_owned()
    }

    fn is_there(&self) -> bool {
        Asker::operator().asks(&["named", self.name]) != "None"
    }

    fn remove(&self) {
        ldap("ldapdelete", &["-r", &self.dn], "");
    }
}

impl Drop for Computer {
    fn drop(&mut self) {
        self.remove();
    }
}

fn added(dn: &str, name: &str) -> String {
    format!(
        "dn: {dn}\nchangetype: add\nobjectClass: computer\nsAMAccountName: {name}$\nuserAccountControl: 4096\n\
         description: adsteward i-0123456789abcdef0\n\n"
    )
}

#[test]
fn a_computer_is_found_by_its_name_in_any_case_and_by_its_sid() {
    let computer = Computer::new("ldap-found");
    let leaver = Asker::leaver();
    let found = leaver.asks(&["named", "LDAP-Found"]);
    for part in [
        "name: \"ldap-found\"",
        &format!("dn: \"{}\"", computer.dn),
        "description: Some(\"adsteward i-0123456789abcdef0\")",
        "enabled: true",
    ] {
        assert!(found.contains(part), "{part}: {found}");
    }
    let sid = between(&found, "Sid(\"", "\")");
    assert_eq!(leaver.asks(&["of", sid]), found);
    change(&format!("dn: {}\nchangetype: modrdn\nnewrdn: CN=renamed\ndeleteoldrdn: 1\n", computer.dn));
    let renamed = leaver.asks(&["of", sid]);
    ldap("ldapdelete", &[&format!("CN=renamed,{}", variable("JOIN_OU"))], "");
    assert!(renamed.contains("dn: \"CN=renamed,"), "{renamed}");
    assert_eq!(leaver.asks(&["of", sid]), "None");
    for name in ["ldap-foun", "*", "ldap-found$", "ldap-found)(cn=*", "martha.rivera"] {
        assert_eq!(leaver.asks(&["named", name]), "None", "{name}");
    }
}

#[test]
fn a_computer_is_removed_with_what_hangs_below_it_and_nothing_that_has_its_name_later() {
    let computer = Computer::new("ldap-leaves");
    let other = Computer::new("ldap-stays");
    let leaver = Asker::leaver();
    let sid = computer.sid();
    change(&format!("dn: CN=point,{}\nchangetype: add\nobjectClass: serviceConnectionPoint\n", computer.dn));
    assert_eq!(leaver.asks(&["remove", &sid]), "()");
    assert!(!computer.is_there() && other.is_there());
    let again = Computer::new("ldap-leaves");
    assert_eq!(leaver.asks(&["remove", &sid]), "()");
    assert!(again.is_there(), "it has another SID");
    assert_eq!(leaver.asks(&["remove", &again.sid()]), "()");
    assert!(!again.is_there());
}

#[test]
fn a_computer_outside_the_delegated_unit_stays() {
    let computer = Computer::within(&format!("CN=Computers,{}", domain()), "ldap-elsewhere");
    let refused = Asker::leaver().asks(&["remove", &computer.sid()]);
    assert!(
        refused.starts_with("Permanent: ") && refused.contains("insufficientAccessRights (50)"),
        "{refused}"
    );
    assert!(computer.is_there());
}

#[test]
fn a_domain_controller_stays_whoever_asks() {
    let operator = Asker::operator();
    let found = operator.asks(&["named", "dc1"]);
    let refused = Asker::leaver().asks(&["remove", between(&found, "Sid(\"", "\")")]);
    assert!(
        refused.starts_with("Permanent: ") && refused.ends_with("it is a domain controller"),
        "{refused}"
    );
    assert_eq!(operator.asks(&["named", "dc1"]), found);
}

#[test]
fn an_ou_is_listed_to_its_end_and_no_other() {
    let unit = format!("OU=ldap-listed,{}", variable("JOIN_OU"));
    ldap("ldapdelete", &["-r", &unit], "");
    change(&format!("dn: {unit}\nchangetype: add\nobjectClass: organizationalUnit\n"));
    let names = (0..MANY).map(|number| format!("ldap-n{number}"));
    change(&names.map(|name| added(&format!("CN={name},{unit}"), &name)).collect::<String>());
    let listed = Asker::leaver().asks(&["in", &unit]);
    ldap("ldapdelete", &["-r", &unit], "");
    assert_eq!(listed.matches("Computer {").count(), MANY);
    assert_eq!(listed.matches(&format!(",{unit}\"")).count(), MANY);
    let missing = Asker::leaver().asks(&["in", &unit]);
    assert!(missing.starts_with("Permanent: ") && missing.contains("noSuchObject (32)"), "{missing}");
}
