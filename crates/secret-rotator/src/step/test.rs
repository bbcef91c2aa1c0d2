//! `testSecret`: the new password logs in, or the rotation is undone.

use steward_core::notice::Notices;

use super::Tried;
use super::create::not_pending;
use crate::clock::Clock;
use crate::directories::{Directories, Domain};
use crate::error::Error;
use crate::event::Event;
use crate::evidence::{AfterRejection, Evidence, Question, Refusal, after_rejection};
use crate::handler::{Outcome, Rotator};
use crate::labels::Standing;
use crate::password_check::{PasswordCheck, Verdict};
use crate::secrets::Secrets;
use steward_core::credential::Credential;

impl<S, D, K, N, C> Rotator<S, D, K, N, C>
where
    S: Secrets + Sync,
    D: Directories + Sync,
    K: PasswordCheck + Sync,
    N: Notices + Sync,
    C: Clock + Sync,
{
    pub(crate) async fn test(&self, event: &Event) -> Result<Outcome, Error> {
        match self.secrets.labels(&event.secret).await?.standing(&event.version) {
            Standing::Current => return Ok(Outcome::RotatedBefore),
            Standing::Pending => {}
            standing => return Err(not_pending(event, standing)),
        }
        let current = self.current(event).await?;
        let stored = self.stored(event, &current).await?;
        let domain = self.domain(&current).await?;
        let Some(pending) = stored else { return self.test_configuration(&domain, &current).await };
        match self.try_for_some_time(&domain, &pending).await? {
            Tried::Accepted => Ok(Outcome::Proved),
            Tried::Rejected { for_good: true } => Err(self.revert(event, &domain, &current).await?),
            Tried::Rejected { for_good: false } => Err(Error::NotProved(current.user)),
            Tried::Otherwise(verdict) => Err(unusable(&current, verdict)),
        }
    }

    /// Where rotation is configured without rotating at once, Secrets Manager calls this step alone, with a version that
    /// it makes for that and removes again (API reference, `RotateSecret`, `RotateImmediately`); nothing says what that
    /// version holds. If it holds nothing, the way to the directory is what is tested. `finishSecret` never goes by this.
    async fn test_configuration(&self, domain: &Domain, current: &Credential) -> Result<Outcome, Error> {
        match self.check(domain, current).await? {
            Verdict::Accepted => Ok(Outcome::ConfigurationProved),
            Verdict::WrongPassword => Err(Error::NotCreated),
            verdict => Err(unusable(current, verdict)),
        }
    }

    /// Undoes the rotation, if the directory is proved to have neither password; the error that tells what was done.
    async fn revert(&self, event: &Event, domain: &Domain, current: &Credential) -> Result<Error, Error> {
        let mut known = Evidence { pending: Some(Verdict::WrongPassword), ..Evidence::default() };
        loop {
            match after_rejection(domain.kind, &known) {
                AfterRejection::Ask(Question::Account) => {
                    let account = self.directories.account(domain, &current.user).await?;
                    known.enabled = Some(account.enabled);
                }
                AfterRejection::Ask(_) => known.current = Some(self.check(domain, current).await?),
                AfterRejection::Revert => break,
                AfterRejection::NotSet => return Ok(Error::NotSet(current.user.clone())),
                AfterRejection::Refuse(why) => return Ok(Self::refused(current, why)),
            }
        }
        // All that took a minute.
        match self.secrets.labels(&event.secret).await?.standing(&event.version) {
            Standing::Pending => self.restore(event, domain).await?,
            standing => return Ok(not_pending(event, standing)),
        }
        // Not before: until AWSCURRENT is in force, AWSPENDING is what a repeated step begins with.
        self.give_up(event).await?;
        Ok(Error::Reverted(current.user.clone()))
    }
}

/// Why a password that is neither accepted nor rejected ends the step.
pub(super) fn unusable(credential: &Credential, verdict: Verdict) -> Error {
    let user = credential.user.clone();
    let why = match verdict {
        Verdict::Revoked(why) => Refusal::Revoked(why),
        Verdict::Unclear(why, kind) => Refusal::Unclear(why, kind),
        Verdict::Expired => Refusal::Unclear(
            "it has expired or must be changed at the next log-in. Clear that (\"User must change password at next \
             logon\"), then rotate again"
                .to_owned(),
            steward_core::error::Kind::Permanent,
        ),
        Verdict::Accepted | Verdict::WrongPassword => return Error::NotProved(user),
    };
    Error::Refused { user, why }
}
