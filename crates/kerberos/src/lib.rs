//! A password test: one Kerberos AS exchange (RFC 4120) with a domain's KDCs, and what they answer as a [`Verdict`].
//!
//! An LDAP bind cannot prove a rotation: Active Directory takes the old password for about an hour after a reset. An AS
//! exchange can.
//!
//! An exchange is two requests. The first has no proof and learns how the account's key is made; the second proves the
//! password with an encrypted timestamp. `exchange` is that as plain functions from bytes to bytes, `client` and `transport`
//! carry it.
//!
//! **Architecture invariant:** nothing here knows AWS, nothing is written to disk, and nothing but a reply that opens
//! with the password's key and holds the request's nonce becomes [`Verdict::Accepted`].

mod client;
mod verdict;

mod address;
mod transport;

mod exchange;
mod hint;
mod proof;
mod refusal;
mod request;

mod clock;
mod der;
mod key;
mod message;

#[cfg(test)]
mod testing;

pub use client::Client;
pub use verdict::{Attempt, Reason, Revocation, Verdict};
