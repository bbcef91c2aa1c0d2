//! Many executions at once.

use serde_json::Value;

use crate::finding::emit;
use crate::lab::{Journal, in_parallel};
use crate::mail::of_executions;
use crate::stack::{eventually, executions, records, statuses, text};

/// What became of many executions together.
pub(crate) struct Batch {
    /// Their decision records.
    pub(crate) records: Vec<Value>,
    calls: Vec<Value>,
    pub(crate) mail: Vec<Value>,
}

impl Batch {
    /// Emits findings that the rule matches, each once, and waits for the executions that they start.
    pub(crate) fn deliver(events: &[Value]) -> Self {
        Self::watch(events.len(), || drop(in_parallel(events.iter().collect(), emit)))
    }

    /// Waits until this many executions that something starts have ended, all of them well.
    pub(crate) fn watch(count: usize, start: impl FnOnce()) -> Self {
        let (calls, mail, before) = (Journal::from_now("calls"), Journal::from_now("mail"), executions());
        start();
        let ended = eventually("the end of all executions", || {
            let mut all = statuses();
            all.retain(|execution, status| !before.contains(execution) && status != "RUNNING");
            (all.len() >= count).then_some(all)
        });
        let failed: Vec<_> = ended.iter().filter(|(_, status)| *status != "SUCCEEDED").collect();
        assert!(ended.len() == count && failed.is_empty(), "{count} were to succeed, not {ended:?}");
        let mut records = records();
        records.retain(|record| ended.contains_key(text(record, "execution")));
        Self { records, calls: calls.read(), mail: of_executions(&mail) }
    }

    /// The record of the decision on a finding.
    pub(crate) fn record(&self, event: &Value) -> &Value {
        let arn = event["detail"]["arn"].as_str().unwrap();
        let found = self.records.iter().find(|record| text(record, "finding_arn") == arn);
        found.unwrap_or_else(|| panic!("no decision was recorded on {arn}"))
    }

    /// The decision on a finding and its reason.
    pub(crate) fn decision(&self, event: &Value) -> (&str, &str) {
        let record = self.record(event);
        (text(record, "decision"), text(record, "reason"))
    }

    /// How many calls of this operation were made.
    pub(crate) fn count(&self, operation: &str) -> usize {
        self.calls(operation).count()
    }

    /// Whom `DisableUser` was called for: once for each call.
    pub(crate) fn disabled(&self) -> Vec<&str> {
        let named = |call: &'static str| self.calls(call).map(|call| &call["parameters"]["SAMAccountName"]);
        let mut users: Vec<_> = named("DisableUser").map(|name| name.as_str().unwrap()).collect();
        users.sort_unstable();
        users
    }

    fn calls(&self, operation: &str) -> impl Iterator<Item = &Value> {
        self.calls.iter().filter(move |call| call["operation"] == operation)
    }
}
