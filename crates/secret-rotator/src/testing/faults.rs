//! The fault model: how a call of a step can go wrong, and when it does.

use std::task::Poll;

use super::World;
use super::random::Random;

/// Longest time that an effect is late.
const LATEST: u64 = 10_000;

/// How a call goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// An error, and nothing happened.
    ErrorBefore,
    /// It happened, and the answer is lost.
    LostAnswer,
    /// A time-out; it happens some seconds later.
    LateEffect,
    /// This call and the next ones of the same operation are refused: so many in all.
    Throttle(u32),
    /// It takes half a minute.
    Delay,
    /// The answer of a replica that has not heard of the last change.
    StaleRead,
    /// The process dies before the call has an effect.
    KillBefore,
    /// The process dies after it.
    KillAfter,
    /// The process dies, and it happens some seconds later.
    KillLate,
}

impl Fault {
    pub(crate) const ALL: [Self; 10] = [
        Self::ErrorBefore,
        Self::LostAnswer,
        Self::LateEffect,
        Self::Throttle(2),
        Self::Throttle(7),
        Self::Delay,
        Self::StaleRead,
        Self::KillBefore,
        Self::KillAfter,
        Self::KillLate,
    ];

    /// Whether it can befall this operation: only an effect can be late, only what is replicated is stale.
    pub(crate) fn fits(self, operation: &str) -> bool {
        match self {
            Self::LateEffect | Self::KillLate => {
                ["PutSecretValue", "UpdateSecretVersionStage", "ResetUserPassword", "Publish"]
                    .contains(&operation)
            }
            Self::StaleRead => {
                ["DescribeSecret", "GetSecretValue", "DescribeUser", "AS-REQ"].contains(&operation)
            }
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
    due: u64,
    effect: Box<dyn FnOnce() + Send>,
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
        self.pass_time(20);
        match self.next_fault(operation) {
            None => Some(self.happen(effect)),
            Some(Fault::ErrorBefore | Fault::Throttle(_)) => None,
            Some(Fault::LostAnswer) => {
                self.happen(effect);
                None
            }
            Some(Fault::Delay) => {
                let answer = self.happen(effect);
                self.pass_time(30_000);
                Some(answer)
            }
            Some(Fault::StaleRead) => {
                self.state().truth.reads_stale = true;
                let answer = self.happen(effect);
                self.state().truth.reads_stale = false;
                Some(answer)
            }
            Some(Fault::LateEffect) => {
                self.happens_later(effect);
                None
            }
            Some(fault @ (Fault::KillBefore | Fault::KillAfter | Fault::KillLate)) => {
                match fault {
                    Fault::KillAfter => drop(self.happen(effect)),
                    Fault::KillLate => self.happens_later(effect),
                    _ => {}
                }
                self.state().truth.dead.insert(self.process);
                std::future::pending().await
            }
        }
    }

    fn happens_later<T>(&self, effect: impl FnOnce(&Self) -> T + Send + 'static) {
        let world = self.clone();
        let mut state = self.state();
        let due = state.now + 100 + state.random.below(LATEST);
        state.late.push(Late { due, effect: Box::new(move || drop(world.happen(effect))) });
    }

    fn next_fault(&self, operation: &'static str) -> Option<Fault> {
        let mut guard = self.state();
        let state = &mut *guard;
        state.calls += 1;
        state.operations.push(operation);
        let throttled = state.throttled.get_mut(operation).filter(|left| **left > 0);
        let fault = if let Some(left) = throttled {
            *left -= 1;
            Some(Fault::Throttle(0))
        } else {
            state.faults.next(state.calls, operation, &mut state.random)
        };
        if let Some(Fault::Throttle(count @ 1..)) = fault {
            state.throttled.insert(operation, count - 1);
        }
        state.truth.faults += usize::from(fault.is_some());
        let fault_text = fault.map_or(String::new(), |fault| format!("  {fault:?}"));
        let line =
            format!("{:>4} {:>9} ms  {} {operation}{fault_text}", state.calls, state.now, self.process);
        state.trace.push(line);
        fault
    }

    /// No call is refused any more.
    pub(crate) fn recover(&self) {
        self.state().throttled.clear();
    }

    /// Time passes, and what is due happens.
    pub(crate) fn pass_time(&self, milliseconds: u64) {
        let until = self.state().now + milliseconds;
        loop {
            let mut state = self.state();
            let due = state.late.iter().enumerate().filter(|(_, late)| late.due <= until);
            let Some((next, _)) = due.min_by_key(|(_, late)| late.due) else {
                state.now = until;
                return;
            };
            let late = state.late.remove(next);
            state.now = state.now.max(late.due);
            let line = format!("     {:>9} ms  a late effect happens", state.now);
            state.trace.push(line);
            drop(state);
            (late.effect)();
        }
    }

    /// In a schedule, lets it choose who makes the next call.
    async fn let_others_go_first(&self) {
        let mut gone = !self.state().scheduled;
        std::future::poll_fn(|_| {
            if std::mem::replace(&mut gone, true) { Poll::Ready(()) } else { Poll::Pending }
        })
        .await;
    }
}
