//! The table of points, kinds and violations.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::time::Duration;

use crate::flow::{Observed, Run};
use crate::points::Point;

/// The column in which a run stands: a kind, and how long the fault lasts.
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

/// The table, and what is wrong. `-`: no call met the fault; nothing: the kind does not apply.
pub(crate) fn report<S>(
    flow: &str,
    points: &[Point],
    judged: &[(Observed<S>, Vec<String>)],
    took: Duration,
) -> String {
    let mut cells = BTreeMap::new();
    let (mut complaints, mut met) = (String::new(), 0);
    for (run, wrong) in judged {
        let title = run.run.fault.as_ref().map_or("no fault".to_owned(), |(point, ..)| point.to_string());
        met += usize::from(run.hits > 0);
        let (wrongs, hits) = cells.entry((title.clone(), column(&run.run))).or_insert((0, 0));
        *wrongs += wrong.len();
        *hits += run.hits;
        for complaint in wrong {
            let (subject, status) = (&run.run.subject, &run.first.execution.status);
            writeln!(complaints, "{title}, {}: {complaint} [{subject}, {status}]", column(&run.run)).unwrap();
        }
    }
    let columns: BTreeSet<_> =
        judged.iter().filter(|(run, _)| run.run.fault.is_some()).map(|(run, _)| column(&run.run)).collect();
    let mut table = format!("{:34}", "violations at");
    columns.iter().for_each(|column| write!(table, " {column:>17}").unwrap());
    for point in points {
        write!(table, "\n{point:34}", point = point.to_string()).unwrap();
        for column in &columns {
            let cell = match cells.get(&(point.to_string(), column.clone())) {
                None => String::new(),
                Some((0, 0)) => "-".to_owned(),
                Some((wrong, _)) => wrong.to_string(),
            };
            write!(table, " {cell:>17}").unwrap();
        }
    }
    let violations: usize = judged.iter().map(|(_, wrong)| wrong.len()).sum();
    format!(
        "{table}\n{complaints}{flow}: {} points x {} faults, {} runs, {met} of them met a fault, {violations} violations, {} s\n",
        points.len(),
        columns.len(),
        judged.len(),
        took.as_secs()
    )
}
