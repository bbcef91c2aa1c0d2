//! Which faults the calls of a rotation meet, and for how many of them.

use crate::fault::Kind;
use crate::points::Point;

/// More calls than the SDK and Secrets Manager try.
const LONG: u32 = 60;

/// Every kind.
pub(super) fn all(point: &Point) -> Vec<(Kind, u32)> {
    match (point.service.as_str(), point.is_read()) {
        ("kerberos", _) => of_an_exchange(),
        (_, true) => of_a_read(point),
        (_, false) => of_a_write(),
    }
}

/// Those that leave most behind.
pub(super) fn few(point: &Point) -> Vec<(Kind, u32)> {
    match (point.service.as_str(), point.is_read()) {
        ("kerberos", _) => vec![(Kind::KillAfter, 1), (Kind::ErrorBefore, 2)],
        (_, true) => vec![(Kind::KillAfter, 1)],
        (_, false) => vec![(Kind::KillAfter, 1), (Kind::LostAnswer, 3), (Kind::LateEffect(1500), 3)],
    }
}

fn of_an_exchange() -> Vec<(Kind, u32)> {
    let mut faults: Vec<_> =
        [Kind::LostAnswer, Kind::Silent, Kind::Garbage, Kind::KillAfter].map(|kind| (kind, 1)).into();
    // One address, and both.
    faults.extend([1, 2, LONG].map(|count| (Kind::ErrorBefore, count)));
    faults.push((Kind::Delay(4000), 1));
    faults
}

fn of_a_read(point: &Point) -> Vec<(Kind, u32)> {
    let mut faults = vec![(Kind::ErrorBefore, 3), (Kind::KillAfter, 1)];
    if point.service == "secretsmanager" && point.operation != "GetRandomPassword"
        || point.service == "ds-data"
    {
        faults.push((Kind::StaleRead, 1));
    }
    faults
}

fn of_a_write() -> Vec<(Kind, u32)> {
    let mut faults = vec![(Kind::KillAfter, 1), (Kind::Throttle, 3), (Kind::Delay(9000), 1)];
    faults.extend([1, 3].map(|count| (Kind::LateEffect(1500), count)));
    faults.extend([1, 3, LONG].map(|count| (Kind::LostAnswer, count)));
    faults.extend([3, LONG].map(|count| (Kind::ErrorBefore, count)));
    faults
}
