//! What was counted.

use std::collections::BTreeMap;
use std::io::{Result, Write};
use std::sync::{Arc, Mutex};

use serde_json::Value;
use steward_core::metrics::Metrics;

/// The lines of metrics; clones share them.
#[derive(Debug, Clone, Default)]
pub(crate) struct Counted(Arc<Mutex<Vec<u8>>>);

impl Counted {
    pub(super) fn metrics(&self) -> Metrics {
        Metrics::writing_to("adsteward-function".to_owned(), Box::new(self.clone()))
    }

    /// The lines as they would stand in the log.
    pub(crate) fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }

    /// How often each metric was counted.
    pub(crate) fn all(&self) -> BTreeMap<String, usize> {
        let mut all = BTreeMap::new();
        for line in self.text().lines() {
            let line: Value = serde_json::from_str(line).unwrap();
            let name = line["_aws"]["CloudWatchMetrics"][0]["Metrics"][0]["Name"].as_str().unwrap();
            *all.entry(name.to_owned()).or_default() += 1;
        }
        all
    }

    pub(crate) fn count(&self, metric: &str) -> usize {
        self.all().get(metric).copied().unwrap_or_default()
    }
}

impl Write for Counted {
    fn write(&mut self, bytes: &[u8]) -> Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> Result<()> {
        Ok(())
    }
}
