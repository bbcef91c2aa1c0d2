//! What the steps have in common: the parties of a rotation, and the careful ways to try and to set a password.

mod create;
mod finish;
mod set;
mod test;

use std::time::Duration;

use steward_core::directory::DirectoryError;
use steward_core::error::Kind;
use steward_core::notice::Notices;

use crate::clock::Clock;
use crate::directories::{Directories, Domain};
use crate::error::Error;
use crate::event::Event;
use crate::evidence::Refusal;
use crate::handler::Rotator;
use crate::labels::Standing;
use crate::password_check::{PasswordCheck, Unanswered, Verdict};
use crate::secrets::{Secrets, Which};
use steward_core::credential::Credential;

/// After a reset without an answer: by then it has happened, or it will not.
const SETTLING: Duration = Duration::from_secs(15);

/// Wrong passwords in one test at most, however many the domain allows.
const MOST_TRIES: u32 = 5;

/// Between two tries where the domain controllers give nothing to go by.
const UNCLEAR_PAUSE: Duration = Duration::from_secs(5);

/// What became of a password that was tried for some time.
#[derive(Debug)]
enum Tried {
    /// It logs in.
    Accepted,
    /// It is rejected; for good, if that was seen twice, and the second time after the last replication.
    Rejected { for_good: bool },
    /// Neither.
    Otherwise(Verdict),
}

impl<S, D, K, N, C> Rotator<S, D, K, N, C>
where
    S: Secrets + Sync,
    D: Directories + Sync,
    K: PasswordCheck + Sync,
    N: Notices + Sync,
    C: Clock + Sync,
{
    /// What AWSCURRENT holds.
    async fn current(&self, event: &Event) -> Result<Credential, Error> {
        self.read(event, Which::Current, "AWSCURRENT").await?.ok_or(Error::NoCurrent)
    }

    /// What the rotation's version holds; about the same account as AWSCURRENT.
    async fn stored(&self, event: &Event, current: &Credential) -> Result<Option<Credential>, Error> {
        let stored = self.read(event, Which::Version(&event.version), "AWSPENDING").await?;
        if let Some(stored) = &stored {
            stored.same_account(current).map_err(Error::Changed)?;
        }
        Ok(stored)
    }

    async fn read(
        &self,
        event: &Event,
        which: Which<'_>,
        label: &'static str,
    ) -> Result<Option<Credential>, Error> {
        let Some(text) = self.secrets.text(&event.secret, which).await? else { return Ok(None) };
        Credential::read(&text).map(Some).map_err(|problem| Error::Shape { label, problem })
    }

    async fn domain(&self, credential: &Credential) -> Result<Domain, Error> {
        let domain = self.directories.domain(&credential.directory).await?;
        domain.ok_or_else(|| Error::ForeignDirectory(credential.directory.clone()))
    }

    fn guesses_left(&self, domain: &Domain, credential: &Credential) -> u32 {
        self.guesses.left(&account_key(domain, credential), self.clock.now())
    }

    /// Tries a password, if a wrong one could not lock the account.
    async fn check(&self, domain: &Domain, credential: &Credential) -> Result<Verdict, Error> {
        let account = account_key(domain, credential);
        if self.guesses_left(domain, credential) == 0 {
            return Err(Error::GuessesSpent(credential.user.clone()));
        }
        let verdict = match self.passwords.check(domain, &credential.user, &credential.password).await {
            Ok(verdict) => verdict,
            Err(Unanswered(why)) => {
                self.guesses.wrong(&account, self.clock.now());
                return Ok(Verdict::Unclear(why, Kind::Transient));
            }
        };
        match verdict {
            Verdict::Accepted => self.guesses.right(&account),
            Verdict::WrongPassword => self.guesses.wrong(&account, self.clock.now()),
            _ => {}
        }
        Ok(verdict)
    }

    /// Tries a password until it logs in or replication must have reached every domain controller. One wrong password
    /// is left for asking about AWSCURRENT.
    async fn try_for_some_time(&self, domain: &Domain, credential: &Credential) -> Result<Tried, Error> {
        let began = self.clock.now();
        let tries = self.guesses_left(domain, credential).saturating_sub(1).clamp(1, MOST_TRIES);
        let mut rejected = 0;
        loop {
            let waited = self.clock.now().saturating_sub(began);
            match self.check(domain, credential).await? {
                Verdict::Accepted => return Ok(Tried::Accepted),
                Verdict::WrongPassword => {
                    rejected += 1;
                    if rejected >= tries {
                        return Ok(Tried::Rejected {
                            for_good: rejected > 1 && waited >= self.config.patience,
                        });
                    }
                    let until = began + at_try(rejected, tries, self.config.patience);
                    self.clock.wait(until.saturating_sub(self.clock.now())).await;
                }
                Verdict::Unclear(_, Kind::Transient) if waited < self.config.patience => {
                    self.clock.wait(UNCLEAR_PAUSE).await;
                }
                verdict => return Ok(Tried::Otherwise(verdict)),
            }
        }
    }

    /// Gives the directory AWSCURRENT's password back. The caller knows that the account is enabled.
    ///
    /// A reset cannot be made to depend on a label: should another rotation have moved AWSCURRENT meanwhile, its password
    /// is what the directory is given.
    async fn restore(&self, event: &Event, domain: &Domain) -> Result<(), Error> {
        let mut current = self.current(event).await?;
        loop {
            self.put_back(domain, &current).await?;
            let now = self.current(event).await?;
            now.same_account(&current).map_err(Error::Changed)?;
            if now.same_password(&current) {
                return Ok(());
            }
            current = now;
        }
    }

    async fn put_back(&self, domain: &Domain, current: &Credential) -> Result<(), Error> {
        match self.directories.reset_password(domain, &current.user, &current.password).await {
            Ok(()) => Ok(()),
            // It may still happen: were it taken for failed, it could happen after another rotation has ended well.
            Err(error) if error.kind() == Kind::Transient => {
                self.clock.wait(SETTLING).await;
                match self.check(domain, current).await? {
                    Verdict::Accepted => Ok(()),
                    _ => Err(error.into()),
                }
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Takes AWSPENDING from the rotation's version.
    async fn give_up(&self, event: &Event) -> Result<(), Error> {
        match self.secrets.drop_pending(&event.secret, &event.version).await {
            Ok(_) => Ok(()),
            // As with a reset: it may still happen.
            Err(error) if error.kind() == Kind::Transient => {
                self.clock.wait(SETTLING).await;
                match self.secrets.labels(&event.secret).await?.standing(&event.version) {
                    Standing::Pending => Err(error.into()),
                    _ => Ok(()),
                }
            }
            Err(error) => Err(error.into()),
        }
    }

    fn refused(credential: &Credential, why: Refusal) -> Error {
        Error::Refused { user: credential.user.clone(), why }
    }
}

/// When the next try comes after `rejected` of `tries`: soon at first, the last one when the patience ends.
fn at_try(rejected: u32, tries: u32, patience: Duration) -> Duration {
    let steps = (tries - 1).max(1);
    patience * (rejected * rejected) / (steps * steps)
}

fn account_key(domain: &Domain, credential: &Credential) -> String {
    format!("{}/{}", domain.directory, credential.user.lower())
}

/// The directory's words for a password that its policy refuses.
fn policy_refusal(error: &DirectoryError) -> Option<String> {
    match error {
        DirectoryError::PasswordRefused { reason, .. } => Some(reason.clone()),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
