//! Which instances Systems Manager reaches.

use aws_sdk_ssm::Client;
use aws_sdk_ssm::types::{InstanceInformation, InstanceInformationStringFilter};
use steward_core::error::{Kind, kind_of, service_text};
use steward_core::ids::InstanceId;

use super::SystemsManagerError;

/// Pages read at most: 50 instances each is the most that the service gives.
const PAGES: usize = 20;

/// The online Linux instances whose computer name lies in a domain, in order.
pub(super) async fn members(client: &Client, domain: &str) -> Result<Vec<InstanceId>, SystemsManagerError> {
    let mut pages = client
        .describe_instance_information()
        .filters(filter("PingStatus", "Online")?)
        .filters(filter("PlatformTypes", "Linux")?)
        .max_results(50)
        .into_paginator()
        .send();
    let mut members = Vec::new();
    for _ in 0..PAGES {
        let Some(page) = pages.next().await else { break };
        let page = page.map_err(|error| SystemsManagerError {
            operation: "DescribeInstanceInformation",
            reason: service_text(&error),
            kind: kind_of(&error),
        })?;
        members.extend(page.instance_information_list().iter().filter_map(|node| member(node, domain)));
    }
    members.sort();
    Ok(members)
}

fn filter(key: &str, value: &str) -> Result<InstanceInformationStringFilter, SystemsManagerError> {
    let filter = InstanceInformationStringFilter::builder().key(key).values(value).build();
    filter.map_err(|error| SystemsManagerError {
        operation: "DescribeInstanceInformation",
        reason: error.to_string(),
        kind: Kind::Permanent,
    })
}

/// The instance's id, when its computer name lies in the domain. A managed node outside of EC2 has no such id.
fn member(node: &InstanceInformation, domain: &str) -> Option<InstanceId> {
    let name = node.computer_name()?.trim_end_matches('.').to_lowercase();
    let host = name.strip_suffix(&domain.to_lowercase())?;
    if !host.ends_with('.') {
        return None;
    }
    node.instance_id()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use steward_core::wire::{Answer, fake};

    use super::*;

    fn node(id: &str, name: &str) -> serde_json::Value {
        json!({"InstanceId": id, "ComputerName": name})
    }

    #[tokio::test]
    async fn lists_the_members_of_the_domain_on_all_pages() {
        let first = json!({"NextToken": "more", "InstanceInformationList": [
            node("i-0000000000000000b", "B.corp.example.test"),
            node("i-0000000000000000c", "c.other.example.test"),
            node("i-0000000000000000d", "notcorp.example.test"),
            node("mi-0000000000000000e", "e.corp.example.test"),
        ]});
        let second =
            json!({"InstanceInformationList": [node("i-0000000000000000a", "a.CORP.example.test.")]});
        let (sdk, asked) = fake(move |_, body| {
            let page = if body.contains("NextToken") { &second } else { &first };
            Answer::ok(page.to_string())
        });
        let members = members(&Client::new(&sdk), "corp.example.test").await.unwrap();
        let ids: Vec<&str> = members.iter().map(InstanceId::as_str).collect();
        assert_eq!(ids, ["i-0000000000000000a", "i-0000000000000000b"]);
        let asked = asked.lock().unwrap();
        assert_eq!(asked.len(), 2);
        assert!(asked[0].contains(r#""Key":"PingStatus","Values":["Online"]"#), "{asked:?}");
    }

    #[tokio::test]
    async fn stops_after_a_bounded_number_of_pages() {
        let count = std::sync::atomic::AtomicUsize::new(0);
        let (sdk, asked) = fake(move |_, _| {
            let number = count.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            Answer::ok(json!({"NextToken": format!("t{number}"), "InstanceInformationList": []}).to_string())
        });
        assert_eq!(members(&Client::new(&sdk), "corp.example.test").await.unwrap(), []);
        assert_eq!(asked.lock().unwrap().len(), PAGES);
    }
}
