//! Metrics in CloudWatch's embedded metric format: a line of JSON on standard output, which CloudWatch Logs turns into
//! metrics. No call is made, so that counting needs no permission and cannot fail a step.
//!
//! **Architecture invariant:** a metric holds a name, a number and the function's name: no identity and no secret.
//!
//! Source: CloudWatch User Guide, "Specification: Embedded metric format".

use std::fmt;
use std::io::{Write, stdout};
use std::sync::Mutex;
use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::{Map, Value, json};

/// The namespace of all metrics.
pub const NAMESPACE: &str = "adsteward";

/// The one dimension.
const DIMENSION: &str = "FunctionName";

/// Counts outcomes of one function.
pub struct Metrics {
    function: String,
    out: Mutex<Box<dyn Write + Send>>,
}

impl fmt::Debug for Metrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Metrics").field("function", &self.function).finish_non_exhaustive()
    }
}

impl Metrics {
    /// The metrics of the function of this name, on standard output.
    pub fn of_function(function: String) -> Self {
        Self::writing_to(function, Box::new(stdout()))
    }

    /// The metrics of a function, written somewhere else: for tests.
    pub fn writing_to(function: String, out: Box<dyn Write + Send>) -> Self {
        Self { function, out: Mutex::new(out) }
    }

    /// Counts one outcome.
    pub fn count(&self, metric: impl Into<&'static str>) {
        self.count_many(metric, 1);
    }

    /// Counts so many outcomes of one kind.
    pub fn count_many(&self, metric: impl Into<&'static str>, count: u64) {
        let elapsed = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let mut line = self.line(metric.into(), count, elapsed.as_millis()).to_string();
        line.push('\n');
        // One write a line, so that no log line comes between. Nothing can be done about output that nobody takes.
        if let Ok(mut out) = self.out.lock() {
            let _ = out.write_all(line.as_bytes()).and_then(|()| out.flush());
        }
    }

    fn line(&self, metric: &str, count: u64, milliseconds: u128) -> Value {
        let directive = json!({
            "Namespace": NAMESPACE,
            "Dimensions": [[DIMENSION]],
            "Metrics": [{"Name": metric, "Unit": "Count"}],
        });
        let timestamp = u64::try_from(milliseconds).unwrap_or_default();
        let mut members = Map::new();
        members.insert("_aws".to_owned(), json!({"Timestamp": timestamp, "CloudWatchMetrics": [directive]}));
        members.insert(DIMENSION.to_owned(), self.function.clone().into());
        members.insert(metric.to_owned(), count.into());
        Value::Object(members)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_has_the_form_of_the_specification() {
        let metrics = Metrics::of_function("adsteward-responder".to_owned());
        let expected = json!({
            "_aws": {
                "Timestamp": 1_763_691_000_123_u64,
                "CloudWatchMetrics": [{
                    "Namespace": "adsteward",
                    "Dimensions": [["FunctionName"]],
                    "Metrics": [{"Name": "Contained", "Unit": "Count"}],
                }],
            },
            "FunctionName": "adsteward-responder",
            "Contained": 3,
        });
        assert_eq!(metrics.line("Contained", 3, 1_763_691_000_123), expected);
    }
}
