//! `finishSecret`: the new password becomes AWSCURRENT, after it has logged in once more.

use steward_core::notice::Notices;

use super::Tried;
use super::create::not_pending;
use super::test::unusable;
use crate::clock::Clock;
use crate::directories::Directories;
use crate::error::Error;
use crate::event::Event;
use crate::handler::{Outcome, Rotator};
use crate::labels::Standing;
use crate::password_check::PasswordCheck;
use crate::secrets::{Moved, Secrets};

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
            Moved::Yes => Ok(Outcome::Rotated),
            Moved::WasElsewhere => match self.secrets.labels(&event.secret).await?.standing(&event.version) {
                Standing::Current => Ok(Outcome::RotatedBefore),
                _ => Err(Error::LabelMoved),
            },
        }
    }
}
