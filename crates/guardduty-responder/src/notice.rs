//! Telling people, once for each cause.

mod question;
mod remaining;
mod text;

pub use steward_core::notice::{Notice, NoticeError, Notices, Topic};

pub use question::{question, review};
pub use remaining::is_left;
pub use text::{Links, contained, held_back, not_contained, released, seen_by_witness, unreported};

use steward_core::store::{self, Telling};

use crate::error::Error;
use crate::records::{Budget, Spending, Store, is_told, spend};

/// What became of telling.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Told {
    /// Sent now.
    Now,
    /// Sent before, for the same cause.
    Before,
    /// Held back: this hour's notices are spent, and people know that.
    Held,
}

/// Tells people of a cause, once; after a death in the middle perhaps once more, never not at all.
///
/// # Errors
/// [`Error::NoticeBusy`] while another sender is at it; any failure of the table or the topic.
pub async fn tell<S: Store, N: Notices>(
    store: &S,
    notices: &N,
    cause: &str,
    sender: &str,
    now: u64,
    notice: &Notice,
) -> Result<Told, Error> {
    Ok(match store::tell(store, notices, cause, sender, now, notice).await? {
        Telling::Now => Told::Now,
        Telling::Before => Told::Before,
    })
}

/// How many notices that report no containment an hour has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limit {
    /// So many.
    pub an_hour: usize,
    /// Where the reader of the last one goes.
    pub links: Links,
}

/// Tells people of a cause while this hour's budget of notices lasts; then one notice says that it is spent and where to
/// look. A cause that was held back is told with its next finding in a later hour.
///
/// # Errors
/// As [`tell`].
pub async fn tell_within_budget<S: Store, N: Notices>(
    store: &S,
    notices: &N,
    cause: &str,
    sender: &str,
    now: u64,
    notice: &Notice,
    limit: &Limit,
) -> Result<Told, Error> {
    if is_told(store, cause).await? {
        return Ok(Told::Before);
    }
    match spend(store, Budget::Notices, now, cause, limit.an_hour).await? {
        Spending::Granted => tell(store, notices, cause, sender, now, notice).await,
        Spending::Refused => {
            let hour = now / 3600;
            let summary = held_back(hour, limit.an_hour, &limit.links);
            match tell(store, notices, &format!("notices-held#{hour}"), sender, now, &summary).await {
                // Whoever is at it repeats it until it is sent.
                Ok(_) | Err(Error::NoticeBusy(_)) => Ok(Told::Held),
                Err(error) => Err(error),
            }
        }
    }
}
