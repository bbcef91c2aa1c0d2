//! Flow 1: contains a directory user whose session trips GuardDuty, tells people, and undoes it.
//!
//! Four functions are built from here, each with a role of its own:
//!
//! | binary | module | may |
//! | --- | --- | --- |
//! | `guardduty-responder` | [`contain`] | ask instances, look users up, disable them |
//! | `containment-approver` | [`approval`] | write the decision table, wake a waiting execution |
//! | `user-releaser` | [`release`] | reset a password, which enables a user |
//! | `disable-witness` | [`witness`] | read the decision table and tell people |
//!
//! **Architecture invariants:** [`identity`] and [`finding`] decide without any call; nothing destructive happens
//! before the decision is written to the table ([`records`]); a name from an instance is believed only where GuardDuty
//! and the directory say the same.

pub mod approval;
pub mod contain;
pub mod release;
pub mod witness;

pub mod answer;
pub mod caller;
pub mod directories;
pub mod ending;
pub mod finding;
pub mod home;
pub mod identity;
pub mod reason;

pub mod metric;
pub mod notice;
pub mod records;
pub mod systems_manager;

pub mod error;

mod input;

use steward_core::clock;

#[cfg(test)]
mod model;
#[cfg(test)]
mod testing;
