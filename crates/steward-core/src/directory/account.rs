//! What a rotation needs to know of a directory and of a user in it.

use aws_sdk_directory::types::{DirectoryDescription, DirectoryType};
use aws_sdk_directoryservicedata::types::AttributeValue;

use super::service::{call, not_described, user_of};
use super::{DirectoryError, DirectoryService, User};
use crate::ids::UserName;

/// The attribute whose words a password must not contain.
const DISPLAY_NAME: &str = "displayName";

/// Which of the service's directories one is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DirectoryKind {
    /// AWS Managed Microsoft AD: Directory Service Data looks users up.
    ManagedMicrosoftAd,
    /// Simple AD: nothing but a log-in tells whether a user is enabled.
    SimpleAd,
}

/// A directory as the service describes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Description {
    /// Which kind it is.
    pub kind: DirectoryKind,
    /// The domain's DNS name, in lower case.
    pub dns: String,
    /// The addresses of its domain controllers.
    pub controllers: Vec<String>,
}

/// A user, and the names that people know him by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// The user.
    pub user: User,
    /// Display name, given name and surname, where there are any.
    pub names: Vec<String>,
}

impl DirectoryService {
    /// Describes the directory.
    ///
    /// # Errors
    /// When it does not exist, may not be described, or is of a kind whose users cannot be reached from here.
    pub async fn description(&self) -> Result<Description, DirectoryError> {
        let answer = self.service.describe_directories().directory_ids(self.id.as_str()).send().await;
        let output = answer.map_err(|error| call("DescribeDirectories", &error, None))?;
        let described = output.directory_descriptions().first();
        described
            .ok_or("there is no such directory".to_owned())
            .and_then(description_of)
            .map_err(|problem| DirectoryError::Answer { subject: self.id.to_string(), problem })
    }

    /// Looks a user up, with the names that people know him by. AWS Managed Microsoft AD only.
    ///
    /// # Errors
    /// As [`super::Directory::user`].
    pub async fn account(&self, name: &UserName) -> Result<Account, DirectoryError> {
        let answer = self
            .data
            .describe_user()
            .directory_id(self.id.as_str())
            .sam_account_name(name.as_str())
            .other_attributes(DISPLAY_NAME)
            .send()
            .await;
        let output = answer.map_err(|error| not_described(name, &error))?;
        let mut names: Vec<String> =
            [output.given_name(), output.surname()].into_iter().flatten().map(str::to_owned).collect();
        if let Some(AttributeValue::S(display_name)) =
            output.other_attributes().and_then(|attributes| attributes.get(DISPLAY_NAME))
        {
            names.push(display_name.clone());
        }
        Ok(Account { user: user_of(name, &output)?, names })
    }
}

fn description_of(directory: &DirectoryDescription) -> Result<Description, String> {
    let kind = match directory.r#type() {
        Some(DirectoryType::MicrosoftAd) => DirectoryKind::ManagedMicrosoftAd,
        Some(DirectoryType::SimpleAd) => DirectoryKind::SimpleAd,
        Some(other) => return Err(format!("it is of type {other}, not MicrosoftAD or SimpleAD")),
        None => return Err("it has no Type".to_owned()),
    };
    let dns = directory.name().ok_or("it has no Name")?.to_lowercase();
    let controllers = directory.dns_ip_addrs().to_vec();
    if controllers.is_empty() {
        return Err("it has no DnsIpAddrs yet: wait until it is active".to_owned());
    }
    Ok(Description { kind, dns, controllers })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::{Answer, fake};

    fn directory(body: &'static str) -> (DirectoryService, crate::wire::Asked) {
        let (sdk, asked) = fake(move |_, _| Answer::ok(body));
        (DirectoryService::new(&sdk, "d-9067012345".parse().unwrap()), asked)
    }

    #[tokio::test]
    async fn describes_the_kinds_whose_users_can_be_reached_and_no_other() {
        let cases = [
            (
                r#"{"Type":"MicrosoftAD","Name":"Corp.Example.Test","DnsIpAddrs":["10.0.0.1"]}"#,
                Ok(DirectoryKind::ManagedMicrosoftAd),
            ),
            (
                r#"{"Type":"SimpleAD","Name":"Corp.Example.Test","DnsIpAddrs":["10.0.0.1"]}"#,
                Ok(DirectoryKind::SimpleAd),
            ),
            (r#"{"Type":"ADConnector","Name":"x","DnsIpAddrs":["10.0.0.1"]}"#, Err("ADConnector")),
            (
                r#"{"Type":"SharedMicrosoftAD","Name":"x","DnsIpAddrs":["10.0.0.1"]}"#,
                Err("SharedMicrosoftAD"),
            ),
            (r#"{"Type":"SimpleAD","DnsIpAddrs":["10.0.0.1"]}"#, Err("Name")),
            (r#"{"Type":"SimpleAD","Name":"x","DnsIpAddrs":[]}"#, Err("DnsIpAddrs")),
            (r#"{"Name":"x"}"#, Err("Type")),
        ];
        for (body, expected) in cases {
            let body: &'static str = format!(r#"{{"DirectoryDescriptions":[{body}]}}"#).leak();
            match (directory(body).0.description().await, expected) {
                (Ok(description), Ok(kind)) => {
                    assert_eq!((description.kind, description.dns.as_str()), (kind, "corp.example.test"));
                    assert_eq!(description.controllers, ["10.0.0.1"]);
                }
                (Err(error), Err(word)) => assert!(error.to_string().contains(word), "{error}"),
                (other, _) => panic!("{body}: {other:?}"),
            }
        }
        assert!(directory(r#"{"DirectoryDescriptions":[]}"#).0.description().await.is_err());
    }

    #[tokio::test]
    async fn reads_a_user_with_the_names_that_people_know_him_by() {
        let body = r#"{"SAMAccountName":"alice","SID":"S-1-5-21-1-2-3-1104","Realm":"corp.example.test","Enabled":false,
            "GivenName":"Alice","Surname":"Liddell","OtherAttributes":{"displayName":{"S":"Alice in Wonderland"}}}"#;
        let (directory, asked) = directory(body);
        let account = directory.account(&"alice".parse().unwrap()).await.unwrap();
        assert!(!account.user.enabled);
        assert_eq!(account.names, ["Alice", "Liddell", "Alice in Wonderland"]);
        assert!(asked.lock().unwrap()[0].contains(r#""OtherAttributes":["displayName"]"#));
    }
}
