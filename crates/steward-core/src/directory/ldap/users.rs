//! The role [`Directory`] by LDAP.

use std::collections::BTreeSet;

use ldap3::{Mod, Scope, ldap_escape};
use secrecy::{ExposeSecret, SecretString};

use super::super::{ClientToken, Directory, DirectoryError, DomainNames, User};
use super::LdapDirectory;
use super::entry::{ACCOUNT_DISABLE, Entry, FLAGS, sid_in_filter, unusable};
use super::failure::{CONSTRAINT_VIOLATION, Failure, UNWILLING_TO_PERFORM};
use super::session::Session;
use crate::ids::{Sid, UserName};

const ATTRIBUTES: [&str; 5] = ["sAMAccountName", "objectSid", "objectGUID", "primaryGroupID", FLAGS];
/// Whoever is in more groups cannot log in any more (`MaxTokenSize`).
const GROUP_LIMIT: usize = 1_024;
/// `LDAP_MATCHING_RULE_TRANSITIVE_EVAL`, MS-ADTS 3.1.1.3.4.4.3: through groups in groups.
const IN_CHAIN: &str = "1.2.840.113556.1.4.1941";
/// `ERROR_PASSWORD_RESTRICTION`, MS-ERREF 2.2: how the words begin when the policy refuses a password.
const PASSWORD_RESTRICTION: &str = "0000052D";

impl LdapDirectory {
    /// The controller that knows the user, and what it knows.
    async fn find(&self, name: &UserName) -> Result<(Session, Entry), DirectoryError> {
        let filter = format!("(sAMAccountName={})", ldap_escape(name.as_str()));
        self.find_by(&filter).await?.ok_or_else(|| DirectoryError::UserNotFound(name.to_string()))
    }

    async fn find_by(&self, filter: &str) -> Result<Option<(Session, Entry)>, DirectoryError> {
        let filter = format!("(&(objectCategory=person)(objectClass=user){filter})");
        let mut controllers = self.controllers();
        while let Some(mut session) = controllers.next().await? {
            if let Some(entry) = session.one(&self.base, &filter, &ATTRIBUTES).await? {
                return Ok(Some((session, entry)));
            }
        }
        Ok(None)
    }

    /// Changes a user's flags where that changes anything.
    async fn change_flags(
        &self,
        name: &UserName,
        change: impl Fn(u32) -> u32 + Send,
    ) -> Result<(), DirectoryError> {
        let (mut session, entry) = self.find(name).await?;
        let before = entry.must(FLAGS, entry.flags(FLAGS))?;
        let after = change(before);
        if after == before {
            return Ok(());
        }
        let after = after.cast_signed().to_string().into_bytes();
        Ok(session.modify(&entry.itself()?, vec![replaced(FLAGS, after)]).await?)
    }
}

impl Directory for LdapDirectory {
    async fn user(&self, name: &UserName) -> Result<User, DirectoryError> {
        let (_, entry) = self.find(name).await?;
        let found = entry.must("sAMAccountName", entry.text("sAMAccountName"))?;
        if !name.same_as(found) {
            return Err(unusable(name.as_str(), &format!("it is about {found:?}")));
        }
        Ok(User {
            name: found.parse().map_err(|error| unusable(name.as_str(), &format!("{error}")))?,
            sid: entry.must("objectSid", entry.sid())?,
            domain: self.domain.clone(),
            enabled: entry.must(FLAGS, entry.flags(FLAGS))? & ACCOUNT_DISABLE == 0,
        })
    }

    /// The primary group too, which no group's list of members shows.
    async fn groups(&self, user: &User) -> Result<BTreeSet<String>, DirectoryError> {
        let by_sid = format!("(objectSid={})", sid_in_filter(&user.sid));
        let found = self.find_by(&by_sid).await?;
        let (mut session, entry) =
            found.ok_or_else(|| DirectoryError::MemberNotFound(user.name.to_string()))?;
        let primary = entry.must("primaryGroupID", entry.flags("primaryGroupID"))?;
        let primary = format!("(objectSid={})", sid_in_filter(&sibling(&user.sid, primary)?));
        let primary = session.one(&self.base, &primary, &["sAMAccountName"]).await?;
        let mut filter = format!("(member:{IN_CHAIN}:={})", ldap_escape(&*entry.dn));
        let mut groups = BTreeSet::new();
        if let Some(primary) = primary {
            groups.insert(lower(&primary)?);
            filter = format!("(|{filter}(member:{IN_CHAIN}:={}))", ldap_escape(&*primary.dn));
        }
        let filter = format!("(&(objectCategory=group){filter})");
        for group in session.search(&self.base, Scope::Subtree, &filter, &["sAMAccountName"]).await? {
            groups.insert(lower(&group)?);
        }
        match groups.len() {
            0..=GROUP_LIMIT => Ok(groups),
            _ => Err(DirectoryError::TooManyGroups(user.name.to_string())),
        }
    }

    async fn disable(&self, name: &UserName, _: &ClientToken) -> Result<(), DirectoryError> {
        self.change_flags(name, |flags| flags | ACCOUNT_DISABLE).await
    }

    async fn reset_password(&self, name: &UserName, password: &SecretString) -> Result<(), DirectoryError> {
        let (mut session, entry) = self.find(name).await?;
        let change = vec![replaced("unicodePwd", quoted(password))];
        match session.modify(&entry.itself()?, change).await {
            Err(failure) if refuses_password(&failure) => {
                Err(DirectoryError::PasswordRefused { user: name.to_string(), reason: failure.reason() })
            }
            done => Ok(done?),
        }
    }

    async fn enable(&self, name: &UserName) -> Result<(), DirectoryError> {
        self.change_flags(name, |flags| flags & !ACCOUNT_DISABLE).await
    }

    async fn domain_names(&self) -> Result<DomainNames, DirectoryError> {
        const CONFIGURATION: &str = "configurationNamingContext";
        let missing = |what: &str| unusable(&self.domain, &format!("it has no {what}"));
        let mut session = self.controllers().next().await?.ok_or_else(|| missing("domain controller"))?;
        let root = session.search("", Scope::Base, "(objectClass=*)", &[CONFIGURATION]).await?;
        let configuration = root.first().and_then(|root| root.text(CONFIGURATION));
        let partitions = format!("CN=Partitions,{}", configuration.ok_or_else(|| missing(CONFIGURATION))?);
        let filter = format!("(&(objectClass=crossRef)(nCName={}))", ldap_escape(&*self.base));
        let domain = session.one(&partitions, &filter, &["nETBIOSName"]).await?;
        let netbios = domain.as_ref().and_then(|domain| domain.text("nETBIOSName"));
        Ok(DomainNames {
            dns: self.domain.clone(),
            netbios: netbios.ok_or_else(|| missing("nETBIOSName"))?.to_owned(),
        })
    }
}

fn lower(group: &Entry) -> Result<String, DirectoryError> {
    group.must("sAMAccountName", group.text("sAMAccountName")).map(str::to_lowercase)
}

/// Another account of the same domain.
fn sibling(sid: &Sid, relative_id: u32) -> Result<Sid, DirectoryError> {
    let domain = sid.as_str().rsplit_once('-').map_or("", |(domain, _)| domain);
    format!("{domain}-{relative_id}").parse().map_err(|error| unusable(sid.as_str(), &format!("{error}")))
}

fn replaced(attribute: &str, value: Vec<u8>) -> Mod<Vec<u8>> {
    Mod::Replace(attribute.as_bytes().to_vec(), [value].into())
}

/// In quotes and UTF-16 (MS-ADTS 3.1.1.3.1.5.1). The request's own buffers are freed without being wiped.
fn quoted(password: &SecretString) -> Vec<u8> {
    let units = ["\"", password.expose_secret(), "\""].into_iter().flat_map(str::encode_utf16);
    units.flat_map(u16::to_le_bytes).collect()
}

fn refuses_password(failure: &Failure) -> bool {
    match failure {
        Failure::Refused { code: CONSTRAINT_VIOLATION | UNWILLING_TO_PERFORM, text, .. } => {
            text.starts_with(PASSWORD_RESTRICTION)
        }
        _ => false,
    }
}
