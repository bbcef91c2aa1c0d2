//! `finishSecret`: the new password becomes AWSCURRENT, after it has logged in once more.

use steward_core::directory::DirectoryKind;
use steward_core::notice::Notices;

use super::Tried;
use super::create::not_pending;
use super::test::unusable;
use crate::clock::Clock;
use crate::directories::{Directories, Domain};
use crate::error::Error;
use crate::event::Event;
use crate::evidence::Refusal;
use crate::handler::{Outcome, Rotator};
use crate::labels::Standing;
use crate::password_check::{PasswordCheck, Verdict};
use crate::secrets::{Moved, Secrets};
use steward_core::credential::Credential;

impl<S, D, K, N, C> Rotator<S, D, K, N, C>
where
    S: Secrets + Sync,
    D: Directories + Sync,
    K: PasswordCheck + Sync,
    N: Notices + Sync,
    C: Clock + Sync,
{
    pub(crate) async fn finish(&self, event: &Event) -> Result<Outcome, Error> {
        let labels = self.secrets.labels(&event.secret).await?;
        match labels.standing(&event.version) {
            Standing::Current => return Ok(Outcome::RotatedBefore),
            Standing::Pending => {}
            standing => return Err(not_pending(event, standing)),
        }
        let current = self.current(event).await?;
        let pending = self.stored(event, &current).await?.ok_or(Error::NotCreated)?;
        let domain = self.domain(&current).await?;
        match self.try_for_some_time(&domain, &pending).await? {
            Tried::Accepted => {}
            Tried::Rejected { .. } => return Err(Error::NotProved(pending.user)),
            Tried::Otherwise(verdict) => return Err(unusable(&pending, verdict)),
        }
        let from = labels.current.as_ref();
        match self.secrets.make_current(&event.secret, from, &event.version).await? {
            Moved::Yes => {
                self.put_right_if_overtaken(event, &domain, &pending).await?;
                Ok(Outcome::Rotated)
            }
            Moved::WasElsewhere => match self.secrets.labels(&event.secret).await?.standing(&event.version) {
                Standing::Current => Ok(Outcome::RotatedBefore),
                _ => Err(Error::LabelMoved),
            },
        }
    }

    /// An overtaken rotation may have given the directory back what was AWSCURRENT, just before it was moved.
    async fn put_right_if_overtaken(
        &self,
        event: &Event,
        domain: &Domain,
        pending: &Credential,
    ) -> Result<(), Error> {
        // It is done: what cannot be told now does not undo it.
        let Ok(Verdict::WrongPassword) = self.check(domain, pending).await else { return Ok(()) };
        if domain.kind == DirectoryKind::ManagedMicrosoftAd
            && !self.directories.account(domain, &pending.user).await?.enabled
        {
            return Err(Self::refused(pending, Refusal::Disabled));
        }
        self.restore(event, domain).await
    }
}
