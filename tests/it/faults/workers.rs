//! Work that is mostly waiting, side by side.

use std::collections::VecDeque;
use std::sync::Mutex;
use std::thread::scope;

/// Does something with each item, so many at a time; what came of it, in the order in which it was done.
pub(crate) fn with_each<T: Send, R: Send>(
    items: Vec<T>,
    at_a_time: usize,
    work: impl Fn(T) -> R + Sync,
) -> Vec<R> {
    let (queue, done) = (Mutex::new(VecDeque::from(items)), Mutex::new(Vec::new()));
    let next = || queue.lock().unwrap().pop_front();
    scope(|scope| {
        for _ in 0..at_a_time {
            scope.spawn(|| {
                while let Some(item) = next() {
                    let result = work(item);
                    done.lock().unwrap().push(result);
                }
            });
        }
    });
    done.into_inner().unwrap()
}
