//! A computer of somebody else.

use crate::lab::variable;
use crate::ldif::{change, ldap};

/// A computer object that is nobody's whom the product knows. Gone when dropped.
pub(crate) struct Stranger(String);

impl Stranger {
    pub(crate) fn called(name: &str) -> Self {
        let computer = Self(format!("CN={name},{}", variable("JOIN_OU")));
        change(&format!(
            "dn: {}\nchangetype: add\nobjectClass: computer\nsAMAccountName: {name}$\nuserAccountControl: 4096\n\
             description: the print server\n",
            computer.0
        ));
        computer
    }
}

impl Drop for Stranger {
    fn drop(&mut self) {
        ldap("ldapdelete", &[&self.0], "");
    }
}
