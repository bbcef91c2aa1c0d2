//! Flow 2, its watch: counts the secrets whose rotation is overdue or turned off.
//!
//! A rotation that never starts counts nothing and fails nowhere, and a CloudWatch alarm looks back seven days at most
//! (API Reference, `PutMetricAlarm`, `Period`). So each hour this function asks Secrets Manager itself, from outside the
//! VPC that the rotation needs, about all secrets that name the rotation function.
//!
//! **Architecture invariant:** it reads dates and settings of secrets, never a value, and changes nothing.

pub mod config;
pub mod error;
pub mod handler;
pub mod metric;
pub mod secrets;
pub mod standing;
