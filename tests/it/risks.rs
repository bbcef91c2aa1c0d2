//! Each risk of the flow is shown by tests that exist under the names in `risks.txt`.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use regex::Regex;

use crate::template::{read, root};

fn test_names(folder: &Path, names: &mut BTreeSet<String>) {
    let function = Regex::new(r"(?m)^\s*(?:async )?fn ([a-z0-9_]+)\(").unwrap();
    for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        let path = entry.path();
        if path.is_dir() {
            test_names(&path, names);
        } else if path.extension().is_some_and(|kind| kind == "rs") {
            let source = fs::read_to_string(&path).unwrap();
            names.extend(function.captures_iter(&source).map(|found| found[1].to_owned()));
        }
    }
}

#[test]
fn every_risk_is_shown_by_tests_that_exist() {
    let mut known = BTreeSet::new();
    for folder in ["crates", "tests/it"] {
        test_names(&root().join(folder), &mut known);
    }
    let planted = read("tests/lint/canaries/mistakes.asl.txt");
    known.extend(planted.lines().map(|mistake| format!("scripts/lint: {mistake}")));
    let text = read("tests/it/risks.txt");
    let (mut shown, mut risks) = (0, Vec::new());
    for line in text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        match line.strip_prefix("  ") {
            Some(name) => {
                assert!(known.contains(name), "no test is called {name}");
                shown += 1;
            }
            None => {
                assert!(risks.is_empty() || shown > 0, "{:?} is shown by no test", risks.last());
                risks.push(line);
                shown = 0;
            }
        }
    }
    assert!(risks.len() >= 12 && shown > 0, "{risks:?}");
}
