//! Every call of `contain-user` with every kind of fault: what must hold, holds.

use std::collections::{BTreeMap, VecDeque};
use std::fmt::Write as _;
use std::fs;
use std::slice;
use std::sync::Mutex;
use std::thread;
use std::time::{Duration, Instant};

use crate::flow::{Observed, REST, Run};
use crate::instance::instance;
use crate::invariants::{Journals, UNTOLD, violations};
use crate::lab::{Journal, root};
use crate::points::{Point, points};
use crate::users::{Census, create_users};

/// Runs side by side; most of their time is waiting.
const WORKERS: usize = 40;

/// How long a witness may take that failed at first.
const WITNESS: Duration = Duration::from_secs(240);

/// The column of the table in which a run stands: a kind, and how long the fault lasts.
fn column(run: &Run) -> String {
    let lasting = |count| match count {
        1 => "x1",
        3 => "x3",
        _ => "long",
    };
    run.fault
        .as_ref()
        .map_or(String::new(), |(_, kind, count)| format!("{} {}", kind.word(), lasting(*count)))
}

#[test]
fn whatever_fails_at_any_call_the_invariants_of_a_containment_hold() {
    instance();
    let census = Census::default();
    let first = Run { user: "p0000".to_owned(), fault: None };
    create_users(slice::from_ref(&first.user));
    let (calls, mail) = (Journal::from_now("calls"), Journal::from_now("mail"));
    let observed = first.observe(&census);
    let all = calls.read();
    let second = all.iter().position(|call| call["parameters"]["name"] == "p0000-2").unwrap();
    let points = points(&all[..second]);
    let runs = runs(&points);
    create_users(&runs.iter().map(|run| run.user.clone()).collect::<Vec<_>>());

    let mut observed = vec![observed];
    observed.extend(observe_all(runs, &census));
    thread::sleep(REST);

    let calls = calls.read();
    let judge = || {
        let journals = Journals { calls: &calls, mail: &mail.read() };
        observed.iter().map(|run| (run, violations(run, &journals))).collect::<Vec<_>>()
    };
    let began = Instant::now();
    let mut judged = judge();
    // A witness that failed tries again after its queue's visibility time-out.
    while judged.iter().any(|(_, wrong)| wrong.iter().any(|what| what == UNTOLD)) && began.elapsed() < WITNESS
    {
        thread::sleep(Duration::from_secs(10));
        judged = judge();
    }
    let report = report(&points, &judged);
    println!("{report}");
    fs::write(root().join("target/faults/matrix.txt"), &report).unwrap();
    assert!(census.is_enabled("martha.rivera") && census.is_enabled("mateo.jackson"));
    let wrong = judged.iter().filter(|(_, wrong)| !wrong.is_empty()).count();
    assert_eq!(wrong, 0, "of {} runs; the table is in target/faults/matrix.txt", judged.len());
}

/// A run for each point and fault, those first that take longest.
fn runs(points: &[Point]) -> Vec<Run> {
    let of = |point: &Point| {
        point.faults().into_iter().map(|(kind, count)| (point.clone(), kind, count)).collect()
    };
    let mut faults: Vec<_> = points.iter().flat_map::<Vec<_>, _>(of).collect();
    faults.sort_by_key(|(_, _, count)| std::cmp::Reverse(*count));
    faults
        .into_iter()
        .enumerate()
        .map(|(number, fault)| Run { user: format!("p{:04}", number + 1), fault: Some(fault) })
        .collect()
}

fn observe_all(runs: Vec<Run>, census: &Census) -> Vec<Observed> {
    let (queue, done) = (Mutex::new(VecDeque::from(runs)), Mutex::new(Vec::new()));
    let next = || queue.lock().unwrap().pop_front();
    thread::scope(|scope| {
        for _ in 0..WORKERS {
            scope.spawn(|| {
                while let Some(run) = next() {
                    let observed = run.observe(census);
                    done.lock().unwrap().push(observed);
                }
            });
        }
    });
    done.into_inner().unwrap()
}

/// The table of points and kinds, and what is wrong. `-`: no call met the fault; nothing: the kind does not apply.
fn report(points: &[Point], judged: &[(&Observed, Vec<String>)]) -> String {
    let mut columns: Vec<_> =
        judged.iter().map(|(run, _)| column(&run.run)).filter(|name| !name.is_empty()).collect();
    columns.sort_unstable();
    columns.dedup();
    let mut cells = BTreeMap::new();
    let mut complaints = String::new();
    for (run, wrong) in judged {
        let title = run.run.fault.as_ref().map_or("no fault".to_owned(), |(point, ..)| point.to_string());
        let cell = if run.hits == 0 { "-".to_owned() } else { wrong.len().to_string() };
        cells.insert((title.clone(), column(&run.run)), cell);
        for complaint in wrong {
            let user = &run.run.user;
            writeln!(complaints, "{title}, {}: {complaint} [{user}, {}]", column(&run.run), run.first.status)
                .unwrap();
        }
    }
    let mut table = format!("{:34}", "violations at");
    columns.iter().for_each(|column| write!(table, " {column:>17}").unwrap());
    for point in points {
        write!(table, "\n{point:34}", point = point.to_string()).unwrap();
        for column in &columns {
            let cell = cells.get(&(point.to_string(), column.clone())).map_or("", String::as_str);
            write!(table, " {cell:>17}").unwrap();
        }
    }
    format!("{table}\n{} runs\n{complaints}", judged.len())
}
