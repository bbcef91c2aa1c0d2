//! A flow with a fault in it, and again without: what every flow's matrix has in common.

use std::thread::sleep;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::execution::Execution;
use crate::fault::{Fault, Kind, clear};
use crate::invariants::Journals;
use crate::mark::Mark;
use crate::points::Point;

/// After an execution with a fault; a late effect comes earlier.
const REST: Duration = Duration::from_secs(3);

/// A flow of the product, as the matrix plays it.
pub(crate) trait Flow: Sync {
    /// How long the product may go on by itself after an execution, in calls that are points too.
    const AFTERMATH: Duration;
    /// Runs side by side; most of their time is waiting.
    const WORKERS: usize = 40;
    /// What lasts as long as a run.
    type Scene;
    /// What is to be seen of a subject.
    type State: Send;

    /// What it does. The subjects of its runs, such as users, are named after it: `contain-0001`.
    fn name(&self) -> &'static str;
    /// What the events of a run contain, and no others: a fault meets the calls made for them.
    fn text(&self, _scene: &Self::Scene, subject: &str) -> String {
        subject.to_owned()
    }
    /// Every kind of fault that a call of it meets, and for how many calls.
    fn faults(&self, point: &Point) -> Vec<(Kind, u32)> {
        point.faults()
    }
    /// Makes the subjects of runs, all at once.
    fn prepare(&self, subjects: &[String]);
    /// Brings about what the flow starts from.
    fn scene(&self, subject: &str) -> Self::Scene;
    /// Runs it to its end, under this name.
    fn play(&self, scene: &Self::Scene, subject: &str, name: &str) -> Execution;
    /// Looks what an execution has left.
    fn look(&self, scene: &Self::Scene, subject: &str, execution: &Execution) -> Self::State;
    /// Looks at the end what is cheaper to see for all subjects at once.
    fn settle(&self, runs: &mut [Observed<Self::State>]);
    /// What is wrong with a run.
    fn violations(&self, run: &Observed<Self::State>, journals: &Journals) -> Vec<String>;
}

/// What is run: a subject of its own, and the fault that it meets.
#[derive(Debug, Clone)]
pub(crate) struct Run {
    pub(crate) subject: String,
    pub(crate) fault: Option<(Point, Kind, u32)>,
}

/// One of a run's two executions.
#[derive(Debug)]
pub(crate) struct Delivery<S> {
    pub(crate) execution: Execution,
    /// At rest.
    pub(crate) state: S,
    /// When the execution began and had ended, in seconds since 1970.
    pub(crate) began: f64,
    pub(crate) ended: f64,
}

/// A run and what became of it.
#[derive(Debug)]
pub(crate) struct Observed<S> {
    pub(crate) run: Run,
    /// What its events contain.
    pub(crate) text: String,
    /// How many calls met the fault.
    pub(crate) hits: u64,
    pub(crate) first: Delivery<S>,
    /// The same again, without faults.
    pub(crate) second: Delivery<S>,
}

impl Run {
    /// Plays a flow with the fault, and again without. In the journal, the calls that a fault could meet are marked where
    /// there is none.
    pub(crate) fn observe<F: Flow>(self, flow: &F) -> Observed<F::State> {
        let scene = flow.scene(&self.subject);
        let text = flow.text(&scene, &self.subject);
        let mark = self.fault.is_none().then(|| Mark::of(&text));
        if let Some((point, kind, count)) = &self.fault {
            let (service, operation) = (point.service.as_str(), point.operation.as_str());
            Fault { service, operation, kind: *kind, count: *count, after: point.index, text: &text }
                .declare();
        }
        let first = self.deliver(flow, &scene, 1, self.rest::<F>());
        drop(mark);
        let hits = clear(&text);
        let second = self.deliver(flow, &scene, 2, Duration::ZERO);
        Observed { run: self, text, hits, first, second }
    }

    /// Long enough for the fault to be met.
    fn rest<F: Flow>(&self) -> Duration {
        match &self.fault {
            Some((point, ..)) if !point.is_of_the_aftermath => REST,
            _ => F::AFTERMATH,
        }
    }

    fn deliver<F: Flow>(
        &self,
        flow: &F,
        scene: &F::Scene,
        number: u32,
        rest: Duration,
    ) -> Delivery<F::State> {
        let began = now();
        let execution = flow.play(scene, &self.subject, &self.name(number));
        let ended = now();
        sleep(rest);
        let state = flow.look(scene, &self.subject, &execution);
        Delivery { execution, state, began, ended }
    }

    /// The name of one of its executions.
    fn name(&self, number: u32) -> String {
        format!("{}-{number}", self.subject)
    }
}

fn now() -> f64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs_f64()
}
