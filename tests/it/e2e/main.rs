//! The deployed product, end to end on the lab. `scripts/test` runs it; by hand: `scripts/lab up`, then
//! `cargo test -p adsteward-tests --test e2e -- --test-threads=1`. The tests share one lab: not at the same time.
#![expect(clippy::unwrap_used, reason = "a test that cannot reach the lab has failed")]

mod alarms;
mod batch;
mod directory;
mod doctor;
mod finding;
mod instance;
mod lab;
mod ldif;
mod mail;
#[allow(dead_code, reason = "shared with faults, which uses all of it")]
#[path = "../faults/operator.rs"]
mod operator;
mod person;
mod policy;
mod queue;
mod session;
mod stack;
#[allow(dead_code, reason = "shared with it, which uses all of it")]
#[path = "../template.rs"]
mod template;
#[allow(dead_code, reason = "shared with faults, which uses all of it")]
#[path = "../faults/users.rs"]
mod users;

mod approval;
mod configuration;
mod containment;
mod corpus;
mod doubt;
mod economy;
mod flood;
mod form;
mod identity;
mod join;
mod join_document;
mod kerberos;
mod ldap;
mod onboarding;
mod permissions;
mod redrive;
mod refusal;
mod rotation;
mod rotation_watch;
mod runbook;
mod secrecy;
mod sessions;
mod shapes;
mod smoke;
mod sweep;
mod witness;
