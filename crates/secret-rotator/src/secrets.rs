//! Where secrets lie, as a rotation needs it. [`SecretsManager`] is the real one.

mod manager;

use secrecy::SecretString;
use steward_core::error::Kind;

pub use manager::SecretsManager;

use crate::event::{Event, SecretArn, VersionId};
use crate::generator::Recipe;
use crate::labels::Labels;

/// A call to Secrets Manager that failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{operation} failed: {reason}{advice}")]
pub struct SecretsError {
    pub(crate) operation: &'static str,
    pub(crate) reason: String,
    pub(crate) advice: &'static str,
    pub(crate) kind: Kind,
}

impl SecretsError {
    /// Whether trying again can help.
    pub fn kind(&self) -> Kind {
        self.kind
    }
}

/// Which version of a secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Which<'a> {
    /// That with AWSCURRENT.
    Current,
    /// That with AWSPREVIOUS.
    Previous,
    /// That of this id, whatever its labels.
    Version(&'a VersionId),
}

/// What became of storing a version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Put {
    /// It is stored and AWSPENDING.
    Stored,
    /// The version has another value already, and keeps it.
    Taken,
}

/// What became of moving a label.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moved {
    /// It is where it was to be.
    Yes,
    /// It was not where it was to be moved from, and stays where it is.
    WasElsewhere,
}

/// Where secrets lie.
pub trait Secrets {
    /// The staging labels of a secret.
    ///
    /// # Errors
    /// When there is no such secret, or it may not be looked at.
    fn labels(&self, secret: &SecretArn) -> impl Future<Output = Result<Labels, SecretsError>> + Send;

    /// The text of a version; `None` when there is no such version or it is empty.
    ///
    /// # Errors
    /// When it may not be read.
    fn text(
        &self,
        secret: &SecretArn,
        which: Which<'_>,
    ) -> impl Future<Output = Result<Option<SecretString>, SecretsError>> + Send;

    /// Stores the event's version and labels it AWSPENDING, which any other version loses.
    ///
    /// # Errors
    /// When the service did not confirm it. It may be stored all the same.
    fn put_pending(
        &self,
        event: &Event,
        text: &SecretString,
    ) -> impl Future<Output = Result<Put, SecretsError>> + Send;

    /// Moves AWSCURRENT, if it is where it is to be moved from. The service gives that version AWSPREVIOUS.
    ///
    /// # Errors
    /// When the service did not confirm it. It may have moved all the same.
    fn make_current(
        &self,
        secret: &SecretArn,
        from: Option<&VersionId>,
        to: &VersionId,
    ) -> impl Future<Output = Result<Moved, SecretsError>> + Send;

    /// Takes AWSPENDING from a version, if it has it.
    ///
    /// # Errors
    /// When the service did not confirm it. It may be gone all the same.
    fn drop_pending(
        &self,
        secret: &SecretArn,
        from: &VersionId,
    ) -> impl Future<Output = Result<Moved, SecretsError>> + Send;

    /// Draws a password.
    ///
    /// # Errors
    /// When the service did not give one.
    fn random_password(
        &self,
        recipe: &Recipe,
    ) -> impl Future<Output = Result<SecretString, SecretsError>> + Send;
}
