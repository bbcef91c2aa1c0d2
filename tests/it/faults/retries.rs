//! A fault that outlasts every try of a state takes a minute and more: the tries wait for each other, and nothing else
//! happens.

use serde_json::json;

use crate::operator::lab;

/// As long as the value lives, states try as often as ever, and wait a fifth of their time between.
pub(crate) struct QuickRetries(());

impl QuickRetries {
    pub(crate) fn now() -> Self {
        switch(true);
        Self(())
    }
}

impl Drop for QuickRetries {
    fn drop(&mut self) {
        switch(false);
    }
}

fn switch(on: bool) {
    lab("switch", &json!({"what": "quick-retries", "on": on}));
}
