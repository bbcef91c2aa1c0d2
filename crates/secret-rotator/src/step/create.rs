//! `createSecret`: a new password is stored before the directory hears of it.

use steward_core::directory::DirectoryKind;
use steward_core::notice::Notices;

use crate::clock::Clock;
use crate::directories::{Directories, Domain};
use crate::error::Error;
use crate::event::Event;
use crate::evidence::Refusal;
use crate::generator;
use crate::handler::{Outcome, Rotator};
use crate::labels::Standing;
use crate::password_check::{PasswordCheck, Verdict};
use crate::secrets::{Put, Secrets};
use steward_core::credential::Credential;

impl<S, D, K, N, C> Rotator<S, D, K, N, C>
where
    S: Secrets + Sync,
    D: Directories + Sync,
    K: PasswordCheck + Sync,
    N: Notices + Sync,
    C: Clock + Sync,
{
    /// Secrets Manager labels the version AWSPENDING, still empty, before it calls: a version without the label is not
    /// to be rotated, or no longer.
    pub(crate) async fn create(&self, event: &Event) -> Result<Outcome, Error> {
        let labels = self.secrets.labels(&event.secret).await?;
        let standing = labels.standing(&event.version);
        if standing == Standing::Current {
            return Ok(Outcome::RotatedBefore);
        }
        if labels.rotation_is_off {
            return Err(Error::RotationOff);
        }
        let current = self.current(event).await?;
        let stored = self.stored(event, &current).await?;
        match (standing, stored) {
            (Standing::Pending, Some(_)) => Ok(Outcome::CreatedBefore),
            (Standing::Pending, None) => self.make(event, &current).await,
            (standing, Some(stored)) => Err(self.overtaken(event, standing, &current, &stored).await?),
            (standing, None) => Err(not_pending(event, standing)),
        }
    }

    async fn make(&self, event: &Event, current: &Credential) -> Result<Outcome, Error> {
        let domain = self.domain(current).await?;
        let names = self.names(&domain, current).await?;
        let password =
            generator::draw(&self.secrets, &self.config.recipe, current.user.as_str(), &names).await?;
        match self.secrets.put_pending(event, &current.with_password(&password)).await? {
            Put::Stored => Ok(Outcome::Created),
            // An earlier call has stored one although nobody heard: that one counts.
            Put::Taken => match self.stored(event, current).await? {
                Some(_) => Ok(Outcome::CreatedBefore),
                None => Err(Error::NotCreated),
            },
        }
    }

    /// What a password must not contain; of a disabled account none is made.
    async fn names(&self, domain: &Domain, current: &Credential) -> Result<Vec<String>, Error> {
        match domain.kind {
            DirectoryKind::SimpleAd => Ok(Vec::new()),
            DirectoryKind::ManagedMicrosoftAd => {
                let account = self.directories.account(domain, &current.user).await?;
                if !account.enabled {
                    return Err(Self::refused(current, Refusal::Disabled));
                }
                Ok(account.names)
            }
        }
    }

    /// The rotation lost AWSPENDING after its password was made. Should the directory have that password, because a
    /// reset came late, it is given AWSCURRENT's back: no label leads to the other any more.
    async fn overtaken(
        &self,
        event: &Event,
        standing: Standing,
        current: &Credential,
        stored: &Credential,
    ) -> Result<Error, Error> {
        let domain = self.domain(current).await?;
        if self.logs_in(&domain, current).await? {
            return Ok(not_pending(event, standing));
        }
        // It logs in, so the account is enabled.
        if self.logs_in(&domain, stored).await? {
            self.restore(event, &domain).await?;
        }
        Ok(not_pending(event, standing))
    }

    async fn logs_in(&self, domain: &Domain, credential: &Credential) -> Result<bool, Error> {
        match self.check(domain, credential).await? {
            Verdict::Accepted => Ok(true),
            Verdict::Unclear(why, kind) => Err(Self::refused(credential, Refusal::Unclear(why, kind))),
            Verdict::WrongPassword | Verdict::Expired | Verdict::Revoked(_) => Ok(false),
        }
    }
}

/// The version is not to be rotated, or no longer.
pub(super) fn not_pending(event: &Event, standing: Standing) -> Error {
    match standing {
        Standing::Elsewhere(other) => Error::PendingElsewhere { version: event.version.clone(), other },
        _ => Error::Overtaken(event.version.clone()),
    }
}
