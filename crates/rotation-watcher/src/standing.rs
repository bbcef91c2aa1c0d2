//! How a secret's rotation stands, as Secrets Manager's dates tell it.

use std::fmt;
use std::time::{Duration, SystemTime};

/// A secret, without its value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Secret {
    /// Its name.
    pub name: String,
    /// Whether it is rotated by schedule.
    pub enabled: bool,
    /// The time between two rotations; `None` for a schedule by cron.
    pub period: Option<Duration>,
    /// When it was last rotated or, before its first rotation, changed.
    pub since: SystemTime,
    /// The latest time at which Secrets Manager means to have rotated it. It stays in the past when it could not.
    pub due: Option<SystemTime>,
}

/// How the rotation of a secret stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// As it should.
    OnTime,
    /// Too long without success.
    Overdue,
    /// Turned off: the password stays as it is until somebody turns rotation on again.
    Off,
}

impl fmt::Display for Standing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::OnTime => "is rotated in time",
            Self::Overdue => "is overdue",
            Self::Off => "is turned off",
        })
    }
}

/// What a schedule by cron may be late; others may be late by a fifth of their period.
const LATE: Duration = Duration::from_secs(24 * 3600);

impl Secret {
    /// How its rotation stands at a time: overdue after 1.2 periods without success.
    pub fn standing(&self, now: SystemTime) -> Standing {
        if !self.enabled {
            return Standing::Off;
        }
        let late = self.period.map_or(LATE, |period| period / 5);
        let after_due = self.due.is_some_and(|due| passed(due, late, now));
        let after_period = self.period.is_some_and(|period| passed(self.since, period + late, now));
        if after_due || after_period { Standing::Overdue } else { Standing::OnTime }
    }
}

fn passed(from: SystemTime, allowed: Duration, now: SystemTime) -> bool {
    now.duration_since(from).is_ok_and(|elapsed| elapsed > allowed)
}

/// The period of a schedule: `AutomaticallyAfterDays`, or a `rate(N days)` or `rate(N hours)`.
pub fn period(days: Option<i64>, expression: Option<&str>) -> Option<Duration> {
    let hours = match (days, expression) {
        (Some(days), _) => u64::try_from(days).ok()?.checked_mul(24)?,
        (None, Some(expression)) => hours(expression)?,
        (None, None) => return None,
    };
    Some(Duration::from_secs(hours.checked_mul(3600)?)).filter(|period| !period.is_zero())
}

fn hours(expression: &str) -> Option<u64> {
    let (number, unit) = expression.trim().strip_prefix("rate(")?.strip_suffix(')')?.split_once(' ')?;
    let number: u64 = number.trim().parse().ok()?;
    match unit.trim() {
        "day" | "days" => number.checked_mul(24),
        "hour" | "hours" => Some(number),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: Duration = Duration::from_secs(24 * 3600);
    const HOUR: Duration = Duration::from_secs(3600);

    fn rotated() -> SystemTime {
        SystemTime::UNIX_EPOCH + DAY * 20_000
    }

    fn secret() -> Secret {
        Secret {
            name: "Admin".to_owned(),
            enabled: true,
            period: Some(DAY * 30),
            since: rotated(),
            due: Some(rotated() + DAY * 30),
        }
    }

    #[track_caller]
    fn check(secret: &Secret, after: Duration, expected: Standing) {
        assert_eq!(secret.standing(rotated() + after), expected, "after {} h", after.as_secs() / 3600);
    }

    #[test]
    fn is_overdue_after_a_fifth_more_than_the_period_without_success() {
        check(&secret(), DAY * 30, Standing::OnTime);
        check(&secret(), DAY * 36, Standing::OnTime);
        check(&secret(), DAY * 36 + HOUR, Standing::Overdue);
    }

    #[test]
    fn is_overdue_although_the_service_has_moved_its_date_on_without_a_success() {
        let moved = Secret { due: Some(rotated() + DAY * 60), ..secret() };
        check(&moved, DAY * 36, Standing::OnTime);
        check(&moved, DAY * 36 + HOUR, Standing::Overdue);
    }

    #[test]
    fn is_overdue_after_its_date_although_somebody_changed_the_secret_since() {
        let changed = Secret { since: rotated() + DAY * 35, ..secret() };
        check(&changed, DAY * 36 + HOUR, Standing::Overdue);
    }

    #[test]
    fn a_schedule_by_cron_may_be_a_day_late() {
        let cron = Secret { period: None, ..secret() };
        check(&cron, DAY * 31, Standing::OnTime);
        check(&cron, DAY * 31 + HOUR, Standing::Overdue);
    }

    #[test]
    fn rotation_that_is_turned_off_is_never_on_time() {
        check(&Secret { enabled: false, due: None, ..secret() }, DAY, Standing::Off);
    }

    #[test]
    fn a_clock_that_is_behind_the_services_makes_nothing_overdue() {
        assert_eq!(secret().standing(SystemTime::UNIX_EPOCH), Standing::OnTime);
    }

    #[test]
    fn reads_the_period_of_each_form_of_schedule() {
        let cases = [
            (Some(30), None, Some(DAY * 30)),
            (Some(1), Some("rate(1 day)"), Some(DAY)),
            (None, Some("rate(10 days)"), Some(DAY * 10)),
            (None, Some("rate(1 day)"), Some(DAY)),
            (None, Some("rate(4 hours)"), Some(HOUR * 4)),
            (None, Some("cron(0 8 1 * ? *)"), None),
            (None, Some("rate(0 days)"), None),
            (None, Some("rate(-1 days)"), None),
            (None, Some("rate(99999999999999999999 days)"), None),
            (Some(-1), None, None),
            (Some(i64::MAX), None, None),
            (None, None, None),
        ];
        for (days, expression, expected) in cases {
            assert_eq!(period(days, expression), expected, "{days:?} {expression:?}");
        }
    }
}
