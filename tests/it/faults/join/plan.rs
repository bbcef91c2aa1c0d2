//! Which faults the calls of a join meet, and for how many of them: every run is a real join.

use crate::fault::Kind;
use crate::points::Point;

/// Those that leave most behind.
pub(super) fn few(point: &Point) -> Vec<(Kind, u32)> {
    match (point.service.as_str(), point.operation.as_str()) {
        // All addresses of the directory, and more than once.
        ("ldap", "Connect") => vec![(Kind::ErrorBefore, 3), (Kind::Silent, 1)],
        ("ldap", "Bind") => vec![(Kind::KillAfter, 1)],
        ("ldap", "Unbind") => vec![],
        (_, "AssumeRole") => vec![(Kind::KillAfter, 1)],
        _ if point.is_read() => vec![(Kind::KillAfter, 1)],
        _ => vec![(Kind::KillAfter, 1), (Kind::LostAnswer, 3), (Kind::LateEffect(1500), 3)],
    }
}

/// The instance is terminated while the call is on its way.
pub(super) fn slow(point: &Point) -> Vec<(Kind, u32)> {
    match (point.service.as_str(), point.operation.as_str()) {
        ("ldap", "Connect" | "Bind" | "Unbind") | ("dynamodb", "GetItem") | ("sts", _) => vec![],
        _ => vec![(Kind::Delay(4000), 1)],
    }
}
