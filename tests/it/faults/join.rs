//! The matrix of joining: an instance joins the domain, leaves it, or is terminated while it joins.

mod by_hand;
mod computers;
#[expect(dead_code, reason = "shared with e2e, which uses all of it")]
#[path = "../e2e/join/launched.rs"]
mod launched;
mod objects;
mod plan;
#[path = "../e2e/join/stranger.rs"]
mod stranger;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::thread::sleep;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::execution::Execution;
use crate::fault::{Kind, is_met};
use crate::flow::{Flow, Observed};
use crate::invariants::{Journals, UNTOLD, Violations};
use crate::lab::{command, in_parallel};
use crate::matrix::Matrix;
use crate::points::Point;

use by_hand::{ByHand, deliver, is_all_done};
use computers::item;
use launched::Launched;
use stranger::Stranger;

/// For all tries, while the lab's machine runs everything at once; one try may take adcli its two minutes.
const PATIENCE: Duration = Duration::from_secs(300);
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// For an instance that was terminated before anything was begun.
const UNKNOWN: Duration = Duration::from_secs(30);
/// For an event after which nothing may be to be done.
const DELIVERED: Duration = Duration::from_secs(4);

/// What happens to an instance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum What {
    Join,
    /// It has joined, and is terminated.
    Leave,
    /// It is terminated when the first call meets the fault.
    Cut,
}

struct Joining {
    what: What,
    /// The instances, by the names of their subjects.
    hosts: Mutex<BTreeMap<String, Arc<Launched>>>,
}

/// What is to be seen of an instance.
#[derive(Debug)]
struct State {
    instance: String,
    /// The computer table's item.
    item: Value,
    /// Whether the object of its name is in the directory, and whether that has the recorded SID.
    object: bool,
    recorded: bool,
    /// Whether its machine account logs in.
    logs_in: bool,
}

impl Joining {
    fn of(what: What) -> Self {
        Self { what, hosts: Mutex::default() }
    }

    fn host(&self, subject: &str) -> Arc<Launched> {
        self.hosts.lock().unwrap()[subject].clone()
    }

    /// Has all of them joined, a few at a time, and terminates them.
    fn join_and_terminate(&self, subjects: &[String]) {
        let hosts = subjects.iter().map(|subject| self.host(subject)).collect();
        in_parallel(hosts, |host: Arc<Launched>| {
            deliver(&host.id, "running");
            let item = ended(&host, "joined", PATIENCE);
            assert_eq!(item["state"], "joined", "{item}");
            host.terminate();
        });
    }

    /// Terminates what is left, and has it leave.
    fn leave(&self) {
        let hosts: Vec<_> = std::mem::take(&mut *self.hosts.lock().unwrap()).into_values().collect();
        let ids = in_parallel(hosts, |host: Arc<Launched>| {
            let id = host.id.clone();
            drop(host);
            if self.what == What::Join {
                deliver(&id, "terminated");
            }
            id
        });
        rest();
        let present = ids.iter().map(|id| item(id)).filter(|item| item["state"] != "left");
        let present: Vec<_> = present.filter(|item| !item.is_null()).collect();
        assert!(present.is_empty(), "they have not left: {present:?}");
    }
}

/// Waits for a state or for a failure, and tells what the table says then.
fn ended(host: &Launched, state: &str, patience: Duration) -> Value {
    let began = Instant::now();
    loop {
        sleep(LOOK_EVERY);
        let item = item(&host.id);
        if [state, "failed"].iter().any(|end| item["state"] == *end) || began.elapsed() > patience {
            return item;
        }
    }
}

/// Waits until no message is left, or for long enough.
fn rest() {
    let began = Instant::now();
    while !is_all_done() && began.elapsed() < PATIENCE {
        sleep(LOOK_EVERY);
        computers::let_time_fly();
    }
    sleep(LOOK_EVERY);
}

impl Flow for Joining {
    const AFTERMATH: Duration = Duration::ZERO;
    /// Most of a join is work of the lab's machine.
    const WORKERS: usize = 24;
    type Scene = Arc<Launched>;
    type State = State;

    fn name(&self) -> &'static str {
        match self.what {
            What::Join => "join",
            What::Leave => "leave",
            What::Cut => "cut",
        }
    }

    fn text(&self, host: &Arc<Launched>, _: &str) -> String {
        host.id.clone()
    }

    fn faults(&self, point: &Point) -> Vec<(Kind, u32)> {
        if self.what == What::Cut { plan::slow(point) } else { plan::few(point) }
    }

    fn prepare(&self, subjects: &[String]) {
        let launched =
            in_parallel(subjects.to_vec(), |subject: String| (subject, Arc::new(Launched::with(&[]))));
        self.hosts.lock().unwrap().extend(launched);
        if self.what == What::Leave {
            self.join_and_terminate(subjects);
        }
    }

    fn scene(&self, subject: &str) -> Arc<Launched> {
        self.host(subject)
    }

    fn play(&self, host: &Arc<Launched>, _: &str, name: &str) -> Execution {
        let state = if self.what == What::Join { "joined" } else { "left" };
        if self.what != What::Leave {
            deliver(&host.id, "running");
        }
        if self.what == What::Cut && name.ends_with("-1") {
            until_met_or_joined(host);
            host.terminate();
        }
        if self.what != What::Join {
            deliver(&host.id, "terminated");
        }
        sleep(DELIVERED);
        let item = ended(host, state, if self.what == What::Cut { UNKNOWN } else { PATIENCE });
        let item = if item.is_null() { item } else { ended(host, state, PATIENCE) };
        let status = match item["state"].as_str() {
            Some("failed") => "FAILED",
            Some(other) if other == state => "SUCCEEDED",
            // It was terminated before anything was begun.
            None if self.what == What::Cut => "SUCCEEDED",
            _ => "RUNNING",
        };
        Execution { arn: host.id.clone(), status: status.to_owned() }
    }

    fn look(&self, host: &Arc<Launched>, _: &str, _: &Execution) -> State {
        let (instance, item) = (host.id.clone(), item(&host.id));
        State { instance, item, object: false, recorded: false, logs_in: false }
    }

    fn settle(&self, runs: &mut [Observed<State>]) {
        rest();
        for run in runs.iter_mut() {
            run.second.state.item = item(&run.second.state.instance);
        }
        let items: Vec<_> = runs.iter().map(|run| run.second.state.item.clone()).collect();
        let recorded = objects::recorded(&items.iter().collect::<Vec<_>>());
        let named =
            objects::named(&items.iter().filter_map(|item| item["name"].as_str()).collect::<Vec<_>>());
        in_parallel(runs.iter_mut().collect(), |run: &mut Observed<State>| {
            let state = &mut run.second.state;
            let name = state.item["name"].as_str().unwrap_or_default().to_owned();
            (state.object, state.recorded) = (named.contains(&name), recorded.contains(&name));
            state.logs_in = state.item["state"] == "joined" && logs_in(&state.instance, &name);
        });
    }

    fn violations(&self, run: &Observed<State>, journals: &Journals) -> Vec<String> {
        let mut wrong = Violations::default();
        wrong.of_the_end(run);
        wrong.of_mended_faults(run);
        match self.what {
            What::Join => of_a_member(run, &mut wrong),
            What::Leave | What::Cut => of_one_that_is_gone(run, &mut wrong),
        }
        let item = &run.second.state.item;
        let at_rest = item.is_null() || item["busy_until"] == 0 && item["phase"].is_null();
        wrong.unless(at_rest, format!("not at rest: {item}"));
        of_words(run, journals, &mut wrong);
        wrong.0
    }
}

fn until_met_or_joined(host: &Launched) {
    let began = Instant::now();
    while !is_met(&host.id) && item(&host.id)["state"] != "joined" && began.elapsed() < PATIENCE {
        sleep(Duration::from_millis(300));
    }
}

fn logs_in(instance: &str, name: &str) -> bool {
    let script = format!("kinit -k -c MEMORY: '{name}$'");
    command(&["instance", "exec", instance, "--", "sh", "-c", &script]).output().unwrap().status.success()
}

fn of_a_member(run: &Observed<State>, wrong: &mut Violations) {
    let (first, State { item, object, recorded, logs_in, .. }) = (&run.first.state.item, &run.second.state);
    wrong.unless(item["state"] == "joined" && item["reason"].is_null(), format!("not joined: {item}"));
    wrong.unless(*object && *recorded, "the object of its name is not the recorded one");
    wrong.unless(item["unsettled"] == false, "another object may be there");
    wrong.unless(*logs_in, "its machine account does not log in");
    let again = first["state"] == "joined" && first["sid"] != item["sid"];
    wrong.unless(!again, "an event that came twice has joined it twice");
}

fn of_one_that_is_gone(run: &Observed<State>, wrong: &mut Violations) {
    let State { item, object, .. } = &run.second.state;
    let never_began = item.is_null() && !object;
    wrong.unless(item["state"] == "left" || never_began, format!("not left: {item}"));
    wrong.unless(!object, "its object is there");
}

/// People hear of what failed for good, and of nothing else.
fn of_words(run: &Observed<State>, journals: &Journals, wrong: &mut Violations) {
    let mails: Vec<_> = journals.mails(&[&run.text, "was not "]);
    if [&run.first, &run.second].iter().any(|delivery| delivery.execution.status == "FAILED") {
        wrong.unless(!mails.is_empty(), UNTOLD);
        wrong.of_a_notice("tell of a failure", &mails, run, journals);
    } else {
        wrong.unless(mails.is_empty(), "a mail tells of a failure that passed");
    }
}

/// Plays the matrix; whatever the directory holds of others stays as it is.
fn check(what: What) {
    rest();
    let bystander = Stranger::called("printserver");
    let (flow, others) = (Joining::of(what), objects::others(&[]));
    let matrix = {
        let _by_hand = ByHand::now();
        let matrix = Matrix::of(&flow);
        let names = matrix.runs.iter().filter_map(|(run, _)| run.second.state.item["name"].as_str());
        assert_eq!(objects::others(&names.collect::<Vec<_>>()), others, "others' computers were changed");
        flow.leave();
        matrix
    };
    matrix.check(&flow);
    drop(bystander);
}

#[test]
fn whatever_fails_at_any_call_an_instance_joins() {
    check(What::Join);
}

#[test]
fn whatever_fails_at_any_call_a_terminated_instance_leaves() {
    check(What::Leave);
}

#[test]
fn at_whatever_call_an_instance_that_joins_is_terminated_nothing_of_it_stays() {
    check(What::Cut);
}
