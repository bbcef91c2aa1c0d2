//! The function as Lambda invokes it, by both of its mappings, in virtual time: real batches for the real handler.

use std::collections::BTreeSet;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use aws_lambda_events::sqs::SqsBatchResponse;
use serde_json::{Value, json};
use steward_core::clock::simulated;
use steward_core::metrics::Metrics;
use steward_core::wish::{self, Wish};

use super::play::BEGIN;
use super::queue::{Message, VISIBILITY};
use super::{TestJoiner, World};
use crate::event::{Told, ToldState, again};
use crate::handler::{Handler, MessageWithoutId};

/// The function's time-out.
const TIME_OUT: Duration = Duration::from_secs(120);

/// How Lambda reads a queue.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Mapping {
    /// `BatchSize`
    pub(crate) batch: usize,
    /// `MaximumConcurrency`
    pub(crate) at_once: usize,
}

/// One invocation.
struct Invocation {
    of_status: bool,
    messages: Vec<Message>,
    began: u64,
    work: Pin<Box<dyn Future<Output = Result<SqsBatchResponse, MessageWithoutId>>>>,
}

fn is_status(told: &Told) -> bool {
    matches!(told, Told::Command(..))
}

/// The body that tells this.
fn body(told: &Told) -> String {
    let place = told.place();
    let event = |source: &str, kind: &str, detail: Value| {
        json!({"version": "0", "source": source, "detail-type": kind, "account": place.account.to_string(),
            "region": place.region.to_string(), "detail": detail,
            "resources": [format!("arn:aws:ec2:{}:{}:instance/{}", place.region, place.account, place.instance)]})
        .to_string()
    };
    let instance = place.instance.as_str();
    match told {
        Told::State(_, state) => {
            let state = match state {
                ToldState::Running => "running",
                ToldState::Terminated => "terminated",
                ToldState::Other => "stopped",
            };
            let detail = json!({"instance-id": instance, "state": state});
            event("aws.ec2", "EC2 Instance State-change Notification", detail)
        }
        Told::Gone(place) => wish::body(Wish::Gone, place),
        Told::Command(_, command) => {
            let detail = json!({"instance-id": instance, "command-id": command, "status": "Success",
                "document-name": super::settings().linux_document});
            event("aws.ssm", "EC2 Command Invocation Status-change Notification", detail)
        }
        Told::Again(place, number) => again(place, *number).unwrap(),
    }
}

impl World {
    fn milliseconds(&self) -> u64 {
        self.state().pace.as_ref().unwrap().now
    }

    /// Invokes the function until no message is left. The longest invocation, in milliseconds.
    pub(crate) fn invoke(&self, mapping: Mapping) -> u64 {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        let _entered = runtime.enter();
        let (mut under_way, mut longest, mut ended) = (Vec::<Invocation>::new(), 0, false);
        loop {
            let now = self.milliseconds();
            let second = BEGIN + now / 1000;
            simulated::set(Some(second));
            if std::mem::replace(&mut self.state().now, second) != second {
                self.run_commands();
            }
            for of_status in [false, true] {
                while under_way.iter().filter(|one| one.of_status == of_status).count() < mapping.at_once {
                    let Some(invocation) = self.receive_batch(of_status, mapping.batch) else { break };
                    under_way.push(invocation);
                }
            }
            under_way.retain_mut(|invocation| {
                match invocation.work.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
                    Poll::Pending => true,
                    Poll::Ready(response) => {
                        longest = longest.max(now - invocation.began);
                        self.give_back(invocation, response.unwrap());
                        ended = true;
                        false
                    }
                }
            });
            if std::mem::replace(&mut ended, false) {
                continue;
            }
            let Some(next) = self.next_moment(&under_way, mapping) else { break };
            self.state().pace.as_mut().unwrap().reach(next.max(now));
        }
        simulated::set(None);
        longest
    }

    fn receive_batch(&self, of_status: bool, size: usize) -> Option<Invocation> {
        let mut state = self.state();
        let now = state.now;
        let fits = |message: &mut Message| message.due <= now && is_status(&message.told) == of_status;
        let messages: Vec<Message> = state.queue.extract_if(.., fits).take(size).collect();
        drop(state);
        if messages.is_empty() {
            return None;
        }
        let records: Vec<Value> = messages
            .iter()
            .enumerate()
            .map(|(at, message)| json!({"messageId": at.to_string(), "body": body(&message.told)}))
            .collect();
        let batch = serde_json::from_value(json!({ "Records": records })).unwrap();
        let handler: Handler<TestJoiner> = Handler {
            joiner: self.joiner(),
            documents: vec![super::settings().linux_document],
            metrics: Metrics::writing_to("joiner".to_owned(), Box::new(std::io::sink())),
        };
        let work = Box::pin(async move { handler.handle(&batch, TIME_OUT).await });
        Some(Invocation { of_status, messages, began: self.milliseconds(), work })
    }

    fn give_back(&self, invocation: &Invocation, response: SqsBatchResponse) {
        let failed: BTreeSet<String> =
            response.batch_item_failures.into_iter().map(|failure| failure.item_identifier).collect();
        let mut state = self.state();
        for (at, message) in invocation.messages.iter().enumerate() {
            if failed.contains(&at.to_string()) {
                let due = BEGIN + invocation.began / 1000 + VISIBILITY;
                state.queue.push(Message { due, received: message.received + 1, ..message.clone() });
            }
        }
    }

    /// When something happens next: a call ends, a command runs, or a message comes that there is room for.
    fn next_moment(&self, under_way: &[Invocation], mapping: Mapping) -> Option<u64> {
        let waits = |world: &Self| world.state().pace.as_ref().unwrap().next();
        // Everything else happens at full seconds.
        let now = self.milliseconds();
        if let Some(soon) = waits(self).filter(|soon| soon / 1000 == now / 1000) {
            return Some(soon);
        }
        let command = self.next_command();
        let state = self.state();
        let has_room = |message: &&Message| {
            let of_status = is_status(&message.told);
            under_way.iter().filter(|one| one.of_status == of_status).count() < mapping.at_once
        };
        let message = state.queue.iter().filter(has_room).map(|message| message.due).min();
        let pace = state.pace.as_ref().unwrap();
        let in_milliseconds = |due: u64| due.saturating_sub(BEGIN) * 1000;
        [command.map(in_milliseconds), message.map(in_milliseconds), pace.next()].into_iter().flatten().min()
    }
}
