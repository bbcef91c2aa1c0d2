//! Rotations that are under way, many at a time.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::thread::sleep;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::operator::lab;

/// Secrets Manager tries three times, each of which may wait for domain controllers.
const PATIENCE: Duration = Duration::from_secs(600);
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// The last rotation of each secret, as of some moment.
struct Known {
    asked: Instant,
    last: BTreeMap<String, Value>,
}

/// The last rotation of a secret at its end; as it is, if it does not come to one.
pub(super) fn ended(arn: &str) -> Value {
    wait_until(arn, |rotation| !rotation.is_null() && rotation["outcome"] != "InProgress")
}

/// Waits until the rotation of a secret has begun a step.
pub(super) fn wait_for_step(arn: &str, step: &str) {
    let begun = |rotation: &Value| {
        let steps = rotation["steps"].as_array();
        steps.is_some_and(|steps| steps.iter().any(|taken| taken["step"] == step))
    };
    wait_until(arn, begun);
}

fn wait_until(arn: &str, holds: impl Fn(&Value) -> bool) -> Value {
    let began = Instant::now();
    loop {
        let last = last(arn);
        if holds(&last) || began.elapsed() > PATIENCE {
            return last;
        }
        sleep(LOOK_EVERY);
    }
}

/// The last rotation of a secret, null when there is none yet; asked for once for all who want to know at about the same
/// time.
fn last(arn: &str) -> Value {
    static KNOWN: Mutex<Option<Known>> = Mutex::new(None);
    let now = Instant::now();
    let mut known = KNOWN.lock().unwrap();
    let recent = match known.take().filter(|known| known.asked >= now) {
        Some(recent) => known.insert(recent),
        None => known.insert(Known::ask()),
    };
    recent.last.get(arn).cloned().unwrap_or_default()
}

impl Known {
    fn ask() -> Self {
        let asked = Instant::now();
        let mut last = BTreeMap::new();
        for rotation in lab("rotations", &json!({}))["rotations"].as_array_mut().unwrap() {
            last.insert(rotation["secret"].as_str().unwrap().to_owned(), rotation.take());
        }
        Self { asked, last }
    }
}
