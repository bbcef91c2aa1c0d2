//! The role of a member account, narrowed to one instance.

use std::time::SystemTime;

use crate::error::{Kind, kind_of, service_text};
use aws_config::{Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_sdk_sts::Client;
use secrecy::ExposeSecret;
use serde_json::{Value, json};

use super::{MemberError, Members};
use crate::accounts::{Account, MemberRole};
use crate::place::Place;

mod commands;
mod instance;
mod open;
mod xml;

pub use open::OpenMember;

/// How long the session's credentials live; the shortest that STS gives.
const SESSION_SECONDS: i32 = 900;

/// Member accounts, by AWS.
#[derive(Debug, Clone)]
pub struct MemberAccounts {
    sdk: SdkConfig,
    documents: Vec<String>,
}

impl MemberAccounts {
    /// Member accounts, in which these documents may be run.
    pub fn new(sdk: &SdkConfig, documents: Vec<String>) -> Self {
        Self { sdk: sdk.clone(), documents }
    }

    async fn assume(
        &self,
        role: &MemberRole,
        account: &Account,
        place: &Place,
    ) -> Result<Credentials, MemberError> {
        let failed = |reason: String, kind: Kind| MemberError {
            operation: "AssumeRole",
            account: account.id.to_string(),
            reason,
            kind,
        };
        let answer = Client::new(&self.sdk)
            .assume_role()
            .role_arn(&role.arn)
            .external_id(role.external_id.expose_secret())
            // As CloudTrail in the member account names it.
            .role_session_name(format!("adsteward-{}", place.instance))
            .policy(session_policy(&role.arn, place, &self.documents).to_string())
            .duration_seconds(SESSION_SECONDS)
            .send()
            .await
            .map_err(|error| failed(service_text(&error), kind_of(&error)))?;
        let Some(given) = answer.credentials() else {
            return Err(failed("the answer has no Credentials".to_owned(), Kind::Permanent));
        };
        Ok(Credentials::new(
            given.access_key_id(),
            given.secret_access_key(),
            Some(given.session_token().to_owned()),
            SystemTime::try_from(*given.expiration()).ok(),
            "adsteward",
        ))
    }
}

impl Members for MemberAccounts {
    type Member = OpenMember;

    async fn open(&self, account: &Account, place: &Place) -> Result<OpenMember, MemberError> {
        let mut sdk = self.sdk.clone().into_builder().region(Region::new(place.region.to_string()));
        if let Some(role) = &account.role {
            let credentials = self.assume(role, account, place).await?;
            sdk = sdk.credentials_provider(SharedCredentialsProvider::new(credentials));
        }
        Ok(OpenMember::new(&sdk.build(), place.clone()))
    }
}

/// What the session may do of all that the role may: see, and run our documents on, this one instance.
fn session_policy(role: &str, place: &Place, documents: &[String]) -> Value {
    let partition = role.split(':').nth(1).unwrap_or("aws");
    let Place { account, region, instance } = place;
    let documents =
        documents.iter().map(|name| format!("arn:{partition}:ssm:{region}:{account}:document/{name}"));
    let instance = format!("arn:{partition}:ec2:{region}:{account}:instance/{instance}");
    json!({
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Action": "ssm:SendCommand",
                "Resource": documents.chain([instance]).collect::<Vec<_>>(),
            },
            // Neither has a resource to name.
            {"Effect": "Allow", "Action": ["ec2:DescribeInstances", "ssm:GetCommandInvocation"], "Resource": "*"},
        ],
    })
}

#[cfg(test)]
mod tests;
