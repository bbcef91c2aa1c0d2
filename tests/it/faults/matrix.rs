//! Every call of a flow with every kind of fault: what must hold, holds.

use std::cmp::Reverse;
use std::fs;
use std::io::{Write, stdout};
use std::iter;
use std::thread::sleep;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::fault::Kind;
use crate::flow::{Flow, Observed, Run};
use crate::invariants::{Journals, UNTOLD, seconds};
use crate::lab::{Journal, root};
use crate::mark::is_marked;
use crate::points::{Point, points};
use crate::quiet::Quiet;
use crate::report::report;
use crate::workers::with_each;

/// How long a witness may take that failed at first: it tries again after its queue's visibility time-out.
const WITNESS: Duration = Duration::from_secs(240);

/// What the invariants ask the journal of calls for.
const OPERATIONS: [&str; 6] =
    ["DisableUser", "ResetUserPassword", "Publish", "RemoveGroupMember", "DeleteUser", "TerminateWorkspaces"];

/// A flow's matrix: each run, and what is wrong with it.
pub(crate) struct Matrix<S> {
    pub(crate) points: Vec<Point>,
    pub(crate) runs: Vec<(Observed<S>, Vec<String>)>,
}

/// Plays a flow's matrix, and fails if anything is wrong.
pub(crate) fn check<F: Flow>(flow: &F) {
    Matrix::of(flow).check(flow);
}

impl<S> Matrix<S> {
    /// Plays a flow without a fault to learn its calls, then once for each of them and each fault; prints the table, also
    /// where the output of tests is not shown.
    pub(crate) fn of<F: Flow<State = S>>(flow: &F) -> Self
    where
        S: Send,
    {
        let (began, _quiet) = (Instant::now(), Quiet::now());
        let faultless = Run { subject: subject(flow, 0), fault: None };
        flow.prepare(std::slice::from_ref(&faultless.subject));
        let (calls, mail) = (Journal::from_now("calls"), Journal::from_now("mail"));
        let (learned, mut points) = learn(flow, faultless, &calls);
        points.retain(is_asked_for);
        let played = play(flow, faults(flow, &points), 1);
        let unmet =
            played.iter().filter(|run| run.hits == 0).filter_map(|run| run.run.fault.clone()).collect();
        // Where one run's fault meets a batch of the witness, another may end before its own. Not so beside a few.
        let again = play(flow, unmet, 1 + played.len());
        let mut observed: Vec<_> = iter::once(learned).chain(played).chain(again).collect();
        flow.settle(&mut observed);
        let judged = judge(flow, &observed, &calls.read(), &mail);
        let runs: Vec<_> = observed.into_iter().zip(judged).collect();
        let report = report(flow.name(), &points, &runs, began.elapsed());
        stdout().write_all(report.as_bytes()).unwrap();
        fs::write(root().join(file(flow)), &report).unwrap();
        Self { points, runs }
    }

    /// Fails if anything is wrong.
    pub(crate) fn check<F: Flow<State = S>>(&self, flow: &F) {
        let met = self.runs.iter().filter(|(run, _)| run.hits > 0).count();
        let faults = faults(flow, &self.points).len();
        // Not all: how often a flow polls differs from run to run, and a point may be a poll that only the first run needed.
        assert!(met > 0 && 4 * met >= 3 * faults, "only {met} of {faults} faults were met");
        let wrong = self.runs.iter().filter(|(_, wrong)| !wrong.is_empty()).count();
        assert_eq!(wrong, 0, "of {} runs; the table is in {}", self.runs.len(), file(flow));
    }
}

/// Plays a flow without a fault. Only calls that its subject's faults could meet are its points: others go on beside it, such
/// as what the test before has left to be told.
fn learn<F: Flow>(flow: &F, faultless: Run, journal: &Journal) -> (Observed<F::State>, Vec<Point>) {
    let observed = faultless.observe(flow);
    let first = observed.first.began..observed.second.began;
    let mut calls = journal.read();
    calls.retain(|call| is_marked(call, &observed.text) && first.contains(&seconds(call)));
    let points = points(&calls, observed.first.ended);
    (observed, points)
}

fn file<F: Flow>(flow: &F) -> String {
    format!("target/faults/{}.txt", flow.name())
}

/// What is wrong with each run, once what mends itself has had its time.
fn judge<F: Flow>(
    flow: &F,
    runs: &[Observed<F::State>],
    calls: &[Value],
    mail: &Journal,
) -> Vec<Vec<String>> {
    let settled = Instant::now();
    loop {
        let journals = Journals::new(calls, mail.read(), &OPERATIONS);
        let judged: Vec<_> = runs.iter().map(|run| flow.violations(run, &journals)).collect();
        let untold = judged.iter().any(|wrong| wrong.iter().any(|what| what == UNTOLD));
        if !untold || settled.elapsed() > WITNESS {
            return judged;
        }
        sleep(Duration::from_secs(10));
    }
}

/// `ADSTEWARD_POINTS`: plays only points whose name contains this, such as `PutItem #8`.
fn is_asked_for(point: &Point) -> bool {
    #[expect(clippy::disallowed_methods, reason = "a test's own setting; no product code reads it")]
    let text = std::env::var("ADSTEWARD_POINTS").unwrap_or_default();
    point.to_string().contains(&text)
}

fn subject<F: Flow>(flow: &F, number: usize) -> String {
    format!("{}-{number:04}", flow.name())
}

/// Each point with each of its faults, those first that take longest.
fn faults<F: Flow>(flow: &F, points: &[Point]) -> Vec<(Point, Kind, u32)> {
    let of = |point: &Point| {
        flow.faults(point).into_iter().map(|(kind, count)| (point.clone(), kind, count)).collect()
    };
    let mut faults: Vec<_> = points.iter().flat_map::<Vec<_>, _>(of).collect();
    // Who is throttled waits for longest. Before all, what is asked while processes are new: they remember the answer.
    faults.sort_by_key(|(point, kind, count)| {
        Reverse((point.is_remembered(), *kind == Kind::Throttle, *count))
    });
    faults
}

/// A run for each fault, with subjects numbered from a number on.
fn play<F: Flow>(flow: &F, faults: Vec<(Point, Kind, u32)>, from: usize) -> Vec<Observed<F::State>> {
    let numbered = faults.into_iter().zip(from..);
    let runs: Vec<_> =
        numbered.map(|(fault, number)| Run { subject: subject(flow, number), fault: Some(fault) }).collect();
    if runs.is_empty() {
        return Vec::new();
    }
    flow.prepare(&runs.iter().map(|run| run.subject.clone()).collect::<Vec<_>>());
    with_each(runs, F::WORKERS, |run| run.observe(flow))
}
