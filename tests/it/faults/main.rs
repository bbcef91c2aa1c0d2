//! What the deployed product makes of faults, on the lab. `scripts/test` runs it; by hand: `scripts/lab up`, then
//! `cargo test -p adsteward-tests --test faults -- --test-threads=1`.
#![expect(clippy::unwrap_used, reason = "a test that cannot reach the lab has failed")]

#[allow(dead_code, reason = "shared with e2e, which uses all of it")]
#[path = "../e2e/directory.rs"]
mod directory;
#[allow(dead_code, reason = "shared with e2e, which uses all of it")]
#[path = "../e2e/finding.rs"]
mod finding;
#[allow(dead_code, reason = "shared with e2e, which uses all of it")]
#[path = "../e2e/instance.rs"]
mod instance;
#[allow(dead_code, reason = "shared with e2e, which uses all of it")]
#[path = "../e2e/lab.rs"]
mod lab;
#[allow(dead_code, reason = "shared with e2e, which uses all of it")]
#[path = "../e2e/ldif.rs"]
mod ldif;
#[allow(dead_code, reason = "shared with e2e, which uses all of it")]
#[path = "../e2e/mail.rs"]
mod mail;
#[allow(dead_code, reason = "shared with e2e, which uses all of it")]
#[path = "../e2e/queue.rs"]
mod queue;
#[allow(dead_code, reason = "shared with e2e, which uses all of it")]
#[path = "../e2e/session.rs"]
mod session;
#[allow(dead_code, reason = "shared with e2e, which uses all of it")]
#[path = "../e2e/stack.rs"]
mod stack;

mod fault;
mod operator;

mod accounts;
mod execution;
mod flow;
mod invariants;
mod logins;
mod mark;
mod matrix;
mod points;
mod quiet;
mod report;
mod retries;
mod table;
mod users;
mod workers;

mod contain;
mod join;
mod kinds;
mod offboard;
mod onboard;
mod release;
mod rotate;
