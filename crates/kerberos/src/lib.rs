//! A password test: one Kerberos AS exchange (RFC 4120) with a domain's KDCs, and what they answer as a [`Verdict`].
//!
//! An LDAP bind cannot prove a rotation: Active Directory takes the old password for about an hour after a reset. An AS
//! exchange can.
//!
//! **Architecture invariant:** nothing here knows AWS, and nothing is written to disk.

mod client;
mod verdict;

pub use client::Client;
pub use verdict::{Attempt, Reason, Revocation, Verdict};
