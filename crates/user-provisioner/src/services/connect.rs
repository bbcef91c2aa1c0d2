//! Amazon Connect: an agent for each user, in an instance whose identities come by SAML 2.0, as in the article.
//!
//! With SAML the user name is what the identity provider sends as `RoleSessionName`: the user principal name. An e-mail
//! address, a password or a directory user id must not be given then. User names are at most 64 characters, given name and
//! surname are required. `CreateUser` has no client token; the name is unique in the instance.
//!
//! Source: Connect API reference, `CreateUser`, `UserIdentityInfo`; Administrator Guide, "Configure SAML".

mod client;

use aws_config::SdkConfig;
use serde_json::{Value, json};
use steward_core::error::{Kind, service_text};

use self::client::{Api, Call, CallError};
use super::{
    Answer, Creation, Found, Guess, Leaving, Order, Removal, Service, ServiceError, Standing, Suspension,
};
use crate::people::Facts;

/// Longest user name of an instance with SAML.
const LONGEST_USER_NAME: usize = 64;

/// Longest given name and surname.
const LONGEST_NAME: usize = 100;

/// The parameters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConnectSettings {
    /// `CONNECT_INSTANCE_ID`.
    pub instance: String,
    /// `CONNECT_ROUTING_PROFILE_ID`.
    pub routing_profile: String,
    /// `CONNECT_SECURITY_PROFILE_IDS`.
    pub security_profiles: Vec<String>,
    /// `CONNECT_PHONE_TYPE`: `SOFT_PHONE`.
    pub phone_type: String,
    /// `CONNECT_AUTO_ACCEPT`: whether calls are taken without a click.
    pub auto_accept: bool,
    /// `CONNECT_AFTER_CONTACT_WORK_SECONDS`.
    pub after_contact_work_seconds: u32,
    /// `NAME_DELIMITER`: what divides a user name into given name and surname, where the directory has neither.
    pub name_delimiter: String,
    /// `DOMAIN_NAME`: what a user principal name that nobody has seen ends in as a rule.
    pub domain: String,
}

/// The service.
#[derive(Debug, Clone)]
pub struct Connect {
    api: Api,
    settings: ConnectSettings,
}

impl Connect {
    /// Connect of these settings.
    pub fn new(sdk: &SdkConfig, settings: ConnectSettings) -> Self {
        Self { api: Api::new(sdk), settings }
    }

    async fn make(&self, order: &Order) -> Result<Creation, ServiceError> {
        const OPERATION: &str = "CreateUser";
        let settings = &self.settings;
        let (first, last) = names(&order.user, &settings.name_delimiter);
        let profiles = order.rule.security_profiles.as_ref().unwrap_or(&settings.security_profiles);
        let body = json!({
            "Username": user_name(&order.user)?,
            "IdentityInfo": {"FirstName": first, "LastName": last},
            "PhoneConfig": {
                "PhoneType": settings.phone_type,
                "AutoAccept": settings.auto_accept,
                "AfterContactWorkTimeLimit": settings.after_contact_work_seconds,
            },
            "SecurityProfileIds": profiles,
            "RoutingProfileId": order.rule.routing_profile.as_ref().unwrap_or(&settings.routing_profile),
        });
        match self.call(OPERATION, "PUT", self.path(None), Some(body)).await {
            Ok(answer) => match answer["UserId"].as_str() {
                Some(id) => Ok(Creation::Made { id: id.to_owned(), standing: Standing::Ready }),
                // It was made all the same: the next try finds it.
                None => Err(transient(OPERATION, "the answer lacks UserId")),
            },
            Err(error) => match code(&error) {
                "DuplicateResourceException" => Ok(Creation::Exists),
                "LimitExceededException" => {
                    Err(ServiceError::Quota { operation: OPERATION, reason: service_text(&error) })
                }
                _ => Err(failed(OPERATION, &error)),
            },
        }
    }

    /// The index behind `SearchUsers` follows creations after a while.
    async fn search(&self, user: &Facts) -> Result<Option<Found>, ServiceError> {
        const OPERATION: &str = "SearchUsers";
        let wanted = user_name(user)?;
        let body = json!({
            "InstanceId": self.settings.instance,
            "MaxResults": 25,
            "SearchCriteria": {
                "StringCondition": {"FieldName": "Username", "Value": wanted, "ComparisonType": "EXACT"},
            },
        });
        let answer = self.call(OPERATION, "POST", "/search-users".to_owned(), Some(body)).await;
        let answer = answer.map_err(|error| failed(OPERATION, &error))?;
        let users = answer["Users"].as_array().cloned().unwrap_or_default();
        let same_name =
            |user: &&Value| user["Username"].as_str().is_some_and(|name| name.eq_ignore_ascii_case(&wanted));
        Ok(users.iter().find(same_name).and_then(|found| {
            let other = self.another_person(user, &found["IdentityInfo"]);
            Some(Found { id: found["Id"].as_str()?.to_owned(), standing: Standing::Ready, other })
        }))
    }

    /// Why an agent of the user's name seems to be another person.
    fn another_person(&self, user: &Facts, identity: &Value) -> Option<String> {
        let (first, last) = names(user, &self.settings.name_delimiter);
        let same = |key: &str, name: &str| {
            identity[key].as_str().is_some_and(|known| known.trim().to_lowercase() == name.to_lowercase())
        };
        (!same("FirstName", &first) || !same("LastName", &last)).then(|| {
            let known = |key: &str| identity[key].as_str().unwrap_or("?").to_owned();
            format!(
                "its name in Connect is {} {}, and the directory's is {first} {last}",
                known("FirstName"),
                known("LastName")
            )
        })
    }

    async fn describe(&self, id: &str) -> Result<Standing, ServiceError> {
        match self.call("DescribeUser", "GET", self.path(Some(id)), None).await {
            Ok(_) => Ok(Standing::Ready),
            Err(error) if code(&error) == "ResourceNotFoundException" => Ok(Standing::Gone),
            Err(error) => Err(failed("DescribeUser", &error)),
        }
    }

    /// False where Connect knows no such user.
    async fn delete(&self, id: &str) -> Result<bool, ServiceError> {
        match self.call("DeleteUser", "DELETE", self.path(Some(id)), None).await {
            Ok(_) => Ok(true),
            Err(error) if code(&error) == "ResourceNotFoundException" => Ok(false),
            Err(error) => Err(failed("DeleteUser", &error)),
        }
    }

    async fn call(
        &self,
        operation: &'static str,
        method: &'static str,
        path: String,
        body: Option<Value>,
    ) -> Result<Value, CallError> {
        self.api.call(Call { operation, method, path, body }).await
    }

    fn path(&self, user: Option<&str>) -> String {
        let instance = &self.settings.instance;
        user.map_or_else(|| format!("/users/{instance}"), |user| format!("/users/{instance}/{user}"))
    }
}

impl Service for Connect {
    fn name(&self) -> &'static str {
        "connect"
    }

    fn title(&self) -> &'static str {
        "Amazon Connect"
    }

    fn create<'a>(&'a self, order: &'a Order) -> Answer<'a, Creation> {
        Box::pin(self.make(order))
    }

    fn find<'a>(&'a self, user: &'a Facts) -> Answer<'a, Option<Found>> {
        Box::pin(async move {
            // Nobody without a name in Connect can have an agent there.
            if user_name(user).is_err() { Ok(None) } else { self.search(user).await }
        })
    }

    fn guess<'a>(&'a self, user: &'a Facts) -> Answer<'a, Option<Guess>> {
        Box::pin(async move {
            if user.upn.is_some() {
                return Ok(None);
            }
            let probably = implicit_name(user, &self.settings.domain);
            let found = self.find(&probably).await?.map(|found| found.id);
            Ok(Some(Guess { name: probably.upn.unwrap_or_default(), id: found }))
        })
    }

    fn status<'a>(&'a self, id: &'a str) -> Answer<'a, Standing> {
        Box::pin(self.describe(id))
    }

    fn start<'a>(&'a self, id: &'a str) -> Answer<'a, Standing> {
        Box::pin(self.describe(id))
    }

    fn suspend<'a>(&'a self, id: &'a str, leaving: Leaving) -> Answer<'a, Suspension> {
        Box::pin(async move {
            if leaving == Leaving::Contained {
                let why = "Connect cannot suspend a user, only delete one, and nothing of a contained user is deleted. \
                           He cannot log in while the directory refuses him, but a session that is open goes on";
                return Ok(Suspension::Kept(why.to_owned()));
            }
            Ok(if self.delete(id).await? { Suspension::Removed } else { Suspension::Unseen })
        })
    }

    fn remove<'a>(&'a self, id: &'a str) -> Answer<'a, Removal> {
        Box::pin(async move { self.delete(id).await.map(|_| Removal::Removed) })
    }
}

/// The name that the identity provider sends, as the directory spells it: Connect tells capital letters from small ones.
/// Source: Amazon Connect Administrator Guide, "Configure SAML with IAM for Amazon Connect", important notes.
fn user_name(user: &Facts) -> Result<String, ServiceError> {
    let Some(upn) = user.upn.as_deref() else {
        return Err(ServiceError::Unfit(format!(
            "{} has no user principal name, which is the user name in Connect",
            user.name
        )));
    };
    let allowed = |c: char| c.is_ascii_alphanumeric() || "._-@+".contains(c);
    let shape = upn
        .split_once('@')
        .is_some_and(|(local, domain)| !local.is_empty() && domain.contains('.') && !domain.contains('@'));
    if upn.len() > LONGEST_USER_NAME || !shape || !upn.chars().all(allowed) {
        return Err(ServiceError::Unfit(format!(
            "the user principal name {upn} cannot be a user name in Connect: at most {LONGEST_USER_NAME} letters, digits \
             and . _ - @ in the form of an e-mail address"
        )));
    }
    Ok(upn.to_owned())
}

/// The user with his implicit user principal name: Active Directory lets everybody log in by it, and its tools write the
/// same into a new user as his own. Source: [MS-ADTS] 5.1.1.1.1, `sAMAccountName`, `@` and the DNS name of the domain.
fn implicit_name(user: &Facts, domain: &str) -> Facts {
    Facts { upn: Some(format!("{}@{domain}", user.name)), ..user.clone() }
}

/// Given name and surname, both of which Connect requires: the directory's, and what the user name tells where those are
/// missing.
fn names(user: &Facts, delimiter: &str) -> (String, String) {
    let parts = (!delimiter.is_empty()).then(|| user.name.split_once(delimiter)).flatten();
    let (first, last) = parts
        .filter(|(first, last)| !first.is_empty() && !last.is_empty())
        .unwrap_or((user.name.as_str(), user.name.as_str()));
    let name = |known: &Option<String>, told: &str| -> String {
        known.as_deref().unwrap_or(told).chars().take(LONGEST_NAME).collect()
    };
    (name(&user.given_name, first), name(&user.surname, last))
}

fn code(error: &CallError) -> &str {
    use aws_smithy_types::error::metadata::ProvideErrorMetadata;
    error.as_service_error().and_then(|error| error.code()).unwrap_or_default()
}

fn failed(operation: &'static str, error: &CallError) -> ServiceError {
    ServiceError::of(operation, error)
}

fn transient(operation: &'static str, reason: &str) -> ServiceError {
    ServiceError::Call { operation, reason: reason.to_owned(), kind: Kind::Transient }
}

#[cfg(test)]
mod tests;
