//! Flow 3: joins EC2 instances of many accounts and Regions to the domain, and removes their computer objects afterwards.
//!
//! | trigger | holds |
//! | --- | --- |
//! | join queue, each message held for minutes | EC2's state changes, and what this function has sent itself to look again later |
//! | status queue, not delayed | what became of commands that this function has sent |
//!
//! An event is only a hint that something may be to be done ([`event`]): what is done follows from what the account table
//! says of the account ([`account`]), what EC2 says of the instance ([`member`]) and what the computer table says of its
//! computer object. So nothing depends on the order or the number of events.
//!
//! **Architecture invariants:** no reusable credential reaches an instance, a command or a log in clear; an effect is
//! written down before it is made; only an object that is proved to be the instance's own is ever removed.

pub mod name;

mod advance;
pub mod answer;
mod begin;
mod confirm;
pub mod event;
mod gone;
pub mod joiner;
mod leave;
mod object;
mod reconcile;
mod settle;

mod case;
pub mod computers;
pub mod later;
mod notice;
mod parameters;
pub mod password;
mod random;
pub mod records;
pub mod seal;

pub mod batch;
pub mod handler;

pub mod config;
pub mod error;
pub mod metric;
pub mod outcome;
pub mod reason;

pub use steward_core::accounts as account;
pub use steward_core::accounts::group;
pub use steward_core::{member, place};

#[cfg(test)]
mod model;
#[cfg(test)]
mod testing;
