//! The product beside the article's logic, in the same matrix: the table in README.md.

use std::fs;
use std::thread::scope;

use serde_json::json;

use super::beginning::Beginning;
use super::{By, Rotate, State, matrix, under_way};
use crate::fault::{Fault, Kind, clear};
use crate::flow::{Flow, Observed};
use crate::lab::{root, variable};
use crate::matrix::Matrix;
use crate::operator::aws;
use crate::users::{create_users, is_enabled};

/// Where both begin: at these the article's logic could come to a good end.
const BEGINNINGS: [Beginning; 4] =
    [Beginning::Fresh, Beginning::Stray, Beginning::Foreign, Beginning::LeftOver];

/// Users who are contained while their passwords are rotated.
const CONTAINED: [&str; 4] = ["held-1", "held-2", "held-3", "held-4"];

const BEGIN: &str = "<!-- side by side: written by tests/it/faults/rotate/side_by_side.rs -->\n";
const END: &str = "<!-- side by side: end -->\n";

/// What became of the runs.
#[derive(Default)]
struct Tally {
    calls: usize,
    runs: usize,
    faults: usize,
    unfinished: usize,
    stuck: usize,
    out: usize,
    shut_out: usize,
    enabled: usize,
}

impl Tally {
    fn add(&mut self, matrix: &Matrix<State>) {
        self.calls += matrix.points.len();
        self.runs += matrix.runs.len();
        for (run, _) in &matrix.runs {
            self.count(run);
        }
    }

    fn count(&mut self, run: &Observed<State>) {
        let State { current, pending, .. } = &run.second.state;
        self.faults += usize::from(run.hits > 0);
        self.unfinished += usize::from(!run.first.execution.succeeded());
        self.stuck += usize::from(!run.second.execution.succeeded());
        self.out += usize::from(!current.logs_in);
        let known = current.logs_in || pending.as_ref().is_some_and(|pending| pending.logs_in);
        self.shut_out += usize::from(!known);
    }
}

/// How many users a rotation enables who are disabled after its first step.
fn enabled_by_rotation(by: By) -> usize {
    let rotate = Rotate { by, beginning: Beginning::Fresh };
    let users = CONTAINED.map(|user| format!("{}-{user}", rotate.name()));
    create_users(&users);
    let enables = |user: &str| {
        let arn = rotate.scene(user);
        let (service, operation, kind) = ("secretsmanager", "DescribeSecret", Kind::Delay(6000));
        // Each step asks for the labels first.
        Fault { service, operation, kind, count: 1, after: 1, text: user }.declare();
        scope(|scope| {
            let playing = scope.spawn(|| rotate.play(&arn, user, user));
            under_way::wait_for_step(&arn, "setSecret");
            let disable = json!({"DirectoryId": variable("DIRECTORY_ID"), "SAMAccountName": user});
            aws("ds-data", "disable_user", &disable);
            playing.join().unwrap();
        });
        assert_eq!(clear(user), 1);
        is_enabled(user)
    };
    let enables = &enables;
    scope(|scope| {
        let playing: Vec<_> = users.iter().map(|user| scope.spawn(move || enables(user))).collect();
        playing.into_iter().map(|playing| usize::from(playing.join().unwrap())).sum()
    })
}

fn table(ours: &Tally, theirs: &Tally) -> String {
    let of_runs = |count: usize, tally: &Tally| format!("{count} of {}", tally.runs);
    let row = |what: &str, cell: &dyn Fn(&Tally) -> String| {
        format!("| {what} | {} | {} |\n", cell(ours), cell(theirs))
    };
    [
        "| a fault at every call | adsteward | the article's logic |\n| --- | --- | --- |\n".to_owned(),
        row("runs, each with a fault at one call, or none", &|tally| {
            format!("{} ({} calls)", tally.runs, tally.calls)
        }),
        row("not done after Secrets Manager's retries; some faults last longer", &|tally| {
            of_runs(tally.unfinished, tally)
        }),
        row("stuck: not done after the next rotation either, without any fault", &|tally| {
            of_runs(tally.stuck, tally)
        }),
        row("AWSCURRENT does not log in at the end", &|tally| of_runs(tally.out, tally)),
        row(
            "nobody can log in at the end: the account is locked, or no label leads to its password",
            &|tally| of_runs(tally.shut_out, tally),
        ),
        row("disabled while the rotation was under way, and enabled by it", &|tally| {
            format!("{} of {}", tally.enabled, CONTAINED.len())
        }),
    ]
    .concat()
}

/// Of each cell of a table with a number first, whether that is 0.
fn verdicts(table: &str) -> Vec<Vec<bool>> {
    let rows = table.lines().skip(3);
    let is_none = |cell: &str| cell.trim().split(' ').next() == Some("0");
    rows.map(|row| row.split('|').skip(2).take(2).map(is_none).collect()).collect()
}

fn in_readme() -> String {
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    let (_, rest) = readme.split_once(BEGIN).unwrap();
    rest.split_once(END).unwrap().0.to_owned()
}

fn write_to_readme(table: &str) {
    let file = root().join("README.md");
    let text = fs::read_to_string(&file).unwrap().replace(&in_readme(), table);
    fs::write(file, text).unwrap();
}

/// The article's counts differ a little from run to run, its verdicts do not. `ADSTEWARD_TABLE=write` writes the table anew.
#[test]
fn the_readme_shows_what_the_same_matrix_makes_of_the_product_and_of_the_articles_logic() {
    let (mut ours, mut theirs) = (Tally::default(), Tally::default());
    for beginning in BEGINNINGS {
        ours.add(matrix(beginning));
        theirs.add(&Matrix::of(&Rotate { by: By::Article, beginning }));
    }
    ours.enabled = enabled_by_rotation(By::Adsteward);
    theirs.enabled = enabled_by_rotation(By::Article);
    let table = table(&ours, &theirs);
    println!("{table}{} and {} faults were met", ours.faults, theirs.faults);
    #[expect(clippy::disallowed_methods, reason = "a test's own setting; no product code reads it")]
    if std::env::var("ADSTEWARD_TABLE").is_ok_and(|how| how == "write") {
        write_to_readme(&table);
    }
    assert_eq!(verdicts(&table), verdicts(&in_readme()), "README.md shows another outcome than:\n{table}");
}

#[test]
fn a_verdict_is_whether_there_is_any() {
    let with = |cell: &str| {
        format!("| a | b | c |\n| --- | --- | --- |\n| runs | 3 | 4 |\n| stuck | 0 of 3 | {cell} |\n")
    };
    assert_eq!(verdicts(&with("7 of 4")), verdicts(&with("3 of 4")));
    assert_ne!(verdicts(&with("7 of 4")), verdicts(&with("0 of 4")));
}
