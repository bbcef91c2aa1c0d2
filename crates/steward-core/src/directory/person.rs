//! A user as a person with names, and the groups that he is a direct member of. AWS Managed Microsoft AD only.

use aws_sdk_directoryservicedata::operation::add_group_member::AddGroupMemberError;
use aws_sdk_directoryservicedata::operation::remove_group_member::RemoveGroupMemberError;

use super::service::{call, denied_reason, not_described, user_of};
use super::{ClientToken, DirectoryError, DirectoryService, User};
use crate::ids::UserName;

/// A user, and what other services need to know of him.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// The user.
    pub user: User,
    /// The user principal name.
    pub upn: Option<String>,
    /// The given name.
    pub given_name: Option<String>,
    /// The surname.
    pub surname: Option<String>,
    /// The mail address.
    pub mail: Option<String>,
    /// The distinguished name, which tells the OU.
    pub distinguished_name: Option<String>,
}

/// A group that somebody is a direct member of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// Its `sAMAccountName` as the directory spells it.
    pub name: String,
    /// Its SID.
    pub sid: String,
}

impl Group {
    /// Whether it is Domain Users, which every user is in from his creation: it is his primary group, which he cannot be
    /// taken out of.
    ///
    /// Source: MS-DTYP 2.4.2.4, relative identifier 513.
    pub fn is_domain_users(&self) -> bool {
        self.sid.starts_with("S-1-5-21-") && self.sid.ends_with("-513")
    }
}

/// What became of a change of a membership.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Membership {
    /// It is as it should be, by this call or before.
    AsWanted,
    /// There is no such group, or no such user.
    NotFound,
}

impl DirectoryService {
    /// Looks a user up, as a person.
    ///
    /// # Errors
    /// As [`super::Directory::user`].
    pub async fn person(&self, name: &UserName) -> Result<Person, DirectoryError> {
        let asked = self.data.describe_user().directory_id(self.id.as_str()).sam_account_name(name.as_str());
        let output = asked.send().await.map_err(|error| not_described(name, &error))?;
        let text =
            |text: Option<&str>| text.map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned);
        Ok(Person {
            user: user_of(name, &output)?,
            upn: text(output.user_principal_name()),
            given_name: text(output.given_name()),
            surname: text(output.surname()),
            mail: text(output.email_address()),
            distinguished_name: text(output.distinguished_name()),
        })
    }

    /// The groups that a user or a group is a direct member of.
    ///
    /// # Errors
    /// When the directory cannot be asked.
    pub async fn direct_groups(&self, member: &str) -> Result<Vec<Group>, DirectoryError> {
        self.groups_of_member(member).await
    }

    /// Makes a user a member of a group.
    ///
    /// # Errors
    /// When the directory did not confirm it; it may have happened.
    pub async fn add_group_member(
        &self,
        group: &str,
        member: &UserName,
        token: &ClientToken,
    ) -> Result<Membership, DirectoryError> {
        let answer = self
            .data
            .add_group_member()
            .directory_id(self.id.as_str())
            .group_name(group)
            .member_name(member.as_str())
            .client_token(token.as_str())
            .send()
            .await;
        let Err(error) = answer else { return Ok(Membership::AsWanted) };
        match error.as_service_error() {
            // He is a member already. The token names group and member, so it is no other call's.
            Some(AddGroupMemberError::ConflictException(_)) => Ok(Membership::AsWanted),
            Some(AddGroupMemberError::ResourceNotFoundException(_)) => Ok(Membership::NotFound),
            service => {
                let reason = denied_reason(service, |e| match e {
                    AddGroupMemberError::AccessDeniedException(e) => e.reason().map(|r| r.as_str()),
                    _ => None,
                });
                Err(call("AddGroupMember", &error, reason))
            }
        }
    }

    /// Takes a user out of a group.
    ///
    /// # Errors
    /// When the directory did not confirm it; it may have happened.
    pub async fn remove_group_member(
        &self,
        group: &str,
        member: &UserName,
        token: &ClientToken,
    ) -> Result<Membership, DirectoryError> {
        let answer = self
            .data
            .remove_group_member()
            .directory_id(self.id.as_str())
            .group_name(group)
            .member_name(member.as_str())
            .client_token(token.as_str())
            .send()
            .await;
        let Err(error) = answer else { return Ok(Membership::AsWanted) };
        match error.as_service_error() {
            Some(RemoveGroupMemberError::ResourceNotFoundException(_)) => Ok(Membership::NotFound),
            service => {
                let reason = denied_reason(service, |e| match e {
                    RemoveGroupMemberError::AccessDeniedException(e) => e.reason().map(|r| r.as_str()),
                    _ => None,
                });
                Err(call("RemoveGroupMember", &error, reason))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Kind;
    use crate::wire::{Answer, Asked, fake};

    fn directory(answer: Answer) -> (DirectoryService, Asked) {
        let (sdk, asked) = fake(move |_, _| answer.clone());
        (DirectoryService::new(&sdk, "d-9067012345".parse().unwrap()), asked)
    }

    fn alice() -> UserName {
        "alice".parse().unwrap()
    }

    #[tokio::test]
    async fn reads_a_person_and_takes_blank_names_for_none() {
        let body = r#"{"SAMAccountName":"alice","SID":"S-1-5-21-1-2-3-1104","Realm":"corp.example.test","Enabled":true,
            "UserPrincipalName":"alice@corp.example.test","GivenName":"Alice","Surname":" ",
            "DistinguishedName":"CN=alice,OU=Users,OU=CORP,DC=corp,DC=example,DC=test"}"#;
        let (directory, _) = directory(Answer::ok(body));
        let person = directory.person(&alice()).await.unwrap();
        assert_eq!(person.upn.as_deref(), Some("alice@corp.example.test"));
        assert_eq!((person.given_name.as_deref(), person.surname, person.mail), (Some("Alice"), None, None));
        assert!(person.distinguished_name.unwrap().starts_with("CN=alice,OU=Users"));
    }

    #[tokio::test]
    async fn a_membership_that_is_there_already_is_as_wanted() {
        let (directory, asked) = directory(Answer::error(409, "ConflictException", "{}"));
        let token = ClientToken::new("t");
        let added = directory.add_group_member("Domain Heroes", &alice(), &token).await.unwrap();
        assert_eq!(added, Membership::AsWanted);
        assert_eq!(
            asked.lock().unwrap()[0],
            r#"/GroupMemberships/AddGroupMember {"ClientToken":"t","GroupName":"Domain Heroes","MemberName":"alice"}"#
        );
    }

    #[tokio::test]
    async fn a_group_that_is_gone_is_no_failure_and_a_throttle_is_one_that_passes() {
        let token = ClientToken::new("t");
        let (gone, _) = directory(Answer::error(404, "ResourceNotFoundException", "{}"));
        assert_eq!(gone.add_group_member("G", &alice(), &token).await.unwrap(), Membership::NotFound);
        assert_eq!(gone.remove_group_member("G", &alice(), &token).await.unwrap(), Membership::NotFound);
        let (busy, asked) = directory(Answer::error(429, "ThrottlingException", "{}"));
        for error in [
            busy.add_group_member("G", &alice(), &token).await.unwrap_err(),
            busy.remove_group_member("G", &alice(), &token).await.unwrap_err(),
        ] {
            assert_eq!(error.kind(), Kind::Transient, "{error}");
        }
        assert!(asked.lock().unwrap()[1].starts_with("/GroupMemberships/RemoveGroupMember "));
        let (denied, _) =
            directory(Answer::error(403, "AccessDeniedException", r#"{"Reason":"DIRECTORY_AUTH"}"#));
        let error = denied.remove_group_member("Domain Users", &alice(), &token).await.unwrap_err();
        assert_eq!(error.kind(), Kind::Permanent);
        assert!(error.to_string().contains("customer OU"), "{error}");
    }
}
