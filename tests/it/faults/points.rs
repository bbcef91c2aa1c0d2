//! The calls of a flow: each is a point at which something can fail.

use std::collections::BTreeMap;
use std::fmt;

use serde_json::Value;

use crate::fault::Kind;
use crate::invariants::seconds;

/// The n-th call of an operation in a flow, counted from 0.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Point {
    pub(crate) service: String,
    pub(crate) operation: String,
    pub(crate) index: usize,
    /// Whether the call comes after the execution's end.
    pub(crate) is_of_the_aftermath: bool,
}

impl fmt::Display for Point {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} {} #{}", self.service, self.operation, self.index + 1)
    }
}

/// The points of a flow, from the journal of its calls; it had ended at a moment in seconds since 1970.
pub(crate) fn points(calls: &[Value], ended: f64) -> Vec<Point> {
    let mut seen = BTreeMap::<_, usize>::new();
    let point = |call| {
        let (service, operation) = (text(call, "service").to_owned(), text(call, "operation").to_owned());
        let count = seen.entry((service.clone(), operation.clone())).or_default();
        *count += 1;
        Point { service, operation, index: *count - 1, is_of_the_aftermath: seconds(call) > ended }
    };
    calls.iter().map(point).collect()
}

fn text<'a>(call: &'a Value, name: &str) -> &'a str {
    call[name].as_str().unwrap()
}

impl Point {
    /// Whether the call changes nothing.
    pub(crate) fn is_read(&self) -> bool {
        ["Get", "Describe", "List", "Search"].iter().any(|verb| self.operation.starts_with(verb))
    }

    /// Whether a function makes the call, and not the state machine.
    fn is_of_a_function(&self) -> bool {
        self.service != "lambda"
    }

    /// Whether the product reads it in a way that may be stale.
    fn may_be_stale(&self) -> bool {
        self.is_read()
            && (self.service == "ds-data" || (self.service == "ssm" && self.operation == "GetParameter"))
    }

    /// Whether a process asks for it only once in a while: the groups that a group is in.
    pub(crate) fn is_remembered(&self) -> bool {
        self.operation == "ListGroupsForMember" && self.index > 0
    }

    /// Every kind of fault that the point can meet, for how many calls: one, three, which outlast the SDK's retries, or so
    /// many that they outlast the state's too.
    pub(crate) fn faults(&self) -> Vec<(Kind, u32)> {
        let mut faults = vec![(Kind::ErrorBefore, 3), (Kind::Throttle, 3), (Kind::LostAnswer, 3)];
        // Longer than the SDK waits for an answer.
        faults.push((Kind::Delay(9000), 1));
        if self.may_be_stale() {
            faults.push((Kind::StaleRead, 3));
        }
        if self.is_of_a_function() {
            faults.push((Kind::KillAfter, 1));
        }
        if !self.is_read() {
            let (late, long) = (Kind::LateEffect(1500), if self.is_of_a_function() { 21 } else { 7 });
            faults.extend([(late, 1), (late, 3), (Kind::LostAnswer, 1)]);
            faults.extend([(Kind::ErrorBefore, long), (Kind::LostAnswer, long)]);
        }
        faults
    }
}
