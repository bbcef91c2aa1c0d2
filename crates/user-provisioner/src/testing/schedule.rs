//! Interleaves processes: at every call the seed chooses whose turn it is, and time passes only here.

use std::task::Poll;

use super::World;
use super::faults::Process;
use steward_core::clock::simulated;

/// When schedules begin: a full hour.
const BEGIN: u64 = 1_763_690_400_000;

/// Processes that take turns.
pub(crate) struct Schedule {
    world: World,
    tasks: Vec<Task>,
}

struct Task {
    process: Process,
    /// Waits until then, in milliseconds.
    until: u64,
}

impl Schedule {
    pub(crate) fn new(world: &World) -> Self {
        let mut state = world.state();
        state.scheduled = true;
        state.now = state.now.max(BEGIN);
        drop(state);
        Self { world: world.clone(), tasks: Vec::new() }
    }

    /// Adds a process that begins so many milliseconds from now.
    pub(crate) fn add(&mut self, after: u64, process: impl Future<Output = ()> + Send + 'static) {
        let until = self.world.state().now + after;
        self.tasks.push(Task { process: Process(Box::pin(process)), until });
    }

    /// Goes on until every process has ended and every late effect has happened.
    pub(crate) async fn run(&mut self) {
        loop {
            self.land_late_effects();
            if self.world.state().trace.len() > 20_000 {
                let trace = self.world.state().trace.clone();
                panic!("it never ends: {}", trace[19_900..].join("\n"));
            }
            let left_behind = std::mem::take(&mut self.world.state().left_behind);
            self.tasks.extend(left_behind.into_iter().map(|process| Task { process, until: 0 }));
            match self.choose() {
                Some(chosen) => {
                    if self.turn(chosen).await {
                        drop(self.tasks.swap_remove(chosen));
                    }
                }
                None if self.tasks.is_empty() && self.world.state().late.is_empty() => break,
                None => self.pass_time(),
            }
        }
        simulated::set(None);
    }

    fn choose(&self) -> Option<usize> {
        let mut state = self.world.state();
        let ready: Vec<usize> =
            (0..self.tasks.len()).filter(|task| self.tasks[*task].until <= state.now).collect();
        (!ready.is_empty()).then(|| *state.random.pick(&ready))
    }

    /// Lets a process go on to its next call or wait; true when it has ended.
    async fn turn(&mut self, chosen: usize) -> bool {
        {
            let mut state = self.world.state();
            state.now += state.random.below(60);
            state.pause = None;
            simulated::set(Some(state.now / 1000));
        }
        let task = &mut self.tasks[chosen];
        loop {
            let ended =
                std::future::poll_fn(|context| Poll::Ready(task.process.0.as_mut().poll(context).is_ready()));
            if ended.await {
                return true;
            }
            if let Some(until) = self.world.state().pause.take() {
                task.until = until;
                return false;
            }
            // It waits for a timer of the runtime's: nobody else goes on meanwhile, so that the trace stays the same.
            tokio::task::yield_now().await;
        }
    }

    fn pass_time(&mut self) {
        let mut state = self.world.state();
        let waits = self.tasks.iter().map(|task| task.until);
        let next = waits.chain(state.late.iter().map(|late| late.due)).min().unwrap_or(state.now);
        state.now = state.now.max(next);
    }

    fn land_late_effects(&mut self) {
        loop {
            let mut state = self.world.state();
            let now = state.now;
            let Some(due) = state.late.iter().position(|late| late.due <= now) else { return };
            let late = state.late.remove(due);
            state.trace.push(format!("     {now:>9} ms  a late effect happens"));
            drop(state);
            simulated::set(Some(now / 1000));
            (late.effect)();
        }
    }
}

/// Runs a test's future with the timers that the steps need.
pub(crate) fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(future)
}
