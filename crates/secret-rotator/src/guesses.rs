//! Counts wrong passwords, so that testing passwords never locks an account.
//!
//! A domain locks an account after so many wrong passwords within the time in which it remembers them. The function
//! leaves one of them unused. The memory is the process's own: Lambda lets the steps of a rotation share one, unless it
//! was killed.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// How long a domain remembers: Active Directory's suggestion for "Reset account lockout counter after".
const WINDOW: Duration = Duration::from_secs(1800);

/// Guesses that are left where no threshold limits them.
const UNLIMITED: u32 = 100;

/// The wrong passwords that were tried for each account.
#[derive(Debug)]
pub struct Guesses {
    threshold: u32,
    made: Mutex<BTreeMap<String, Vec<Duration>>>,
}

impl Guesses {
    /// For domains that lock after `threshold` wrong passwords; never for 0.
    pub fn new(threshold: u32) -> Self {
        Self { threshold, made: Mutex::default() }
    }

    /// How many wrong passwords may be tried now.
    pub fn left(&self, account: &str, now: Duration) -> u32 {
        if self.threshold == 0 {
            return UNLIMITED;
        }
        let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        let made = made.entry(account.to_owned()).or_default();
        made.retain(|guess| now < *guess + WINDOW);
        (self.threshold - 1).saturating_sub(u32::try_from(made.len()).unwrap_or(u32::MAX))
    }

    /// Notes a wrong password.
    pub fn wrong(&self, account: &str, now: Duration) {
        let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        made.entry(account.to_owned()).or_default().push(now);
    }

    /// Notes a right one: the domain forgets the wrong ones.
    pub fn right(&self, account: &str) {
        self.made.lock().unwrap_or_else(PoisonError::into_inner).remove(account);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn leaves_one_guess_unused_until_the_domain_forgets() {
        let guesses = Guesses::new(3);
        let minute = |minute: u64| Duration::from_secs(minute * 60);
        assert_eq!(guesses.left("a", minute(0)), 2);
        guesses.wrong("a", minute(0));
        guesses.wrong("a", minute(10));
        assert_eq!(guesses.left("a", minute(29)), 0);
        assert_eq!(guesses.left("b", minute(29)), 2, "each account for itself");
        assert_eq!(guesses.left("a", minute(30)), 1);
        guesses.right("a");
        assert_eq!(guesses.left("a", minute(30)), 2);
        assert_eq!(Guesses::new(0).left("a", minute(0)), UNLIMITED);
    }
}
