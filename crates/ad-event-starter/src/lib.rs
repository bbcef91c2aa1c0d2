//! Flow 4: reads what the directory and others say of its users, and starts onboarding and off-boarding.
//!
//! | trigger | holds |
//! | --- | --- |
//! | subscription of the directory's log group | security events 4720, 4722, 4725 and 4726, up to thousands a batch |
//! | queue | CloudTrail's records of `DisableUser` and `DeleteUser`, custom events of other systems, and what a batch could not finish |
//!
//! A record becomes a [`start::Start`] or a [`reason::Reason`] without any call ([`logs`], [`event`], [`rules`],
//! [`message`]); then [`settle`] starts an execution for each that is left.
//!
//! **Architecture invariants:** one bad record never costs its siblings; the name of an execution follows from what is
//! told, so that copies start nothing; nothing is dropped: what could not be started goes to the queue, and what cannot be
//! read is counted with its reason.

pub mod logs;

pub mod event;
pub mod rules;

pub mod message;
pub mod start;

pub mod reason;

pub mod pace;
pub mod standing;

pub mod executions;
pub mod left_over;
pub mod settle;

pub mod handler;
pub mod trigger;

pub mod config;
pub mod error;
pub mod metric;
pub mod tally;

#[cfg(test)]
mod testing;
