//! The way to instances of other accounts and Regions: by the account's row and the role that it names.

use aws_config::SdkConfig;
use aws_sdk_ssm::Client;
use serde_json::{Value, json};
use steward_core::accounts::{Account, AccountError, AccountTable, Accounts};
use steward_core::error::Kind;
use steward_core::member;
use steward_core::place::Place;

use super::{Documents, SystemsManagerError};
use crate::reason::Refusal;

/// Other accounts and Regions, each by its account's role.
#[derive(Debug)]
pub struct OtherAccounts {
    /// The configuration of clients, with the function's own role.
    pub sdk: SdkConfig,
    /// The account table.
    pub accounts: AccountTable,
    /// The documents, as `stacks/member.yaml` names them.
    pub documents: Documents,
}

/// What a session is for. It may do nothing else, and nothing on another instance.
#[derive(Debug, Clone, Copy)]
pub(super) enum Need<'a> {
    /// Running this document on the instance.
    Run(&'a str),
    /// Looking at a command.
    Look,
    /// Listing instances.
    List,
}

impl OtherAccounts {
    /// The row by which an instance is reached, or why it may not be.
    pub(super) async fn row(&self, place: &Place) -> Result<Result<Account, Refusal>, SystemsManagerError> {
        let account = match self.accounts.account(&place.account).await {
            Ok(Some(account)) => account,
            Ok(None) => return Ok(Err(Refusal::NoAccountRow)),
            Err(AccountError::Row(problem)) => {
                tracing::warn!(account.id = %place.account, "{problem}");
                return Ok(Err(Refusal::RowUnusable));
            }
            Err(AccountError::Table { reason, kind }) => {
                return Err(SystemsManagerError { operation: "GetItem (account table)", reason, kind });
            }
        };
        if account.role.is_none() {
            tracing::warn!(account.id = %place.account, "the account's row names no role by which another Region is reached");
            return Ok(Err(Refusal::RowUnusable));
        }
        if !account.regions.is_empty() && !account.regions.contains(&place.region) {
            return Ok(Err(Refusal::OtherRegion));
        }
        Ok(Ok(account))
    }

    /// A client there. The row may have changed since the finding was taken: it counts as it is now.
    pub(super) async fn client(&self, place: &Place, need: Need<'_>) -> Result<Client, SystemsManagerError> {
        let failed = |reason, kind| SystemsManagerError { operation: "AssumeRole", reason, kind };
        let account = self.row(place).await?;
        let account = account.map_err(|refusal| failed(refusal.text().to_owned(), Kind::Permanent))?;
        let role = account.role.as_ref().map_or("", |role| role.arn.as_str());
        let policy = need.policy(role, place);
        let session = format!("adsteward-{}", place.instance);
        let sdk = member::enter(&self.sdk, &account, &place.region, &session, &policy).await;
        let sdk = sdk.map_err(|error| failed(error.to_string(), error.kind))?;
        Ok(Client::new(&sdk))
    }
}

impl Need<'_> {
    fn policy(self, role: &str, place: &Place) -> Value {
        let partition = role.split(':').nth(1).unwrap_or("aws");
        let Place { account, region, instance } = place;
        let (action, resource) = match self {
            Self::Run(document) => (
                "ssm:SendCommand",
                json!([
                    format!("arn:{partition}:ssm:{region}:{account}:document/{document}"),
                    format!("arn:{partition}:ec2:{region}:{account}:instance/{instance}"),
                ]),
            ),
            // Neither has a resource to name.
            Self::Look => ("ssm:GetCommandInvocation", json!("*")),
            Self::List => ("ssm:DescribeInstanceInformation", json!("*")),
        };
        json!({
            "Version": "2012-10-17",
            "Statement": [{"Effect": "Allow", "Action": action, "Resource": resource}],
        })
    }
}

#[cfg(test)]
mod tests;
