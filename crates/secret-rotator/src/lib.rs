//! Flow 2: rotates the password of a directory user that Secrets Manager keeps, and proves the new one by Kerberos.
//!
//! Secrets Manager calls four steps ([`event::Step`]), and all of them again after any failure. AWSPENDING is the record
//! that is written ahead: a password is stored before the directory hears of it. So each step can be repeated, killed
//! and taken up from any other.
//!
//! **Architecture invariants:** [`evidence`] and [`labels`] decide without any call. A password is set only while the
//! account is known to be enabled: a reset enables it. AWSCURRENT moves only to a password that has just logged in.
//! Only the user whom the secret names is touched.

pub mod event;
pub mod handler;
mod step;

pub mod evidence;
pub mod guesses;
pub mod labels;

pub mod complexity;
pub mod generator;

pub mod directories;
pub mod password_check;
pub mod secrets;

pub mod clock;
pub mod config;
pub mod error;
pub mod metric;
pub mod notice;

#[cfg(test)]
mod model;
#[cfg(test)]
mod testing;
