//! Where the stack may be deployed, and what its conditions make of it there.

use serde_json::Value;

use crate::template::items;

/// An account and a Region, as the parameters and the place of a stack tell them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) account: &'static str,
    pub(crate) region: &'static str,
    pub(crate) organization: &'static str,
}

/// Where `template.yaml` is.
pub(crate) const HOME: Place = Place { account: "directory", region: "near", organization: "given" };
/// Another Region of that account.
pub(crate) const RELAY: Place = Place { region: "far", ..HOME };
/// Another account, in the directory's Region.
pub(crate) const MEMBER: Place = Place { account: "member", ..HOME };
/// The same in another Region.
pub(crate) const MEMBER_FAR: Place = Place { region: "far", ..MEMBER };

/// Whether a resource is there.
pub(crate) fn deployed(template: &Value, id: &str, place: &Place) -> bool {
    let condition = template["Resources"][id]["Condition"].as_str();
    condition.is_none_or(|name| holds(template, &template["Conditions"][name], place))
}

fn holds(template: &Value, expression: &Value, place: &Place) -> bool {
    let (function, argument) = expression.as_object().unwrap().iter().next().unwrap();
    let mut parts = items(argument).into_iter();
    match function.as_str() {
        "Condition" => holds(template, &template["Conditions"][argument.as_str().unwrap()], place),
        "Fn::Not" => !parts.any(|part| holds(template, part, place)),
        "Fn::And" => parts.all(|part| holds(template, part, place)),
        "Fn::Equals" => value(&argument[0], place) == value(&argument[1], place),
        other => panic!("unforeseen {other} in a condition"),
    }
}

fn value<'a>(value: &'a Value, place: &Place) -> &'a str {
    match value["Ref"].as_str() {
        None => value.as_str().unwrap(),
        Some("AWS::AccountId") => place.account,
        Some("AWS::Region") => place.region,
        Some("DirectoryAccountId") => HOME.account,
        Some("DirectoryRegion" | "PrimaryRegion") => HOME.region,
        Some("OrganizationId") => place.organization,
        Some("NotificationEmail") => "given",
        Some(other) => panic!("unforeseen {other} in a condition"),
    }
}
