//! The fault model: how a call of the flow can go wrong, and when it does.

use std::task::Poll;

use steward_core::clock::simulated;

use super::World;
use super::random::Random;

/// How a call goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// An error, and nothing happened.
    ErrorBefore,
    /// It happened, and the answer is lost.
    LostAnswer,
    /// A time-out; it happens some minutes later at most.
    LateEffect,
    /// This call and the next ones of the same operation are refused: so many in all.
    Throttle(u32),
    /// The answers of services that have not heard of the last change, for three quarters of a minute.
    StaleRead,
    /// The process dies after the call.
    Kill,
}

/// Calls that change something.
const EFFECTS: [&str; 8] = [
    "PutItem",
    "Publish",
    "SendMessage",
    "SendCommand",
    "CreateComputer",
    "DeleteComputer",
    "DeleteRecord",
    "OrderRemoval",
];

/// Reads that may come from a replica.
const REPLICATED: [&str; 4] = ["DescribeInstances", "SearchByName", "SearchBySid", "GetCommandInvocation"];

impl Fault {
    pub(crate) const ALL: [Self; 7] = [
        Self::ErrorBefore,
        Self::LostAnswer,
        Self::LateEffect,
        Self::Throttle(2),
        Self::Throttle(7),
        Self::StaleRead,
        Self::Kill,
    ];

    /// Whether it can befall this operation.
    pub(crate) fn fits(self, operation: &str) -> bool {
        match self {
            Self::LateEffect => EFFECTS.contains(&operation),
            Self::StaleRead => REPLICATED.contains(&operation),
            _ => true,
        }
    }
}

/// Which calls go wrong.
#[derive(Debug, Clone, Default)]
pub(crate) enum Faults {
    #[default]
    None,
    /// The call of this number.
    At(usize, Fault),
    /// So often in a thousand calls, and so many at most.
    Random { per_mille: u64, left: u32 },
}

impl Faults {
    fn next(&mut self, call: usize, operation: &str, random: &mut Random) -> Option<Fault> {
        let fault = match self {
            Self::At(at, fault) if *at == call => *fault,
            Self::Random { per_mille, left } if *left > 0 && random.chance(*per_mille) => {
                let fault = *random.pick(&Fault::ALL);
                *left -= u32::from(fault.fits(operation));
                fault
            }
            _ => return None,
        };
        fault.fits(operation).then_some(fault)
    }
}

/// An effect that is still on its way.
pub(crate) struct Late {
    pub(super) due: u64,
    pub(super) effect: Box<dyn FnOnce() + Send>,
}

impl std::fmt::Debug for Late {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "an effect due at {}", self.due)
    }
}

impl World {
    /// One call to a service. `None` is an answer that tells nothing: the effect may have happened or not.
    pub(super) async fn call<T: Send + 'static>(
        &self,
        operation: &'static str,
        effect: impl FnOnce(&Self) -> T + Send + 'static,
    ) -> Option<T> {
        self.let_others_go_first().await;
        if !self.pace(operation).await {
            return None;
        }
        match self.next_fault(operation) {
            None => Some(effect(self)),
            Some(Fault::ErrorBefore | Fault::Throttle(_)) => None,
            Some(Fault::LostAnswer) => {
                effect(self);
                None
            }
            Some(Fault::LateEffect) => {
                let world = self.clone();
                let mut state = self.state();
                let due = state.now + 1 + state.random.below(240);
                let effect = Box::new(move || drop(effect(&world)));
                state.late.push(Late { due, effect });
                None
            }
            Some(Fault::StaleRead) => {
                let mut state = self.state();
                state.stale_until = state.now + 45;
                drop(state);
                Some(effect(self))
            }
            Some(Fault::Kill) => {
                effect(self);
                self.state().killed.insert(self.process);
                std::future::pending().await
            }
        }
    }

    fn next_fault(&self, operation: &'static str) -> Option<Fault> {
        let mut guard = self.state();
        let state = &mut *guard;
        state.calls += 1;
        state.operations.push(operation);
        let throttled = state.throttled.get_mut(operation).filter(|left| **left > 0);
        let fault = if state.denied.contains(operation) {
            Some(Fault::ErrorBefore)
        } else if let Some(left) = throttled {
            *left -= 1;
            Some(Fault::Throttle(0))
        } else {
            state.faults.next(state.calls, operation, &mut state.random)
        };
        if let Some(Fault::Throttle(count @ 1..)) = fault {
            state.throttled.insert(operation, count - 1);
        }
        let said = fault.map_or(String::new(), |fault| format!("  {fault:?}"));
        let line = format!("{:>8} s  {:>4} p{:<3} {operation}{said}", state.now, state.calls, self.process);
        state.trace.push(line);
        fault
    }

    /// Whether a service answers as it would have before the last change.
    pub(super) fn is_stale(&self) -> bool {
        let state = self.state();
        state.now < state.stale_until
    }

    async fn let_others_go_first(&self) {
        let mut gone = !self.state().turns;
        std::future::poll_fn(|_| {
            if std::mem::replace(&mut gone, true) { Poll::Ready(()) } else { Poll::Pending }
        })
        .await;
    }

    pub(super) fn land_late_effects(&self) {
        loop {
            let mut state = self.state();
            let now = state.now;
            let Some(due) = state.late.iter().position(|late| late.due <= now) else { return };
            let late = state.late.remove(due);
            drop(state);
            self.log("a late effect happens".to_owned());
            simulated::set(Some(now));
            (late.effect)();
        }
    }

    /// Lets every service recover.
    pub(crate) fn recover(&self) {
        let mut state = self.state();
        state.faults = Faults::None;
        state.stale_until = 0;
        state.throttled.clear();
        state.trace.push("everything recovers".to_owned());
    }
}
