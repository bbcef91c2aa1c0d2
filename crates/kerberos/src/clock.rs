//! Between this machine's time and Kerberos's.

use std::time::SystemTime;

use picky_krb::data_types::KerberosTime;
use time::{Duration, OffsetDateTime};

use crate::Reason;

/// Whole seconds, as Kerberos writes them.
pub(crate) fn to_kerberos(time: SystemTime) -> Result<KerberosTime, Reason> {
    let time = OffsetDateTime::from(time);
    if !(1970..=9999).contains(&time.year()) {
        return Err(Reason::Local("this machine's clock is not set"));
    }
    Ok(KerberosTime::from(picky_asn1::date::GeneralizedTime::from(time)))
}

/// What `to_kerberos` leaves out.
pub(crate) fn microseconds(time: SystemTime) -> u32 {
    OffsetDateTime::from(time).microsecond()
}

/// How far another clock is ahead of ours, to the nearest second; none if it shows no date of the calendar.
pub(crate) fn seconds_ahead(other: &KerberosTime, microseconds: u32, now: SystemTime) -> Option<i64> {
    let other = OffsetDateTime::try_from(other.0.clone()).ok()? + Duration::microseconds(microseconds.into());
    let ahead = (other - OffsetDateTime::from(now)).whole_milliseconds();
    i64::try_from(ahead.saturating_add(500).div_euclid(1000)).ok()
}
