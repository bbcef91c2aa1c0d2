//! Faults as `scripts/lab fault` declares them.

use serde_json::json;

use crate::operator;

/// A kind of fault, with what it needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    ErrorBefore,
    LostAnswer,
    Throttle,
    /// Milliseconds by which the call takes longer.
    Delay(u32),
    /// Milliseconds after which the effect comes.
    LateEffect(u32),
    StaleRead,
    KillAfter,
    /// Of a connection to a domain controller.
    Silent,
    Garbage,
}

impl Kind {
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::ErrorBefore => "error-before",
            Self::LostAnswer => "lost-answer",
            Self::Throttle => "throttle",
            Self::Delay(_) => "delay",
            Self::LateEffect(_) => "late-effect",
            Self::StaleRead => "stale-read",
            Self::KillAfter => "kill-after",
            Self::Silent => "silent",
            Self::Garbage => "garbage",
        }
    }
}

/// What calls meet from now on.
pub(crate) struct Fault<'a> {
    pub(crate) service: &'a str,
    pub(crate) operation: &'a str,
    pub(crate) kind: Kind,
    pub(crate) count: u32,
    /// So many calls of the operation are left alone.
    pub(crate) after: usize,
    /// A text in the event that the caller works on.
    pub(crate) text: &'a str,
}

impl Fault<'_> {
    pub(crate) fn declare(&self) {
        let delay = match self.kind {
            Kind::Delay(milliseconds) | Kind::LateEffect(milliseconds) => milliseconds,
            _ => 0,
        };
        let fault = json!({
            "service": self.service,
            "operation": self.operation,
            "kind": self.kind.word(),
            "count": self.count,
            "after": self.after,
            "delay_ms": delay,
            "text": self.text,
        });
        operator::lab("fault", &json!({ "declare": fault }));
    }
}

/// Forgets all faults for a text; tells how many calls met them.
pub(crate) fn clear(text: &str) -> u64 {
    let known = operator::lab("fault", &json!({}));
    operator::lab("fault", &json!({ "clear": text }));
    let ours = known["faults"].as_array().unwrap().iter().filter(|fault| fault["text"] == text);
    ours.map(|fault| fault["hits"].as_u64().unwrap()).sum()
}

/// Whether a call has met a fault for a text.
pub(crate) fn is_met(text: &str) -> bool {
    let known = operator::lab("fault", &json!({}));
    let mut ours = known["faults"].as_array().unwrap().iter().filter(|fault| fault["text"] == text);
    ours.any(|fault| fault["hits"].as_u64() > Some(0))
}
