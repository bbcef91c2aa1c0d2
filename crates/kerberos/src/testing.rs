//! What tests of several modules need: replies of real KDCs, replies made to measure, and a KDC that gives them.

mod kdc;
mod recorded;

pub(crate) use kdc::{Answer, Kdc};
pub(crate) use recorded::{Recorded, part_of, refusal, refusal_with, reply_with, reply_with_plain};

use std::time::{Duration, SystemTime};

use secrecy::SecretString;

/// The moment of a made-up refusal: 2026-11-21 08:30:00 UTC.
pub(crate) fn moment() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(1_795_249_800)
}

pub(crate) fn password(text: &str) -> SecretString {
    SecretString::from(text)
}
