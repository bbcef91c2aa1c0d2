//! Who it is: what GuardDuty and the instance agree on, confirmed by the directory that serves his domain.

use steward_core::directory::{Directory, DirectoryError, User};

use super::Responder;
use crate::answer::Answer;
use crate::directories::Directories;
use crate::error::Error;
use crate::finding::Finding;
use crate::home::Home;
use crate::identity::{Suspect, confirm, find_suspect};
use crate::notice::Notices;
use crate::reason::{Decision, Doubt};
use crate::records::Store;
use crate::systems_manager::SystemsManager;

/// A user whom a directory has confirmed, and that directory.
pub(super) struct Known<D> {
    pub(super) home: Home,
    pub(super) directory: D,
    pub(super) user: User,
}

impl<D: Directories + Sync, S: Store + Sync, M: SystemsManager + Sync, N: Notices + Sync>
    Responder<D, S, M, N>
{
    /// The one directory user that all sources agree on, or the decision that follows when they do not.
    pub(super) async fn identify(
        &self,
        finding: &Finding,
        answer: &Answer,
    ) -> Result<Result<Known<D::One>, Decision>, Error> {
        let (suspect, home) = match self.suspect(finding, answer).await? {
            Ok(found) => found,
            Err(decision) => return Ok(Err(decision)),
        };
        let Some(directory) = self.directories.serving(&home).await? else {
            return Ok(Err(Decision::CannotContainHere));
        };
        let user = match directory.user(&suspect.name).await {
            Ok(user) => user,
            Err(DirectoryError::UserNotFound(_)) => {
                return Ok(Err(Decision::NeedsPerson(Doubt::UserNotInDirectory)));
            }
            Err(error) => return Err(error.into()),
        };
        Ok(confirm(&suspect, &user).map(|()| Known { home, directory, user }))
    }

    /// Whom GuardDuty and the instance agree on. Trusted domains are asked for only where he may be one of theirs.
    pub(super) async fn suspect(
        &self,
        finding: &Finding,
        answer: &Answer,
    ) -> Result<Result<(Suspect, Home), Decision>, Error> {
        let mapping = self.config.id_mapping;
        let mut domains = vec![self.directories.own_names().await?];
        let mut found = find_suspect(finding, answer, &domains, mapping);
        let may_be_theirs = matches!(
            found,
            Err(Decision::CannotContainHere | Decision::NeedsPerson(Doubt::UserNameMismatch))
        );
        if may_be_theirs {
            let trusted = self.directories.trusted_names(&domains[0]).await?;
            domains.extend(trusted);
            found = find_suspect(finding, answer, &domains, mapping);
        }
        Ok(found.map(|suspect| {
            let trusted = Some(suspect.domain.as_str()).filter(|domain| *domain != domains[0].dns);
            let home = Home::of(&self.config.directory, trusted);
            (suspect, home)
        }))
    }
}
