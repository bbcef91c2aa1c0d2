//! EC2's `DescribeInstances`, for all instances of an account and a Region.

use aws_config::SdkConfig;
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;

use super::instance;
use super::xml::Element;
use crate::accounts::group::is_opted_out;
use crate::clock;
use crate::declared::{Api, Repeat};
use crate::error::{Kind, kind_of, service_text};
use crate::ids::{AccountId, InstanceId};
use crate::member::{MemberError, State};

/// Instances of one page.
const PAGE: u32 = 500;

/// Pages at most: more instances than a Region of an account has.
const PAGES: usize = 1000;

/// An instance, as EC2 lists it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// Its id.
    pub id: InstanceId,
    /// Its state.
    pub state: State,
    /// When it was last started, in seconds since 1970.
    pub launched: u64,
    /// Whether its tags keep it out of the domain.
    pub opted_out: bool,
}

/// Every instance, with the credentials and the Region of `sdk`; the terminated ones of the last hour too.
///
/// # Errors
/// When EC2 did not list to the end, or says something that is not understood: nothing follows then.
pub async fn list(sdk: &SdkConfig, account: &AccountId) -> Result<Vec<Listed>, MemberError> {
    let failed = |reason: String, kind: Kind| MemberError {
        operation: "DescribeInstances",
        account: account.to_string(),
        reason,
        kind,
    };
    let odd = |problem: &str| failed(problem.to_owned(), Kind::Transient);
    let api = Api::new(sdk, "EC2", "ec2");
    let (mut found, mut token) = (Vec::new(), None);
    for _ in 0..PAGES {
        let operation = api.operation("DescribeInstances", Repeat::Configured, request, instance::answer);
        let page = operation.invoke(token).await;
        let page = page.map_err(|error| failed(service_text(&error), kind_of(&error)))?;
        if !page.is("DescribeInstancesResponse") {
            return Err(odd("the answer is none of DescribeInstances"));
        }
        for each in page.all(&["reservationSet", "item", "instancesSet", "item"]) {
            found.push(read(each).map_err(odd)?);
        }
        match page.text(&["nextToken"]) {
            "" => return Ok(found),
            next => token = Some(next.to_owned()),
        }
    }
    Err(odd("the pages do not end"))
}

/// A page's request.
fn request(token: Option<String>) -> Result<HttpRequest, BoxError> {
    let next = token.map_or(String::new(), |token| format!("&NextToken={}", escaped(&token)));
    instance::form(format!("Action=DescribeInstances&Version=2016-11-15&MaxResults={PAGE}{next}"))
}

fn escaped(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    text.bytes()
        .map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") })
        .collect()
}

fn read(each: &Element) -> Result<Listed, &'static str> {
    let launched = clock::seconds(each.text(&["launchTime"]));
    Ok(Listed {
        id: each.text(&["instanceId"]).parse().map_err(|_| "an instance has no id")?,
        state: instance::state(each)?,
        launched: launched.ok_or("an instance has no time of its launch")?,
        opted_out: is_opted_out(&instance::tags(each)),
    })
}

#[cfg(test)]
mod tests;
