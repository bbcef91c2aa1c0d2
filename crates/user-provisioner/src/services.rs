//! The services in which a user gets an account: one file each behind one role, one row each in [`table`].
//!
//! A third service is a file with its [`Service`], a row here, and its parameters in [`crate::config`]; [`example`] is one
//! from end to end.

mod connect;
mod workspaces;

#[cfg(test)]
mod example;

use std::fmt;
use std::pin::Pin;

use aws_config::SdkConfig;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use steward_core::error::{Kind, kind_of, service_text};

pub use connect::{Connect, ConnectSettings};
pub use workspaces::{WorkSpaces, WorkSpacesSettings};

use crate::people::Facts;
use crate::rules::Rule;

/// What every service is made from.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Settings {
    /// WorkSpaces, when it is enabled.
    pub workspaces: Option<WorkSpacesSettings>,
    /// Connect, when it is enabled.
    pub connect: Option<ConnectSettings>,
}

/// The services whose parameters are given: one row each.
pub fn table(settings: &Settings, sdk: &SdkConfig) -> Services {
    let rows: [Option<Box<dyn Service>>; 2] = [
        settings.workspaces.as_ref().map(|settings| WorkSpaces::new(sdk, settings.clone()).boxed()),
        settings.connect.as_ref().map(|settings| Connect::new(sdk, settings.clone()).boxed()),
    ];
    Services(rows.into_iter().flatten().collect())
}

/// The services, in the order of their rows.
#[derive(Debug, Default)]
pub struct Services(pub Vec<Box<dyn Service>>);

impl Services {
    /// The names of all.
    pub fn names(&self) -> Vec<String> {
        self.0.iter().map(|service| service.name().to_owned()).collect()
    }

    /// The service of this name.
    pub fn get(&self, name: &str) -> Option<&dyn Service> {
        self.0.iter().find(|service| service.name() == name).map(|service| &**service)
    }
}

/// An answer that a service takes its time for.
pub type Answer<'a, T> = Pin<Box<dyn Future<Output = Result<T, ServiceError>> + Send + 'a>>;

/// A service in which users have accounts. Every call may be repeated; ids are the service's own.
pub trait Service: fmt::Debug + Send + Sync {
    /// Its name in rules, records and answers.
    fn name(&self) -> &'static str;

    /// Its name for people.
    fn title(&self) -> &'static str;

    /// Makes an account.
    fn create<'a>(&'a self, order: &'a Order) -> Answer<'a, Creation>;

    /// Looks for an account under the user's name.
    fn find<'a>(&'a self, user: &'a Facts) -> Answer<'a, Option<Found>>;

    /// Looks for an account under the name that a user who is gone probably had, where nobody has seen the one by which
    /// the service knows him; none where it goes by what every event tells.
    fn guess<'a>(&'a self, _: &'a Facts) -> Answer<'a, Option<Guess>> {
        Box::pin(async { Ok(None) })
    }

    /// What an account is.
    fn status<'a>(&'a self, id: &'a str) -> Answer<'a, Standing>;

    /// Starts an account that was suspended.
    fn start<'a>(&'a self, id: &'a str) -> Answer<'a, Standing>;

    /// Makes an account unusable, so that it can be put back.
    fn suspend<'a>(&'a self, id: &'a str, leaving: Leaving) -> Answer<'a, Suspension>;

    /// Removes an account for good. One that is gone is removed.
    fn remove<'a>(&'a self, id: &'a str) -> Answer<'a, Removal>;

    /// The service as a row of the table.
    fn boxed(self) -> Box<dyn Service>
    where
        Self: Sized + 'static,
    {
        Box::new(self)
    }
}

/// An account that is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    /// For whom.
    pub user: Facts,
    /// What the rules say of it.
    pub rule: Rule,
}

/// What became of an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Creation {
    /// There is an account now, or will be.
    Made {
        /// Its id.
        id: String,
        /// What it is.
        standing: Standing,
    },
    /// The service says that the name has an account.
    Exists,
    /// The service does not know the user yet.
    UserUnknown(String),
}

/// What an account is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// It can be used.
    Ready,
    /// It will be usable; the service's word for it.
    Pending(String),
    /// It is there and stopped; whoever may use it starts it by logging in.
    Stopped,
    /// It is about to be gone.
    Ending,
    /// It does not work; the service's words.
    Broken(String),
    /// There is none.
    Gone,
}

/// An account that was found under a user's name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Its id.
    pub id: String,
    /// What it is.
    pub standing: Standing,
    /// Why it seems to be another person's, if it does.
    pub other: Option<String>,
}

/// What a look under the name that a user probably had has shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Guess {
    /// The name.
    pub name: String,
    /// The id of the account that has it.
    pub id: Option<String>,
}

/// Why a user loses his accounts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Leaving {
    /// He is disabled, and nobody has said that he comes back.
    Disabled,
    /// He is deleted.
    Deleted,
    /// adsteward has disabled him because of a finding: nothing of his is destroyed.
    Contained,
}

impl Leaving {
    /// The word for it in answers and records.
    pub fn word(self) -> &'static str {
        match self {
            Self::Disabled => "disabled",
            Self::Deleted => "deleted",
            Self::Contained => "contained",
        }
    }

    /// Takes the word.
    pub fn of(word: &str) -> Option<Self> {
        [Self::Disabled, Self::Deleted, Self::Contained].into_iter().find(|leaving| leaving.word() == word)
    }
}

/// What became of a suspension.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Suspension {
    /// It cannot be used any more, and can be put back.
    Suspended,
    /// It is gone: the service knows nothing between.
    Removed,
    /// The service does not show it: it is gone, or was made a moment ago.
    Unseen,
    /// It has to be waited for; the service's word.
    NotYet(String),
    /// It is left as it is, and why. Of a leaver it is removed with what was suspended.
    Kept(String),
}

/// What became of a removal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Removal {
    /// It is gone, or about to be.
    Removed,
    /// It has to be waited for; the service's word.
    NotYet(String),
}

/// A call to a service that did not do what it should.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ServiceError {
    /// A call failed.
    #[error("{operation} failed: {reason}")]
    Call {
        /// The API's operation.
        operation: &'static str,
        /// The service's code and words.
        reason: String,
        /// Whether trying again can help.
        kind: Kind,
    },
    /// It was one call too many: it did nothing, and all that helps is to wait for as long as it takes.
    #[error("{operation} is throttled: {reason}")]
    Throttled {
        /// The API's operation.
        operation: &'static str,
        /// The service's code and words.
        reason: String,
    },
    /// The account's quota is used up: nothing that is repeated helps before it is raised.
    #[error("{operation} is refused, a quota is used up: {reason}")]
    Quota {
        /// The API's operation.
        operation: &'static str,
        /// The service's code and words.
        reason: String,
    },
    /// The user's name has an account that is not his.
    #[error("{0}")]
    Taken(String),
    /// What the directory knows of the user does not make an account.
    #[error("{0}")]
    Unfit(String),
}

/// What services say to one call too many; `LimitExceeded` is a quota of another kind.
const THROTTLES: [&str; 4] =
    ["RequestLimitExceeded", "Throttling", "ThrottlingException", "TooManyRequestsException"];

impl ServiceError {
    /// A call that the SDK has given up.
    fn of<E>(operation: &'static str, error: &SdkError<E, HttpResponse>) -> Self
    where
        E: ProvideErrorMetadata + std::error::Error + 'static,
    {
        let reason = service_text(error);
        match error.meta().code() {
            Some(code) if THROTTLES.contains(&code) => Self::Throttled { operation, reason },
            _ => Self::Call { operation, reason, kind: kind_of(error) },
        }
    }

    /// Whether trying again can help.
    pub fn kind(&self) -> Kind {
        match self {
            Self::Call { kind, .. } => *kind,
            Self::Throttled { .. } => Kind::Transient,
            Self::Quota { .. } | Self::Taken(_) | Self::Unfit(_) => Kind::Permanent,
        }
    }

    /// What a person can do about it.
    pub fn advice(&self) -> &'static str {
        match self {
            Self::Call { kind: Kind::Transient, .. } | Self::Throttled { .. } => {
                "The service did not answer in time. Try again."
            }
            Self::Call { .. } => {
                "Look at the service's words: a parameter of the stack, the function's role or the service itself \
                 has to be put right. Then try again."
            }
            Self::Quota { .. } => {
                "Have the quota raised (Service Quotas), or remove accounts. Then try again."
            }
            Self::Taken(_) => "Find out whose it is; remove or rename it. Then try again.",
            Self::Unfit(_) => "Correct the user in the directory. Then try again.",
        }
    }
}
