//! What became of the records of one invocation: each counted once, with its reason.

use std::collections::BTreeMap;

use steward_core::metrics::Metrics;

use crate::metric::Metric;
use crate::reason::Reason;

/// How many records had which outcome.
#[derive(Debug, Default)]
pub struct Tally {
    counts: BTreeMap<Metric, u64>,
    reasons: BTreeMap<&'static str, u64>,
}

impl Tally {
    /// Counts a record that starts nothing.
    pub fn starts_nothing(&mut self, reason: Reason) {
        self.count(reason.metric(), reason.code());
    }

    /// Counts a record.
    pub fn count(&mut self, metric: Metric, reason: &'static str) {
        *self.counts.entry(metric).or_default() += 1;
        *self.reasons.entry(reason).or_default() += 1;
    }

    /// Counts it all in CloudWatch, and logs the reasons in one line.
    pub fn report(&self, metrics: &Metrics) {
        for (metric, count) in &self.counts {
            metrics.count_many(*metric, *count);
        }
        let reasons: Vec<String> =
            self.reasons.iter().map(|(reason, count)| format!("{reason}: {count}")).collect();
        tracing::info!(reasons = reasons.join(", "), "batch finished");
    }

    /// The counts by the metric's name.
    pub fn counts(&self) -> BTreeMap<&'static str, u64> {
        self.counts.iter().map(|(metric, count)| ((*metric).into(), *count)).collect()
    }
}
