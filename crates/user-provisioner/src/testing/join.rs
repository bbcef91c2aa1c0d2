//! Branches of a Map state, side by side.

use std::pin::Pin;
use std::task::Poll;

/// One branch.
pub(super) type Branch<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Runs all branches to their ends.
pub(super) async fn join_all<T>(branches: Vec<Branch<'_, T>>) -> Vec<T> {
    let mut running: Vec<(Branch<'_, T>, Option<T>)> =
        branches.into_iter().map(|branch| (branch, None)).collect();
    std::future::poll_fn(|context| {
        let mut ready = true;
        for (branch, result) in running.iter_mut().filter(|(_, result)| result.is_none()) {
            match branch.as_mut().poll(context) {
                Poll::Ready(done) => *result = Some(done),
                Poll::Pending => ready = false,
            }
        }
        if ready { Poll::Ready(()) } else { Poll::Pending }
    })
    .await;
    running.into_iter().filter_map(|(_, result)| result).collect()
}
