//! `setSecret`: the directory is given the new password, unless it has it or the account is not known to be enabled.

use steward_core::directory::DirectoryKind;
use steward_core::notice::Notices;

use super::create::not_pending;
use super::policy_refusal;
use crate::clock::Clock;
use crate::directories::{Directories, Domain};
use crate::error::Error;
use crate::event::Event;
use crate::evidence::{BeforeReset, Evidence, Question, Refusal, before_reset};
use crate::handler::{Outcome, Rotator};
use crate::labels::Standing;
use crate::password_check::{PasswordCheck, Verdict};
use crate::secrets::{Secrets, Which};
use steward_core::credential::Credential;

impl<S, D, K, N, C> Rotator<S, D, K, N, C>
where
    S: Secrets + Sync,
    D: Directories + Sync,
    K: PasswordCheck + Sync,
    N: Notices + Sync,
    C: Clock + Sync,
{
    pub(crate) async fn set(&self, event: &Event) -> Result<Outcome, Error> {
        let labels = self.secrets.labels(&event.secret).await?;
        match labels.standing(&event.version) {
            Standing::Current => return Ok(Outcome::RotatedBefore),
            Standing::Pending => {}
            standing => return Err(not_pending(event, standing)),
        }
        if labels.rotation_is_off {
            return Err(Error::RotationOff);
        }
        let current = self.current(event).await?;
        let pending = self.stored(event, &current).await?.ok_or(Error::NotCreated)?;
        let domain = self.domain(&current).await?;
        match self.may_be_set(event, &domain, &current, &pending).await {
            Ok(true) => {}
            Ok(false) => return Ok(Outcome::SetBefore),
            Err(Error::GuessesSpent(user)) => {
                self.refuse_if_disabled(&domain, &current).await?;
                return Err(Error::GuessesSpent(user));
            }
            Err(error) => return Err(error),
        }
        self.reset(event, &domain, &pending).await?;
        self.give_back_if_overtaken(event, &domain).await?;
        Ok(Outcome::Set)
    }

    /// Asks until it is clear whether the new password may be set; false when it is set already.
    async fn may_be_set(
        &self,
        event: &Event,
        domain: &Domain,
        current: &Credential,
        pending: &Credential,
    ) -> Result<bool, Error> {
        let mut known = Evidence::default();
        loop {
            match before_reset(domain.kind, &known) {
                BeforeReset::Ask(Question::Pending) => {
                    known.pending = Some(self.check(domain, pending).await?);
                }
                BeforeReset::Ask(Question::Account) => {
                    let account = self.directories.account(domain, &current.user).await?;
                    known.enabled = Some(account.enabled);
                }
                BeforeReset::Ask(Question::Current) => {
                    known.current = Some(self.check(domain, current).await?);
                }
                BeforeReset::Ask(Question::Previous) => {
                    known.previous = Some(self.previous(event, domain, current).await?);
                }
                BeforeReset::SetAlready => return Ok(false),
                BeforeReset::Reset => {
                    let managed = domain.kind == DirectoryKind::ManagedMicrosoftAd;
                    if managed && known.current == Some(Verdict::WrongPassword) {
                        tracing::warn!(user.name = %current.user, "the directory had another password than AWSCURRENT");
                    }
                    return Ok(true);
                }
                BeforeReset::Refuse(why) => return Err(Self::refused(current, why)),
            }
        }
    }

    /// People are to hear that an account is disabled, although no password may be tried any more.
    async fn refuse_if_disabled(&self, domain: &Domain, current: &Credential) -> Result<(), Error> {
        if domain.kind == DirectoryKind::ManagedMicrosoftAd
            && !self.directories.account(domain, &current.user).await?.enabled
        {
            return Err(Self::refused(current, Refusal::Disabled));
        }
        Ok(())
    }

    /// A log-in with AWSPREVIOUS, if there is such a version of the same account.
    async fn previous(
        &self,
        event: &Event,
        domain: &Domain,
        current: &Credential,
    ) -> Result<Option<Verdict>, Error> {
        match self.read(event, Which::Previous, "AWSPREVIOUS").await? {
            Some(previous) if previous.same_account(current).is_ok() => {
                Ok(Some(self.check(domain, &previous).await?))
            }
            _ => Ok(None),
        }
    }

    /// A password that the policy refuses is refused for ever: the version is given up, so that the next rotation makes
    /// another. A version's value never changes, so this rotation cannot.
    async fn reset(&self, event: &Event, domain: &Domain, pending: &Credential) -> Result<(), Error> {
        let result = self.directories.reset_password(domain, &pending.user, &pending.password).await;
        let Err(error) = result else { return Ok(()) };
        let Some(reason) = policy_refusal(&error) else { return Err(error.into()) };
        self.give_up(event).await?;
        Err(Error::PasswordRefused { user: pending.user.clone(), reason })
    }

    /// A reset cannot be made to depend on a label. If AWSPENDING was moved meanwhile, the directory is given
    /// AWSCURRENT's password back; the account was enabled a moment ago.
    async fn give_back_if_overtaken(&self, event: &Event, domain: &Domain) -> Result<(), Error> {
        match self.secrets.labels(&event.secret).await?.standing(&event.version) {
            Standing::Current | Standing::Pending => Ok(()),
            standing => {
                self.restore(event, domain).await?;
                Err(not_pending(event, standing))
            }
        }
    }
}
