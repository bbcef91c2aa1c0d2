//! What two or more of adsteward's Lambda functions share.
//!
//! **Architecture invariant:** nothing here knows a feature, and nothing here reads the environment except
//! [`config`], once, at start.

#[cfg(feature = "member")]
pub mod accounts;
pub mod aws;
pub mod clock;
pub mod config;
pub mod credential;
pub mod declared;
pub mod directory;
pub mod error;
pub mod ids;
#[cfg(feature = "member")]
pub mod member;
pub mod metrics;
pub mod notice;
pub mod place;
pub mod start;
pub mod store;
pub mod telemetry;
pub mod wish;

#[cfg(feature = "test-util")]
pub mod wire;
