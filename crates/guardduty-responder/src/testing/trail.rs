//! CloudTrail and the witness's queue: records come late, sometimes twice, and come back when the witness fails.

use serde_json::{Value, json};

use super::World;
use super::machine::{Invoked, invoke};
use super::scene::variables;
use aws_lambda_events::sqs::SqsEvent;

/// As in the template.
const VISIBILITY_MILLISECONDS: u64 = 180_000;
const MOST_RECEIVES: u32 = 5;

/// A message in the witness's queue.
#[derive(Debug, Clone)]
pub(crate) struct Message {
    id: u64,
    body: String,
    visible_at: u64,
    receives: u32,
}

impl World {
    /// CloudTrail tells of every call, also of those that changed nothing.
    pub(super) fn record_disable(&self, user: &str) {
        let role = if self.state().truth.findings.contains_key(&*self.actor) { "responder" } else { "admin" };
        self.record(|event_id| {
            json!({
                "eventSource": "ds.amazonaws.com", "eventName": "DisableUser", "eventID": event_id,
                "eventTime": "2026-11-21T02:00:00Z", "sourceIPAddress": "192.0.2.7",
                "userIdentity": {
                    "type": "AssumedRole", "arn": format!("arn:aws:sts::111122223333:assumed-role/{role}/session"),
                    "sessionContext": {
                        "sessionIssuer": {"arn": format!("arn:aws:iam::111122223333:role/{role}")},
                    },
                },
                "requestParameters": {"directoryId": "d-9067012345", "sAMAccountName": user},
            })
        });
    }

    /// CloudTrail tells who started an execution of the state machine that this variable names.
    pub(crate) fn record_start(&self, variable: &'static str, execution: &str, caller: &str) {
        let state_machine = variables(&[]).text(variable).expect("the scene has a state machine");
        self.record(|event_id| {
            json!({
                "eventSource": "states.amazonaws.com", "eventName": "StartExecution", "eventID": event_id,
                "eventTime": "2026-11-21T02:00:00Z", "sourceIPAddress": "192.0.2.7",
                "userIdentity": {"arn": caller},
                "requestParameters": {"stateMachineArn": state_machine},
                "responseElements": {"executionArn": execution},
            })
        });
    }

    fn record(&self, detail: impl FnOnce(&str) -> Value) {
        let mut state = self.state();
        if !state.scheduled {
            return;
        }
        let id = state.queue.len() as u64 + state.calls as u64 * 1000;
        let body = json!({"detail": detail(&format!("ev-{id}"))}).to_string();
        for copy in 0..=u64::from(state.random.chance(100)) {
            let visible_at = state.now + 60_000 + state.random.below(240_000);
            let message = Message { id: id * 10 + copy, body: body.clone(), visible_at, receives: 0 };
            state.queue.push(message);
        }
    }

    fn nothing_is_left(&self) -> bool {
        let state = self.state();
        let truth = &state.truth;
        state.queue.is_empty()
            && truth.findings.len() + truth.releases.len() + truth.answers.len() <= truth.ended.len()
    }

    fn receive(&self) -> Option<Message> {
        let mut state = self.state();
        let now = state.now;
        let at = state.queue.iter().position(|message| message.visible_at <= now)?;
        let message = &mut state.queue[at];
        message.visible_at = now + VISIBILITY_MILLISECONDS;
        message.receives += 1;
        let received = message.clone();
        if received.receives == MOST_RECEIVES {
            let dead = state.queue.remove(at);
            state.dead_letters.push(Message { receives: 0, ..dead });
        }
        Some(received)
    }
}

/// The function `disable-witness`, one message after the other, until nobody else acts and the queue is empty.
pub(crate) async fn work_on_the_queue(world: World) {
    loop {
        let Some(message) = world.receive() else {
            if world.nothing_is_left() {
                return;
            }
            world.wait(20_000).await;
            continue;
        };
        let process = world.new_process();
        let batch = json!({"Records": [{"messageId": message.id.to_string(), "body": message.body}]});
        let batch: SqsEvent = serde_json::from_value(batch).unwrap();
        let witness = process.witness();
        let invoked = invoke(process, Box::pin(async move { witness.handle(batch).await })).await;
        if let Invoked::Answered(Ok(response)) = invoked
            && response.batch_item_failures.is_empty()
        {
            let mut state = world.state();
            state.queue.retain(|known| known.id != message.id);
            state.dead_letters.retain(|known| known.id != message.id);
        }
    }
}
