//! The host with the AD tools, in the directory's account and Region: it removes computers by our document.

use aws_sdk_ssm::Client;
use aws_sdk_ssm::types::{InstanceInformation, InstanceInformationStringFilter, PingStatus};
use steward_core::error::{Kind, kind_of, service_text};
use steward_core::ids::{AccountId, InstanceId};
use steward_core::member::{Member, MemberAccounts, MemberError, Reply, Sent};
use steward_core::place::{Place, Region};

use super::{ComputersError, Order, Removal};

/// Where it is found, and by what it works.
#[derive(Debug)]
pub struct ToolsHost {
    /// Systems Manager, in the directory's account and Region.
    pub client: Client,
    /// The way to an instance.
    pub members: MemberAccounts,
    /// The directory's account and Region.
    pub home: (AccountId, Region),
    /// The tag that one instance has.
    pub tag: (String, String),
    /// The document that removes.
    pub document: String,
}

impl ToolsHost {
    /// Has the host remove a computer.
    pub(super) async fn order(&self, removal: &Removal) -> Result<Order, ComputersError> {
        let host = match self.find().await? {
            Ok(host) => host,
            Err(problem) => return Ok(Order::NoHost(problem)),
        };
        let sent = self.open(&host).send(&self.document, &parameters(removal)).await;
        Ok(match sent.map_err(failed)? {
            Sent::Command(command) => Order::Given { host, command },
            Sent::AgentAbsent => Order::NoHost(format!("{host} does not take commands")),
        })
    }

    /// What became of it.
    pub(super) async fn reply(&self, host: &InstanceId, command: &str) -> Result<Reply, ComputersError> {
        self.open(host).reply(command).await.map_err(failed)
    }

    /// By the function's own role: the host is in its account.
    fn open(&self, host: &InstanceId) -> impl Member + use<> {
        let (account, region) = self.home.clone();
        self.members.own(&Place { account, region, instance: host.clone() })
    }

    /// The one instance with the tag that Systems Manager reaches; or why there is not one.
    async fn find(&self) -> Result<Result<InstanceId, String>, ComputersError> {
        let (key, value) = &self.tag;
        let failed = |reason: String, kind| ComputersError { operation: FIND, reason, kind };
        let filter =
            InstanceInformationStringFilter::builder().key(format!("tag:{key}")).values(value).build();
        let filter = filter.map_err(|error| failed(error.to_string(), Kind::Permanent))?;
        let asked = self.client.describe_instance_information().filters(filter);
        let mut known = asked.into_paginator().items().send();
        let mut online: Vec<InstanceInformation> = Vec::new();
        while let Some(one) = known.next().await {
            let one = one.map_err(|error| failed(service_text(&error), kind_of(&error)))?;
            online.extend((one.ping_status() == Some(&PingStatus::Online)).then_some(one));
        }
        let [host] = &online[..] else {
            let count = online.len();
            return Ok(Err(format!("{count} instances with the tag {key}={value} are online, not one")));
        };
        let id = host.instance_id().unwrap_or_default().parse();
        Ok(id.map_err(|_| format!("what has the tag {key}={value} is no instance of EC2")))
    }
}

/// The API's operation.
const FIND: &str = "DescribeInstanceInformation";

fn failed(error: MemberError) -> ComputersError {
    ComputersError { operation: error.operation, reason: error.reason, kind: error.kind }
}

/// What the document takes.
fn parameters(removal: &Removal) -> Vec<(&'static str, String)> {
    let Removal { name, proof, domain, address } = removal;
    let (sid, marker) = match proof {
        super::Proof::Sid(sid) => (sid.to_string(), String::new()),
        super::Proof::Marker(marker) => (String::new(), marker.clone()),
    };
    vec![
        ("ComputerName", name.to_string()),
        ("Sid", sid),
        ("Marker", marker),
        // The join document gives a host its computer's name.
        ("HostName", format!("{name}.{domain}")),
        ("Address", address.map(|address| address.to_string()).unwrap_or_default()),
        ("Domain", domain.clone()),
    ]
}

#[cfg(test)]
mod tests;
