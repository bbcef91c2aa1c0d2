//! What was counted.

use std::io::{Result, Write};
use std::sync::{Arc, Mutex};

use steward_core::metrics::Metrics;

/// The lines of metrics; clones share them.
#[derive(Debug, Clone, Default)]
pub(crate) struct Counted(Arc<Mutex<Vec<u8>>>);

impl Counted {
    pub(super) fn metrics(&self) -> Metrics {
        Metrics::writing_to("adsteward-function".to_owned(), Box::new(self.clone()))
    }

    pub(crate) fn count(&self, metric: &str) -> usize {
        let text = String::from_utf8(self.0.lock().unwrap().clone()).unwrap();
        text.matches(&format!("\"{metric}\":1")).count()
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
