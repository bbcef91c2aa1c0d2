//! EC2 in the accounts.

use aws_config::SdkConfig;
use serde_json::json;
use steward_core::accounts::Account;
use steward_core::member::{Listed, enter, list};
use steward_core::place::Region;

use crate::error::Error;

/// EC2 in the accounts.
pub trait Instances {
    /// Every instance that EC2 lists in an account and Region, the terminated ones of the last hour too.
    ///
    /// # Errors
    /// When the account's role cannot be assumed, or EC2 did not list to the end.
    fn all(
        &self,
        account: &Account,
        region: &Region,
    ) -> impl Future<Output = Result<Vec<Listed>, Error>> + Send;
}

/// EC2, by the accounts' roles.
#[derive(Debug, Clone)]
pub struct MemberInstances {
    /// The function's own configuration.
    pub sdk: SdkConfig,
}

impl Instances for MemberInstances {
    async fn all(&self, account: &Account, region: &Region) -> Result<Vec<Listed>, Error> {
        // Of all that the role may, this.
        let policy = json!({
            "Version": "2012-10-17",
            "Statement": [{"Effect": "Allow", "Action": "ec2:DescribeInstances", "Resource": "*"}],
        });
        let sdk = enter(&self.sdk, account, region, "adsteward-sweep", &policy).await?;
        Ok(list(&sdk, &account.id).await?)
    }
}
