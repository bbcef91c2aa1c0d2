//! The time, as a number for comparing and as a text for people.

use std::time::{SystemTime, UNIX_EPOCH};

use aws_smithy_types::date_time::{DateTime, Format};

/// Seconds since 1970.
pub fn now() -> u64 {
    #[cfg(any(test, feature = "test-util"))]
    if let Some(now) = simulated::now() {
        return now;
    }
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |elapsed| elapsed.as_secs())
}

/// A number of seconds since 1970 in ISO 8601, UTC.
pub fn iso(seconds: u64) -> String {
    let time = DateTime::from_secs(i64::try_from(seconds).unwrap_or(0));
    time.fmt(Format::DateTime).unwrap_or_default()
}

/// Seconds since 1970 of a time in ISO 8601.
pub fn seconds(iso: &str) -> Option<u64> {
    let time = DateTime::from_str(iso, Format::DateTimeWithOffset).ok()?;
    u64::try_from(time.secs()).ok()
}

/// A time of the tests' own: each thread has one, so that tests run side by side.
#[cfg(any(test, feature = "test-util"))]
pub mod simulated {
    use std::cell::Cell;

    thread_local! {
        static NOW: Cell<Option<u64>> = const { Cell::new(None) };
    }

    /// Sets this thread's time in seconds since 1970; `None` is the machine's again.
    pub fn set(now: Option<u64>) {
        NOW.set(now);
    }

    pub(super) fn now() -> Option<u64> {
        NOW.get()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn goes_there_and_back() {
        assert_eq!(iso(1_763_691_000), "2025-11-21T02:10:00Z");
        assert_eq!(seconds("2025-11-21T02:10:00Z"), Some(1_763_691_000));
        assert_eq!(seconds("yesterday"), None);
    }
}
