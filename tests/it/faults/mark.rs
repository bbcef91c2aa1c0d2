//! Which calls a fault for a text could meet.

use serde_json::{Value, json};

use crate::operator::lab;

/// As long as the value lives, the journal marks the calls made for an event that contains a text.
pub(crate) struct Mark {
    text: String,
}

impl Mark {
    pub(crate) fn of(text: &str) -> Self {
        lab("mark", &json!({ "text": text }));
        Self { text: text.to_owned() }
    }

    /// Whether a call in the journal has it.
    pub(crate) fn is_on(&self, call: &Value) -> bool {
        is_marked(call, &self.text)
    }
}

impl Drop for Mark {
    fn drop(&mut self) {
        lab("mark", &json!({ "clear": self.text }));
    }
}

/// Whether a call in the journal was marked with a text.
pub(crate) fn is_marked(call: &Value, text: &str) -> bool {
    call["marks"].as_array().is_some_and(|marks| marks.iter().any(|mark| *mark == text))
}
