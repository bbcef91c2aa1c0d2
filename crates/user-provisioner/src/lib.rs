//! Flow 4: gives a directory user his accounts in other services, and takes them away again.
//!
//! Two functions are built from here, each with a role of its own, so that no function can do both:
//!
//! | binary | module | may |
//! | --- | --- | --- |
//! | `user-provisioner` | [`onboard`] | look users up, add them to groups, create and start accounts |
//! | `user-offboarder` | [`offboard`] | look users up, take them out of groups, stop and remove accounts |
//!
//! The steps of `onboard-user`, and what they answer:
//!
//! | step | `outcome` |
//! | --- | --- |
//! | `look-up` | `waiting` {seconds, reason}, `ready` {services, `looked_up_at`, restore}, `ignored` {reason}, `refused` {reason}, `gave-up` {reason} |
//! | `restore` | `restored`, `waiting` {seconds} when there are more groups than one invocation puts back |
//! | `create`, `status` (with `service`) | `done` {state, id}, `waiting` {seconds, reason}, `refused` {reason}; permanent errors are for the machine to catch |
//! | `note-failure` (with `service`, `failure`) | `failed` {reason} |
//! | `report` | `onboarded`, `failed`, `refused`, `gave-up` or `overtaken` {services} |
//! | `abandon` | `abandoned` |
//!
//! The steps of `offboard-user`:
//!
//! | step | `outcome` |
//! | --- | --- |
//! | `begin` | `leaving` {services, grace, kind}, `waiting` {seconds, reason}, `ignored` {reason}, `refused` {reason} |
//! | `suspend` (with `service`) | `done` {state, id}, `waiting` {seconds, reason}, `overtaken` {reason} |
//! | `leave-groups` | `done`, `waiting` {seconds}, `overtaken` {reason} |
//! | `tell` | `told`; {seconds, services} when something is kept for a while |
//! | `terminate` (with `service`) | `done` {state, id}, `waiting` {seconds, reason}, `overtaken` {reason} |
//! | `note-failure` (with `service`, `failure`) | `failed` {reason} |
//! | `abandon` | `abandoned` |
//!
//! **Architecture invariants:** [`eligibility`] and [`rules`] decide without any call; an account is made or taken away
//! only after the user table ([`records`]) says so; what one execution holds, another one does not act on; a service is
//! one file ([`services`]).

mod abandon;
pub mod offboard;
pub mod onboard;

pub mod eligibility;
pub mod rules;

pub mod people;
pub mod records;
pub mod services;

pub mod config;
pub mod error;
pub mod metric;
pub mod notice;
pub mod request;

#[cfg(test)]
mod model;
#[cfg(test)]
mod testing;
