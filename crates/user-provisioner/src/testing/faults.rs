//! The fault model: how a call of the flow can go wrong, and when it does.

use std::pin::Pin;
use std::task::Poll;

use super::World;
use super::random::Random;

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
    /// The answers of a domain controller that has not heard of the last change, for three quarters of a minute.
    StaleRead,
    /// The process dies after the call.
    Kill(Death),
    /// The state machine loses the invocation and starts another, while the process goes on.
    LeftBehind,
}

/// What a process's death does to the execution.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Death {
    /// The state machine repeats the step.
    Repeated,
    /// The state machine fails, and says so.
    Failed,
    /// The execution ends without a word: somebody stops it.
    Silent,
}

/// Calls that change something.
const EFFECTS: [&str; 10] = [
    "PutItem",
    "Publish",
    "AddGroupMember",
    "RemoveGroupMember",
    "CreateWorkspaces",
    "StartWorkspaces",
    "StopWorkspaces",
    "TerminateWorkspaces",
    "CreateUser",
    "DeleteUser",
];

impl Fault {
    /// Every kind. Six throttles are the last that the retries of a step outlast, seven are too many.
    pub(crate) const ALL: [Self; 11] = [
        Self::ErrorBefore,
        Self::LostAnswer,
        Self::LateEffect,
        Self::Throttle(2),
        Self::Throttle(6),
        Self::Throttle(7),
        Self::StaleRead,
        Self::Kill(Death::Repeated),
        Self::Kill(Death::Failed),
        Self::Kill(Death::Silent),
        Self::LeftBehind,
    ];

    /// Whether it can befall this operation.
    pub(crate) fn fits(self, operation: &str) -> bool {
        match self {
            Self::LateEffect => EFFECTS.contains(&operation),
            Self::StaleRead => operation == "ds-data DescribeUser",
            Self::Kill(_) | Self::LeftBehind => operation != "sns:publish",
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
    /// The fault of the next call.
    pub(super) fn next(&mut self, call: usize, operation: &str, random: &mut Random) -> Option<Fault> {
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

/// What has befallen a process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mark {
    Dead(Death),
    LeftBehind,
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

/// A process that goes on by itself.
pub(crate) struct Process(pub(super) Pin<Box<dyn Future<Output = ()> + Send>>);

impl std::fmt::Debug for Process {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a process")
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
                let due = state.now + 100 + state.random.below(4000);
                let effect = Box::new(move || drop(effect(&world)));
                state.late.push(Late { due, effect });
                None
            }
            Some(Fault::StaleRead) => {
                self.begin_stale();
                Some(effect(self))
            }
            Some(Fault::Kill(death)) => {
                effect(self);
                self.state().marks.insert(self.process, Mark::Dead(death));
                std::future::pending().await
            }
            Some(Fault::LeftBehind) => {
                self.state().marks.insert(self.process, Mark::LeftBehind);
                self.let_others_go_first().await;
                Some(effect(self))
            }
        }
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
        // Others than functions have no process that an invocation could lose.
        let fault =
            fault.filter(|fault| self.process != 0 || !matches!(fault, Fault::Kill(_) | Fault::LeftBehind));
        if let Some(Fault::Throttle(count)) = fault {
            state.throttled.entry(operation).or_default();
            if count > 0 {
                state.throttled.insert(operation, count - 1);
            }
        }
        let fault_text = fault.map_or(String::new(), |fault| format!("  {fault:?}"));
        let line = format!(
            "{:>4} {:>9} s  {:<8} {operation}{fault_text}",
            state.calls,
            state.now / 1000,
            self.actor
        );
        state.trace.push(line);
        fault
    }

    fn begin_stale(&self) {
        let mut state = self.state();
        state.stale_until = state.now + 45_000;
    }

    /// What has befallen this process, once.
    pub(super) fn take_mark(&self) -> Option<Mark> {
        self.state().marks.remove(&self.process)
    }

    /// Lets the schedule choose who makes the next call.
    async fn let_others_go_first(&self) {
        let mut gone = !self.state().scheduled;
        std::future::poll_fn(|_| {
            if std::mem::replace(&mut gone, true) {
                return Poll::Ready(());
            }
            self.state().pause_until(0);
            Poll::Pending
        })
        .await;
    }

    /// Waits in the schedule's time; outside of a schedule nobody waits.
    pub(crate) async fn wait(&self, milliseconds: u64) {
        let until = {
            let state = self.state();
            if !state.scheduled {
                return;
            }
            state.now + milliseconds
        };
        std::future::poll_fn(|_| {
            let mut state = self.state();
            if state.now >= until {
                return Poll::Ready(());
            }
            state.pause_until(until);
            Poll::Pending
        })
        .await;
    }
}

impl super::State {
    /// The branch that goes on first decides when its task does.
    fn pause_until(&mut self, until: u64) {
        self.pause = Some(self.pause.map_or(until, |earlier| earlier.min(until)));
    }

    /// For tests of single steps: lets time pass.
    pub(crate) fn forget_stale(&mut self) {
        self.stale_until = 0;
        self.throttled.clear();
    }
}
