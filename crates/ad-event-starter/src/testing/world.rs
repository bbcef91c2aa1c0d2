//! The user table, Step Functions and the queue.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use steward_core::config::Variables;
use steward_core::error::Kind;
use steward_core::metrics::Metrics;
use steward_core::store::memory::{Memory, put};
use steward_core::store::{Key, Revision, Store, StoreError, Written};

use super::{sid, trigger};
use crate::config::Config;
use crate::error::Error;
use crate::executions::{Executions, StartError, Started};
use crate::handler::Starter;
use crate::left_over::{LeftOverError, LeftOvers};
use crate::pace::pace_key;
use crate::rules::Rules;
use crate::standing::user_key;
use crate::start::{Machine, Start};
use crate::trigger::Answer;

/// The function's environment, with some variables of a test's own.
pub(crate) fn variables(own: &[(&str, &str)]) -> Variables {
    let usual = [
        ("DIRECTORY_ID", "d-9067012345"),
        ("DOMAIN_NAME", "corp.example.com"),
        ("NETBIOS_NAME", "CORP"),
        ("UPN_SUFFIXES", "example.com"),
        ("EVENT_SOURCES", "adsteward.onboarding"),
        ("USER_TABLE", "users"),
        ("RECORD_RETENTION_DAYS", "365"),
        ("ONBOARD_STATE_MACHINE_ARN", "arn:on"),
        ("OFFBOARD_STATE_MACHINE_ARN", "arn:off"),
        ("START_QUEUE_URL", "https://sqs.eu-west-1.amazonaws.com/111122223333/start"),
        ("ONBOARDINGS_PER_SECOND", "2"),
    ];
    Variables::from_pairs(usual.iter().chain(own).copied())
}

pub(crate) fn rules() -> Rules {
    Config::read(variables(&[])).unwrap().rules
}

/// What happens in the world, and what is to go wrong.
#[derive(Debug, Default)]
pub(crate) struct State {
    /// Executions by name: state machine and input.
    pub(crate) started: BTreeMap<String, (Machine, Value)>,
    pub(crate) calls: usize,
    /// So many calls from now on are throttled.
    pub(crate) throttled: usize,
    /// So many calls from now on have their effect, and nobody hears of it.
    pub(crate) lost_answers: usize,
    /// Users whose executions cannot be started.
    pub(crate) refused: BTreeSet<String>,
    /// What each call takes.
    pub(crate) call_takes: Duration,
    pub(crate) queue: Vec<Value>,
    pub(crate) queue_fails: bool,
    pub(crate) table_fails: bool,
    pub(crate) under_way: usize,
    pub(crate) most_under_way: usize,
}

/// The world; clones are the same one.
#[derive(Debug, Clone, Default)]
pub(crate) struct World {
    state: Arc<Mutex<State>>,
    pub(crate) table: Arc<Memory>,
}

impl World {
    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    pub(crate) fn starter(&self) -> Starter<Self, Self, Self> {
        Starter {
            store: self.clone(),
            executions: self.clone(),
            left_overs: self.clone(),
            metrics: Metrics::writing_to("starter".to_owned(), Box::new(std::io::sink())),
            config: Config::read(variables(&[])).unwrap(),
            pause: Duration::from_millis(1),
        }
    }

    /// Lets the function work on a batch of these messages, with time enough.
    pub(crate) async fn log(&self, messages: &[String]) -> Result<BTreeMap<&'static str, u64>, Error> {
        match self.starter().handle(trigger(messages), Duration::from_secs(60)).await? {
            Answer::Counts(counts) => Ok(counts),
            Answer::Failures(failures) => panic!("{failures:?}"),
        }
    }

    /// Lets the function work on messages of the queue; the ids of those that go back.
    pub(crate) async fn receive(&self, bodies: &[Value]) -> Vec<String> {
        let messages: Vec<Value> = bodies
            .iter()
            .enumerate()
            .map(|(at, body)| {
                let text = body.as_str().map_or_else(|| body.to_string(), str::to_owned);
                json!({"messageId": format!("m{at}"), "body": text})
            })
            .collect();
        let trigger = serde_json::from_value(json!({"Records": messages})).unwrap();
        match self.starter().handle(trigger, Duration::from_secs(60)).await.unwrap() {
            Answer::Failures(response) => {
                response.batch_item_failures.into_iter().map(|failure| failure.item_identifier).collect()
            }
            Answer::Counts(counts) => panic!("{counts:?}"),
        }
    }

    /// Lets the user table say this of a user.
    pub(crate) fn remember(&self, number: u32, state: &str) {
        let key = user_key(&rules().directory, &sid(number));
        put(&self.table, &key, &json!({"state": state, "name": super::user(number)}));
    }

    /// Users for whom an execution of this state machine was started, in alphabetical order.
    pub(crate) fn users(&self, machine: Machine) -> Vec<String> {
        let state = self.state();
        let of_machine = state.started.values().filter(|(started, _)| *started == machine);
        let mut users: Vec<String> =
            of_machine.map(|(_, input)| input["user"].as_str().unwrap().to_owned()).collect();
        users.sort();
        users
    }

    /// The times at which executions may begin, in order.
    pub(crate) fn turns(&self) -> Vec<String> {
        let state = self.state();
        let mut turns: Vec<String> = state
            .started
            .values()
            .filter_map(|(_, input)| input["notBefore"].as_str().map(str::to_owned))
            .collect();
        turns.sort();
        turns
    }

    /// The next free turn, in milliseconds since 1970.
    pub(crate) fn next_turn(&self) -> u64 {
        let (item, _) = self.table.fetch(&pace_key(&rules().directory));
        item.map_or(0, |item| item["next"].as_u64().unwrap())
    }
}

impl Executions for World {
    async fn start(&self, machine: Machine, name: &str, input: &str) -> Result<Started, StartError> {
        let takes = {
            let mut state = self.state();
            state.calls += 1;
            state.under_way += 1;
            state.most_under_way = state.most_under_way.max(state.under_way);
            state.call_takes
        };
        tokio::time::sleep(takes).await;
        tokio::task::yield_now().await;
        let mut state = self.state();
        state.under_way -= 1;
        if state.throttled > 0 {
            state.throttled -= 1;
            return Err(StartError::injected(Kind::Transient));
        }
        let input: Value = serde_json::from_str(input).unwrap();
        if state.refused.contains(input["user"].as_str().unwrap()) {
            return Err(StartError::injected(Kind::Permanent));
        }
        // Step Functions: the same name with the same input is the same execution while it runs.
        let known = state.started.get(name).map(|(_, known)| *known == input);
        if known.is_none() {
            state.started.insert(name.to_owned(), (machine, input));
        }
        if state.lost_answers > 0 {
            state.lost_answers -= 1;
            return Err(StartError::injected(Kind::Transient));
        }
        Ok(if known == Some(false) { Started::Before } else { Started::Now })
    }
}

impl LeftOvers for World {
    async fn keep(&self, starts: &[Start]) -> Result<(), LeftOverError> {
        let mut state = self.state();
        if state.queue_fails {
            return Err(LeftOverError::injected());
        }
        state.queue.extend(starts.iter().map(|start| serde_json::to_value(start).unwrap()));
        Ok(())
    }
}

impl Store for World {
    async fn read<T: DeserializeOwned + Send>(&self, key: &Key) -> Result<(Option<T>, Revision), StoreError> {
        if self.state().table_fails {
            return Err(StoreError::injected());
        }
        self.table.read(key).await
    }

    async fn write<T: Serialize + Sync>(
        &self,
        key: &Key,
        item: &T,
        seen: Revision,
    ) -> Result<Written, StoreError> {
        self.table.write(key, item, seen).await
    }
}
