//! Tests of what no crate can test alone: the template, the state machines, and that they fit the code.
#![expect(clippy::unwrap_used, reason = "a test that cannot read its subject has failed")]

mod template;

mod alarms;
mod document;
mod events;
mod functions;
mod join;
mod join_document;
mod member;
mod onboarding;
mod parameters;
mod pattern;
mod permissions;
mod queues;
mod risks;
mod rotation;
mod stacks;
mod statemachines;
mod trusted;
mod user_table;
mod windows_document;
