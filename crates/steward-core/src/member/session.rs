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
use crate::place::{self, Place};

mod commands;
mod instance;
mod listing;
mod open;
mod xml;

pub use listing::{Listed, list};
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

    /// An instance of this account, by the function's own role.
    pub fn own(&self, place: &Place) -> OpenMember {
        let sdk = self.sdk.clone().into_builder().region(Region::new(place.region.to_string()));
        OpenMember::new(&sdk.build(), place.clone())
    }
}

/// The configuration for clients in an account and a Region: with the account's role, narrowed to a policy; in the
/// function's own account perhaps without one.
///
/// # Errors
/// When the role cannot be assumed.
pub async fn enter(
    sdk: &SdkConfig,
    account: &Account,
    region: &place::Region,
    session: &str,
    policy: &Value,
) -> Result<SdkConfig, MemberError> {
    let inside = sdk.clone().into_builder().region(Region::new(region.to_string()));
    let Some(role) = &account.role else { return Ok(inside.build()) };
    let credentials = assume(sdk, role, account, session, policy).await?;
    Ok(inside.credentials_provider(SharedCredentialsProvider::new(credentials)).build())
}

async fn assume(
    sdk: &SdkConfig,
    role: &MemberRole,
    account: &Account,
    session: &str,
    policy: &Value,
) -> Result<Credentials, MemberError> {
    let failed = |reason: String, kind: Kind| MemberError {
        operation: "AssumeRole",
        account: account.id.to_string(),
        reason,
        kind,
    };
    let answer = Client::new(sdk)
        .assume_role()
        .role_arn(&role.arn)
        .external_id(role.external_id.expose_secret())
        // As CloudTrail in the member account names it.
        .role_session_name(session)
        .policy(policy.to_string())
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

impl Members for MemberAccounts {
    type Member = OpenMember;

    async fn open(&self, account: &Account, place: &Place) -> Result<OpenMember, MemberError> {
        let arn = account.role.as_ref().map_or("", |role| role.arn.as_str());
        let policy = session_policy(arn, place, &self.documents);
        let session = format!("adsteward-{}", place.instance);
        let sdk = enter(&self.sdk, account, &place.region, &session, &policy).await?;
        Ok(OpenMember::new(&sdk, place.clone()))
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
