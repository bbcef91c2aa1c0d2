mod batches;
mod copies;
mod corpus;
mod left_overs;
mod logs;
mod messages;
mod turns;

use serde_json::{Value, json};

use super::*;
use crate::start::Machine;
use crate::testing::{Record, World, data, envelope, packed, sid, trigger, user};

fn xml(records: &[Record]) -> Vec<String> {
    records.iter().map(Record::xml).collect()
}

fn users(numbers: impl IntoIterator<Item = u32>) -> Vec<String> {
    let mut users: Vec<String> = numbers.into_iter().map(user).collect();
    users.sort();
    users
}

/// An invocation with this payload.
async fn invoke(world: &World, payload: Value, time_left: Duration) -> Result<Answer, Error> {
    world.starter().handle(serde_json::from_value(payload).unwrap(), time_left).await
}
