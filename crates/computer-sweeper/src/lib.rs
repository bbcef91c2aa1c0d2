//! Flow 3, its nightly look: what EC2, the computer table and the directory say of computers is compared, and
//! domain-joiner is asked to look at each difference.
//!
//! | step of `sweep-computers` | does |
//! | --- | --- |
//! | `list` | the places to look at: each account with a row, in each of its Regions |
//! | `sweep` | compares one place, and writes down what it has found |
//! | `decide` | all places together: how many computers may be removed, if any |
//! | `send` | asks domain-joiner, by messages to its queue |
//! | `report` | tells people |
//!
//! **Architecture invariants:** it changes nothing but its own records; from an error, and from an empty answer, never
//! follows that something is gone; no more removals are asked for than were decided on.

pub mod decide;
pub mod find;

pub mod list;
pub mod places;
pub mod report;
pub mod send;
pub mod sweep;
pub mod sweeper;

pub mod directories;
pub mod instances;
pub mod items;
pub mod kept;
pub mod queue;

pub mod config;
pub mod error;
pub mod metric;
pub mod request;

#[cfg(test)]
mod testing;
