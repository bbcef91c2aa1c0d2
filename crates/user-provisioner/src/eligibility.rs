//! Who may be given accounts, decided without any call.

use std::collections::BTreeSet;

use steward_core::directory::Person;
use steward_core::ids::{DirectoryId, UserName};

use crate::request::Subject;
use crate::rules::{Rule, Rules};

/// Whom adsteward looks after.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scope {
    /// `DOMAIN_NAME`: the directory's DNS name, in lower case.
    pub domain: String,
    /// `PROTECTED_USERS`: names that nothing is given to and nothing taken away from.
    pub protected_users: Vec<UserName>,
    /// `PROTECTED_GROUP`: a group whose members, nested ones too, are protected as well; in lower case.
    pub protected_group: String,
    /// `ALLOWED_OUS`: distinguished names of OUs, in lower case; none is every OU.
    pub allowed_ous: Vec<String>,
}

/// Why a user is not to get, or to lose, anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// The input names another directory.
    OtherDirectory,
    /// The user belongs to another domain.
    OtherDomain,
    /// `PROTECTED_USERS` names him.
    ProtectedUser,
    /// He is in the protected group.
    ProtectedGroup,
    /// He is in none of the OUs.
    NotInAllowedOus,
}

impl Refusal {
    /// The code for answers and records.
    pub fn code(self) -> &'static str {
        match self {
            Self::OtherDirectory => "other-directory",
            Self::OtherDomain => "other-domain",
            Self::ProtectedUser => "protected-user",
            Self::ProtectedGroup => "protected-group",
            Self::NotInAllowedOus => "not-in-allowed-ous",
        }
    }

    /// The refusal of this code.
    pub fn of(code: &str) -> Option<Self> {
        [
            Self::OtherDirectory,
            Self::OtherDomain,
            Self::ProtectedUser,
            Self::ProtectedGroup,
            Self::NotInAllowedOus,
        ]
        .into_iter()
        .find(|refusal| refusal.code() == code)
    }

    /// Whether he is refused because he is protected.
    pub fn is_protected(self) -> bool {
        matches!(self, Self::ProtectedUser | Self::ProtectedGroup)
    }
}

/// What to do about a user who is to come on board.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// He gets what this rule says.
    Ready(Rule),
    /// Not yet, and why as a code.
    Waiting(&'static str),
    /// Never.
    Refused(Refusal),
}

impl Scope {
    /// What can be said before anything is looked up.
    pub fn screen(&self, subject: &Subject, directory: &DirectoryId) -> Result<(), Refusal> {
        if subject.directory != *directory {
            return Err(Refusal::OtherDirectory);
        }
        if self.protects(&subject.name) {
            return Err(Refusal::ProtectedUser);
        }
        Ok(())
    }

    /// Whether `PROTECTED_USERS` names him.
    pub fn protects(&self, name: &UserName) -> bool {
        self.protected_users.iter().any(|protected| protected.same_as(name.as_str()))
    }

    /// Why this person is not adsteward's to touch.
    pub fn refusal(&self, person: &Person, groups: &BTreeSet<String>) -> Option<Refusal> {
        if !person.user.domain.eq_ignore_ascii_case(&self.domain) {
            return Some(Refusal::OtherDomain);
        }
        if self.protects(&person.user.name) {
            return Some(Refusal::ProtectedUser);
        }
        groups.contains(&self.protected_group).then_some(Refusal::ProtectedGroup)
    }

    /// Whether the person is in an OU that counts, at whatever depth.
    pub fn is_in_allowed_ou(&self, person: &Person) -> bool {
        let name = person.distinguished_name.as_deref().unwrap_or_default().to_lowercase();
        self.allowed_ous.is_empty() || self.allowed_ous.iter().any(|ou| name.ends_with(&format!(",{ou}")))
    }

    /// What to do about a person with these groups, which are in lower case.
    pub fn judge(&self, person: &Person, groups: &BTreeSet<String>, rules: &Rules) -> Verdict {
        if let Some(refusal) = self.refusal(person, groups) {
            return Verdict::Refused(refusal);
        }
        if !self.is_in_allowed_ou(person) {
            return Verdict::Refused(Refusal::NotInAllowedOus);
        }
        if !person.user.enabled {
            return Verdict::Waiting("disabled");
        }
        match rules.of(groups) {
            Some(rule) => Verdict::Ready(rule.clone()),
            None => Verdict::Waiting("no-group"),
        }
    }
}

/// How long to wait before the next look, after having waited so long: soon at first, every five minutes in the end.
pub fn pause(waited: u64) -> u64 {
    (waited / 4).clamp(5, 300)
}

#[cfg(test)]
mod tests {
    use steward_core::directory::User;

    use super::*;

    fn scope() -> Scope {
        Scope {
            domain: "corp.example.test".to_owned(),
            protected_users: vec!["Admin".parse().unwrap()],
            protected_group: "aws delegated administrators".to_owned(),
            allowed_ous: vec!["ou=people,dc=corp,dc=example,dc=test".to_owned()],
        }
    }

    fn person(change: impl FnOnce(&mut Person)) -> Person {
        let mut person = Person {
            user: User {
                name: "alice".parse().unwrap(),
                sid: "S-1-5-21-1-2-3-1104".parse().unwrap(),
                domain: "corp.example.test".to_owned(),
                enabled: true,
            },
            upn: None,
            given_name: None,
            surname: None,
            mail: None,
            distinguished_name: Some("CN=alice,OU=Berlin,OU=People,DC=corp,DC=example,DC=test".to_owned()),
        };
        change(&mut person);
        person
    }

    fn judge(person: &Person, groups: &[&str]) -> Verdict {
        let rules = r#"[{"group":"Staff","services":["workspaces"]}]"#;
        let rules = Rules::read(rules, &["workspaces".to_owned()]).unwrap();
        let groups = groups.iter().map(|group| (*group).to_owned()).collect();
        scope().judge(person, &groups, &rules)
    }

    #[test]
    fn each_condition_decides_by_itself() {
        assert!(matches!(judge(&person(|_| ()), &["staff"]), Verdict::Ready(_)));
        assert_eq!(judge(&person(|_| ()), &[]), Verdict::Waiting("no-group"));
        assert_eq!(judge(&person(|p| p.user.enabled = false), &["staff"]), Verdict::Waiting("disabled"));
        for (person, groups, refusal) in [
            (person(|p| p.user.domain = "other.test".to_owned()), vec!["staff"], Refusal::OtherDomain),
            (person(|p| p.user.name = "ADMIN".parse().unwrap()), vec!["staff"], Refusal::ProtectedUser),
            (person(|_| ()), vec!["staff", "aws delegated administrators"], Refusal::ProtectedGroup),
            (person(|p| p.distinguished_name = None), vec!["staff"], Refusal::NotInAllowedOus),
            (
                person(|p| {
                    p.distinguished_name = Some("CN=a,OU=NotPeople,DC=corp,DC=example,DC=test".to_owned())
                }),
                vec!["staff"],
                Refusal::NotInAllowedOus,
            ),
        ] {
            assert_eq!(judge(&person, &groups), Verdict::Refused(refusal));
            assert_eq!(Refusal::of(refusal.code()), Some(refusal));
        }
    }

    #[test]
    fn a_protected_user_is_refused_even_while_he_is_disabled() {
        let admin = person(|p| {
            p.user.name = "admin".parse().unwrap();
            p.user.enabled = false;
        });
        assert_eq!(judge(&admin, &[]), Verdict::Refused(Refusal::ProtectedUser));
    }

    #[test]
    fn the_pause_grows_from_seconds_to_minutes() {
        assert_eq!([0, 20, 100, 1_200, 100_000].map(pause), [5, 5, 25, 300, 300]);
    }
}
