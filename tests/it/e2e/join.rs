//! Instances that join the domain when they are launched and leave it when they are terminated, by events alone.

pub(crate) mod launched;
pub(crate) mod object;

mod again;
mod agent;
mod burst;
mod by_hand;
mod foreign;
mod life;
mod people;
mod places;
mod poison;
mod row;
mod secrecy;
mod stranger;
mod tools_host;
mod user;

use crate::stack::{Reconfigured, output};

/// Changes variables of the function that joins for as long as the value lives.
fn joiner(changes: &[(&str, Option<&str>)]) -> Reconfigured {
    Reconfigured::of(output("JoinerFunctionName"), changes)
}
