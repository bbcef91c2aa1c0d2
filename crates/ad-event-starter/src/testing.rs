//! A small world in memory for the tests: the user table, Step Functions and the queue, each of which can go wrong.

mod batch;
mod logs;
mod random;
mod record;
mod world;

pub(crate) use batch::{data, envelope, packed, trigger};
pub(crate) use logs::Logs;
pub(crate) use random::Random;
pub(crate) use record::{LOG_GROUP, Record, sid, user};
pub(crate) use world::{World, rules, variables};
