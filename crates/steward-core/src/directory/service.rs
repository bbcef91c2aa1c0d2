//! AWS Managed Microsoft AD, through Directory Service Data (`ds-data`) and Directory Service (`ds`).
//!
//! Only the directory's own domain and its customer OU can be reached this way, only in its primary Region and only
//! after directory data access was enabled. Users of trusted forests cannot be changed here: `LdapDirectory` does that.

use std::collections::BTreeSet;

use aws_sdk_directory::operation::reset_user_password::ResetUserPasswordError;
use aws_sdk_directoryservicedata::operation::describe_user::{DescribeUserError, DescribeUserOutput};
use aws_sdk_directoryservicedata::operation::disable_user::DisableUserError;
use aws_sdk_directoryservicedata::operation::list_groups_for_member::ListGroupsForMemberError;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use secrecy::{ExposeSecret, SecretString};

use super::error::access_denied_advice;
use super::{ClientToken, Directory, DirectoryError, DomainNames, Group, User};
use crate::error::{kind_of, service_text};
use crate::ids::{DirectoryId, UserName};

/// Groups looked at for one user at most: the service allows 8 reads a second in the Standard edition.
const GROUP_LIMIT: usize = 100;

/// A directory of AWS Directory Service.
#[derive(Debug, Clone)]
pub struct DirectoryService {
    pub(super) id: DirectoryId,
    pub(super) data: aws_sdk_directoryservicedata::Client,
    pub(super) service: aws_sdk_directory::Client,
}

impl DirectoryService {
    /// The directory of this id, reached through clients made from `sdk`.
    pub fn new(sdk: &aws_config::SdkConfig, id: DirectoryId) -> Self {
        Self {
            id,
            data: aws_sdk_directoryservicedata::Client::new(sdk),
            service: aws_sdk_directory::Client::new(sdk),
        }
    }

    pub(super) async fn groups_of_member(&self, name: &str) -> Result<Vec<Group>, DirectoryError> {
        let mut pages = self
            .data
            .list_groups_for_member()
            .directory_id(self.id.as_str())
            .sam_account_name(name)
            .into_paginator()
            .send();
        let mut groups = Vec::new();
        while let Some(page) = pages.next().await {
            let page = page.map_err(|error| match error.as_service_error() {
                Some(ListGroupsForMemberError::ResourceNotFoundException(_)) => {
                    DirectoryError::MemberNotFound(name.to_owned())
                }
                service => {
                    let reason = denied_reason(service, |e| match e {
                        ListGroupsForMemberError::AccessDeniedException(e) => e.reason().map(|r| r.as_str()),
                        _ => None,
                    });
                    call("ListGroupsForMember", &error, reason)
                }
            })?;
            groups.extend(page.groups().iter().map(|group| Group {
                name: group.sam_account_name().to_owned(),
                sid: group.sid().to_owned(),
            }));
        }
        Ok(groups)
    }
}

impl Directory for DirectoryService {
    async fn user(&self, name: &UserName) -> Result<User, DirectoryError> {
        let asked = self.data.describe_user().directory_id(self.id.as_str()).sam_account_name(name.as_str());
        let answer = asked.send().await;
        user_of(name, &answer.map_err(|error| not_described(name, &error))?)
    }

    async fn groups(&self, user: &User) -> Result<BTreeSet<String>, DirectoryError> {
        let mut found = BTreeSet::new();
        let mut members = vec![user.name.to_string()];
        while let Some(member) = members.pop() {
            for group in self.groups_of_member(&member).await? {
                if found.insert(group.name.to_lowercase()) {
                    members.push(group.name);
                }
            }
            if found.len() > GROUP_LIMIT {
                return Err(DirectoryError::TooManyGroups(user.name.to_string()));
            }
        }
        Ok(found)
    }

    async fn disable(&self, name: &UserName, token: &ClientToken) -> Result<(), DirectoryError> {
        let answer = self
            .data
            .disable_user()
            .directory_id(self.id.as_str())
            .sam_account_name(name.as_str())
            .client_token(token.as_str())
            .send()
            .await;
        match answer {
            Ok(_) => Ok(()),
            Err(error) => Err(match error.as_service_error() {
                Some(DisableUserError::ResourceNotFoundException(_)) => {
                    DirectoryError::UserNotFound(name.to_string())
                }
                service => {
                    let reason = denied_reason(service, |e| match e {
                        DisableUserError::AccessDeniedException(e) => e.reason().map(|r| r.as_str()),
                        _ => None,
                    });
                    call("DisableUser", &error, reason)
                }
            }),
        }
    }

    async fn reset_password(&self, name: &UserName, password: &SecretString) -> Result<(), DirectoryError> {
        let answer = self
            .service
            .reset_user_password()
            .directory_id(self.id.as_str())
            .user_name(name.as_str())
            .new_password(password.expose_secret())
            .send()
            .await;
        match answer {
            Ok(_) => Ok(()),
            Err(error) => Err(match error.as_service_error() {
                Some(ResetUserPasswordError::UserDoesNotExistException(_)) => {
                    DirectoryError::UserNotFound(name.to_string())
                }
                Some(ResetUserPasswordError::InvalidPasswordException(e)) => {
                    DirectoryError::PasswordRefused {
                        user: name.to_string(),
                        reason: e.message().unwrap_or("it does not meet the policy").to_owned(),
                    }
                }
                _ => call("ResetUserPassword", &error, None),
            }),
        }
    }

    async fn enable(&self, _: &UserName) -> Result<(), DirectoryError> {
        Ok(())
    }

    async fn domain_names(&self) -> Result<DomainNames, DirectoryError> {
        let answer = self.service.describe_directories().directory_ids(self.id.as_str()).send().await;
        let output = answer.map_err(|error| call("DescribeDirectories", &error, None))?;
        let unusable = |problem: &str| DirectoryError::Answer {
            subject: self.id.to_string(),
            problem: problem.to_owned(),
        };
        let directory =
            output.directory_descriptions().first().ok_or_else(|| unusable("there is no such directory"))?;
        Ok(DomainNames {
            dns: directory.name().ok_or_else(|| unusable("it has no Name"))?.to_lowercase(),
            netbios: directory.short_name().ok_or_else(|| unusable("it has no ShortName"))?.to_owned(),
        })
    }
}

pub(super) fn user_of(asked: &UserName, output: &DescribeUserOutput) -> Result<User, DirectoryError> {
    let unusable = |problem: String| DirectoryError::Answer { subject: asked.to_string(), problem };
    let name = output.sam_account_name().unwrap_or_default();
    if !asked.same_as(name) {
        return Err(unusable(format!("it is about {name:?}")));
    }
    Ok(User {
        name: name.parse().map_err(|error| unusable(format!("{error}")))?,
        sid: output.sid().unwrap_or_default().parse().map_err(|error| unusable(format!("{error}")))?,
        domain: output.realm().ok_or_else(|| unusable("it has no Realm".to_owned()))?.to_lowercase(),
        enabled: output.enabled().ok_or_else(|| unusable("it has no Enabled".to_owned()))?,
    })
}

/// Why `DescribeUser` failed.
pub(super) fn not_described(
    name: &UserName,
    error: &SdkError<DescribeUserError, HttpResponse>,
) -> DirectoryError {
    match error.as_service_error() {
        Some(DescribeUserError::ResourceNotFoundException(_)) => {
            DirectoryError::UserNotFound(name.to_string())
        }
        service => {
            let reason = denied_reason(service, |e| match e {
                DescribeUserError::AccessDeniedException(e) => e.reason().map(|r| r.as_str()),
                _ => None,
            });
            call("DescribeUser", error, reason)
        }
    }
}

pub(super) fn denied_reason<E>(error: Option<&E>, reason: impl Fn(&E) -> Option<&str>) -> Option<&str> {
    error.and_then(reason)
}

pub(super) fn call<E>(
    operation: &'static str,
    error: &SdkError<E, HttpResponse>,
    denied: Option<&str>,
) -> DirectoryError
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
{
    let denied_by_access = error.meta().code() == Some("AccessDeniedException");
    DirectoryError::Call {
        operation,
        reason: service_text(error),
        advice: if denied_by_access { access_denied_advice(denied) } else { "" },
        kind: kind_of(error),
    }
}
