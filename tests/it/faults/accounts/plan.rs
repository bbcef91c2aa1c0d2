//! Which faults the calls of onboarding and off-boarding meet. Of their many reads and writes of the user table each meets
//! what leaves most behind; what a service or the directory is asked to change meets more.

use crate::fault::Kind;
use crate::points::Point;

/// More calls than the SDK and the state try.
const LONG: u32 = 21;

/// Every call but reads of the user table: who is killed after one is killed before what comes next.
pub(crate) fn most(point: &Point) -> Vec<(Kind, u32)> {
    match (point.service.as_str(), point.is_read()) {
        ("lambda", _) => vec![(Kind::LostAnswer, 1), (Kind::ErrorBefore, 7)],
        ("dynamodb", true) => Vec::new(),
        ("dynamodb", false) => vec![(Kind::KillAfter, 1), (Kind::ErrorBefore, LONG)],
        ("ds-data", true) => vec![(Kind::ErrorBefore, 3), (Kind::StaleRead, 3)],
        (_, true) => vec![(Kind::KillAfter, 1), (Kind::ErrorBefore, LONG)],
        (_, false) => vec![
            (Kind::KillAfter, 1),
            (Kind::Throttle, 3),
            (Kind::LateEffect(1500), 3),
            (Kind::LostAnswer, 3),
            (Kind::LostAnswer, LONG),
            (Kind::ErrorBefore, LONG),
        ],
    }
}

/// Calls that change something, and only what leaves something behind.
pub(crate) fn few(point: &Point) -> Vec<(Kind, u32)> {
    match (point.service.as_str(), point.is_read()) {
        ("lambda", _) | (_, true) => Vec::new(),
        ("dynamodb", false) => vec![(Kind::KillAfter, 1)],
        (_, false) => vec![(Kind::KillAfter, 1), (Kind::LostAnswer, 3)],
    }
}
